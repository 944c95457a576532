"""What met the demand of a run in which nobody is short, and how often it was needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.base.sections import Sections
from sim.metrics.goods_findings import moved
from sim.plots.phrases import days_words, exact, share_words
from sim.plots.words import pretty
from sim.results.data import RunData
from sim.words.say import say
from sim.words.titles import title

Mask = NDArray[np.bool_]

UNMOVED = 0.9
"""Share of its normal from which on a stock is said not to have moved."""


def held(data: RunData, lang: str = "en") -> list[str]:
    """Return the sentences about it."""
    futures = say("count.futures", lang, n=data.n)
    came = ~np.isnan(np.asarray(data.first_shock_day))
    if not came.any():
        return [say("headline.no_hazard", lang, futures=futures)]
    opened = {
        pretty(name): np.asarray(data.reserve_released_t[:, x]) > 0
        for x, name in enumerate(data.reserves)
    }
    if data.sections.weighted:
        return [*_in_shares(data.sections, came, opened, lang), *_what_held(data, lang)]
    n = int(np.count_nonzero(came))
    told = [say("headline.hazard_held", lang, came=n, futures=futures), *_what_held(data, lang)]
    for name, some in opened.items():
        n = int(np.count_nonzero(some))
        told.append(say("headline.reserve_opened", lang, name=name, n=n))
    return told


def _in_shares(sections: Sections, came: Mask, opened: Mapping[str, Mask], lang: str) -> list[str]:
    """Return the same where futures are not equally likely: shares of them, and no counts."""
    share = exact(sections.share(came), lang)
    told = [say("headline.hazard_held_share", lang, share=share)]
    for name, some in opened.items():
        share = exact(sections.share(some), lang)
        told.append(say("headline.reserve_opened_share", lang, name=name, share=share))
    return told


def _what_held(data: RunData, lang: str) -> list[str]:
    """Return how low the stock came that fell most, and what was still delivered to it."""
    if data.goods is None:
        return []
    found = moved(data.goods, data.sections)
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
