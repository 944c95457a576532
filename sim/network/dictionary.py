"""The data dictionary of a network: each key's type, unit, default, bounds and meaning.

Loader, checks, ``shortfall show`` and the documentation read these classes; there is no second
list. Rates (capacity, demand, max_rate) are tonnes per year unless the network says
``rates_per: day``. Days and dates count from the scenario's start.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticKnownError

from sim.network.distribution import Distribution

SUM_TOLERANCE = 1e-9
"""How far the shares of a feed may be from 1."""

MOST_HOME_WEIGHT = 1e6
"""Beyond it a weight is a wall: say ``priority``."""

Confidence = Literal["high", "medium", "low"]


def setting(default: Any = ..., unit: str = "", help: str = "", **bounds: Any) -> Any:
    """Declare one key: default, unit, meaning and bounds, in the one place all readers look."""
    return Field(default, description=help, json_schema_extra={"unit": unit}, **bounds)


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_as_date(value: Any) -> Any:
    """Refuse what pydantic takes for a date as well: seconds since 1970, moments of a day."""
    is_date = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if is_date or (isinstance(value, str) and _DATE.fullmatch(value)):
        return value
    raise PydanticKnownError("date_parsing", {"error": "not as in 2025-12-01"})


Date = Annotated[dt.date, BeforeValidator(_written_as_date)]
"""A calendar date, written as in 2025-12-01 and in no other way."""


class Strict(BaseModel):
    """A mapping that refuses unknown keys, NaN and infinity, and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Source(Strict):
    """Where a number comes from and how far to trust it."""

    citation: str = setting(help="publication, table, address or the method that derived it")
    confidence: Confidence = setting(help="high, medium or low, as the data notes define them")
    note: str = setting("", help="what to know before using it")


class Dependence(Strict):
    """What an end user's output loses without its input (docs/model.md, section 10).

    Stated of a product: for all who provide it. Stated of an end user: what differs there.
    """

    share: float | Distribution | None = setting(
        None, "share", "share of its value added that cannot be made without the input"
    )
    value_of_input_share: float | Distribution | None = setting(
        None, "share", "value of the input as a share of the value of the output"
    )
    elasticity: float | Distribution | None = setting(
        None, help="of substitution between the input and all else, in the first year; above 0"
    )
    elasticity_later: float | Distribution | None = setting(
        None, help="the same from the third year on; in between it grows in a straight line"
    )
    recapture: float | Distribution | None = setting(
        None, "share", "share of what a shortage of at most 91 days loses that is made up later"
    )
    buffer_days: float | Distribution | None = setting(
        None, "days of use", "parts on the way between the input's user and its last customer"
    )
    backward_linkage: float | None = setting(
        None, help="value added lost through suppliers per value added lost; 1: none", ge=1, le=10
    )
    value_added_share: float | None = setting(
        None, "share", "value added as a share of the value of output", gt=0, le=1
    )
    pool: str = setting("", help="end users of one region and pool make the same value added")
    overlap: Literal["chance", "largest"] = setting(
        "chance", help="of a pool: parts that stop coincide by chance, or as far as they can"
    )
    within: str = setting("", help="a pool whose value added holds that of this one")
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")

    @model_serializer(mode="wrap")
    def _stated(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write what is stated only: what is not is the product's, whatever its default is."""
        return {key: value for key, value in whole(self).items() if key in self.model_fields_set}


class Price(Strict):
    """What the price index of a product depends on; a distribution is drawn once a replication."""

    elasticity: float | Distribution = setting(
        Distribution(median=0.9, sigma=0.405465),
        help="of use by a lack of it: price = (what is left of a year's use) ** (-1 / elasticity)",
    )
    credibility: float | Distribution = setting(
        Distribution(median=0.35, sigma=0.405465),
        "share",
        "of a control's severity that buyers take for lost while it is announced or in force",
    )
    fall_days: float | Distribution = setting(
        Distribution(median=750.0, sigma=0.470004),
        "days",
        "in which a price comes down where a control cuts a region off",
    )
    input_share: float | Distribution = setting(
        Distribution(min=0.7, max=1.3),
        "factor",
        "of the share of inputs in the price of what is made of them, which values tell",
    )
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")


class Responses(Strict):
    """How the chain answers to prices, where it does; a distribution is drawn once a replication.

    One number for the whole network: what is not known of them was judged by the same people.
    """

    demand_elasticity: float | Distribution = setting(
        Distribution(median=1.0, sigma=0.421442),
        help="of what is bought of an end user's good, by the good's price; 0: nobody buys less",
    )
    thrift_price: float | Distribution = setting(
        Distribution(min=1.5, mode=2.0, max=3.0),
        "times",
        "price of an input from which an end user learns to do without, well supplied or not",
    )
    supply_rise: float | Distribution = setting(
        Distribution(min=0.25, mode=0.5, max=1.0),
        "share of the price",
        "rise of the price at which all of a site's slack is at work",
    )
    bid: float | Distribution = setting(
        Distribution(min=0.0, mode=0.5, max=1.0),
        "power of the price",
        "by which a buyer's price weighs when not all that is usually bought can be shipped",
    )
    project_odds: float | Distribution = setting(
        Distribution(min=0.2, mode=0.5, max=0.8),
        "power of the price",
        "by which a project's chance of failure falls, and its delay passes faster",
    )
    project_lead_days: float | Distribution = setting(
        Distribution(min=548.0, mode=913.0, max=1461.0),
        "days",
        "from the decision to the start of a project that a price brings; each draws its own",
    )
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")


class Product(Strict):
    """Anything traded."""

    title: str = setting(help="name for tables and figures")
    unit: str = setting("t", help="tonnes of a stated basis, such as 't NdPr oxide'")
    value_usd_per_t: float | None = setting(
        None, "USD/t", "value of a tonne; omit if unknown", ge=0
    )
    bill: Literal["told", "left_out"] = setting(
        "told", help="what its end users pay more: left_out where its value is not known"
    )
    reserve_usd_per_t: float | None = setting(
        None, "USD/t", "what a tonne costs that is bought for a reserve; omit if unknown", gt=0
    )
    storage_usd_per_t_year: float = setting(
        0.0, "USD/(t year)", "what it costs to store a tonne for a year", ge=0
    )
    stage: str = setting("", help="stage of the chain, for shares and the chain map")
    dependence: Dependence | None = setting(None, help="goods of end users: output without input")
    price: Price | None = setting(None, help="keys that differ from the network's price")
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")


class Path(Strict):
    """A multiplier over time: a yearly growth rate, or dated multipliers."""

    rate_per_year: float | None = setting(
        None, "1/year", "compound growth, 0.05 is +5 % a year, continuous in time", gt=-1, le=10
    )
    points: list[tuple[float | Date, float]] | None = setting(
        None, "day or date, multiplier", "multipliers from these days on"
    )
    interpolate: Literal["step", "linear"] = setting(
        "step", help="between points: hold the last one, or a straight line"
    )

    @field_validator("points")
    @classmethod
    def _multipliers(cls, points: Any) -> Any:
        if points is not None:
            if not points:
                raise ValueError("must hold at least one [day, multiplier]")
            if any(m < 0 for _, m in points):
                raise ValueError("multipliers must be 0 or more")
        return points


class Lane(Strict):
    """Supplier site -> feed. The key is the supplier's name."""

    share: float = setting(
        0.0, "share of the feed's purchases", "0 marks a spot or offtake lane", ge=0, le=1
    )
    transit_days: float = setting(
        0.0, "days", "time on the way; counts as whole periods, at least 1", ge=0, le=3650
    )
    routes: list[str] = setting([], help="tags of straits, canals and corridors that it uses")
    spot: float = setting(
        0.0,
        "weight",
        "weight in rerouting of a supplier that is not yet used; 0: cannot be used",
        ge=0,
    )
    qualification_days: float = setting(
        365.0, "days", "time to qualify a spot supplier while others fail", ge=0
    )
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")


class Feed(Strict):
    """One input of a site. The key is the product's name."""

    coefficient: float = setting(
        1.0, "t per unit of the site's product", "bill of materials, recovery included", gt=0
    )
    cover_days: float | Distribution = setting(
        0.0,
        "days of normal use",
        "stock left at the end of a normal period; a distribution splits the site into cohorts",
    )
    adjustment_days: float = setting(
        28.0, "days", "time over which a stock gap is re-ordered", ge=0
    )
    perception_days: float = setting(
        28.0, "days", "time over which a supplier's failure is believed", ge=0
    )
    rerouting: float = setting(
        0.0, "share", "share of the expected miss ordered elsewhere", ge=0, le=1
    )
    precaution: float = setting(
        1.0, "multiplier", "target stock while a control is announced and not yet effective", ge=1
    )
    lanes: dict[str, Lane] = setting(help="suppliers by name")
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")
    shares: Literal["scale"] | None = setting(
        None, help="scale: the lanes' shares are rounded; each is divided by their sum"
    )

    @model_validator(mode="before")
    @classmethod
    def _scaled(cls, data: Any) -> Any:
        """Divide shares by their sum, unless that is 1 already: what was scaled keeps its bits."""
        if not isinstance(data, Mapping) or data.get("shares") != "scale":
            return data
        lanes: Any = data.get("lanes")
        each = [lane.get("share", 0.0) for lane in _mappings(lanes)]
        if not all(isinstance(s, (int, float)) and 0 <= s < 1e6 for s in each):
            return data  # told by the schema
        total = math.fsum(each)
        if total <= 0 or abs(total - 1) < SUM_TOLERANCE:
            return data
        scaled = {
            name: {**lane, "share": lane["share"] / total} if "share" in lane else lane
            for name, lane in lanes.items()
        }
        return {**data, "lanes": scaled}


def _mappings(box: Any) -> list[Mapping[str, Any]]:
    """Return the mappings in a mapping of mappings; nothing of anything else."""
    inner = list(box.values()) if isinstance(box, Mapping) else []
    return inner if all(isinstance(v, Mapping) for v in inner) else []


class Substitution(Strict):
    """How an end user under stress learns to do without."""

    limit: float = setting(0.0, "share of demand", "most that can be spared", ge=0, le=1)
    delay_days: float = setting(0.0, "days", "stress before it begins", ge=0)
    days: float = setting(365.0, "days", "time from nothing to the limit", ge=0)


class Tranche(Strict):
    """A part of a reserve's build-up: what it has bought by a date, in all."""

    by: float | Date = setting(unit="day or date", help="bought, if not yet delivered, by then")
    holds: float = setting(unit="t or days, as the stock", help="in all, not on top", ge=0)

    def __str__(self) -> str:
        """Return it in words, for tables."""
        return f"{self.holds:g} by {self.by}"


class Site(Strict):
    """An actor with one product. The key is its name."""

    kind: Literal["mine", "refiner", "end_user", "reserve"] = setting(help="what it does")
    product: str = setting(help="what it makes, uses (end user: the good it provides) or holds")
    title: str = setting("", help="name for tables and figures; default: the key")
    country: str = setting(help="ISO 3166 alpha-3, quoted; OTH for the rest")
    region: str = setting("", help="CHN, JPN, USA, EU, KOR or ROW; default: by country")
    sector: str = setting("", help="end users: what for")
    operator: str = setting("", help="who runs it")
    tags: list[str] = setting([], help="words that hazards can select by")
    capacity: float | None = setting(None, "t/year", "most it makes (mine, refiner)", ge=0)
    capacity_path: Path | None = setting(None, help="growth of capacity")
    slack: float = setting(
        0.0, "share of capacity", "what it can add at once above its run rate", ge=0
    )
    ramp_days: float = setting(0.0, "days", "time to move the run rate by the whole capacity", ge=0)
    priority: list[str | list[str]] = setting(
        [],
        help="who is served first, by law or contract: 'home', countries, regions, blocs, each "
        "also with a sector of buyers (home:defence); the rest comes last",
    )
    demand: float | None = setting(None, "t/year", "what an end user wants", ge=0)
    demand_path: Path | None = setting(None, help="growth of demand")
    value_usd_per_t: float | None = setting(
        None, "USD/t", "value of a tonne it uses; default: the product's", ge=0
    )
    value_added_usd_per_year: float | None = setting(
        None, "USD/year", "end users: value added of the industry; omit if unknown", gt=0
    )
    dependence: Dependence | None = setting(None, help="end users: what differs from the product's")
    substitution: Substitution | None = setting(None, help="end users only")
    stock: float | None = setting(None, "t", "reserve: what it holds", ge=0)
    stock_days: float | None = setting(
        None, "days", "reserve: the same as days of the served feeds' reference use", ge=0
    )
    max_rate: float | None = setting(
        None, "t/year", "reserve: fastest release; default no limit", ge=0
    )
    trigger_days: float = setting(
        0.0, "days", "reserve: release when a served feed holds less", ge=0
    )
    activation_days: float = setting(0.0, "days", "reserve: for longer than this", ge=0)
    serves: dict[str, float | None] = setting(
        {}, help="reserve: buyer sites -> fixed share of a release, or null: split by lack"
    )
    start_with: float | None = setting(
        None,
        "t or days, as the stock",
        "reserve: what it holds on day 0, if not all; the stock is then what it builds up to",
        ge=0,
    )
    buy_per_year: float | None = setting(
        None, "t or days, as the stock", "reserve: most that it buys in a year", gt=0
    )
    buy_from: float | Date | None = setting(
        None, "day or date", "reserve: builds up from then on; default: day 0"
    )
    tranches: list[Tranche] = setting(
        [], help="reserve: how much it has bought by which date, instead of buy_per_year"
    )
    refill_per_year: float | None = setting(
        None,
        "t or days, as the stock",
        "reserve: most that it buys back in a year after a release; default: buy_per_year",
        ge=0,
    )
    cohorts: int = setting(5, help="cohorts of a cover distribution", ge=1, le=20)
    firms: int | None = setting(
        None,
        help="buyers that apply where licences go to firms; an end user without cohorts then has "
        "as many; default: what the licence says",
        ge=1,
        le=100,
    )
    feeds: dict[str, Feed] = setting({}, help="inputs by product")
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")
    note: str = setting("", help="what to know")

    @model_validator(mode="before")
    @classmethod
    def _no_price_of_its_own(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "price" in data:
            raise ValueError(
                "an end user's own price response is no more: remove price here; the scenario's "
                "key price says whether prices are told (docs/model.md, section 7b)"
            )
        return data


class Offtake(Strict):
    """Contracted purchases from a project. The key is the buyer site's name."""

    share: float = setting(help="share of the buyer's feed at full ramp", ge=0, le=1)


class PriceFloor(Strict):
    """A price that somebody guarantees for what a project makes (a contract for difference)."""

    usd_per_t: float = setting(unit="USD/t", help="of the product of the project's site", gt=0)
    since: Date | None = setting(None, help="who decides from then on counts with it")
    until: Date | None = setting(None, help="who decides from then on cannot")


class Project(Strict):
    """New or extra capacity of a site, uncertain in time and success."""

    title: str = setting("", help="name for tables and figures")
    site: str = setting(help="the site that gains capacity; it may start with none")
    capacity: float = setting(unit="t/year", help="at full ramp", ge=0)
    start: float | Date = setting(unit="day or date", help="planned start")
    delay_days: float | Distribution = setting(0.0, "days", "added to the planned start")
    probability: float = setting(1.0, help="chance that it is built at all", ge=0, le=1)
    ramp_days: float = setting(0.0, "days", "linear rise from nothing to capacity", ge=0)
    offtake: dict[str, Offtake] = setting({}, help="buyers by name; the lane must exist")
    lead_days: float | Distribution | None = setting(
        None,
        "days",
        "from the decision to the start, where a price brings it; default: the network's "
        "responses.project_lead_days",
    )
    price_floor: PriceFloor | None = setting(
        None, help="a price guaranteed to it, where projects answer to prices"
    )
    cost_usd: float | None = setting(
        None, "USD", "what it costs to build, for ranking; omit if unknown", gt=0
    )
    bundle: str = setting("", help="projects of one name here are one investment, ranked together")
    sources: dict[str, str] = setting({}, help="key -> name in the network's sources")


class Selector(Strict):
    """Which sites are meant: every key that is given must match."""

    site: list[str] | str | None = setting(None, help="names")
    kind: list[str] | str | None = setting(None, help="mine, refiner, end_user, reserve")
    product: list[str] | str | None = setting(None, help="the site's product")
    country: list[str] | str | None = setting(None, help="ISO 3166 alpha-3")
    region: list[str] | str | None = setting(None, help="region, or a bloc of the network")
    sector: list[str] | str | None = setting(None, help="end users' sector")
    tag: list[str] | str | None = setting(None, help="any of the site's tags")


class Parameter(Strict):
    """An uncertain number of the network, drawn once a replication."""

    key: Literal[
        "capacity",
        "demand",
        "cover_days",
        "slack",
        "rerouting",
        "perception_days",
        "stock",
        "activation_days",
        "substitution_limit",
        "home_weight",
        "precaution",
        "ramp_days",
    ] = setting(
        help="which number; capacity, demand, cover_days and stock are multiplied, the others set"
    )
    sites: Selector = setting(Selector(), help="where")
    feeds: list[str] | None = setting(None, help="for feed numbers: products; default all")
    distribution: Distribution = setting(help="of the multiplier or value")
    each: bool = setting(False, help="an independent draw per site instead of a common one")
    source: str = setting("", help="where it comes from")


class Network(Strict):
    """Sites, lanes, products and projects: what a scenario's hazards act upon."""

    title: str = setting(help="one line")
    description: str = setting("", help="a paragraph: what it covers and what is weak")
    rates_per: Literal["year", "day"] = setting("year", help="time unit of capacity and demand")
    home_weight: float | Distribution = setting(
        1.0,
        help="weight of a supplier's buyers in its own country when not all that is usually bought "
        "can be shipped; of a law each country draws its own, once a replication",
    )
    blocs: dict[str, list[str]] = setting({}, help="name -> countries or regions, for controls")
    products: dict[str, Product] = setting(help="what is traded, by name")
    price: Price = setting(Price(), help="what the price index of every product depends on")
    responses: Responses = setting(Responses(), help="how the chain answers to prices")
    sites: dict[str, Site] = setting(help="actors by name")
    projects: dict[str, Project] = setting({}, help="pipeline by name")
    gdp_usd_per_year: dict[str, Annotated[float, Field(gt=0)]] = setting(
        {}, "USD/year", "region -> gross domestic product, for losses as a share of it"
    )
    gdp_sources: dict[str, str] = setting({}, help="region -> name in the network's sources")
    parameters: dict[str, Parameter] = setting(
        {},
        help="what nobody knows, drawn once a replication; a scenario's of that name wins",
    )
    sources: dict[str, Source] = setting({}, help="citations by name")
    published: dict[str, dict[str, float]] = setting(
        {}, "share", "product -> country -> share of output in published statistics, to compare"
    )
    published_sources: dict[str, str] = setting({}, help="product -> name in the network's sources")
