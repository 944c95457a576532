"""The parts of the report: numbers, assumptions, how to repeat it, what it does not say."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sim.metrics import findings
from sim.metrics.answer import AT_LEAST
from sim.metrics.dear import dearest, gives_up
from sim.metrics.findings import SHORT_SHARE
from sim.metrics.goods_findings import moved
from sim.metrics.shown import Column
from sim.plots import headlines
from sim.plots.headlines import Headlines
from sim.plots.panels import label_of, views_told
from sim.plots.words import counted, day_name, end_day, facts_until, pretty, span
from sim.policy.whole_chain import chain_warnings
from sim.run import assumed

if TYPE_CHECKING:
    from sim.config.settings import Settings
    from sim.results.data import RunData, View


COLUMNS = (
    Column("Mean {label}, share of what was wanted ({unit})", "shortfall_share", "ratio"),
    Column(f"Chance of {headlines.SHORT} ({{unit}})", "shortfall_share", f"P(>{SHORT_SHARE:g})"),
    Column("One chance in twenty of more than (VaR 95) ({unit})", "shortfall_t", "var95"),
    Column("Mean of the worst twentieth (CVaR 95) ({unit})", "shortfall_t", "cvar95"),
    Column("{Label}'s share, mean ({unit})", "worst_share", "mean"),
    Column("{Label}, median where short ({unit})", "time_to_survive_days", "q50"),
    Column("{Label}, mean share of them ({unit})", "firms_stopped_share", "mean"),
    Column("{Label}, median day where one does", "first_firm_stops_day", "q50"),
)

GAPS = (
    Column("Gross {label}, mean ({unit})", "shortfall_t", "mean"),
    Column("{Label}: without any shock, mean ({unit})", "structural_t", "mean"),
    Column("{Label}, mean ({unit})", "disruption_t", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "structural_t", "q95"),
    Column("{Label}, one chance in twenty of more than ({unit})", "disruption_t", "q95"),
)
"""Where growth alone leaves somebody short."""

GIVEN_UP = (
    Column("{Label}, mean ({unit})", "shortfall_t", "mean"),
    Column("{Label}, mean ({unit})", "destroyed_t", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "destroyed_t", "q95"),
    Column("{Label}, mean ({unit})", "spared_t", "mean"),
)
"""Where demand answers to prices."""

GOODS = (
    Column("{Label}, median ({unit})", "least_cover_days", "q50"),
    Column("{Label}, one chance in twenty of less than ({unit})", "least_cover_days", "q05"),
    Column("{Label}, median", "least_cover_day", "q50"),
    Column("{Label}, median ({unit} of normal)", "least_delivery_share", "q50"),
    Column("{Label}, one chance in twenty of less ({unit})", "least_delivery_share", "q05"),
)
"""What moves before anybody is short, by good and region of its buyers."""

RESERVES = (
    Column("{Label}, median ({unit})", "reserve_left_days", "q50"),
    Column("{Label}, one chance in twenty of less than ({unit})", "reserve_left_days", "q05"),
)

MOST_GOODS = 12

LOSSES = (
    Column("{Label}, mean ({unit})", "value_added_lost_usd", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "value_added_lost_usd", "var95"),
    Column("{Label}, mean ({unit})", "value_added_at_risk_usd", "mean"),
    Column("{Label}, mean ({unit})", "output_lost_usd", "mean"),
    Column("{Label}, mean ({unit})", "gdp_loss_share", "mean"),
)
"""What is made of the goods, where the network states it."""

PRICES = (
    Column("{Label} over time ({unit} the price before)", "price_index_mean", "mean"),
    Column("{Label} ({unit} the price before)", "price_index_peak", "mean"),
    Column("{Label}, one chance in twenty of more than", "price_index_peak", "q95"),
    Column("Chance of more than twice ({unit})", "price_index_peak", "P(>2)"),
    Column("Days above twice the price before, mean ({unit})", "price_days_above_2", "mean"),
)
BILLS = (
    Column("{Label}, mean ({unit})", "bill_usd", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "bill_usd", "q95"),
)
PRICES_SAY = (
    "1 is the price before the scenario. The index answers to what is thought to be missing of a "
    "year's use and of normal stocks; it changes no tonne of this run. The extra bill is what end "
    "users pay more than at the price before for what they use."
)
HAZARD_HEADS = ("What may happen", "When, how likely", "How long, how badly", "Sources, by setting",
                "Confidence")  # fmt: skip
PARAMETER_HEADS = ("Uncertain number", "Value or factor", "Source", "Setting")

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
        + f"{_hangs_on(data)}{_paragraph(data.story)}</header>"
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


def numbers(data: RunData) -> str:
    """Return the table of key numbers, each with its 95 % interval or why it has none."""
    return _numbers(data, f"Key numbers over {span(data)}", COLUMNS)


def gaps(data: RunData) -> str:
    """Return what growth alone leaves short and what the shocks cause; "" where it leaves none."""
    if not any(row["measure"] == "structural_t" for row in data.summary):
        return ""
    return _numbers(data, "What growth leaves short, and what the shocks cause", GAPS)


def given_up(data: RunData) -> str:
    """Return what price destroys beside what is short; "" where it destroys nothing."""
    if not gives_up(data):
        return ""
    return _numbers(data, "What is short, and beside it what nobody wants at the price", GIVEN_UP)


def losses(data: RunData) -> str:
    """Return value added lost, by region and by sector; "" where the network states none."""
    if not any(row["measure"] == "value_added_lost_usd" for row in data.summary):
        return ""
    heading = "Value added that is lost where input lacks; not a forecast of GDP"
    sectors = [(v.kind, v.name, label_of(v)) for v in data.views if v.kind == "sector"]
    by_sector = _numbers(data, "The same by sector", LOSSES, sectors) if sectors else ""
    return _numbers(data, heading, LOSSES) + by_sector


def prices(data: RunData) -> str:
    """Return the price index of each good that moves, and the extra bill; "" where none does."""
    shown = dearest(data)
    if not shown:
        return ""
    places = [(v.kind, v.name, v.title) for v in shown]
    notes: list[str] = []
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    table = _told(known, places, PRICES, "Good", notes)
    bills = [(v.kind, v.name, label_of(v)) for v in views_told(data)]
    rows = [b for b in bills if (b[0], b[1], "bill_usd", "mean") in known]
    bill = _told(known, rows, BILLS, "End users", notes) if rows else ""
    return (
        "<section>\n<h2>Prices: an index of scarcity, not a forecast of a quotation</h2>\n"
        f"<p>{PRICES_SAY}</p>\n{table}\n{bill}{_marks(notes)}</section>"
    )


def goods(data: RunData) -> str:
    """Return how low stocks, deliveries and reserves came; "" where goods were not booked."""
    if data.goods is None or not data.goods.pairs:
        return ""
    notes: list[str] = []
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}

    def cells(view: View, columns: Sequence[Column]) -> list[str]:
        return [
            _number(known.get((view.kind, view.name, c.measure, c.statistic)), c, notes)
            for c in columns
        ]

    found = moved(data.goods)
    heads = ["Good", "Stock normally (days)", *(c.head() for c in GOODS)]
    rows = [
        [escape(one.view.title), digits(one.rest_days), *cells(one.view, GOODS)]
        for one in found[:MOST_GOODS]
    ]
    text = _table(heads, rows, numeric=True)
    if data.goods.reserves:
        heads = ["Reserve", *(c.head() for c in RESERVES)]
        held = [[escape(v.title), *cells(v, RESERVES)] for v in data.goods.reserves]
        text += _table(heads, held, numeric=True)
    rest = f" {MOST_GOODS} of {len(found)} are shown." if len(found) > MOST_GOODS else ""
    marks = "".join(f"<li>{escape(n)}</li>" for n in notes)
    return (
        "<section>\n<h2>What moves before anybody is short</h2>\n"
        "<p>Stocks of those who buy a good in a region, in days of their normal use, and what is "
        f"sent to them; those first whose stock falls most.{rest} "
        "All: summary.csv, goods.csv.</p>\n"
        f"{text}\n" + (f'<ol class="note letters">{marks}</ol>\n' if marks else "") + "</section>"
    )


def _told(
    known: Mapping[Any, Mapping[str, Any]],
    places: Sequence[tuple[str, str, str]],
    columns: Sequence[Column],
    first: str,
    notes: list[str],
) -> str:
    """Return a table of some columns of the summary, a row a place; `notes` collects its notes."""
    rows = [
        [escape(title), *(_number(known.get((kind, view, c.measure, c.statistic)), c, notes)
                          for c in columns)]
        for kind, view, title in places
    ]  # fmt: skip
    return _table([first, *(c.head() for c in columns)], rows, numeric=True)


def _marks(notes: Sequence[str]) -> str:
    marks = "".join(f"<li>{escape(n)}</li>" for n in notes)
    return f'<ol class="note letters">{marks}</ol>\n' if marks else ""


def _numbers(
    data: RunData,
    heading: str,
    columns: Sequence[Column],
    places: Sequence[tuple[str, str, str]] | None = None,
) -> str:
    """Return a table of numbers by place (kind, name and title of a view), by default by region."""
    known = {(r["kind"], r["view"], r["measure"], r["statistic"]): r for r in data.summary}
    if places is None:
        places = [(v.kind, v.name, label_of(v)) for v in views_told(data)]
    notes: list[str] = []
    one = findings.adds_up(data)
    table = _told(known, places, columns, "End users in" if one else "Good", notes)
    return (
        f"<section>\n<h2>{escape(heading)}</h2>\n"
        f"{table}\n"
        '<p class="note">Below each number: its 95 % interval. More: summary.csv.'
        + ("" if one else " Different goods are told apart: their tonnes do not add up.")
        + "</p>\n"
        + f"{_marks(notes)}</section>"
    )


def _number(row: Mapping[str, Any] | None, column: Column, notes: list[str]) -> str:
    """Return a number with its interval; a number without one points to its reason."""
    if row is None:
        return "n/a"
    mark = ""
    if row["note"]:
        if row["note"] not in notes:
            notes.append(row["note"])
        mark = f' <span class="mark">[{_letter(notes.index(row["note"]))}]</span>'
    value, low, high = (column.scale * float(row[k]) for k in ("value", "low", "high"))
    if math.isnan(value):
        return f"n/a{mark}"
    word = str(row.get("mark", ""))
    if word == AT_LEAST:
        return f"&gt; {digits(value)}{mark}"
    between = f"{digits(low)} to {digits(high)} {escape(word)}".rstrip()
    interval = "" if math.isnan(low) else f'<span class="ci">{between}</span>'
    return f"{digits(value)}{mark}{interval}"


def _letter(number: int) -> str:
    """Return a note's mark: a letter, for a small number behind a number reads as a power."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return (letters[number // 26 - 1] if number >= 26 else "") + letters[number % 26]


def digits(value: float) -> str:
    """Return a number with about three digits, thousands set apart."""
    size = abs(value)
    if size >= 100 or size == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.1g}"


def assumptions(settings: Settings) -> str:
    """Return hazards, uncertain numbers, policy and network with their sources."""
    scenario, network = settings.scenario, settings.network
    hazards = [
        [escape(assumed.title_of(name, h)), escape(assumed.onset_of(h, scenario.start)),
         escape(assumed.values_of(h)), _listed(h.sources), escape(h.confidence or "not stated")]
        for name, h in scenario.hazards.items()
    ]  # fmt: skip
    parameters = [
        [escape(pretty(name)), escape(assumed.number_of(p.distribution)),
         escape(p.source or "not stated"), escape(p.key.replace("_", " "))]
        for name, p in {**network.parameters, **scenario.parameters}.items()
    ]  # fmt: skip
    parts = ["<section>\n<h2>What it assumes, and from where</h2>"]
    if hazards:
        parts.append(_table(HAZARD_HEADS, hazards))
    if parameters:
        parts.append(_table(PARAMETER_HEADS, parameters))
    if scenario.sources:
        parts.append(f"<p>Scenario:</p>{_listed(scenario.sources)}")
    parts.append(_policy(settings))
    parts.append(
        f"<p><b>Network: {escape(network.title)}.</b></p>{_paragraph(network.description)}"
    )
    parts.append(_network_sources(settings))
    return "\n".join(parts) + "\n</section>"


def _policy(settings: Settings) -> str:
    """Return outlooks and policy with the sources of their rules, and what found nothing to do."""
    policy = settings.policy
    told = [_outlook("Demand", settings.demand, settings.demand.paths)]
    told.append(_outlook("Supply", settings.supply, settings.supply.capacity))
    told.append(_outlook("Policy", policy, policy.rules))
    notes = [*settings.notes, *chain_warnings(settings.network)]
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    more = f"<p>Rules with nothing to do, and output that no next stage takes:</p><ul>{listed}</ul>"
    return "".join(told) + _listed(policy.sources) + (more if notes else "")


def _outlook(word: str, one: Any, rules: Mapping[str, Any]) -> str:
    """Return a policy's or outlook's title, text and rules."""
    head = f"<p><b>{word}: {escape(one.title)}.</b></p>{_paragraph(one.description)}"
    rows = [
        [escape(rule.title or pretty(name)), _listed(rule.sources), escape(rule.confidence)]
        for name, rule in rules.items()
    ]
    return head + (_table(["Rule", "Sources, by setting", "Confidence"], rows) if rows else "")


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
        f"{_table(['Name', 'Citation', 'Confidence'], rows)}\n</details>"
    )


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


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: bool = False) -> str:
    """Return a table of HTML rows under text heads; `numeric`: all but the first are numbers."""
    kinds = [' class="n"' if numeric and x else "" for x in range(len(heads))]
    head_cells = "".join(
        f'<th scope="col"{k}>{escape(h)}</th>' for k, h in zip(kinds, heads, strict=True)
    )
    body = "\n".join(
        "<tr>" + "".join(f"<td{k}>{c}</td>" for k, c in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head_cells}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _listed(sources: Mapping[str, str]) -> str:
    items = "".join(f"<li><b>{escape(k)}</b>: {escape(v)}</li>" for k, v in sources.items())
    return f"<ul>{items}</ul>" if items else ""


def _paragraph(text: str) -> str:
    return f"<p>{escape(text.strip())}</p>\n" if text.strip() else ""
