"""Every sentence about a run, made from its numbers: figures, report and table say the same.

Facts come from ``sim.metrics.findings``; here they get words. A sentence never says more than the
replications carry: who is called hardest hit differs surely from all others or is named together
with them, "more than" is rounded down and true of the chance told, what happened in every
replication is told as that, and less than one per cent as "less than 1 %".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from sim.metrics import findings
from sim.metrics.answer import Estimate
from sim.metrics.findings import SHORT_SHARE, Hardest
from sim.network.arrays import F8
from sim.plots.held import held
from sim.plots.if_it_comes import if_it_comes
from sim.plots.phrases import (
    NAMED,
    at_most,
    exact,
    name_of,
    names,
    on_average,
    probability_words,
    whom,
)
from sim.plots.words import span
from sim.results.data import RunData
from sim.words.numbers import decimals
from sim.words.say import say

CHANCES = (
    (0.1, "headline.chance_10"),
    (0.05, "headline.chance_20"),
    (0.01, "headline.chance_100"),
)
SAFE = ((0.01, "headline.safe_99"), (0.05, "headline.safe_95"), (0.1, "headline.safe_90"))

LITTLE = 0.01
"""Share below which no tail is told."""


class Headlines:
    """The sentences of a run.

    Parameters
    ----------
    data : RunData
        The run; nothing but its labelled results is read.
    lang : str, optional
        Language of the sentences, one of ``sim.words.say.LANGUAGES``.
    only : sequence of int, optional
        Columns of those whom alone it is about; by default all.
    scope : str, optional
        Their names, as they stand in a list.
    """

    def __init__(
        self,
        data: RunData,
        lang: str = "en",
        only: Sequence[int] | None = None,
        scope: str = "",
    ) -> None:
        self._data = data
        self._only, self._scope = only, scope
        self._lang = lang
        self._n = say("count.futures", lang, n=data.n)
        self._over = say("time.over", lang, span=span(data, lang))

    @cached_property
    def worst(self) -> F8:
        """Each replication's largest share over all places."""
        if self._only is None:
            return findings.worst_shares(self._data)
        each = [findings.shares(self._data, x) for x in self._only]
        return np.max(each, axis=0) if each else np.zeros(self._data.n)

    @cached_property
    def hardest(self) -> Hardest | None:
        """Who is hit hardest, ties together."""
        return findings.hardest(self._data, self._only)

    @property
    def anybody(self) -> bool:
        """Whether somebody is short of anything in any replication."""
        return bool(self.worst.max(initial=0.0) > 0)

    @property
    def main(self) -> str:
        """Who is hit hardest on average, or that nobody is short."""
        if not self.anybody:
            return self.nobody
        if self.hardest is None:
            return self._among(say("headline.too_few_who", self._lang, futures=self._n))
        told, average = (f(self.hardest, self._lang) for f in (names, on_average))
        parts = {"average": average, "over": self._over}
        if self._only is not None and len(self._only) == 1:  # nobody to be hit harder than
            name = name_of(self.hardest.places[0].view, self._lang)
            return say("headline.one", self._lang, name=name[:1].upper() + name[1:], **parts)
        sentence = say("headline.join", self._lang, names=told, **parts)
        if self._scope:
            return say("headline.among", self._lang, names=self._scope, sentence=sentence)
        return self._among(sentence)

    def _among(self, sentence: str) -> str:
        """Return a sentence about a part of a run, with whom it is about."""
        if not self._data.meta.get("places"):
            return sentence
        columns = self._data.columns(findings.kind_of_places(self._data))
        views = [self._data.views[x] for x in columns]
        told = [name_of(v, self._lang) for v in views[:NAMED]]
        if len(views) > NAMED:
            told.append(say("headline.more", self._lang, n=len(views) - NAMED))
        names = say("headline.list", self._lang).join(told)
        return say("headline.among", self._lang, names=names, sentence=sentence)

    @property
    def all(self) -> list[str]:
        """Return all that is said above the numbers: who, how bad, how likely, and what if."""
        if not self.anybody:
            return [self.nobody, *self.held]
        return [self.main, self.how_bad, self.how_likely, *self.if_it_comes]

    @property
    def nobody(self) -> str:
        """That nobody is short, with the largest chance that so many futures leave open."""
        bound = at_most(_chance(self._data, np.zeros(self._data.n)).high, self._lang)
        if self._scope:
            return say("headline.nobody_of", self._lang, names=self._scope, futures=self._n,
                       bound=bound)  # fmt: skip
        return self._among(say("headline.nobody", self._lang, futures=self._n, bound=bound))

    @property
    def _whom(self) -> str:
        """What "somebody" means: whom it is about, where that is said."""
        if self._only is not None and len(self._only) == 1:
            return self._scope
        if self._scope:
            return say("headline.some_of", self._lang, names=self._scope)
        return whom(self._data, self._lang)

    @property
    def held(self) -> list[str]:
        """What met the demand of a run in which nobody is short, and how often it was needed."""
        return held(self._data, self._lang)

    @property
    def how_bad(self) -> str:
        """The tail: of the hardest hit, or of whoever it is where they tie."""
        if not self.anybody:
            return self.nobody
        if self.hardest is None:
            return say("headline.too_few_how", self._lang, futures=self._n)
        places, share = self.hardest.places, self.worst
        who = self._whom if self._scope else say("headline.somebody", self._lang)
        if len(places) == 1:
            share = findings.shares(self._data, places[0].column)
            who = name_of(places[0].view, self._lang)
        return self._among(self._certain(share, who) or self._tail(share, who) or self._safe())

    def _certain(self, share: F8, who: str) -> str:
        """Return that somebody is short in every future, with its bound; "" where it is not so."""
        least = findings.tail(share, 1.0, self._data.sections)
        if least.above < SHORT_SHARE:
            return ""
        bound = findings.rounded_down(_chance(self._data, share, least.above).low)
        return say(
            "headline.certain",
            self._lang,
            futures=self._n,
            who=who,
            short=self._short(least.above),
            over=self._over,
            bound=exact(bound, self._lang),
        )

    def _short(self, above: float) -> str:
        return say("share.short", self._lang, share=exact(above, self._lang))

    def _tail(self, share: F8, who: str) -> str:
        """Return the first of `CHANCES` in which it is bad enough to be told, or ""."""
        for probability, key in CHANCES:
            found = findings.tail(share, probability, self._data.sections)
            if found.n_beyond < findings.TAIL or found.above < LITTLE:
                continue
            often, words = found.chance, say(key, self._lang)
            if often > 1.5 * probability:  # many futures alike: that chance, not a round one
                told = exact(findings.rounded_down(often), self._lang)
                words = say("headline.chance_of", self._lang, share=told)
            short = self._short(found.above)
            return say("headline.tail", self._lang, chance=words, who=who, short=short,
                       over=self._over)  # fmt: skip
        return ""

    def _safe(self) -> str:
        """Return in how many futures nobody at all is short by more than a little."""
        much = findings.often(self.worst, LITTLE, self._data.sections)
        for probability, key in SAFE:
            if much <= probability:
                safe = say(key, self._lang)
                if self._scope:
                    return say("headline.safe_of", self._lang, names=self._scope, safe=safe,
                               over=self._over)  # fmt: skip
                return say("headline.safe", self._lang, safe=safe, over=self._over)
        return say("headline.too_few_how", self._lang, futures=self._n)

    @property
    def how_likely(self) -> str:
        """The chance that somebody is short, the joint event over all places."""
        lang, answer = self._lang, _chance(self._data, self.worst)
        what = {"whom": self._whom, "short": self._short(SHORT_SHARE),
                "over": self._over}  # fmt: skip
        if answer.value == 0:
            high = at_most(answer.high, lang)
            return say("headline.likely_none", lang, futures=self._n, high=high, **what)
        if answer.value == 1:
            low = exact(findings.rounded_down(answer.low), lang)
            return say("headline.likely_all", lang, futures=self._n, low=low, **what)
        limits = {"low": decimals(100 * answer.low, 1, lang),
                  "high": decimals(100 * answer.high, 1, lang)}  # fmt: skip
        chance = probability_words(answer.value, lang)
        return say("headline.likely", lang, chance=chance, **what, **limits)

    @property
    def if_it_comes(self) -> list[str]:
        """For each hazard that may not come: what the run says if it does, and if not."""
        if not self.anybody or self.hardest is None:
            return []
        return if_it_comes(self._data, self.hardest.places[0], self._lang)


def _chance(data: RunData, share: F8, above: float = SHORT_SHARE) -> Estimate:
    answer = findings.chance(share, above, data.sections)
    assert isinstance(answer, Estimate)  # a run has a replication
    return answer
