"""What a run has found: finished blocks as labelled data, its summary, course and manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.flow.kernel.measures import PATHS
from sim.metrics.goods import maker_views, pair_views, rest_cover_days
from sim.metrics.loss import value_per_tonne
from sim.metrics.purchases import summarize_purchases
from sim.metrics.summary import summarize, summarize_goods, summarize_prices
from sim.metrics.views import Views
from sim.network.arrays import F8
from sim.plots.words import pretty
from sim.results.columns import Columns, Table
from sim.results.data import Fan, GoodsData, GoodsFan, Parted, PriceData, RunData, View
from sim.results.inputs import Inputs
from sim.results.store import Store
from sim.run.assumed import chances, dated
from sim.run.case import Study, n_workers
from sim.run.inputs import Luck
from sim.run.parted import parted_by
from sim.run.titles import titled, titled_goods


def run_data(
    study: Study,
    store: Store,
    course: Fan | None,
    fans: dict[str, Fan] | None = None,
    price_fan: Fan | None = None,
    came: dict[str, NDArray[np.bool_]] | None = None,
    by_region: NDArray[np.float32] | None = None,
) -> RunData:
    """Return finished blocks as labelled data that is read when it is used."""
    settings, labels = study.settings, study.compiled.labels
    views = titled(study.views.view, settings.network)
    n = len(Columns(store, "first_shock_day"))
    luck = Luck(study, n, n_workers(settings.run.workers))
    took = luck.came if came is None and course is not None else came or {}
    regions = [view for view in views if view.kind == "region"]
    return RunData(
        title=settings.scenario.title,
        story=settings.scenario.story,
        start=settings.scenario.start,
        step_days=settings.scenario.step_days,
        n_period=study.n_period,
        seed=settings.run.seed,
        views=views,
        table=Table(store),
        first_shock_day=cast(F8, Columns(store, "first_shock_day")),
        reserve_released_t=cast(F8, Columns(store, "reserve_released_t")),
        reserve_bought_t=cast(F8, Columns(store, "reserve_bought_t")) if study.buys else None,
        reserves=labels.reserve,
        structural_t=cast(F8, Columns(store, "structural_t")),
        value_usd_per_t=value_per_tonne(study.views),
        fan=course,
        folder=store.folder,
        meta={
            "network": settings.scenario.network,
            "policy": settings.policy.name or "none",
            "policy_title": settings.policy.title,
            "demand": settings.scenario.demand,
            "supply": settings.scenario.supply,
            "version": __version__,
            "scenario": settings.scenario.name,
            "as_of": str(settings.scenario.as_of or ""),
            "goods": " and ".join(sorted(set(labels.group_product))).replace("_", " "),
            "assumed": chances(settings.scenario.hazards),
            "dated": dated(settings.scenario.hazards, settings.scenario.start),
        },
        came=took,
        parted=_parted(study, by_region, regions, took),
        goods=_goods(study, store, fans or {}),
        prices=_prices(study, store, price_fan),
        inputs=Inputs(lambda: luck.inputs),
        sections=study.sections,
    )


def _parted(
    study: Study,
    by_region: NDArray[np.float32] | None,
    regions: list[View],
    took: dict[str, NDArray[np.bool_]],
) -> Parted | None:
    """Return the parted fan; None where nothing was kept, or futures are not equally likely."""
    if by_region is None or study.sections.weighted:
        return None
    return parted_by(by_region, regions, took)


def _prices(study: Study, store: Store, fan: Fan | None) -> PriceData | None:
    """Return what was found of prices; None where the scenario has none."""
    market, network = study.market, study.settings.network
    if market is None:
        return None
    home = dict(zip(market.goods.product, market.home, strict=True))
    return PriceData(
        views=titled_goods(study.places.view, network, home),
        table=Table(store, "price."),
        course=titled_goods(study.places.course, network, home),
        fan=fan,
    )


def _goods(study: Study, store: Store, fans: dict[str, Fan]) -> GoodsData | None:
    """Return what was found of goods; None where they were not booked."""
    if study.goods is None:
        return None
    labels, products = study.compiled.labels, study.settings.network.products
    titles = {name: product.title for name, product in products.items()}
    of = {
        "pair": pair_views(study.goods, titles),
        "maker": maker_views(study.goods, titles),
        "reserve": tuple(View("reserve", name, pretty(name)) for name in labels.reserve),
    }
    return GoodsData(
        pairs=of["pair"],
        reserves=of["reserve"],
        table=Table(store, "goods."),
        reserve_left_days=cast(F8, Columns(store, "reserve_left_days")),
        rest_days=rest_cover_days(study.compiled, study.goods),
        fans={
            path.name: GoodsFan(path.label, path.unit, of[path.of], fans[path.name])
            for path in PATHS
            if path.name in fans
        },
    )


@dataclass(frozen=True)
class GoodsValueMissed:
    """Value of the shortfall (``sim.metrics.loss.goods_value_missed``), a view at a time.

    Parameters
    ----------
    short : Columns
        Shortfall, shape (n, n_view).
    views : Views
        Its first views are the end users, in group order.
    """

    short: F8
    views: Views

    def __getitem__(self, key: tuple[slice, int | slice]) -> F8:
        x = key[1]
        if isinstance(x, slice):
            return np.stack([self[:, one] for one in range(*x.indices(len(self.views)))]).T
        groups = self.views.groups(x)
        value = self.views.value_usd_per_t[groups]
        if np.isnan(value).any():
            return np.full(len(self.short), np.nan)
        if np.all(value == value[0]):
            return self.short[:, x] * float(value[0])
        total = np.zeros(len(self.short))
        for group, of_group in zip(groups, value, strict=True):
            total += self.short[:, group] * of_group
        return total


def summary_of(study: Study, data: RunData) -> list[dict[str, Any]]:
    """Return the rows of the summary."""
    rows = summarize(
        data.table,
        data.views,
        first_shock_day=np.asarray(data.first_shock_day),
        structural_t=data.structural_t,
        goods_value_missed_usd=GoodsValueMissed(data.table["shortfall_t"], study.views),
        reserve_released_t=data.reserve_released_t,
        reserves=data.reserves,
        horizon_days=float(study.n_period * data.step_days),
        all_yearly=all_yearly(study),
        workers=n_workers(study.settings.run.workers),
        sections=data.sections,
    )
    if data.reserve_bought_t is not None:
        usd = usd_per_t(study)
        rows += summarize_purchases(data.reserve_bought_t, data.reserves, usd, data.sections)
    if data.goods is not None:
        rows += summarize_goods(data.goods, data.sections)
    if data.prices is not None:
        horizon_days = float(study.n_period * data.step_days)
        rows += summarize_prices(data.prices, horizon_days, data.sections)
    return [row._asdict() for row in rows]


def usd_per_t(study: Study) -> list[float]:
    """Return what a tonne costs that is bought for each reserve; NaN where it is not known."""
    products, labels = study.settings.network.products, study.compiled.labels
    goods = [labels.site_product[i] for i in study.compiled.chain.reserve_site.tolist()]
    return [products[good].reserve_usd_per_t or np.nan for good in goods]


def all_yearly(study: Study) -> bool:
    """Return whether every hazard has a yearly rate, so that return periods mean something."""
    hazards = study.settings.scenario.hazards
    return bool(hazards) and all(h.onset.rate_per_year is not None for h in hazards.values())
