"""What advice on a scenario begins with: the study with nothing done, and whose loss counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from sim.advice.judged import judged_by
from sim.advice.trial import Bench
from sim.advice.whose_loss import Yardstick
from sim.run.case import Study


class Opened(NamedTuple):
    """Where a question begins.

    Parameters
    ----------
    study : Study
        The scenario with nothing done.
    measure : Yardstick
        By whose loss.
    places : list of str
        Regions of those who count, whose buyers reserves may serve.
    """

    study: Study
    measure: Yardstick
    places: list[str]


def opened(bench: Bench, regions: Sequence[str], *, everybody: bool = False) -> Opened:
    """Return where a question begins.

    Parameters
    ----------
    bench : Bench
        Scenario and measure.
    regions : sequence of str
        Whose loss counts; empty: the scenario's judged end users, else everybody.
    everybody : bool, optional
        Whether everybody counts where no region is named, whomever the scenario judges.

    Raises
    ------
    UserError
        If a region has no end user, or what the measure needs is not stated of them.
    """
    study = bench.study([])
    judged = None if regions or everybody else study.settings.scenario.judged
    groups = None if judged is None else study.judged_groups(judged)
    plain = judged_by(study, bench.measure, list(regions), groups)
    measure = dataclasses.replace(plain, sections=study.sections)
    pairs = zip(study.compiled.labels.group_region, measure.groups, strict=True)
    return Opened(study, measure, sorted({region for region, counts in pairs if counts}))
