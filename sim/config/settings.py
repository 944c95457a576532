"""The schema of every setting, and the way from files and changes to it, without Hydra.

``Settings`` is one network (with the policy's changes in it), one scenario, how to run and where
to write. ``load_settings`` serves the Python API; the command line composes with Hydra
(``sim.config.hydra``) and ends in the same ``assemble``, so that both give equal settings.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from sim.base.collector import collector_at_rest
from sim.base.errors import UserError
from sim.config.compose import Change, Composed, changed, composed_of
from sim.config.library import Library, Part, is_path
from sim.config.whole import assemble_whole, is_whole, worked_in
from sim.network.dictionary import Date, Network, Strict, setting
from sim.policy.joint import joined
from sim.policy.outlook_demand import Demand
from sim.policy.outlook_supply import Supply
from sim.policy.policy import Policy
from sim.shocks.hazard import Hazard, Parameter, Selector, Tension

FIRST_YEAR, LAST_YEAR = 1800, 2500


class Scenario(Strict):
    """What may happen: hazards on a network over a horizon."""

    name: str = setting("", help="filled in: the file's name")
    title: str = setting(help="one line")
    story: str = setting("", help="a paragraph: what happens and why it is plausible")
    network: str = setting("rare_earths", help="name of the network")
    demand: str = setting("flat", help="name of the outlook of demand")
    supply: str = setting("flat", help="name of the outlook of capacity")
    policy: str = setting("none", help="name of the policy; several: [a, b], read as a+b")
    start: Date = setting(help="day 0")
    as_of: Date | None = setting(
        None, help="day up to which its facts reach; printed on figures, reports and manifests"
    )
    horizon_days: int = setting(
        unit="days", help="length; a begun period counts whole", gt=0, le=36_500
    )
    step_days: int = setting(7, "days", "length of a period, the review step", ge=1, le=366)
    hazards: dict[str, Hazard] = setting({}, help="rules that produce disruptions, by name")
    tensions: dict[str, Tension] = setting({}, help="Markov chains that scale rates, by name")
    parameters: dict[str, Parameter] = setting({}, help="uncertain numbers of the network, by name")
    sources: dict[str, str] = setting({}, help="key -> citation")
    judged: Selector | None = setting(
        None, help="end users whose shortfall a replication is judged by; default all"
    )
    short_from: float = setting(
        0.001, "share", "of what was wanted: from there on a period counts as short", ge=0, lt=1
    )
    value_added: Literal["none", "report", "network"] = setting(
        "report",
        help="value added lost, where the network states it; network: with a part of what "
        "suppliers lose; none: not told, nor asked for",
    )
    price: Literal["none", "report", "respond"] = setting(
        "report",
        help="price index of goods: none, told beside the tonnes, or answered to as well",
    )
    responses: list[Literal["demand", "thrift", "supply", "allocation", "projects"]] = setting(
        ["demand", "thrift", "supply", "allocation"],
        help="who answers to prices, where price is respond: those that buy less of a good, users "
        "that do without, idle capacity, sellers to whom a buyer pays more; and, not by default, "
        "projects",
    )
    note: str = setting("", help="what to know")

    @model_validator(mode="after")
    def _answers(self) -> Scenario:
        if self.price != "respond":
            if self.responses != type(self).model_fields["responses"].default:
                raise ValueError(f"responses need price: respond, and price is {self.price}")
        elif "demand" in self.responses and self.value_added == "none":
            raise ValueError(
                "demand answers by the share of an input in the value of what is made of it, which "
                "goes with value_added: none; set value_added: report, or leave demand out of "
                "responses"
            )
        return self

    @field_validator("start", "as_of")
    @classmethod
    def _in_our_times(cls, value: dt.date | None) -> dt.date | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:  # Python's end in 9999
            raise ValueError(f"must be a date from {FIRST_YEAR} to {LAST_YEAR}")
        return value

    @field_validator("hazards", "tensions", "parameters")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if any(not name.strip() for name in value):
            raise ValueError("a name must not be empty")
        return value


class Precision(Strict):
    """How sure a number is to be before a run ends."""

    measure: Literal["mean", "q95", "q99", "cvar95", "cvar99"] = setting(
        "mean", help="of the shortfall over the horizon"
    )
    region: str | None = setting(
        None, help="whose end users; by default those by whom the scenario is judged"
    )
    within: float = setting(..., "share", "half width of the interval as a share of it", gt=0, lt=1)


class Run(Strict):
    """How it is computed; seed and replications change a result, book_goods what is told."""

    seed: int = setting(20251009, help="of every random stream", ge=0, lt=2**63)
    replications: int = setting(4_096, help="futures to play", ge=1, lt=2**40)
    sampling: Literal["sobol", "plain"] = setting(
        "sobol", help="sobol: blocks of futures spread evenly; plain: each by itself"
    )
    scrambled: int | None = setting(
        None,
        "futures",
        "drawn together in one block, a power of two; by default by their number",
        ge=1,
        le=32_768,
    )
    strata: Literal["auto", "always", "never"] = setting(
        "auto",
        help="where shocks are rare, half of the futures get one, each with its weight; auto: "
        "where one comes in less than a quarter of them; always: whatever the chance; never: all "
        "are equally likely",
    )
    engine: Literal["compiled", "simpy"] = setting("compiled", help="simpy: the model of record")
    audit: Annotated[int, Field(ge=0)] | Literal["auto"] = setting(
        "auto",
        "replications",
        "simulated again in the other engine; auto: a tenth of the run's work, at least one or, "
        "where one is more than that, its first periods",
    )
    workers: Annotated[int, Field(ge=1)] | Literal["auto"] = setting(
        "auto", "threads", "auto: one a processor"
    )
    book_goods: bool = setting(
        True, help="book stocks, deliveries and orders of each good by region; false: not at all"
    )
    block: int = setting(1024, "replications", "in one file of finished work", ge=1, le=1_000_000)
    precision: Annotated[float, Field(gt=0, lt=1)] | Precision | None = setting(
        None,
        "share",
        "go on until the interval is +- this share: of the mean shortfall, or of what is said",
    )
    max_replications: int = setting(
        1_000_000, "replications", "at most, where precision is asked for", ge=1, lt=2**40
    )
    shard: str | None = setting(None, help="i/n: compute every n-th block only; then merge")
    dask: str | None = setting(None, help="local, or a scheduler's address such as tcp://host:8786")

    @field_validator("shard")
    @classmethod
    def _a_shard(cls, value: str | None) -> str | None:
        if value is None:
            return None
        i, slash, n = value.partition("/")
        if not (slash and i.isdigit() and n.isdigit() and 1 <= int(i) <= int(n) <= 1_000_000):
            raise ValueError("expected i/n with i from 1 to n, such as 1/4")
        return f"{int(i)}/{int(n)}"

    @field_validator("scrambled")
    @classmethod
    def _a_power(cls, value: int | None) -> int | None:
        if value is not None and value & (value - 1):
            raise ValueError("expected a power of two, such as 256")
        return value

    @field_validator("dask")
    @classmethod
    def _an_engine(cls, value: str | None) -> str | None:
        known = ("tcp://", "tls://", "ucx://", "ws://", "wss://", "inproc://")
        if value is None or value == "local" or value.startswith(known):
            return value
        raise ValueError("expected local, or a scheduler's address such as tcp://host:8786")

    @property
    def asked(self) -> Precision | None:
        """The precision that is asked for; a number alone is that of the mean."""
        if isinstance(self.precision, float):
            return Precision(within=self.precision)
        return self.precision

    @model_validator(mode="after")
    def _one_way(self) -> Run:
        if self.shard and (self.precision or self.dask):
            other = "precision" if self.precision else "dask"
            raise ValueError(f"shard and {other} cannot both be set: a shard sees its own blocks")
        if self.precision and self.max_replications < self.replications:
            raise ValueError("max_replications must be at least replications")
        return self


class Output(Strict):
    """Where results go and what is drawn."""

    dir: str | None = setting(
        None,
        help="folder; default results/<scenario>, with -<demand>, -<supply> and -<policy> where "
        "they are not flat, flat and none",
    )

    @field_validator("dir")
    @classmethod
    def _at_home(cls, value: str | None) -> str | None:
        return value if value is None else os.path.expanduser(value)

    figures: bool = setting(True, help="draw the figures and the report")
    fan_replications: int = setting(2000, "replications", "behind the fan over time", ge=1)
    overwrite: bool = setting(False, help="start again where the folder holds another run")


class Settings(Strict):
    """All of one run."""

    network: Network = setting(help="sites, lanes, products; the policy's changes are in it")
    scenario: Scenario = setting(help="hazards and horizon")
    demand: Demand = setting(Demand(title="Flat"), help="worked into the network: growth of use")
    supply: Supply = setting(Supply(title="Flat"), help="worked into the network: of capacity")
    policy: Policy = setting(help="what was laid over the network")
    notes: list[str] = setting([], help="filled in: rules that found nothing to act upon")
    run: Run = setting(Run(), help="how it is computed")
    output: Output = setting(Output(), help="where results go")


def load_settings(
    scenario: str | Path | Sequence[str | Path],
    network: str | Path | None = None,
    policy: str | Path | Sequence[str | Path] | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    demand: str | Path | None = None,
    supply: str | Path | None = None,
    folders: Sequence[str | Path] = (),
) -> Settings:
    """Return validated settings from files, without Hydra.

    Parameters
    ----------
    scenario : str or path
        Name of a shipped scenario, or a YAML file; several as a list, read as one.
    network, policy, demand, supply : str or path, optional
        Instead of those that the scenario names; several policies as a list.
    changes : mapping, optional
        Dotted key -> value, such as ``{"run.replications": 500}``; a mapping is laid over what is
        there.
    folders : sequence of path
        Own folders with ``scenario/``, ``network/``, ``policy/`` and so on, looked into first.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    library = Library(tuple(Path(f) for f in folders))
    wanted = {"scenario": scenario, "network": network, "policy": policy}
    wanted |= {"demand": demand, "supply": supply}
    named = {g: name for g, r in wanted.items() if (name := _reference(r))}
    return assemble_named(
        library, named, [Change.of(k, v) for k, v in (changes or {}).items()]
    ).settings


@collector_at_rest()
def assemble_named(
    library: Library, chosen: Mapping[str, str], changes: Sequence[Change], origin: str = ""
) -> Composed[Settings]:
    """Return settings from the names or paths of files, and changes in order.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    named = chosen.get("scenario")
    scenario = library.read("scenario", named, origin) if named else None
    if scenario is not None and is_whole(scenario):
        return assemble_whole(Settings, scenario, chosen, changes, origin)
    return assemble(library.read_all(chosen, origin), changes)


def assemble(parts: Mapping[str, Part], changes: Sequence[Change]) -> Composed[Settings]:
    """Return settings from one part a group and changes in order, with the place of each value.

    Raises
    ------
    UserError
        With all mistakes at once.
    """
    return composed_of(Settings, parts, changes)


def change_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return settings with some values changed, by dotted key, validated again.

    Parameters
    ----------
    settings : Settings
        To start from.
    changes : mapping
        Dotted key -> value, such as ``{"scenario.hazards.embargo.severity.mean": 0.5}``. The
        network, policy and scenario as wholes are chosen when loading, not here.

    Raises
    ------
    UserError
        If a key is unknown or a value is not allowed.
    """
    data = settings.model_dump(mode="json", exclude_unset=True)
    faults = [fault for key in changes if (fault := worked_in(key, data))]
    if faults:
        raise UserError(faults)
    return changed(Settings, data, [Change.of(k, v) for k, v in changes.items()]).settings


def _reference(value: str | Path | Sequence[str | Path] | None) -> str:
    """Return a name or path, or several, as text that tells which of the two it is."""
    if isinstance(value, list | tuple):
        return str(joined([_reference(v) for v in value]))
    if isinstance(value, Path) and not is_path(str(value)):
        return f"./{value}"
    return "" if value is None else str(value)
