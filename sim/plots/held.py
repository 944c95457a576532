"""What met the demand of a run in which nobody is short, and how often it was needed."""

from __future__ import annotations

import numpy as np

from sim.metrics.goods_findings import moved
from sim.plots.phrases import days_words, share_words
from sim.plots.words import pretty
from sim.results.data import RunData
from sim.words.say import say
from sim.words.titles import title

UNMOVED = 0.9
"""Share of its normal from which on a stock is said not to have moved."""


def held(data: RunData, lang: str = "en") -> list[str]:
    """Return the sentences about it."""
    futures = say("count.futures", lang, n=data.n)
    came = int(np.count_nonzero(~np.isnan(np.asarray(data.first_shock_day))))
    if came == 0:
        return [say("headline.no_hazard", lang, futures=futures)]
    told = [say("headline.hazard_held", lang, came=came, futures=futures), *_what_held(data, lang)]
    for x, name in enumerate(data.reserves):
        opened = int(np.count_nonzero(np.asarray(data.reserve_released_t[:, x]) > 0))
        told.append(say("headline.reserve_opened", lang, name=pretty(name), n=opened))
    return told


def _what_held(data: RunData, lang: str) -> list[str]:
    """Return how low the stock came that fell most, and what was still delivered to it."""
    if data.goods is None:
        return []
    found = moved(data.goods)
    if not found:
        return []
    one = found[0]
    if one.left > UNMOVED:
        return [say("headline.stocks_still", lang)]
    days = {"rest": one.rest_days, "least": one.least_days, "low": one.low_days}
    shares = {"delivery": one.delivery, "low_delivery": one.low_delivery}
    words = {k: days_words(v, lang) for k, v in days.items()}
    words |= {k: share_words(v, lang) for k, v in shares.items()}
    return [say("headline.what_held", lang, good=title(one.view.title, lang), **words)]
