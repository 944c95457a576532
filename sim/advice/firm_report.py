"""A firm's stress test as a page, in the form that EU law asks large firms for.

Regulation (EU) 2024/1252 (Critical Raw Materials Act), Article 24: where strategic raw materials
are extracted, processed or recycled; what might affect supply; how vulnerable it is. Article 20 has
authorities stress test supply by scenarios. The page follows that order; it is no legal advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from sim import __version__
from sim.advice.firm import Firm
from sim.results.files import write_text
from sim.run.report import STYLE

Row = dict[str, Any]


def write(
    page: Path,
    firm: Firm,
    rows: Sequence[Row],
    suppliers: Sequence[Row],
    origins: Sequence[Row],
    sources: Sequence[Row],
    skipped: Sequence[str],
) -> None:
    """Write the page.

    Parameters
    ----------
    page : pathlib.Path
        The HTML file.
    firm : Firm
        Whose it is.
    rows, suppliers, origins, sources : sequence of dict
        Of ``firm_stress``: scenarios, loss of suppliers, origins, second sources.
    skipped : sequence of str
        Scenarios that do not meet the firm.
    """
    parts = [
        _head(firm, rows),
        _section("1. Where it comes from", ORIGIN, _origins(origins)),
        _section("2. What might affect supply", FACTORS, _factors(rows)),
        _section("3. How vulnerable the firm is", SCENARIOS, _scenarios(rows)),
        _section("4. Which supplier matters most", SUPPLIERS, _suppliers(suppliers)),
        _section("5. Second sources", SECOND, _second(sources)),
        _limits(firm, rows, skipped),
    ]
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(firm.title)}: stress test</title>\n<style>{STYLE}</style>\n</head>\n"
        "<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )
    write_text(page, text)


ORIGIN = "Art. 24 (2) a. Countries behind each input, stage by stage, in normal years."
FACTORS = "Art. 24 (2) b. The scenarios that were played; each file gives its sources."
SCENARIOS = (
    "Art. 24 (2) c and Art. 20. Chance that a plant lacks an input, days on which it does, and "
    "value added of the work lost; 95 % intervals in brackets. A day on which a plant lacks part "
    "of an input counts whole; work lost counts the part."
)
SUPPLIERS = "Each lost alone for a year, nothing else happens: days until the plant first lacks it."
SECOND = "Who else makes what the firm buys, and how much of that lies idle, in years of its need."


def headline(rows: Sequence[Row]) -> str:
    """Return the sentence that the page and the command begin with; from the rows alone."""
    told = [r for r in rows if r["chance_of_stop"] is not None]
    hit = [r for r in told if r["chance_of_stop"] > 0]
    if not hit:
        n = min((r["n"] for r in told), default=0)
        return f"No plant lacks anything in any of {len(told)} cases of {n:,} futures each."
    worst = max(hit, key=lambda r: (r["days_lost_mean"], r["chance_of_stop"]))
    return (
        f"Worst: {worst['scenario_title']}. {worst['title']} lacks an input in "
        f"{percent(worst['chance_of_stop'])} of the futures "
        f"({percent(worst['chance_of_stop_low'])} to {percent(worst['chance_of_stop_high'])}), for "
        f"{worst['days_lost_mean']:.3g} days on average over {worst['horizon_days']:,}."
    )


def percent(share: float) -> str:
    """Return a share in %, at most two digits that count."""
    return f"{100 * share:.2g} %" if share < 0.995 or share == 1 else "more than 99 %"


def _head(firm: Firm, rows: Sequence[Row]) -> str:
    about = f"<p>{escape(firm.description)}</p>" if firm.description else ""
    return (
        f"<h1>{escape(firm.title)}: stress test of raw-material supply</h1>\n"
        f'<p class="finding">{escape(headline(rows))}</p>\n{about}'
    )


def _section(heading: str, note: str, body: str) -> str:
    told = f'<p class="note">{escape(note)}</p>'
    return f"<section>\n<h2>{escape(heading)}</h2>\n{told}\n{body}\n</section>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    top = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _origins(rows: Sequence[Row]) -> str:
    stages: dict[tuple[str, str, str], list[str]] = {}
    for r in rows:
        if r["share"] >= 0.01:
            key = r["plant"], r["input"], r["product"]
            stages.setdefault(key, []).append(f"{r['country']} {percent(r['share'])}")
    return _table(
        ("plant", "input", "stage", "countries, from 1 %"),
        [(*key, ", ".join(told)) for key, told in stages.items()],
    )


def _factors(rows: Sequence[Row]) -> str:
    titles = dict.fromkeys((r["scenario"], r["scenario_title"]) for r in rows)
    return _table(("scenario", "what happens"), list(titles))


def _scenarios(rows: Sequence[Row]) -> str:
    order = sorted(rows, key=lambda r: -(r["days_lost_mean"] or 0.0))
    cells = [
        (r["scenario_title"], r["title"], _share(r), _number(r, "days_lost_mean"),
         _number(r, "days_lost_q95"), _number(r, "first_day_median"),
         _number(r, "value_added_at_risk_usd"))
        for r in order
    ]  # fmt: skip
    heads = ("scenario", "plant", "chance of a stop", "days, mean", "days, 1 in 20",
             "first day, median", "value added at risk, USD, mean")  # fmt: skip
    return _table(heads, cells)


def _share(row: Row) -> str:
    low, high = row["chance_of_stop_low"], row["chance_of_stop_high"]
    return f"{percent(row['chance_of_stop'])} [{percent(low)}, {percent(high)}]"


def _number(row: Row, key: str) -> str:
    if row[key] is None:
        return "–"
    return f"{row[key]:,.3g} [{row[f'{key}_low']:,.3g}, {row[f'{key}_high']:,.3g}]"


def _suppliers(rows: Sequence[Row]) -> str:
    cells = [
        (r["plant"], r["supplier"], r["product"], r["buys_directly"],
         f"{r['time_to_survive_days']:.0f}", f"{r['work_lost_days']:.0f}")
        for r in rows[:20]
    ]  # fmt: skip
    heads = ("plant", "lost", "product", "bought from directly", "days until felt",
             "days of work lost")  # fmt: skip
    return _table(heads, cells)


def _second(rows: Sequence[Row]) -> str:
    cells = [
        (r["plant"], r["product"], r["title"], r["country"], f"{r['idle_over_need']:.2g}")
        for r in rows
        if r["idle_over_need"] > 0
    ]
    return _table(("plant", "product", "maker", "country", "idle, years of need"), cells[:30])


def _limits(firm: Firm, rows: Sequence[Row], skipped: Sequence[str]) -> str:
    told = [
        "The world around the plants is the shipped network, with its own weak numbers; those of "
        "the plants are the firm's own.",
        "The firm's demand comes on top of the network's; a firm that is large in its region is "
        "counted twice.",
        "One order for each input; contracts, quality and logistics inside the firm are not in it.",
        f"Shortfall {__version__}; {max((r['n'] for r in rows), default=0):,} futures a scenario.",
    ]
    if skipped:
        told.append(f"Not played, for they touch nothing that the firm buys: {', '.join(skipped)}.")
    items = "".join(f"<li>{escape(t)}</li>" for t in told)
    return f"<section>\n<h2>What it does not say</h2>\n<ul>{items}</ul>\n</section>"
