"""Which numbers stand in the report's tables."""

from __future__ import annotations

from sim.metrics.findings import SHORT_SHARE
from sim.metrics.shown import Column
from sim.plots.phrases import SHORT

COLUMNS = (
    Column("Mean {label}, share of what was wanted ({unit})", "shortfall_share", "ratio"),
    Column(f"Chance of {SHORT} ({{unit}})", "shortfall_share", f"P(>{SHORT_SHARE:g})"),
    Column("One chance in twenty of more than (VaR 95) ({unit})", "shortfall_t", "var95"),
    Column("Mean of the worst twentieth (CVaR 95) ({unit})", "shortfall_t", "cvar95"),
    Column("{Label}'s share, mean ({unit})", "worst_share", "mean"),
    Column("{Label}, median where short ({unit})", "time_to_survive_days", "q50"),
    Column("{Label}, mean share of them ({unit})", "firms_stopped_share", "mean"),
    Column("{Label}, median day where one does", "first_firm_stops_day", "q50"),
)

GAPS = (
    Column("Gross {label}, mean ({unit})", "shortfall_t", "mean"),
    Column("{Label}: without any shock, mean ({unit})", "structural_t", "mean"),
    Column("{Label}, mean ({unit})", "disruption_t", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "structural_t", "q95"),
    Column("{Label}, one chance in twenty of more than ({unit})", "disruption_t", "q95"),
)
"""Where growth alone leaves somebody short."""

GIVEN_UP = (
    Column("{Label}, mean ({unit})", "shortfall_t", "mean"),
    Column("{Label}, mean ({unit})", "destroyed_t", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "destroyed_t", "q95"),
    Column("{Label}, mean ({unit})", "spared_t", "mean"),
)
"""Where demand answers to prices."""

GOODS = (
    Column("{Label}, median ({unit})", "least_cover_days", "q50"),
    Column("{Label}, one chance in twenty of less than ({unit})", "least_cover_days", "q05"),
    Column("{Label}, median", "least_cover_day", "q50"),
    Column("{Label}, median ({unit} of normal)", "least_delivery_share", "q50"),
    Column("{Label}, one chance in twenty of less ({unit})", "least_delivery_share", "q05"),
)
"""What moves before anybody is short, by good and region of its buyers."""

RESERVES = (
    Column("{Label}, median ({unit})", "reserve_left_days", "q50"),
    Column("{Label}, one chance in twenty of less than ({unit})", "reserve_left_days", "q05"),
)

LOSSES = (
    Column("{Label}, mean ({unit})", "value_added_lost_usd", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "value_added_lost_usd", "var95"),
    Column("{Label}, mean ({unit})", "value_added_at_risk_usd", "mean"),
    Column("{Label}, mean ({unit})", "output_lost_usd", "mean"),
    Column("{Label}, mean ({unit})", "gdp_loss_share", "mean"),
)
"""What is made of the goods, where the network states it."""

PRICES = (
    Column("{Label} over time ({unit} the price before)", "price_index_mean", "mean"),
    Column("{Label} ({unit} the price before)", "price_index_peak", "mean"),
    Column("{Label}, one chance in twenty of more than", "price_index_peak", "q95"),
    Column("Chance of more than twice ({unit})", "price_index_peak", "P(>2)"),
    Column("Days above twice the price before, mean ({unit})", "price_days_above_2", "mean"),
)
BILLS = (
    Column("{Label}, mean ({unit})", "bill_usd", "mean"),
    Column("{Label}, one chance in twenty of more than ({unit})", "bill_usd", "q95"),
)
