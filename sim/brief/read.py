"""Finished runs as a briefing reads them: labelled, with what vouches for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError, nearest
from sim.metrics import findings
from sim.plots.words import ordered_regions
from sim.results.data import RunData
from sim.results.folder import read_manifest
from sim.run.case import Study
from sim.run.compare import names_of
from sim.run.reopen import open_run
from sim.words.places import place_name
from sim.words.say import say
from sim.words.titles import title


@dataclass(frozen=True)
class Told:
    """A finished run.

    Parameters
    ----------
    label : str
        What tells it from the others: its policy, its scenario, or both.
    study : Study
        What was run.
    data : RunData
        What it found, with its summary and course.
    manifest : mapping
        What vouches for it.
    """

    label: str
    study: Study
    data: RunData
    manifest: Mapping[str, Any]

    def region_of(self, user: str) -> str:
        """Return the region of an end user."""
        labels = self.study.compiled.labels
        return labels.group_region[labels.group.index(user)]


def read(folders: Sequence[Path], lang: str) -> list[Told]:
    """Return finished runs, the base of all comparisons first.

    Raises
    ------
    UserError
        If one is not the folder of a finished run of this version, or is given twice.
    """
    names = names_of(folders)
    opened = [open_run(folder, whole=True) for folder in folders]
    labels = _labels([data for _, data in opened], names, lang)
    return [
        Told(label, study, data, read_manifest(folder))
        for label, folder, (study, data) in zip(labels, folders, opened, strict=True)
    ]


def policy_title(data: RunData, lang: str) -> str:
    """Return the policy of a run for people."""
    if data.meta.get("policy", "none") == "none":
        return say("brief.no_policy", lang)
    return title(str(data.meta.get("policy_title") or data.meta["policy"]), lang)


def _labels(datas: Sequence[RunData], names: Sequence[str], lang: str) -> list[str]:
    """Return what tells runs apart: policies, scenarios, both, or else their folders, too."""
    policies = [policy_title(d, lang) for d in datas]
    scenarios = [title(d.title, lang) for d in datas]
    both = [f"{s}; {p}" for s, p in zip(scenarios, policies, strict=True)]
    told = both
    if len(set(both)) == 1 and len(both) > 1:
        return list(names)
    if len(set(scenarios)) == 1:
        told = policies
    elif len(set(policies)) == 1:
        told = scenarios
    count = Counter(told)
    return [t if count[t] == 1 else f"{t} ({n})" for t, n in zip(told, names, strict=True)]


def regions_asked(text: str, runs: Sequence[Told]) -> tuple[str, ...]:
    """Return the regions that a briefing is for, in the order of all tables; () for all.

    Parameters
    ----------
    text : str
        As typed: codes with commas between.
    runs : sequence of Told
        Whose end users have regions.

    Raises
    ------
    UserError
        For each that no run has end users in.
    """
    known = {v.name for run in runs for v in run.data.views if v.kind == "region"}
    asked = [word.strip() for word in text.split(",") if word.strip()]
    by_name = {place_name(code).lower(): code for code in known}
    found = [by_name.get(word.lower(), word.upper()) for word in asked]
    listed = ", ".join(ordered_regions(sorted(known)))
    faults = [
        Fault("--for", word, f"no end users there{nearest(code, known)}; there are {listed}")
        for word, code in zip(asked, found, strict=True)
        if code not in known
    ]
    if faults:
        raise UserError(faults)
    return tuple(ordered_regions(list(dict.fromkeys(found))))


def columns_for(run: Told, regions: Sequence[str]) -> list[int]:
    """Return the columns that statements are about: regions, or their end users of one good."""
    data = run.data
    columns = data.columns(findings.kind_of_places(data))
    if not regions:
        return columns
    if findings.kind_of_places(data) == "region":
        return [x for x in columns if data.views[x].name in regions]
    return [x for x in columns if run.region_of(data.views[x].name) in regions]
