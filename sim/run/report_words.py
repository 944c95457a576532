"""What the report says around its numbers: the finding, how to repeat it, what it does not say."""

from __future__ import annotations

import platform
from html import escape
from typing import TYPE_CHECKING

from sim.plots.headlines import Headlines
from sim.plots.words import counted, day_name, end_day, facts_until
from sim.run.report_html import paragraph

if TYPE_CHECKING:
    from sim.config.settings import Settings
    from sim.results.data import RunData

LIMITS = (
    "It is a simulation of assumptions, not a forecast. Each hazard's rate, length and severity is "
    "what the table above says, and no more certain than its source.",
    "The intervals tell how well the replications pin down the model's answer. They hold no error "
    "of the data or of the model, which can be larger.",
    "Sites are firms or whole countries on average days. Contracts, grades and qualities within a "
    "product, and stocks that nobody reports, are left out unless the network says otherwise.",
    "Shortfall is material that was wanted and not there. It is not lost output of the economy: a "
    "missing magnet can stop a car.",
    "Reactions of governments during a crisis beyond the policy named here are not played.",
)


def head(settings: Settings, data: RunData) -> str:
    """Return title, finding and story."""
    policy = settings.policy.title or data.meta.get("policy", "none")
    first, *others = Headlines(data).all
    more = "".join(f"<li>{escape(text)}.</li>" for text in others)
    return (
        f"<header>\n<h1>{escape(data.title)}</h1>\n"
        f'<p class="sub">{day_name(data.start)} to {day_name(end_day(data))}, periods of '
        f"{data.step_days} days. {_facts(data)}Network: {escape(settings.network.title)}. Policy: "
        f"{escape(policy)}. {counted(data.n, 'replication')}, seed {data.seed}.</p>\n"
        f'<p class="finding">{escape(first)}.</p>\n'
        + (f'<ul class="more">{more}</ul>\n' if more else "")
        + f"{_hangs_on(data)}{paragraph(data.story)}</header>"
    )


def _facts(data: RunData) -> str:
    """Return up to which day its facts reach, as a sentence; "" where it is not said."""
    told = facts_until(data.meta.get("as_of"))
    return f"{told}. " if told else ""


def _hangs_on(data: RunData) -> str:
    """Return how likely each hazard is, on which all numbers hang."""
    chances = list(data.meta.get("assumed", ()))
    if not chances:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in chances)
    return f"<p>All numbers hang on these hazards and their chances:</p>\n<ul>{items}</ul>\n"


def reproduce(settings: Settings, data: RunData) -> str:
    """Return the command, seed and versions that give the same numbers again."""
    from importlib.metadata import version

    scenario, run = settings.scenario, settings.run
    policy = data.meta.get("policy", "none")
    words = [
        "shortfall run",
        f"scenario={scenario.name or 'YOUR_SCENARIO.yaml'}",
        f"network={data.meta.get('network', scenario.network)}",
        *(
            f"{g}={data.meta[g]}"
            for g in ("demand", "supply")
            if data.meta.get(g, "flat") != "flat"
        ),
        f"'policy=[{policy.replace('+', ',')}]'" if "+" in policy else f"policy={policy}",
        f"run.seed={run.seed}",
        f"run.replications={data.n}",
    ]
    packages = ("numpy", "numba", "scipy", "simpy")
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    return (
        "<section>\n<h2>How to repeat it</h2>\n"
        f"<pre>{escape(' '.join(words))}</pre>\n"
        "<p>If settings were changed for this run, config.yaml beside this page holds each of them "
        "as it was used, and manifest.json the checksums.</p>\n"
        f'<p class="note">Shortfall {escape(str(data.meta.get("version", "")))}, Python '
        f"{platform.python_version()}, {escape(versions)}.</p>\n</section>"
    )


def limits(settings: Settings, data: RunData) -> str:
    """Return what the run does not say."""
    told = list(LIMITS)
    low = sum(s.confidence == "low" for s in settings.network.sources.values())
    if low:
        told.append(
            f"{low} of the network's {len(settings.network.sources)} sources are marked as of low "
            "confidence: assumptions or recollections."
        )
    doubtful = [h.title or n for n, h in settings.scenario.hazards.items() if h.confidence == "low"]
    if doubtful:
        told.append(f"Hazards of low confidence: {'; '.join(doubtful)}.")
    if data.fan is not None and data.fan.n < data.n:
        told.append(
            f"The course over time rests on the first {data.fan.n:,} replications, the table on "
            "all."
        )
    told += [f"{note[0].upper()}{note[1:]}." for note in data.meta.get("idle", ())]
    items = "\n".join(f"<li>{escape(t)}</li>" for t in told)
    return f"<section>\n<h2>What it does not say</h2>\n<ul>\n{items}\n</ul>\n</section>"
