"""Networks joined from parts: plants take the place of sectors; what served those users follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from by_hand import feed, lane, mine, network, refiner, user
from known import both, stop

from sim.base.errors import UserError
from sim.build import compose
from sim.build.chain import build
from sim.build.compose import joined, tables_of
from sim.build.follow import without
from sim.build.tables import NAMES, data_folder, joined_sources, read_table

Tables = dict[str, list[dict[str, str]]]

NO_VALUE = {"value_usd_per_t": "", "source": ""}
SOURCE = {"source": "guess", "confidence": "low"}


def table(name: str, *rows: dict[str, Any]) -> list[dict[str, str]]:
    """Return rows as a file gives them: text, with their place."""
    return [
        {**{k: str(v) for k, v in row.items()}, "at": f"{name}.csv:{n}"}
        for n, row in enumerate(rows, start=2)
    ]


def site(name: str, kind: str, product: str, country: str, t: float, tags: str = "") -> dict:
    empty = dict.fromkeys(("operator", "capacity_t", "priority", "capacity_source", "note"), "")
    own = {"kind": kind, "product": product, "country": country, "output_t": t, "tags": tags}
    return {"name": name, "title": name, **own, **empty, "priority_source": "", **SOURCE}


def sector(name: str, share: float) -> dict:
    none = {"substitution_limit": 0, "substitution_delay_days": 0, "substitution_days": 1}
    return {"sector": name, "title": name, "share": share, **none, "substitution_source": ""}


def feeds(product: str, buyer: str, cover: float) -> dict:
    row = {"product": product, "buyer": buyer, "cover": cover, "precaution": 1, "rerouting": 0}
    empty = dict.fromkeys(("cover_tail", "cover_min", "cover_max", "cohorts"), "")
    cited = {"cover_source": "guess", "precaution_source": "guess", **SOURCE}
    return {**row, **empty, "adjustment_days": 28, "perception_days": 28, **cited}


def bill(product: str, of: str, coefficient: float) -> dict:
    return {"product": product, "feed": of, "country": "*", "coefficient": coefficient, **SOURCE}


def good(name: str, stage: str) -> dict:
    return {"name": name, "title": name, "unit": "t", "stage": stage, **NO_VALUE}


def reserve(name: str, product: str, serves: str) -> dict:
    row = {"name": name, "title": name, "product": product, "country": "KOR", "serves": serves}
    days = {"operator": "", "note": "", "stock_days": 30, "trigger_days": 7, "activation_days": 7}
    return {**row, **days, "trigger_source": "guess", "activation_source": "guess", **SOURCE}


def project(name: str, of: str, offtake: str) -> dict:
    row = {"name": name, "title": name, "site": of, "capacity_t": 10, "start": "2026-01-01"}
    odds = {"delay_min": "", "delay_mode": 0, "delay_max": "", "probability": 1, "ramp_days": 30}
    cited = dict.fromkeys(("delay_source", "ramp_source", "offtake_source"), "guess")
    return {**row, **odds, "offtake": offtake, **cited, **SOURCE}


def legs() -> Tables:
    places, mapped = ("CHN", "KOR"), {"source": "map", "confidence": "low"}
    ends = [{"origin": a, "destination": b} for a in places for b in places]
    return {
        "groups": table("groups", *({"country": c, "group": c, **mapped} for c in places)),
        "legs": table("legs", *({**pair, "days": 7, "routes": "", **mapped} for pair in ends)),
        "sources": table(
            "sources", *({"name": n, "confidence": "low", "citation": n, "note": ""}
                         for n in ("guess", "balanced", "map"))
        ),
    }  # fmt: skip


def mineral() -> Tables:
    """Return salt of two countries, used in batteries (China 80, Korea 20 t) and glass (50, 50)."""
    regions = [
        {"region": r, "title": r, "country": r, "demand_t": t, **SOURCE}
        for r, t in (("CHN", 130), ("KOR", 70))
    ]
    tilt = [{"region": "CHN", "batteries": 1.6, "glass": 1.0, **SOURCE},
            {"region": "KOR", "batteries": 0.4, "glass": 1.0, **SOURCE}]  # fmt: skip
    made = {"product": "salt", "kind": "mine", "utilisation": 0.8, "slack": 0, "idle_days": 30}
    trade = {"product": "salt", "supplier": "CHN", "buyer": "KOR", "t": 35, **SOURCE}
    return {
        **{name: [] for name in NAMES}, **legs(),
        "products": table("products", good("salt", "mining"), good("batteries", "use"),
                          good("glass", "use")),
        "sites": table("sites", site("chn_salt", "mine", "salt", "CHN", 150),
                       site("kor_salt", "mine", "salt", "KOR", 50)),
        "operations": table("operations", {**made, "utilisation_source": "guess", **SOURCE}),
        "bill": table("bill", bill("batteries", "salt", 1), bill("glass", "salt", 1)),
        "regions": table("regions", *regions),
        "sectors": table("sectors", {**sector("batteries", 0.5), **SOURCE},
                         {**sector("glass", 0.5), **SOURCE}),
        "tilt": table("tilt", *tilt),
        "trade": table("trade", trade),
        "stages": table("stages", {"product": "salt", "residence_days": 0, **SOURCE}),
        "feeds": table("feeds", feeds("salt", "KOR&batteries", 60), feeds("salt", "*", 30)),
        "reserves": table("reserves", reserve("store", "salt", "end_user&KOR")),
        "projects": table("projects", project("more", "kor_salt", "kor_batteries:0.3")),
    }  # fmt: skip


def cells() -> Tables:
    """Return two cell makers that use 90 and 10 t of salt where the sector used 80 and 20 t."""
    made = {"product": "cell", "kind": "refiner", "utilisation": 0.8, "slack": 0, "idle_days": 30}
    regions = [{"region": "CHN", "title": "CHN", "country": "CHN", "demand_t": 1000, **SOURCE}]
    return {
        **{name: [] for name in NAMES}, **legs(),
        "network": table("network", {"key": "title", "value": "Cells"},
                         {"key": "description", "value": "Small."}),
        "products": table("products", good("cell", "cells"), good("vehicles", "use")),
        "sites": table("sites", site("chn_cells", "refiner", "cell", "CHN", 900, "maker"),
                       site("kor_cells", "refiner", "cell", "KOR", 100, "maker")),
        "operations": table("operations", {**made, "utilisation_source": "guess", **SOURCE}),
        "bill": table("bill", bill("cell", "salt", 0.1), bill("vehicles", "cell", 1)),
        "regions": table("regions", *regions),
        "sectors": table("sectors", {**sector("vehicles", 1), **SOURCE}),
        "tilt": table("tilt", {"region": "CHN", "vehicles": 1, **SOURCE}),
        "stages": table("stages", {"product": "cell", "residence_days": 0, **SOURCE},
                        {"product": "salt", "buyer": "maker", "residence_days": 21, **SOURCE}),
        "feeds": table("feeds", feeds("cell", "*", 14)),
    }  # fmt: skip


def losses(*sectors: str) -> Tables:
    """Return what hangs on the input of each sector, as the tables have it of electronics."""
    worth = {"region": "", "value_added_busd_per_year": 1, "kind": "sector", **SOURCE}
    like = next(
        row
        for row in read_table(data_folder("common") / "dependence.csv")
        if (row["sector"], row["region"]) == ("electronics", "")
    )
    return {
        "value_added": table("value_added", *({**worth, "sector": s, "region": r}
                                              for s in sectors for r in ("CHN", "KOR"))),
        "dependence": [{**like, "sector": sector} for sector in sectors],
    }  # fmt: skip


@pytest.fixture
def composed() -> dict[str, Any]:
    part = without(mineral(), ["batteries"], "maker")
    return build(joined("battery", {"mineral": part}, cells()) | losses("glass", "vehicles"))


def test_plants_take_the_place_of_the_sector_and_the_other_users_stay(composed):
    users = {name: s["demand"] for name, s in composed["sites"].items() if "demand" in s}
    assert users == {"chn_glass": 50, "kor_glass": 50, "chn_vehicles": 1000}
    assert "batteries" not in composed["products"]
    assert composed["sites"]["kor_cells"]["feeds"]["salt"]["coefficient"] == 0.1


def test_covers_and_reserves_and_contracts_follow_the_users_to_the_plants(composed):
    sites = composed["sites"]
    assert sites["kor_cells"]["feeds"]["salt"]["cover_days"] == 60
    assert sites["chn_cells"]["feeds"]["salt"]["cover_days"] == 30
    assert set(sites["store"]["serves"]) == {"kor_cells", "kor_glass"}
    assert composed["projects"]["more"]["offtake"] == {"kor_cells": {"share": 0.3}}


def test_known_trade_keeps_its_part_of_what_the_buyers_need(composed):
    # Korea used 70 t, 35 t of them from China: a half. Its glass and its cells now need 60 t.
    need = {"kor_glass": 50.0, "kor_cells": 10.0}
    lanes = {n: composed["sites"][n]["feeds"]["salt"]["lanes"] for n in need}
    from_china = sum(need[n] * lanes[n]["chn_salt"]["share"] for n in need)
    assert from_china == pytest.approx(30.0, rel=0.001)


def test_time_in_the_plant_may_depend_on_the_buyer(composed):
    lanes = {n: composed["sites"][n]["feeds"]["salt"]["lanes"] for n in ("kor_glass", "kor_cells")}
    assert lanes["kor_glass"]["kor_salt"]["transit_days"] == 7
    assert lanes["kor_cells"]["kor_salt"]["transit_days"] == 28


def test_without_plants_instead_a_row_that_names_only_the_sector_goes():
    part = without(mineral(), ["batteries"], "")
    assert [row["buyer"] for row in part["feeds"]] == ["*"]
    assert part["projects"][0]["offtake"] == ""
    assert part["reserves"][0]["serves"] == "end_user&KOR"


def test_a_source_that_two_parts_cite_otherwise_bears_the_part_s_name():
    part = without(mineral(), ["batteries"], "maker")
    part["sources"] = [
        {**row, "citation": "another" if row["name"] == "guess" else row["citation"]}
        for row in part["sources"]
    ]
    found = joined("battery", {"mineral": part}, cells())
    names = {row["name"]: row["citation"] for row in found["sources"]}
    assert names == {
        "guess": "another",
        "balanced": "balanced",
        "map": "map",
        "battery_guess": "guess",
    }
    cited = {row["name"]: row["source"] for row in found["sites"]}
    assert (cited["chn_salt"], cited["chn_cells"]) == ("guess", "battery_guess")


def test_one_name_for_two_sites_is_refused_with_both_places():
    own = cells()
    own["sites"] = table("cells/sites", site("chn_salt", "refiner", "cell", "CHN", 1000))
    part = without(mineral(), ["batteries"], "maker")
    with pytest.raises(UserError, match=r"cells/sites\.csv:2.*chn_salt.*sites\.csv:2"):
        joined("battery", {"mineral": part}, own)


def test_one_source_with_two_citations_in_a_chain_is_refused():
    own, common = (
        table("own", {"name": "a", "citation": "x", "confidence": "low"}),
        table("common", {"name": "a", "citation": "y", "confidence": "low"}),
    )
    with pytest.raises(UserError, match=r"own\.csv:2\.citation: x, common\.csv:2 has: y"):
        joined_sources(own, common)
    assert joined_sources(own, own) == own


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("rare_eaths,wind,,", r"parts\.csv:2\.part: rare_eaths, no such chain"),
        ("rare_earths,wnd,,", r"parts\.csv:2\.without_sectors: wnd,.*did you mean 'wind'"),
        ("mine,,,", r"parts\.csv:2\.part: mine, is a part of itself"),
    ],
)
def test_a_part_or_sector_that_does_not_exist_is_named(tmp_path, monkeypatch, row, message):
    (tmp_path / "network.csv").write_text("key,value\n")
    (tmp_path / "parts.csv").write_text(f"part,without_sectors,instead,note\n{row}\n")
    real = compose.data_folder
    monkeypatch.setattr(compose, "data_folder", lambda c: tmp_path if c == "mine" else real(c))
    with pytest.raises(UserError, match=message):
        tables_of("mine")


@pytest.mark.parametrize(
    ("table_name", "key", "value", "message"),
    [
        ("sites", "product", "sald", r"sites\.csv:2\.product: sald, no such name.*'salt'"),
        ("sites", "kind", "mime", r"sites\.csv:2: salt mime, has no row in operations\.csv"),
        ("bill", "feed", "sald", r"bill\.csv:2\.feed: sald, no such name.*'salt'"),
        ("regions", "region", "JPN", r"regions\.csv:2: mineral JPN, has no row in tilt\.csv"),
        ("sectors", "sector", "glas", r"sectors\.csv:2: glas, has no column in tilt\.csv"),
        ("projects", "site", "kor_sald", r"projects\.csv:2\.site: kor_sald, .*'kor_salt'"),
        (
            "projects",
            "offtake",
            "kor_glass",
            r"projects\.csv:2\.offtake: kor_glass, must be",
        ),
        ("projects", "offtake", "kor_glas:1", r"projects\.csv:2\.offtake: kor_glas, fits no site"),
        ("feeds", "buyer", "KOR&batery", r"feeds\.csv:2\.buyer: batery, fits no site"),
        ("reserves", "serves", "cell", r"reserves\.csv:2\.serves: cell, uses no"),
    ],
)
def test_a_slip_in_a_table_is_named_with_its_line(table_name, key, value, message):
    part = mineral()
    part[table_name][0][key] = value
    if table_name == "reserves":
        part[table_name][0]["product"] = "cell"
    with pytest.raises(UserError, match=message):
        build(joined("battery", {"mineral": part}, cells()))


def test_a_column_that_is_missing_is_named_with_its_file():
    part = mineral()
    for row in part["feeds"]:
        row["covr"] = row.pop("cover")
    with pytest.raises(UserError, match=r"feeds\.csv: cover, no such column; did you mean 'covr'"):
        build(joined("battery", {"mineral": part}, cells()))


def test_the_missing_mineral_stops_the_line_at_what_it_allows():
    # A cell of 1 t needs 0.02 t of lithium and 0.2 t of nickel; 10 t of cells a day are used.
    chain = network(
        lithium=mine(0.2, "lithium"),
        nickel=mine(2.0, "nickel"),
        cells=refiner(
            10.0,
            "cell",
            {
                "lithium": feed({"lithium": lane()}, coefficient=0.02, cover_days=10),
                "nickel": feed({"nickel": lane()}, coefficient=0.2, cover_days=5),
            },
        ),
        user=user(10.0, {"cell": feed({"cells": lane()}, cover_days=2)}),
    )
    told = both(chain, {"h": stop("nickel", 0, 40, severity=0.6)}, 30)
    # Nickel: 10 t in stock; day 0 still 2 t arrive, then 0.8 t. The stock falls by 1.2 t a day to
    # 0.4 t at the end of day 8. Day 9: 1.2 t for 6 t of cells; from day 10 on 0.8 t for 4 t.
    shipped = told.lane("shipped", "cells", "user")
    np.testing.assert_allclose(shipped, [10.0] * 9 + [6.0] + [4.0] * 20, rtol=1e-12)
    # The user holds 20 t: 16, 10 and 4 t after days 10 to 12; 8 t on day 13, 4 t from then on.
    short = told.short("user")
    np.testing.assert_allclose(short, [0.0] * 13 + [2.0] + [6.0] * 16, rtol=1e-12, atol=1e-12)
    # Lithium is there and waits: on day 9 6 t of cells leave 0.08 of the 0.2 t, then 0.12 a day.
    lithium = told.feed("stock", "cells", "lithium")
    np.testing.assert_allclose(lithium[8:12], [2.0, 2.08, 2.2, 2.32], rtol=1e-12)
