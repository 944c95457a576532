"""The register of measures: what a replication is measured by, each told once.

Plain data, read by the engines, by losses, statistics, comparisons, tables and documentation, so
that a new measure is a line here and its rule in the model (CONTRIBUTING.md, "A new measure"). It
lies with the compiled files because they may import no others.
"""

from typing import NamedTuple

BOOKS = ("want", "shortfall", "spared", "destroyed", "stopped", "idled", "bill")
"""What is booked of every end-user group in every period; fields of ``Flow``. Tonnes, but for
`stopped`, how many of its firms stop, and `bill`, USD."""

WANT, SHORT, SPARED, DESTROYED, STOPPED, IDLED, BILL = range(len(BOOKS))

TALLIES = ("worst", "first", "last", "count", "longest", "halt")
"""What is kept of the periods of a set of groups as they pass; in periods, -1 says never."""

WORST, FIRST, LAST, COUNT, LONGEST, HALT = range(len(TALLIES))

STOPS_BELOW = 0.5
"""Share of what it wanted below which a firm stops."""

LOSSES = ("at_risk", "lost", "output", "economy")
"""What is kept of the value added of a set of groups, USD over the horizon."""

AT_RISK, LOST, OUTPUT, ECONOMY = range(len(LOSSES))

SHORT_FROM = 0.001
"""Share of what was wanted from which on a period counts as short."""

NEARLY = 1e-9
"""Relative tolerance of every threshold: rounding does not decide on which side a number lies."""


class Measure(NamedTuple):
    """One measure of a replication and a set of end users.

    Parameters
    ----------
    name : str
        Its column, with its unit.
    unit : str
        "t", "share", "days", "USD".
    label : str
        What people call it, without its unit.
    decimals : int
        Of a printed number of it, at most; of a share, in %.
    fold : str
        How periods become a number: "sum" of a book over the horizon; "firms", the same by the
        number of firms; "share", "day" or "days" of a tally, as it is or times the length of a
        period; "loss" of ``LOSSES``, where value added is stated; "" where it is worked out of
        other measures (``sim.metrics.loss``).
    of : str
        The book or tally; "" where there is none.
    statistics : str
        What the summary tells of it, in order.
    brief : str
        What a sweep by design tells of it, in order; some of `statistics`.
    compared : bool
        Whether two runs are compared by it.
    meaning : str
        One line.
    """

    name: str
    unit: str
    label: str
    decimals: int
    fold: str
    of: str
    statistics: str
    brief: str
    compared: bool
    meaning: str


_QUANTILES = "q05 q25 q50 q75 q95 q99"

MEASURES = (
    Measure("shortfall_t", "t", "shortfall", 2, "sum", "shortfall",
            f"mean sd {_QUANTILES} P(>0) P(=0) var90 var95 var99 cvar90 cvar95 cvar99",
            f"mean {_QUANTILES} P(>0) cvar90 cvar95 cvar99", True,
            "what was wanted and not had, over the horizon"),
    Measure("shortfall_share", "share", "shortfall", 2, "", "",
            f"{_QUANTILES} P(>0.01) P(>0.05) P(>0.1)",
            "q50 q95 q99 P(>0.01) P(>0.05) P(>0.1)", False,
            "shortfall as a share of what was wanted"),
    Measure("worst_share", "share", "worst period", 2,
            "share", "worst", "mean q50 q95", "mean q50 q95", True,
            "the largest shortfall of a period as a share of what was wanted in it"),
    Measure("first_shortage_day", "days", "first shortage", 0,
            "day", "first", "q05 q50 q95", "", False,
            "day of the start on which the first shortage begins"),
    Measure("last_shortage_day", "days", "end of the last shortage", 0,
            "day", "last", "", "", False,
            "day of the start on which the last shortage ends; the horizon where it does not"),
    Measure("days_short", "days", "days short", 2,
            "days", "count", "mean q50 q95 P(>0)", "mean q50 q95", True,
            "length of all shortages"),
    Measure("longest_spell_days", "days", "longest shortage", 2,
            "days", "longest", "mean q50 q95", "", True,
            "length of the longest shortage without a break"),
    Measure("firms_stopped_share", "share", "firms that stop", 2,
            "firms", "stopped", "mean q50 q95 P(>0)", "mean q95 P(>0)", False,
            "share of the firms that had less than half of what they wanted in some period"),
    Measure("first_firm_stops_day", "days", "first firm stops", 0,
            "day", "halt", "q05 q50 q95", "", False,
            "day of the start on which the period begins in which the first firm stops"),
    Measure("time_to_survive_days", "days", "first shock to first shortage", 2,
            "", "", "mean q05 q50 q95", "mean q05 q50", False,
            "from the first shock of any hazard to the first shortage"),
    Measure("time_to_recover_days", "days", "first shock to recovery", 2,
            "", "", "mean q50 q95", "", False,
            "from the first shock of any hazard to the end of the last shortage"),
    Measure("wanted_t", "t", "wanted", 2, "sum", "want", "mean", "mean", False,
            "what was wanted over the horizon"),
    Measure("spared_t", "t", "spared by substitution", 2,
            "sum", "spared", "mean q95", "mean", False,
            "demand that substitution spared"),
    Measure("destroyed_t", "t", "destroyed by price", 2,
            "sum", "destroyed", "mean q95", "mean", False,
            "demand that price destroyed"),
    Measure("structural_t", "t", "structural", 2, "", "", "mean sd q05 q50 q95", "mean", False,
            "shortfall of the same replication without shocks"),
    Measure("disruption_t", "t", "caused by shocks", 2,
            "", "", "mean sd q05 q50 q95 cvar95", "mean q95 cvar95", False,
            "shortfall that the shocks caused: gross less structural"),
    Measure("goods_value_missed_usd", "USD", "value of the goods missed", 0,
            "", "", "mean q50 q95 cvar95", "mean q95 cvar95", False,
            "shortfall at the stated value of each end user's tonne: of the goods, not of what is "
            "made of them"),
    Measure("value_added_at_risk_usd", "USD", "value added at risk", 2,
            "loss", "at_risk", "mean q05 q50 q95 cvar95", "mean q50 q95 cvar95", False,
            "value added that needs what was missed: no buffer, no other way, nothing made up"),
    Measure("value_added_lost_usd", "USD", "value added lost", 2,
            "loss", "lost", "mean q05 q50 q95 P(>0) var95 var99 cvar95",
            "mean q50 q95 cvar95", True,
            "value added lost after buffers, substitution and what is made up later; not a "
            "forecast of GDP"),
    Measure("output_lost_usd", "USD", "output lost", 2,
            "loss", "output", "mean q05 q50 q95", "mean q95", False,
            "the same as output of the industries, value added by its share of output"),
    Measure("gdp_loss_share", "share", "value added lost against GDP", 2,
            "loss", "economy", "mean q05 q50 q95 cvar95 P(>0.01)", "mean q50 q95", False,
            "value added lost, with suppliers where asked for, as a share of the domestic product "
            "of the regions over the horizon; not a forecast of GDP"),
    Measure("bill_usd", "USD", "extra bill", 0, "sum", "bill",
            "mean q50 q95 cvar95", "mean q95 cvar95", False,
            "what end users pay more than at normal prices for what they use"),
)  # fmt: skip

RELEASED = Measure(
    "released_t", "t", "released by a reserve", 2,
    "", "", "mean P(>0) q95", "mean P(>0) q95", False,
    "what a reserve released over the horizon",
)  # fmt: skip
"""Of each reserve instead of each set of end users."""

PURCHASES = (
    Measure("bought_t", "t", "bought for a reserve", 2,
            "", "", "mean q05 q95", "mean q05 q95", False,
            "what was sent to a reserve over the horizon; told where one buys by rules of its own"),
    Measure("paid_usd", "USD", "paid for a reserve", 0,
            "", "", "mean q05 q95", "mean q95", False,
            "the same at the product's price for reserves (`reserve_usd_per_t`), where it has one"),
)  # fmt: skip
"""Of each reserve, where one buys by rules of its own."""


# --- goods: by product and region of their buyers (docs/model.md, 8) -----------------------------

GOODS_TALLIES = ("least_cover", "least_cover_at", "least_delivery")
"""What is kept of every pair of a product and a region of its buyers as periods pass."""

LEAST_COVER, LEAST_AT, LEAST_DELIVERY = range(len(GOODS_TALLIES))

FOUR_WEEKS = 28.0
"""Days over which deliveries are smoothed."""


class Path(NamedTuple):
    """What is booked of goods in every period, and shown as a fan.

    Parameters
    ----------
    name : str
        With its unit; a field of the kernel.
    of : str
        "pair": a product and a region of its buyers; "maker": of its makers; "reserve".
    unit, label, meaning : str
        As of a ``Measure``.
    """

    name: str
    of: str
    unit: str
    label: str
    meaning: str


PATHS = (
    Path("cover_days", "pair", "days", "stock", "stock of its buyers, in days of reference use"),
    Path("delivery_share", "pair", "share", "deliveries",
         "what is sent to its buyers by their reference use, smoothed over 28 days"),
    Path("unmet_share", "pair", "share", "orders unmet",
         "share of its buyers' orders that is not shipped"),
    Path("capacity_share", "maker", "share", "capacity used",
         "output of its makers by their capacity"),
    Path("reserve_days", "reserve", "days", "reserve",
         "what a reserve holds, in days of reference use of those that it serves"),
)  # fmt: skip

GOODS_MEASURES = (
    Measure("least_cover_days", "days", "least stock", 1, "path", "least_cover",
            "mean q05 q50 q95", "mean q05 q50", False,
            "the lowest stock of its buyers, in days of reference use"),
    Measure("least_cover_day", "days", "day of the least stock", 0, "day", "least_cover_at",
            "q05 q50 q95", "", False,
            "day of the start on which the period begins in which their stock is lowest"),
    Measure("least_delivery_share", "share", "least deliveries of four weeks", 2,
            "path", "least_delivery", "mean q05 q50 q95", "mean q05 q50", False,
            "the lowest that smoothed deliveries come to, by reference use"),
)  # fmt: skip
"""Of each pair instead of each set of end users."""

RESERVE_LEFT = Measure(
    "reserve_left_days", "days", "least left in a reserve", 1, "path", "",
    "mean q05 q50 q95", "mean q05", False,
    "the least that a reserve holds, in days of reference use of those that it serves",
)  # fmt: skip
"""Of each reserve."""


# --- prices (docs/model.md, 7b) ------------------------------------------------------------------

PRICE_TALLIES = ("price_over", "price_peak", "price_above")
"""What is kept of each path of prices: sum of price - 1, highest, periods above 2."""

PRICE_MEASURES = (
    Measure("price_index_mean", "times", "mean price", 2, "mean over 1", "price_over",
            "mean q50 q95", "mean q95", False,
            "mean over the horizon of the price index: an index of scarcity, 1 at rest"),
    Measure("price_index_peak", "times", "highest price", 2, "peak", "price_peak",
            "mean q50 q95 P(>2)", "mean q95 P(>2)", False,
            "highest price index of a period"),
    Measure("price_days_above_2", "days", "price above twice", 0, "days", "price_above",
            "mean q50 q95 P(>0)", "mean q95", False,
            "days with a price index above 2"),
)  # fmt: skip
"""Of each good and region of its buyers instead of each set of end users."""

OTHERS = (RELEASED, *PURCHASES, *GOODS_MEASURES, RESERVE_LEFT, *PRICE_MEASURES)
"""Measures that are not of sets of end users."""

UNITS = {measure.name: measure.unit for measure in (*MEASURES, *OTHERS)}
