"""A results folder from anywhere: believed only as far as its digests go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.base.errors import Fault, UserError
from sim.base.written import Written
from sim.base.yaml_files import read_yaml
from sim.config.settings import Settings
from sim.network.checks import check_network
from sim.network.validate import validate
from sim.results.blocks import DamagedBlock
from sim.results.folder import CONFIG
from sim.results.store import Store
from sim.run.case import Study
from sim.run.fields import fields_of
from sim.run.plan import PLAN, Plan, Recorded, differences, plan_of, read_plan
from sim.run.source_hash import revision


def study_in(folder: Path) -> tuple[Study, Plan]:
    """Return the study that a folder's settings describe, and its plan.

    Parameters
    ----------
    folder : pathlib.Path
        Of a run, begun or finished.

    Raises
    ------
    UserError
        If it is no results folder, is one of another version, or its settings are not those that
        its plan was made of.
    """
    recorded = read_plan(folder)
    if recorded.version != revision():
        raise UserError(
            Fault(
                "RUN",
                str(folder),
                f"was made by version {recorded.version} and this is {revision()}, whose bits may "
                "differ; use that version, or run again into another folder",
            )
        )
    study = settings_in(folder)
    plan = plan_of(study)
    if (plan.digest, plan.block) != (recorded.digest, recorded.block):
        raise UserError(list(_changed(folder, recorded, plan)))
    return study, plan


def is_of_this_version(folder: Path) -> bool:
    """Return whether a folder was made by this version, whose bits and settings are known."""
    return read_plan(folder).version == revision()


def read_config(folder: Path) -> Mapping[str, Any]:
    """Return the settings of a folder of any version, as plain data."""
    data: Mapping[str, Any] = read_yaml(folder / CONFIG).data
    return data


def settings_in(folder: Path) -> Study:
    """Return the study of a folder's ``config.yaml``, checked as any settings are."""
    document = read_yaml(folder / CONFIG)
    with Written({"": (document,)}).placing():
        settings = validate(Settings, document.data)
        if faults := check_network(Study(settings).network):
            raise UserError(faults)
    return Study(settings)


def store_in(folder: Path, study: Study, plan: Plan) -> Store:
    """Return a finished run's blocks, all of which are of this plan.

    Raises
    ------
    UserError
        If one is absent, damaged or of another run.
    """
    n = study.settings.run.replications
    store = Store(folder, plan.block, n, plan.digest, fields_of(study))
    try:
        for number, *_ in store.blocks():
            store.header(number)
    except DamagedBlock as damage:
        fault = f"{damage}; run again to compute it"
        raise UserError(Fault("RUN", str(folder), fault)) from damage
    return store


def _changed(folder: Path, recorded: Recorded, plan: Plan) -> list[Fault]:
    """Return what to say of settings that are not those of the plan beside them."""
    before = {**recorded.config, "block": recorded.block}
    after = {**plan.config, "block": plan.block}
    return [
        Fault(
            key,
            found,
            f"but {PLAN} has {wanted or 'others'}: it was changed after the run, so nothing here "
            "can be believed; put the value back, or run again into another folder",
            str(folder / CONFIG),
        )
        for key, wanted, found in differences(before, after)
    ] or [Fault(str(folder / CONFIG), "", f"does not give the digest in {PLAN}")]
