"""Take sectors out of a chain's tables; what served their users follows to the plants instead."""

from __future__ import annotations

from sim.build.lanes import bill_rows
from sim.build.select import SELECTORS, SiteDict, matches
from sim.build.sites import end_users, producers, user_name
from sim.build.tables import Row, Tables, number, words


def without(tables: Tables, gone: list[str], instead: str) -> Tables:
    """Return the tables of a chain without some sectors.

    - Goods and bills of the sectors go. Their rows in ``sectors`` stay, marked ``gone``: the
      other users of a region are still balanced beside them.
    - A selector that names such a sector, or a user of it, then names the plants `instead`
      (of the user's region): reserves, covers, spot lanes, preferences and offtake follow.
      Without `instead` the row goes; "all but them" is then everyone.
    - "All users" (`end_user`) of what they bought then means those plants as well.
    - Known trade of what they bought becomes a share of what its buyers need (``of_t``), because
      the plants may stand elsewhere than the users did.

    Parameters
    ----------
    tables : dict
        The chain's tables.
    gone : list of str
        Sectors that go.
    instead : str
        Selector of the plants that buy in their place; "" for none.
    """
    place = dict.fromkeys(gone, instead) | {
        user_name(region, sector): f"{region['region']}&{instead}" if instead else ""
        for region in tables["regions"]
        for sector in gone
    }
    bought = {row["feed"] for row in tables["bill"] if row["product"] in gone}
    out = {**tables, "trade": _as_shares(tables, bought)}
    for name, keys in SELECTORS.items():
        out[name] = [
            _followed(row, keys, _words_of(row, place, bought, instead))
            for row in out[name]
            if _stays(row, keys, place)
        ]
    out["projects"] = [{**row, "offtake": _offtake(row, place)} for row in tables["projects"]]
    out["products"] = [row for row in tables["products"] if row["name"] not in gone]
    out["bill"] = [row for row in out["bill"] if row["product"] not in gone]
    out["sectors"] = [
        {**row, "gone": "yes"} if row["sector"] in gone else row for row in tables["sectors"]
    ]
    return out


def _stays(row: Row, keys: tuple[str, ...], place: dict[str, str]) -> bool:
    """Return whether no selector of a row names only what is gone without a replacement."""
    return all(place.get(word, word) for key in keys for word in row[key].split("&"))


def _words_of(row: Row, place: dict[str, str], bought: set[str], instead: str) -> dict[str, str]:
    """Return the replacements for a row: of what the sectors bought, plants are users as well."""
    if not instead or row["product"] not in bought:
        return place
    return {**place, "end_user": f"end_user|{instead}"}


def _followed(row: Row, keys: tuple[str, ...], place: dict[str, str]) -> Row:
    """Return a row whose selectors name the plants instead of the users that are gone."""
    return {**row, **{key: _selector(row[key], place) for key in keys}}


def _selector(selector: str, place: dict[str, str]) -> str:
    """Return a selector with each word replaced; "all but" a user that is gone excludes nobody.

    Examples
    --------
    >>> _selector("KOR&lithium_batteries", {"lithium_batteries": "refiner"})
    'KOR&refiner'
    >>> _selector("!jpn_lithium_batteries", {"jpn_lithium_batteries": "JPN&refiner"})
    '*'
    """
    kept = []
    for word in selector.split("&"):
        new = place.get(word.lstrip("!"), word.lstrip("!"))
        if not word.startswith("!"):
            kept.append(new)
        elif new and "&" not in new:
            kept += [f"!{choice}" for choice in new.split("|")]
    return "&".join(dict.fromkeys(kept)) or "*"


def _offtake(row: Row, place: dict[str, str]) -> str:
    pairs = [part.split(":") for part in words(row["offtake"])]
    kept = [(place.get(buyer, buyer), share) for buyer, share in pairs]
    return ";".join(f"{buyer}:{share}" for buyer, share in kept if buyer)


def _as_shares(tables: Tables, bought: set[str]) -> list[Row]:
    """Return the known trade; rows of what the sectors bought say of how much it is a part."""
    sites = producers(tables) | end_users(tables)
    return [
        {**row, "of_t": repr(_need(tables, sites, row))} if row["product"] in bought else row
        for row in tables["trade"]
    ]


def _need(tables: Tables, sites: dict[str, SiteDict], row: Row) -> float:
    """Return what the buyers of a row of trade need of its product, t/year."""
    total = 0.0
    for name, site in sites.items():
        bill = next(bill_rows(tables, row["product"], name, site), None)
        if bill is not None and matches(row["buyer"], name, site):
            made = site["demand"] if "demand" in site else site["output_t"]
            total += float(made) * number(bill, "coefficient")
    return total
