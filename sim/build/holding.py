"""What a tonne of a product costs to buy and to hold in a reserve, out of ``data/reserves``.

A product's rows marked ``held`` are the form, or the parts, in which it is held; other rows are
forms that could be held in their place.
"""

from __future__ import annotations

from typing import Any

from sim.build.tables import Row, Tables, data_folder, number, read_table

LEVELS = ("high", "medium", "low")


def add_holding(tables: Tables, products: dict[str, dict[str, Any]]) -> None:
    """Give each product that can be bought for a reserve its costs and their source."""
    rows = read_table(data_folder("reserves") / "reserve_costs.csv")
    for name, product in products.items():
        if held := [row for row in rows if row["product"] == name and row["held"] == "yes"]:
            source = _source(name, held)
            keys = ("reserve_usd_per_t", "storage_usd_per_t_year")
            product |= dict(zip(keys, costs(held), strict=True))
            own = product.pop("sources", {})
            product["sources"] = {**own, **dict.fromkeys(keys, source["name"])}
            tables["sources"] = [*tables["sources"], source]


def costs(held: list[Row]) -> tuple[float, float]:
    """Return US dollars a tonne of product to buy, and a year to store, of the parts it is held in.

    Examples
    --------
    >>> part = {"t_of_form_per_t": "0.5", "price_usd_per_t": "100", "storage_usd_per_t_year": "8"}
    >>> costs([part, part])
    (100.0, 8.0)
    """
    tonnes = [number(row, "t_of_form_per_t") for row in held]
    buy, store = (
        sum(t * number(row, key) for t, row in zip(tonnes, held, strict=True))
        for key in ("price_usd_per_t", "storage_usd_per_t_year")
    )
    return round(buy, 2), round(store, 2)


def _source(product: str, held: list[Row]) -> Row:
    """Return the source of a product's costs, with the lowest confidence of its parts."""
    said = "; ".join(
        f"{r['form']}: {r['source']}{', ' + r['date'] if r['date'] else ''}, price of "
        f"{r['price_year']}, {r['price_low']} to {r['price_high']} USD/t; {r['note']}"
        for r in held
    )
    level = max((row["confidence"] for row in held), key=LEVELS.index)
    return {"name": f"holding_{product}", "citation": f"{said} (data/reserves/reserve_costs.csv)",
            "confidence": level, "note": ""}  # fmt: skip
