"""By whose loss, and in which unit, a network is judged: weights of the end users."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.base.errors import Fault, UserError, nearest
from sim.base.sections import INDEPENDENT, Sections
from sim.network.arrays import F8, CompiledNetwork
from sim.network.dictionary import Network


@dataclass(frozen=True)
class Yardstick:
    """A loss that is linear in the shortfalls of the end users.

    Parameters
    ----------
    regions : tuple of str
        Whose end users count; empty: everybody's.
    groups : ndarray of bool, shape (n_group,)
        Those end users.
    unit : str
        "t", "USD" or "share of demand"; others in ``sim.advice.judged``.
    weight : ndarray, shape (n_group,)
        Loss per tonne short; 0 for end users that do not count.
    value_usd_per_t : ndarray, shape (n_group,)
        Value of a tonne short, 0 for those that do not count; NaN where unknown.
    drawn : (str, float), optional
        Unit for people, and by what a loss is multiplied to be in it, where that is another.
    says : str, optional
        What must be said with it.
    sections : Sections, optional
        Which replications are drawn together.
    """

    regions: tuple[str, ...]
    groups: np.ndarray
    unit: str
    weight: F8
    value_usd_per_t: F8
    drawn: tuple[str, float] = ("", 1.0)
    says: str = ""
    sections: Sections = INDEPENDENT

    def loss(self, kept: F8) -> F8:
        """Return the loss of each row of shortfalls (n, n_group), whatever is kept after them."""
        return weighted(kept, self.weight)

    def value(self, kept: F8) -> F8:
        """Return the value in US dollars of each row; NaN where an end user has none."""
        return weighted(kept, self.value_usd_per_t)

    @property
    def shown(self) -> tuple[str, float]:
        """Unit for people, and by what a loss is multiplied to be in it."""
        return self.drawn if self.drawn[0] else (self.unit, 1.0)

    @property
    def who(self) -> str:
        """Whose loss it is, in words."""
        if self.regions:
            return " and ".join(self.regions)
        return "all end users" if self.groups.all() else "the judged end users"


def yardstick(
    network: Network,
    compiled: CompiledNetwork,
    regions: list[str],
    groups: list[int] | None = None,
) -> Yardstick:
    """Return how the end users of some regions are judged.

    Tonnes where all of them use goods counted in the same unit; else the value of what is short,
    where every end user has one; else the shortfall as a share of what each wants, an equal
    weight for each.

    Parameters
    ----------
    network : Network
        Its products tell the units.
    compiled : CompiledNetwork
        The same network.
    regions : list of str
        Region codes; empty for everybody.
    groups : list of int, optional
        End users that count, where no region is given.

    Raises
    ------
    UserError
        If a region has no end user.
    """
    labels = compiled.labels
    known = set(labels.group_region)
    faults: list[Fault | str] = [
        Fault("--for", r, f"no end user in such a region{nearest(r, known)}"
              f"; regions: {', '.join(sorted(known))}")
        for r in regions
        if r not in known
    ]  # fmt: skip
    if faults:
        raise UserError(faults)
    mask = np.array([not regions or r in regions for r in labels.group_region], np.bool_)
    if groups is not None and not regions:
        mask = np.isin(np.arange(mask.size), groups)
    value = np.where(mask, np.array(labels.group_value_usd_per_t, float), 0.0)
    units = {network.products[p].unit for p, m in zip(labels.group_product, mask, strict=True) if m}
    if len(units) == 1:
        return Yardstick(tuple(regions), mask, "t", mask.astype(float), value)
    if not np.isnan(value).any():
        return Yardstick(tuple(regions), mask, "USD", value, value)
    return Yardstick(tuple(regions), mask, "share of demand", _shares(compiled, mask), value)


def _shares(compiled: CompiledNetwork, mask: np.ndarray) -> F8:
    """Return the weights that make the mean share of a year's demand that is short."""
    per_year = np.zeros(mask.size)
    for i, group in enumerate(compiled.chain.group):
        if group >= 0:
            per_year[group] += compiled.labels.site_demand_per_year[i]
    counted = mask & (per_year > 0)
    weight: F8 = np.where(counted, 1.0 / np.where(counted, per_year, 1.0), 0.0) / counted.sum()
    return weight


def weighted(shortfall_t: F8, weight: F8) -> F8:
    """Return weighted sums in the order of the groups, whatever the machine's linear algebra."""
    total = np.zeros(shortfall_t.shape[0])
    for g in np.flatnonzero(weight != 0):  # NaN != 0
        total += shortfall_t[:, g] * weight[g]
    return total
