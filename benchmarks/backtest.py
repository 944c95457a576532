"""The 2025 licences played again: modelled exports and stoppages beside what happened.

    python -m benchmarks.backtest

The scenario says how licences come, firm by firm; exports, stoppages and the rebound are the
model's. Observed values: data/events/hindcasts.csv.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np

from sim.api import Study, load

HINDCASTS = Path(__file__).resolve().parent.parent / "data" / "events" / "hindcasts.csv"
N = 256


def main() -> None:
    study = load("china_ree_licensing_2025", {"run.sampling": "plain"})
    tape = study.tape(np.arange(N, dtype=np.int64))
    flow = study.flow(tape, trace=True)
    table = study.measure(tape, flow)
    print(f"{study.settings.scenario.title}; {N} futures (stocks and rerouting uncertain)\n")
    print("first shortage, days after 4 April 2025 (median future that runs short)")
    for region, observed in (
        ("USA", "50 +- 10, Ford"),
        ("JPN", "52 +- 14, Suzuki"),
        ("EU", "58 +- 14, supplier lines"),
    ):
        column = next(
            x for x, v in enumerate(study.views.view) if (v.kind, v.name) == ("region", region)
        )
        first = table["m.first_shortage_day"][:, column]
        share = np.isfinite(first).mean()
        day = f"{np.nanmedian(first):.0f}" if share else "none"
        print(f"  {region}: model {day} ({100 * share:.0f} % of futures); observed {observed}")
    print("\nChina's magnet exports, t a month (model mean; observed)")
    for month, model, seen in zip(*exports(study, flow.trace.shipped.mean(axis=2)), strict=True):
        print(f"  {month}: {model:7,.0f}   {seen:7,.0f}")


def exports(study: Study, shipped_t: np.ndarray) -> tuple[list[str], list[float], list[float]]:
    """Return months, modelled and observed exports."""
    chain, labels = study.compiled.chain, study.compiled.labels
    lanes = [
        x
        for x, (i, f) in enumerate(zip(chain.supplier, chain.lane_feed, strict=True))
        if labels.site_product[i] == "ndfeb_magnet"
        and labels.site_country[i] == "CHN"
        and labels.site_country[chain.feed_site[f]] != "CHN"
    ]
    a_day = np.repeat(shipped_t[:, lanes].sum(axis=1) / chain.step_days, int(chain.step_days))
    start = study.settings.scenario.start
    with open(HINDCASTS, newline="", encoding="utf-8") as file:
        seen = {
            r["time"]: float(r["value"])
            for r in csv.DictReader(file)
            if r["episode"] == "REE magnets 2025"
            and r["metric"] == "export_flow"
            and r["region"] == "world"
        }
    months, model, observed = [], [], []
    for month in sorted(m for m in seen if "2025-05" <= m <= "2026-02"):
        first = dt.date.fromisoformat(f"{month}-01")
        last = (first + dt.timedelta(days=32)).replace(day=1)
        part = a_day[(first - start).days : (last - start).days]
        months.append(month)
        model.append(float(part.sum()))
        observed.append(seen[month])
    return months, model, observed


if __name__ == "__main__":
    main()
