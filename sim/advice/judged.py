"""Projects and remedies judged by more than tonnes: share, value added, domestic product.

What is kept of a replication is one row: the shortfall of every view, then, where the measure needs
it, another measure of every view. A loss is worked out of such rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.advice.whose_loss import Yardstick, weighted, yardstick
from sim.base.errors import Fault, UserError
from sim.base.units import DAYS_PER_YEAR
from sim.network.arrays import F8
from sim.run.case import Study

SHORTFALL = "m.shortfall_t"

COLUMNS = {
    "tonnes": (SHORTFALL,),
    "share": (SHORTFALL, "m.wanted_t"),
    "value_added": (SHORTFALL, "m.value_added_lost_usd"),
    "gdp": (SHORTFALL, "m.gdp_loss_share"),
}
"""Word of ``--measure`` -> what is kept of every view."""

NO_FORECAST = "Value added lost is not a forecast of GDP"


@dataclass(frozen=True)
class ShareShort(Yardstick):
    """What was short as a share of what was wanted, of all end users that count together."""

    def loss(self, kept: F8) -> F8:
        """Return the share of each row; 0 where nothing was wanted."""
        counted = self.groups.astype(float)
        short, wanted = weighted(kept, counted), weighted(_second(kept), counted)
        return np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)


@dataclass(frozen=True)
class ValueAdded(Yardstick):
    """Value added lost, in US dollars or as a share of the domestic product.

    Parameters
    ----------
    of_view : ndarray, shape (n_view,)
        Loss by what is kept of a view: 1 for regions asked for, or their shares of the domestic
        product of all of them. Views count once what several end users make together.
    usd_per_loss : float
        US dollars a unit of loss.
    """

    of_view: F8 | None = None
    usd_per_loss: float = 1.0

    def loss(self, kept: F8) -> F8:
        """Return the loss of each row."""
        assert self.of_view is not None
        return weighted(_second(kept), self.of_view)

    def value(self, kept: F8) -> F8:
        """Return the value added lost of each row, US dollars; not that of the bare goods."""
        return self.loss(kept) * self.usd_per_loss


def judged_by(
    study: Study, word: str, regions: list[str], groups: list[int] | None = None
) -> Yardstick:
    """Return how the end users of some regions are judged.

    Parameters
    ----------
    study : Study
        The scenario with nothing done.
    word : str
        A key of ``COLUMNS``.
    regions, groups
        As of ``sim.advice.whose_loss.yardstick``.

    Raises
    ------
    UserError
        If a region has no end user, or what the measure needs is not stated of them.
    """
    plain = yardstick(study.settings.network, study.compiled, regions, groups)
    if word == "tonnes":
        return plain
    own = plain.regions, plain.groups, plain.unit, plain.weight, plain.value_usd_per_t
    if word == "share":
        return replace(ShareShort(*own), unit="share of what was wanted",
                       drawn=("% of what was wanted", 100.0))  # fmt: skip
    _check(study, word, plain)
    views = _views(study, regions, groups)
    of_view = np.zeros(len(study.views))
    if word == "value_added":
        of_view[views] = 1.0
        return replace(ValueAdded(*own), unit="USD of value added", of_view=of_view,
                       drawn=("billion USD of value added", 1e-9), says=NO_FORECAST)  # fmt: skip
    gdp = study.views.cells.gdp_usd[views]
    of_view[views] = gdp / gdp.sum()
    days = study.n_period * study.settings.scenario.step_days
    return replace(ValueAdded(*own), unit="share of GDP", of_view=of_view,
                   usd_per_loss=float(gdp.sum()) * days / DAYS_PER_YEAR,
                   drawn=("% of GDP", 100.0), says=NO_FORECAST)  # fmt: skip


def _views(study: Study, regions: list[str], groups: list[int] | None) -> list[int]:
    """Return the views that hold those who count, each end user once."""
    wanted = [("region", r) for r in dict.fromkeys(regions)]
    if not wanted:
        wanted = [("total", "all") if groups is None else ("judged", "all")]
    names = [(view.kind, view.name) for view in study.views]
    return [names.index(name) for name in wanted]


def _check(study: Study, word: str, plain: Yardstick) -> None:
    """Refuse where nobody who counts states value added, or a domestic product is not stated."""
    labels = study.compiled.labels
    economy, counted = labels.economy, np.flatnonzero(plain.groups)
    stated = any(economy.value_added_usd) and any(economy.value_added_usd[u] for u in counted)
    if not stated:
        scenario = study.settings.scenario
        reason = f"network {scenario.network} states no value added of {plain.who}"
        if scenario.value_added == "none":
            reason = "scenario.value_added is none"
        raise UserError(Fault("--measure", word, f"{reason}; judge by tonnes or share"))
    places = sorted({labels.group_region[u] for u in counted})
    unknown = [r for r in places if not economy.gdp_usd.get(r, 0.0) > 0.0]
    if word == "gdp" and unknown:
        told = f"gdp_usd_per_year of {', '.join(unknown)} is not stated; judge by value_added"
        raise UserError(Fault("--measure", word, told))


def _second(kept: F8) -> F8:
    """Return what is kept beside the shortfall."""
    return kept[:, kept.shape[1] // 2 :]
