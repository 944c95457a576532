"""What a briefing holds, in words of its language: page, print and slides show the same."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.brief.assumptions import Assumed, assumed_in, limits_of
from sim.brief.figure import Picture, Tails, picture_of, tails_of
from sim.brief.own import own_words
from sim.brief.read import Told, policy_title
from sim.brief.said import headlines_of, sentences
from sim.brief.table import Table, places_of, table_of
from sim.plots.words import end_day, facts_until
from sim.results.data import RunData, View
from sim.words.dates import day_name
from sim.words.numbers import whole
from sim.words.places import place_name
from sim.words.say import say
from sim.words.titles import title


@dataclass(frozen=True)
class Brief:
    """A briefing.

    Parameters
    ----------
    lang : str
        Language of every text.
    title, sub : str
        What it is about; time, network, policy, whom it is for.
    sentences : list of str
        Three at most, each made of numbers of the runs.
    more : list of str
        What the run says if a hazard comes, and if not.
    picture : Picture
        The one figure.
    table : Table
        The one table.
    assumed : list of Assumed
        Of each run whose assumptions differ.
    limits : list of str
        What it does not say.
    provenance : list of (str, list of str)
        A row a fact, a column a run.
    made : str
        When and with what version.
    tails : Tails
        How bad it gets in the first run.
    own : dict of str to str
        Words of the data that the language has none for, with their own language.
    places : list of View
        Whom tables are about.
    runs : list of Told
        What it is made of.
    """

    lang: str
    title: str
    sub: str
    sentences: list[str]
    more: list[str]
    picture: Picture
    table: Table
    assumed: list[Assumed]
    limits: list[str]
    provenance: list[tuple[str, list[str]]]
    made: str
    tails: Tails
    own: dict[str, str]
    places: list[View] = field(repr=False)
    runs: list[Told] = field(repr=False)


def brief_of(runs: Sequence[Told], regions: Sequence[str], lang: str) -> Brief:
    """Return the briefing of some runs; statements are about the first, others beside it.

    Parameters
    ----------
    runs : sequence of Told
        Finished runs.
    regions : sequence of str
        Whom it is for; empty: everybody.
    lang : str
        One of ``sim.words.say.LANGUAGES``.
    """
    base = runs[0]
    more = headlines_of(base, regions, lang).if_it_comes
    return Brief(
        lang=lang,
        title=title(base.data.title, lang),
        sub=_sub(runs, regions, lang),
        sentences=sentences(runs, regions, lang),
        more=[f"{text}{say('brief.stop', lang)}" for text in more],
        picture=picture_of(runs, regions, lang),
        table=table_of(runs, regions, lang),
        assumed=assumed_in(runs, lang),
        limits=limits_of(runs, lang),
        provenance=_provenance(runs, lang),
        made=say("brief.made", lang, day=today(), version=str(base.data.meta["version"])),
        tails=tails_of(base, regions, lang),
        own=own_words(runs, lang),
        places=places_of(base, regions),
        runs=list(runs),
    )


def today() -> dt.date:
    """Return the day on which a page is made; SOURCE_DATE_EPOCH fixes it [1]_.

    References
    ----------
    .. [1] Reproducible Builds, SOURCE_DATE_EPOCH specification 1.1.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = dt.datetime.now(dt.UTC)
    return (dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch.isdigit() else now).date()


def _sub(runs: Sequence[Told], regions: Sequence[str], lang: str) -> str:
    data, settings = runs[0].data, runs[0].study.settings
    facts = facts_until(data.meta.get("as_of"), lang)
    beside = say("brief.runs", lang, n=len(runs))
    policy = say("brief.policy", lang, policy=policy_title(data, lang))
    told = say(
        "brief.sub",
        lang,
        start=data.start,
        end=end_day(data),
        step=data.step_days,
        facts=say("brief.facts", lang, facts=facts) if facts else "",
        network=title(settings.network.title, lang),
        policy=beside if len(runs) > 1 else policy,
    )
    if len(runs) > 1:
        told += _space(lang) + say("brief.base", lang, base=runs[0].label)
    if regions:
        names = say("brief.list", lang).join(place_name(code, lang) for code in regions)
        told += _space(lang) + say("brief.for", lang, names=names)
    return told


def _space(lang: str) -> str:
    return "" if lang == "ja" else " "


def _provenance(runs: Sequence[Told], lang: str) -> list[tuple[str, list[str]]]:
    """Return what each run was, and what vouches for it."""
    datas = [run.data for run in runs]
    outlooks = [
        say("brief.list", lang).join(
            title(one.title, lang) for one in (run.study.settings.demand, run.study.settings.supply)
        )
        for run in runs
    ]
    horizon = [f"{day_name(d.start, lang)} - {day_name(end_day(d), lang)}" for d in datas]
    return [
        (say("brief.run", lang), [run.label for run in runs]),
        (say("brief.scenario", lang), [str(d.meta["scenario"]) for d in datas]),
        (say("brief.period", lang), horizon),
        (say("brief.network", lang), [str(d.meta["network"]) for d in datas]),
        (say("brief.policy_name", lang), [str(d.meta["policy"]) for d in datas]),
        (say("brief.outlooks", lang), outlooks),
        (say("brief.version", lang), [str(d.meta["version"]) for d in datas]),
        (say("brief.seed", lang), [str(d.seed) for d in datas]),
        (say("brief.replications", lang), [_futures(d, lang) for d in datas]),
        (say("brief.date", lang), [_written(run, lang) for run in runs]),
        (say("brief.digest", lang), [str(r.manifest.get("replications_digest", "")) for r in runs]),
        (say("brief.command", lang), [command_of(r) for r in runs]),
    ]


def _futures(data: RunData, lang: str) -> str:
    """Return how many futures there are, and whether they are weighted."""
    weighted = say("brief.weighted", lang) if data.sections.weighted else ""
    return whole(data.n, lang) + weighted


def _written(run: Told, lang: str) -> str:
    """Return the day on which a run was made."""
    text = str(run.manifest.get("written", ""))
    return day_name(dt.date.fromisoformat(text[:10]), lang) if text else ""


def command_of(run: Told) -> str:
    """Return the command that gives the same numbers again, where no setting was changed."""
    scenario, policy = run.study.settings.scenario.name, str(run.data.meta["policy"])
    words = [
        "shortfall run",
        f"scenario={scenario}",
        f"'policy=[{policy.replace('+', ',')}]'" if "+" in policy else f"policy={policy}",
        f"run.seed={run.data.seed}",
        f"run.replications={run.data.n}",
    ]
    return " ".join(words)
