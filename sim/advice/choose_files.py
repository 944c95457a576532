"""Files of a choice: what is bought, every candidate, every budget, the pairs, the figure."""

from __future__ import annotations

import math
from typing import Any

from sim import __version__
from sim.advice.avoided import cells, scaled
from sim.advice.choose_answer import Choice, Wish
from sim.advice.choose_measured import Item, Point
from sim.advice.choose_programme import Set
from sim.advice.choose_words import caption, sentences
from sim.metrics.answer import Refused
from sim.plots.words import facts_until
from sim.results.files import make_folder
from sim.results.write import write_json, write_rows
from sim.run.case import Study
from sim.run.source_hash import source_revision

Row = dict[str, Any]


def write(study: Study, wish: Wish, choice: Choice) -> None:
    """Write the tables, the figure, and last ``choice.json``, which says that all is there."""
    folder = choice.folder
    write_rows(folder / "portfolio.csv", [_item(i, choice) for i in choice.items])
    write_rows(folder / "candidates.csv", _candidates(choice))
    write_rows(folder / "pairs.csv", _pairs(choice))
    write_rows(folder / "frontier.csv", [_point(p, choice) for p in choice.points])
    draw(study, choice)
    write_json(folder / "choice.json", _manifest(study, wish, choice))


def _item(item: Item, choice: Choice) -> Row:
    c, last = item.option.candidate, item.last
    return {
        "name": c.name, "kind": c.kind, "title": c.title, "cost_usd": item.option.cost_usd,
        "cost_source": c.cost_source, "assumed": "yes" if item.option.assumed else "no",
        "size_t": c.size_t, "size_of": c.size_of, "unit": choice.measure.unit,
        "avoids_alone": item.alone, **cells("avoids_beside_the_others", last),
        **cells("per_million_usd", scaled(last, 1e6 / item.option.cost_usd)),
        "n": last.n, "mark": last.mark, "note": last.note,
    }  # fmt: skip


def _candidates(choice: Choice) -> list[Row]:
    """Return a row a candidate: those that could be bought, then those left out."""
    known, aim = choice.table.known, choice.table.known.aim
    rows = []
    for j, option in enumerate(choice.options):
        one = Set({j})
        alone = aim.of(known.base) - aim.of(known.played[one]) if one in known.played else math.nan
        taken = "yes" if j in choice.point.chosen else "no"
        reason = "" if one in known.played else f"does not fit: {choice.table.reasons.get(one, '')}"
        rows.append(_candidate(option.candidate, option.cost_usd, taken, alone, choice, reason))
    return rows + [
        _candidate(
            left.candidate, left.candidate.cost_usd, "left out", math.nan, choice, left.reason
        )
        for left in choice.left
    ]


def _candidate(c: Any, cost: float, taken: str, alone: float, choice: Choice, note: str) -> Row:
    return {"name": c.name, "kind": c.kind, "title": c.title, "cost_usd": cost,
            "cost_source": c.cost_source, "bought": taken, "avoids_alone": alone,
            "unit": choice.measure.unit, "note": note}  # fmt: skip


def _pairs(choice: Choice) -> list[Row]:
    """Return a row a pair that was played: what the two avoid, and what beyond the sum of both."""
    known, names = choice.table.known, [o.name for o in choice.options]
    none = known.aim.of(known.base)
    gain = {s: none - known.aim.of(loss) for s, loss in known.played.items() if len(s) <= 2}
    rows = []
    for pair in sorted((s for s in gain if len(s) == 2), key=sorted):
        one, other = (Set({j}) for j in sorted(pair))
        together = gain[pair]
        rows.append({
            "one": names[min(pair)], "other": names[max(pair)], "avoids_one": gain[one],
            "avoids_other": gain[other], "avoids_both": together,
            "interaction": together - gain[one] - gain[other], "unit": choice.measure.unit,
        })  # fmt: skip
    return sorted(rows, key=lambda r: (-abs(r["interaction"]), r["one"], r["other"]))


def _point(point: Point, choice: Choice) -> Row:
    return {
        "budget_usd": point.budget, "spent_usd": point.spent,
        "bought": " ".join(choice.options[j].name for j in sorted(point.chosen)),
        "unit": choice.measure.unit, "statistic": choice.table.known.aim.name,
        "loss": point.loss, "loss_with_nothing": point.loss_none,
        **cells("avoids", point.avoided), **cells("value", point.value_usd, "usd"),
        "chosen_loss": point.said, "chosen_loss_with_nothing": point.said_none,
        "bound": point.bound, "bound_of_pairs_alone": point.pairs_bound, "gap": point.gap,
        "programmes": point.passes, "search_ended": point.ended,
        "n": point.avoided.n, "mark": point.avoided.mark, "note": point.avoided.note,
    }  # fmt: skip


def _manifest(study: Study, wish: Wish, choice: Choice) -> Row:
    scenario, point = study.settings.scenario, choice.point
    return {
        **wish.plain(),
        "for": choice.measure.who,
        "unit": choice.measure.unit,
        "scenario": scenario.name,
        "as_of": str(scenario.as_of or ""),
        "network": scenario.network,
        "policy": study.settings.policy.name or "none",
        "seed": study.settings.run.seed,
        "replications": choice.n,
        "pairs_played": choice.n_pairs,
        "pairs_in_all": choice.n_all_pairs,
        "bought": [choice.options[j].name for j in sorted(point.chosen)],
        "spent_usd": point.spent,
        "gap": point.gap,
        "avoids": None if isinstance(point.avoided, Refused) else point.avoided.value,
        "says": sentences(choice),
        "version": __version__,
        "source_revision": source_revision(),
    }


def draw(study: Study, choice: Choice) -> None:
    """Draw the curve of budget against loss."""
    from sim.plots import frontier, style

    unit, by = choice.measure.shown
    points = [frontier.Spent(p.budget, p.spent, p.loss * by, *_limits(p, by))
              for p in choice.points]  # fmt: skip
    none = choice.point.loss_none * by
    aim, scenario = choice.table.known.aim, study.settings.scenario
    facts = f"{told}. " if (told := facts_until(scenario.as_of)) else ""
    fig = frontier.figure(
        points, none, choice.point.budget, scenario.title, choice.measure.who, unit,
        aim.name, facts + caption(study, choice),
    )  # fmt: skip
    place = choice.folder / "figures"
    make_folder(place)
    style.save(fig, place / "frontier")


def _limits(point: Point, by: float) -> tuple[float, float]:
    """Return the loss with the upper and the lower end of what is avoided."""
    if isinstance(point.avoided, Refused):
        return math.nan, math.nan
    return ((point.loss_none - point.avoided.high) * by,
            (point.loss_none - point.avoided.low) * by)  # fmt: skip
