"""What ``shortfall drivers`` found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sim.advice.drivers import Drivers, If
from sim.metrics.answer import Answer, Estimate

WHAT = {
    "came": "{} comes",
    "built": "{} is built",
    "called_off": "{} is called off",
    "times": "times that {} comes",
    "day": "day of {}",
    "days": "days of {}",
    "severity": "severity of {}",
    "extra_days": "extra days of {}",
    "held": "share held by {}",
    "demand": "change of demand by {}",
}


class Format(Protocol):
    """Turns a number into text."""

    def __call__(self, value: float) -> str:
        """Return the text."""


def name_of(name: str) -> str:
    """Return an input's name for people.

    Examples
    --------
    >>> name_of("hazard/china_package/came"), name_of("parameter/rerouting")
    ('china package comes', 'rerouting')
    """
    kind, _, rest = name.partition("/")
    if kind in ("hazard", "project"):
        thing, _, what = rest.rpartition("/")
        said = WHAT.get(what, f"{what} of {{}}")
        if kind == "project" and what == "day":
            said = "start of {}"
        return said.format(thing.replace("_", " "))
    if kind == "parameter":
        return rest.replace("_", " ")
    return f"{kind} {rest.replace('/', ', ')}".replace("_", " ")


def finding(found: Drivers) -> str:
    """Return the sentence that the figure shows."""
    who = found.view.title
    sure = [d for d in found.drivers if d.importance.sure]
    if not sure:
        return f"No input tells the futures of {who} apart beyond chance"
    first, share = sure[0], 100 * sure[0].importance.first_order.value
    alone = f"it alone explains {share:.0f} % of the variance"
    return f"{who}: {name_of(first.name)} matters most; {alone}"


def sentence(one: If, number: Format) -> str:
    """Return what comes if something does, and if not."""
    yes, no = (_told(three, number) for three in (one.yes, one.no))
    return f"if {name_of(one.name)} ({100 * one.share:.0f} % of the futures): {yes}; if not: {no}"


def _told(three: tuple[Answer, Answer, Answer], number: Format) -> str:
    mean, q95, some = three
    told = [f"mean {_with_interval(mean, number)}"]
    if isinstance(q95, Estimate):
        told.append(f"95 % quantile {number(q95.value)}")
    if isinstance(some, Estimate):
        told.append(f"any loss in {100 * some.value:.0f} %")
    return ", ".join(told)


def _with_interval(answer: Answer, number: Format) -> str:
    if not isinstance(answer, Estimate):
        return "refused"
    return f"{number(answer.value)} ({number(answer.low)} to {number(answer.high)})"


def box_lines(found: Drivers, number: Format) -> Iterator[str]:
    """Yield when it is bad."""
    box = found.boxes
    bad = (
        f"{100 * box.bad.share:.3g} % of the futures are bad (a loss above {number(box.bad.limit)})"
    )
    if not box.limits:
        yield f"{bad}; no box: {box.why_none}"
        return
    yield f"{bad}; mostly where"
    for name, (low, high) in box.limits.items():
        yield f"  {limit(name, low, high)}"
    yield (
        f"  there {_percent(box.density)} are bad, and {_percent(box.coverage)} of the bad ones "
        "are there (on the half that had no say)"
    )


def limit(name: str, low: float, high: float) -> str:
    """Return a limit of a box in words."""
    said, is_day = name_of(name), name.endswith("/day")
    what = name.rpartition("/")[2]
    if what in ("came", "built", "called_off"):
        return said if low > 0 else f"not: {said}"
    if high == float("inf"):
        return f"{said} from {low:.4g} on" + (", or never" if is_day else "")
    if low == -float("inf"):
        return f"{said} up to {high:.4g}"
    return f"{said} from {low:.4g} to {high:.4g}"


def _percent(answer: Answer | None) -> str:
    if not isinstance(answer, Estimate):
        return "an unknown share"
    value, low, high = (100 * x for x in answer[:3])
    return f"{value:.0f} % ({low:.0f} to {high:.0f})"
