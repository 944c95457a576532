"""The moves: packets of controls out of a scenario's hazards, portfolios out of candidates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.advice import candidates as options
from sim.advice.candidates import KINDS, Candidate
from sim.base.errors import Fault, UserError, nearest
from sim.run.case import Study

NONE = "none"


def controls_of(study: Study) -> dict[str, set[str]]:
    """Return hazard -> the countries whose exports it controls, of hazards that control any."""
    found: dict[str, set[str]] = {}
    for name, hazard in study.settings.scenario.hazards.items():
        for effect in hazard.effects.values():
            if effect.kind == "control":
                origin = getattr(effect, "origin", None)
                country = getattr(origin, "country", None) or []
                places = [country] if isinstance(country, str) else list(country)
                found.setdefault(name, set()).update(places)
    return found


def controller_of(study: Study, asked: str) -> str:
    """Return who controls: as asked, else the one country whose exports are controlled.

    Raises
    ------
    UserError
        If the scenario controls nothing, or the exports of several countries.
    """
    places = set().union(*controls_of(study).values()) if controls_of(study) else set()
    if not places:
        name = study.settings.scenario.name
        raise UserError(
            Fault("scenario", name, "has no control of a country's exports to play with")
        )
    if asked:
        if asked not in places:
            told = f"controls no exports in this scenario{nearest(asked, places)}"
            raise UserError(Fault("--controller", asked, f"{told}; {', '.join(sorted(places))} do"))
        return asked
    if len(places) > 1:
        told = f"is needed: exports of {', '.join(sorted(places))} are controlled here"
        raise UserError(Fault("--controller", "", told))
    return places.pop()


def packets_of(study: Study, controller: str, wanted: str) -> dict[str, tuple[str, ...]]:
    """Return packet -> hazards in it; "none" first.

    Parameters
    ----------
    study : Study
        The scenario.
    controller : str
        Whose controls can be moves.
    wanted : str
        Hazards, several joined by "+", packets by commas; "": each alone, and all together.

    Raises
    ------
    UserError
        If one is no control of the controller's.
    """
    own = [name for name, places in controls_of(study).items() if controller in places]
    words = [w.strip() for w in wanted.split(",") if w.strip()] or [*own, "+".join(own)]
    packets: dict[str, tuple[str, ...]] = {NONE: ()}
    faults: list[Fault | str] = []
    for word in words:
        parts = tuple(dict.fromkeys(own if word == "all" else word.split("+")))
        faults += [
            Fault(
                "--packets",
                p,
                f"is no control of {controller}{nearest(p, own)}; {', '.join(own)} are",
            )
            for p in parts
            if p not in own and p != NONE
        ]
        packets[word] = tuple(p for p in parts if p != NONE)
    if faults:
        raise UserError(faults)
    return packets


def with_packet(study: Study, controller: str, packet: Sequence[str]) -> Study:
    """Return a study without the controller's controls, but for those of a packet.

    Every hazard keeps its own chance, whatever the others are.
    """
    scenario = study.settings.scenario
    own = {name for name, places in controls_of(study).items() if controller in places}
    kept = {n: h for n, h in scenario.hazards.items() if n not in own or n in packet}
    changed = scenario.model_copy(update={"hazards": kept})
    return Study(study.settings.model_copy(update={"scenario": changed}))


def portfolios_of(
    study: Study, places: Sequence[str], policies: Mapping[str, str], wanted: str
) -> dict[str, list[Candidate]]:
    """Return portfolio -> what is in it; "none" first.

    Parameters
    ----------
    study : Study
        The scenario.
    places : sequence of str
        Regions whose buyers reserves serve.
    policies : mapping of str to str
        Name -> title.
    wanted : str
        Kinds, or names joined by "+", or folders of ``shortfall choose``; between commas. A
        reserve's name ends in its size, such as ``_90d``.

    Raises
    ------
    UserError
        If there is no such candidate.
    """
    network = study.settings.network
    have = study.settings.policy.name.split("+")
    fixed = options.project_candidates(network) + options.policy_candidates(policies, have)
    found: dict[str, list[Candidate]] = {NONE: []}
    for word in (w.strip() for w in wanted.split(",") if w.strip()):
        if word in KINDS:
            found |= {c.name: [c] for c in fixed if c.kind in KINDS[word]}
        elif word != NONE:
            label, names = _bought(word) if "/" in word else (word, word.split("+"))
            found[label] = [_named(study, places, fixed, name) for name in names]
    return found


def _bought(folder: str) -> tuple[str, list[str]]:
    """Return the name of a choice's folder and what is bought in it."""
    try:
        told = json.loads((Path(folder) / "choice.json").read_text(encoding="utf-8"))
        return Path(folder).name, [str(name) for name in told["bought"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            Fault("--portfolios", folder, "is no folder of `shortfall choose`")
        ) from None


def _named(study: Study, places: Sequence[str], fixed: Sequence[Candidate], name: str) -> Candidate:
    """Return a candidate by its name; a reserve in the size that its name ends in."""
    size = re.fullmatch(r"(reserve_\w+)_(\d+(?:\.\d+)?)d", name)
    known = list(fixed)
    if size and 0 < float(size[2]) <= 3650:
        days = float(size[2])
        known += options.reserve_candidates(study.settings.network, study.compiled, places, days)
    wanted = size[1] if size else name
    for candidate in known:
        if candidate.name == wanted:
            return candidate
    names = [c.name for c in known]
    raise UserError(Fault("--portfolios", name, f"no such candidate{nearest(wanted, names)}"))
