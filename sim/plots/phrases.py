"""Parts of sentences about a run: who, and how much, in the words of each language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.metrics import findings
from sim.metrics.findings import ENOUGH, SHORT_SHARE, Hardest
from sim.network.arrays import F8
from sim.plots.words import the
from sim.results.data import RunData, View
from sim.words.numbers import decimals, per_cent
from sim.words.say import say
from sim.words.titles import title

NAMED = 3
"""Places that a headline names; of more it tells the number."""

SHORT = say("share.short", share=f"{100 * SHORT_SHARE:g} %")
"""What is called short, wherever a chance is told."""


def cells(values: Callable[[int], F8], views: Sequence[View], n: int, lang: str = "en") -> str:
    """Return who is hit hardest of the cells of a table.

    Parameters
    ----------
    values : callable
        Gives a cell's `findings.linear` numbers.
    views : sequence of View
        Their names.
    n : int
        Replications.
    lang : str, optional
        Language of the sentence.
    """
    found = findings.rank(values, views, range(len(views))) if n >= ENOUGH else None
    if found is None:
        return say("headline.too_few_who", lang, futures=say("count.futures", lang, n=n))
    told, average = names(found, lang), on_average(found, lang)
    return say("headline.join_cells", lang, names=told, average=average)


def whom(data: RunData, lang: str = "en") -> str:
    """Return what "somebody" means in a run."""
    if findings.kind_of_places(data) == "region":
        return say("headline.some_region", lang)
    return say("headline.some_users", lang)


def names(found: Hardest, lang: str = "en") -> str:
    """Return the hardest hit by name, ties together and called so."""
    told = [name_of(p.view, lang) for p in found.places]
    n = len(told)
    if n == 1:
        return say("headline.hardest", lang, name=told[0])
    if n == found.n_place > NAMED:
        return say("headline.all_alike", lang, n=n)
    if n > NAMED + 1:
        told = [*told[:NAMED], say("headline.more", lang, n=n - NAMED)]
    return say("headline.alike", lang, n=n, names=say("headline.list", lang).join(told))


def name_of(view: View, lang: str = "en") -> str:
    """Return a place's name inside a sentence."""
    return the(view.name, lang=lang) if view.kind == "region" else title(view.title, lang)


def quoted(text: str, lang: str = "en") -> str:
    """Return a title in quotation marks."""
    return say("headline.quoted", lang, text=text)


def on_average(found: Hardest, lang: str = "en") -> str:
    """Return the mean shares of those named, as one or as a range."""
    high, low = (mean_share(found.places[x].share, lang) for x in (0, -1))
    if high == low:
        return say("share.average", lang, share=high)
    return say("share.average_range", lang, low=low, high=high)


def mean_share(share: float, lang: str = "en") -> str:
    """Return a mean share: two digits, below one per cent only that it is."""
    value = 100 * share
    if value < 1:
        return say("share.under_one" if value > 0 else "share.none", lang)
    return per_cent(f"{value:.0f}" if value >= 10 else f"{value:.1f}", lang)


def probability_words(share: float, lang: str = "en") -> str:
    """Return a chance: below one per cent, or above 99, only that it is."""
    if share < 0.01 or share > 0.99:
        return say("share.under_one" if share < 0.01 else "share.over_99", lang)
    return per_cent(f"{100 * share:.1f}" if share < 0.1 else f"{100 * share:.0f}", lang)


def days_words(days: float, lang: str = "en") -> str:
    """Return a number of days: whole, from ten on; below, to a tenth."""
    return say("time.days", lang, days=decimals(days, 0 if days >= 10 else 1, lang))


def share_words(share: float, lang: str = "en") -> str:
    """Return a share in whole per cent."""
    return per_cent(f"{100 * share:.0f}", lang)


def exact(share: float, lang: str = "en") -> str:
    """Return a share that is rounded already."""
    return per_cent(f"{100 * share:.4g}", lang)


def at_most(share: float, lang: str = "en") -> str:
    """Return an upper bound, rounded up."""
    value = 100 * share
    return per_cent(f"{np.ceil(value):.0f}" if value >= 10 else f"{np.ceil(10 * value) / 10:.1f}",
                    lang)  # fmt: skip
