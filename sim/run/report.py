"""The report of a run: one HTML file that needs nothing else, figures inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sim.results.files import write_text
from sim.run import report_assumed, report_numbers, report_words

if TYPE_CHECKING:
    from sim.config.settings import Settings
    from sim.results.data import RunData

HEADINGS = {
    "fan": "When: shortfall over time",
    "exceedance": "How bad: chance of a shortfall larger than x",
    "goods": "What moves first: stocks, deliveries, orders and capacity over time",
    "heatmap": "Who: regions, and sectors or goods",
    "loss": "What it costs: value added lost, by region and sector; not a forecast of GDP",
    "price_fan": "Prices: an index of scarcity, not a forecast of a quotation",
    "timeline": "One future in detail",
    "compare": "Against other runs",
    "chain_map": "The chain: who makes what when nothing is wrong",
}

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 "DejaVu Sans", Verdana, Arial, sans-serif; color: #222; background: #fff;
  margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.5rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid #ddd; }
p, li { max-width: 50rem; }
.sub, .note { color: #5a5a5a; font-size: .875rem; }
.finding { font-size: 1.15rem; font-weight: bold; border-left: 4px solid #5790fc;
  padding: .3rem .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem;
  border-bottom: 1px solid #ddd; }
th { border-bottom: 2px solid #5a5a5a; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.n { white-space: normal; }
td .ci { color: #5a5a5a; font-size: .8rem; display: block; }
figure { margin: 1rem 0; }
figure { overflow-x: auto; }
figure svg { width: 100%; min-width: 56rem; height: auto; display: block; }
pre { background: #f4f4f4; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
td, li { overflow-wrap: break-word; }
td ul { margin: 0; padding-left: 1.1rem; }
.mark { color: #5a5a5a; font-size: .8rem; }
.letters { list-style: lower-alpha; }
summary { cursor: pointer; }
@media print { body { padding: 0; } figure, tr { break-inside: avoid; }
  figure, .scroll { overflow: visible; } figure svg { min-width: 0; }
  details::details-content { content-visibility: visible; block-size: auto; } }
"""


def write(
    page: Path, settings: Settings, data: RunData, figures: Mapping[str, Path] | None = None
) -> Path:
    """Write the report; return its path.

    Parameters
    ----------
    page : pathlib.Path
        The HTML file.
    settings : Settings
        Of the run: story, hazards, sources.
    data : RunData
        What it found, with its summary.
    figures : mapping, optional
        Name -> SVG file, drawn in this order.

    Returns
    -------
    pathlib.Path
        `page`.
    """
    write_text(page, html(settings, data, figures or {}))
    return page


def html(settings: Settings, data: RunData, figures: Mapping[str, Path]) -> str:
    """Return the report as HTML; the same bytes for the same run."""
    drawn = [
        _figure(name, path.read_text(encoding="utf-8"), x)
        for x, (name, path) in enumerate(figures.items())
    ]
    parts = [
        report_words.head(settings, data),
        report_numbers.numbers(data),
        report_numbers.gaps(data),
        report_numbers.given_up(data),
        report_numbers.losses(data),
        report_numbers.goods(data),
        report_numbers.prices(data),
        *drawn,
        report_assumed.assumptions(settings),
        report_words.reproduce(settings, data),
        report_words.limits(settings, data),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # nothing is fetched and nothing runs, whatever a scenario's texts say
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{escape(data.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _figure(name: str, svg: str, number: int) -> str:
    heading = HEADINGS.get(name, name.replace("_", " ").capitalize())
    return (
        f"<section>\n<h2>{escape(heading)}</h2>\n<figure "
        f'aria-label="{escape(heading)}">\n{inline_svg(svg, f"f{number}-")}\n</figure>\n</section>'
    )


def inline_svg(svg: str, prefix: str) -> str:
    """Return an SVG file's drawing for use inside HTML.

    Parameters
    ----------
    svg : str
        A file that matplotlib wrote.
    prefix : str
        Put before every id, so that two drawings on one page do not share any.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", body, count=1)
    body = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", body, count=1)
    body = re.sub(r'\bid="', f'id="{prefix}', body)
    body = re.sub(r"url\(#", f"url(#{prefix}", body)
    body = re.sub(r'href="#', f'href="#{prefix}', body)
    # matplotlib repeats its rule for line joins in each file; as an attribute it stays inside
    body = re.sub(r"<style\b[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = body.replace("<svg", '<svg stroke-linejoin="round" stroke-linecap="butt"', 1)
    return re.sub(r"\n\s*\n+", "\n", body).strip()
