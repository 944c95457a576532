"""What the report says is assumed, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from sim.plots.words import pretty
from sim.policy.whole_chain import chain_warnings
from sim.run import assumed
from sim.run.report_html import listed, paragraph, table

if TYPE_CHECKING:
    from sim.config.settings import Settings

HAZARD_HEADS = ("What may happen", "When, how likely", "How long, how badly", "Sources, by setting",
                "Confidence")  # fmt: skip
PARAMETER_HEADS = ("Uncertain number", "Value or factor", "Source", "Setting")


def assumptions(settings: Settings) -> str:
    """Return hazards, uncertain numbers, policy and network with their sources."""
    scenario, network = settings.scenario, settings.network
    hazards = [
        [escape(assumed.title_of(name, h)), escape(assumed.onset_of(h, scenario.start)),
         escape(assumed.values_of(h)), listed(h.sources), escape(h.confidence or "not stated")]
        for name, h in scenario.hazards.items()
    ]  # fmt: skip
    parameters = [
        [escape(pretty(name)), escape(assumed.number_of(p.distribution)),
         escape(p.source or "not stated"), escape(p.key.replace("_", " "))]
        for name, p in {**network.parameters, **scenario.parameters}.items()
    ]  # fmt: skip
    parts = ["<section>\n<h2>What it assumes, and from where</h2>"]
    if hazards:
        parts.append(table(HAZARD_HEADS, hazards))
    if parameters:
        parts.append(table(PARAMETER_HEADS, parameters))
    if scenario.sources:
        parts.append(f"<p>Scenario:</p>{listed(scenario.sources)}")
    parts.append(_policy(settings))
    parts.append(f"<p><b>Network: {escape(network.title)}.</b></p>{paragraph(network.description)}")
    parts.append(_network_sources(settings))
    return "\n".join(parts) + "\n</section>"


def _policy(settings: Settings) -> str:
    """Return outlooks and policy with the sources of their rules, and what found nothing to do."""
    policy = settings.policy
    told = [_outlook("Demand", settings.demand, settings.demand.paths)]
    told.append(_outlook("Supply", settings.supply, settings.supply.capacity))
    told.append(_outlook("Policy", policy, policy.rules))
    notes = [*settings.notes, *chain_warnings(settings.network)]
    lines = "".join(f"<li>{escape(note)}</li>" for note in notes)
    more = f"<p>Rules with nothing to do, and output that no next stage takes:</p><ul>{lines}</ul>"
    return "".join(told) + listed(policy.sources) + (more if notes else "")


def _outlook(word: str, one: Any, rules: Mapping[str, Any]) -> str:
    """Return a policy's or outlook's title, text and rules."""
    head = f"<p><b>{word}: {escape(one.title)}.</b></p>{paragraph(one.description)}"
    rows = [
        [escape(rule.title or pretty(name)), listed(rule.sources), escape(rule.confidence)]
        for name, rule in rules.items()
    ]
    return head + (table(["Rule", "Sources, by setting", "Confidence"], rows) if rows else "")


def _network_sources(settings: Settings) -> str:
    """Return the network's sources, open: what is closed does not print."""
    sources = settings.network.sources
    if not sources:
        return ""
    rows = [
        [escape(name), escape(s.citation) + (f" ({escape(s.note)})" if s.note else ""),
         escape(s.confidence)]
        for name, s in sources.items()
    ]  # fmt: skip
    return (
        f"<details open>\n<summary>{len(rows)} sources of the network</summary>\n"
        f"{table(['Name', 'Citation', 'Confidence'], rows)}\n</details>"
    )
