"""What ``shortfall size`` found, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.advice.size_answer import Size, Stock, Wish
from sim.advice.size_build import Pace
from sim.metrics.answer import Answer, Estimate
from sim.plots.words import region_name


def finding(size: Size, wish: Wish) -> str:
    """Return the answer in a sentence."""
    goods = " and ".join(s.title for s in size.stocks)
    who, sure = " and ".join(map(region_name, size.who)), f"{100 * wish.sure:g} %"
    if not isinstance(size.days, Estimate):
        return f"Too few futures to say what keeps {who} served with {sure}"
    if math.isinf(size.days.value):
        return f"No stock of {goods} keeps {who} served in {sure} of the futures"
    if size.days.value == 0:
        return f"{who} stays served without any {goods} in stock in {sure} of the futures"
    how = "" if wish.pace is None else f", built up by {wish.pace.days_per_year:g} days a year,"
    return f"{size.days.value:,.0f} days of {goods}{how} keep {who} served in {sure} of the futures"


def notes(size: Size, wish: Wish) -> Iterator[str]:
    """Yield what else must be known, a line each."""
    yield from map(_held, size.stocks)
    if wish.pace is not None:
        yield _paced(size, wish.pace)
    yield f"no stock is needed in {_chance(size.none_needed)} of the futures"
    if size.fresh is not None:
        yield (
            f"tried on {size.n:,} other futures, {_days(size.days)} keep it served in "
            f"{_chance(size.fresh)}"
        )
    if size.harmed:
        yield (
            f"in {size.harmed:,} of {size.n:,} futures a larger stock did harm at some size; they "
            "count with the size beyond the harm"
        )
    if size.binding is not None:
        yield from _binding(size)


def _paced(size: Size, pace: Pace) -> str:
    """Return how it is built up, and how long that takes."""
    since = "day 0" if pace.since is None else pace.since
    told = (
        "nothing is held on day 0; at most "
        f"{pace.days_per_year:g} days of use are bought a year from {since} on"
    )
    if isinstance(size.days, Estimate) and 0 < size.days.value < math.inf:
        years = size.days.value / pace.days_per_year
        told += f", so that {_days(size.days)} take {years:,.1f} years at least"
    return f"{told}; what is released is bought back at that pace too"


def _held(stock: Stock) -> str:
    names = ", ".join(stock.reserves)
    how = "added here, for the network has none" if stock.added else "its own stock replaced"
    price = "; no price is known"
    if stock.price_source:
        price = f"; {stock.price_source} in the network file, {stock.usd_per_t:,.0f} USD"
    if stock.usd_per_t_year:
        price += f", and stored for {stock.usd_per_t_year:,.0f} USD a tonne and year"
    return f"{stock.good}: {names} ({how}); a day of use is {stock.use_t_per_day:,.3g} t{price}"


def _binding(size: Size) -> Iterator[str]:
    """Yield what binds where no size helps."""
    found = size.binding
    assert found is not None
    yield f"no size up to {size.most:,.0f} days helps in {_chance(size.no_size)} of the futures"
    of = f"of {found.n:,} of these" if found.n > 1 else "of the one"
    for cure in found.cures:
        yield f"  {cure.what} would keep {cure.cured:,} {of} served, beside the largest stock"
    if found.at_rest:
        yield (f"  {found.at_rest:,} {of} are short without any shock: capacity lags behind demand")
    if not found.cures:
        yield "  nothing that was tried would: opening at once, no limit, stocks of other goods"


def _days(answer: Answer) -> str:
    assert isinstance(answer, Estimate)
    return f"{answer.value:,.1f} days"


def _chance(answer: Answer) -> str:
    if not isinstance(answer, Estimate):
        return "an unknown share"
    value, low, high = (100 * x for x in answer[:3])
    return f"{value:.1f} % ({low:.1f} to {high:.1f})"


def in_days(value: float) -> str:
    """Return a number of days; words where no size suffices, or futures do not say."""
    if math.isnan(value):
        return "refused"
    return "no size" if math.isinf(value) else f"{value:,.1f}"
