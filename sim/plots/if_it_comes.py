"""What a run says if a hazard comes that may not, and what if not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics.findings import Place
from sim.plots.phrases import exact, mean_share, name_of, quoted
from sim.results.data import RunData
from sim.words.say import say
from sim.words.titles import title


def if_it_comes(data: RunData, place: Place, lang: str = "en") -> list[str]:
    """Return a sentence a hazard, about the mean share of a place."""
    return [
        _if(data, hazard, came, place, lang)
        for hazard, came in data.came.items()
        if 0 < np.count_nonzero(came) < came.size
    ]


def _if(data: RunData, hazard: str, came: NDArray[np.bool_], place: Place, lang: str) -> str:
    with_it, without = (
        mean_share(_share_within(data, place.column, x), lang) for x in (came, ~came)
    )
    futures = say("count.futures", lang, n=came.size)
    often = say("headline.if_often", lang, came=int(np.count_nonzero(came)), futures=futures)
    if data.sections.weighted:  # as many were played, but they are not as likely
        often = exact(data.sections.share(came), lang)
    return say(
        "headline.if_comes",
        lang,
        hazard=quoted(title(hazard, lang), lang),
        often=often,
        who=name_of(place.view, lang),
        share=with_it,
        without=without,
    )


def _share_within(data: RunData, column: int, chosen: NDArray[np.bool_]) -> float:
    """Return mean shortfall over mean wanted of some of the first replications."""
    weight = data.sections.weights(chosen.size)[chosen]
    short, wanted = (
        float(np.sum(np.asarray(data.table[m][: chosen.size, column])[chosen] * weight))
        for m in ("shortfall_t", "wanted_t")
    )
    return short / wanted if wanted > 0 else 0.0
