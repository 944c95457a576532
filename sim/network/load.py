"""Read a network alone: the file, then what its keys say, then what they say together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from sim.base.errors import Fault, UserError
from sim.base.written import NOWHERE, Written
from sim.base.yaml_files import read_yaml

if TYPE_CHECKING:  # the schema is not needed to read a file, and `list` need not wait for it
    from sim.network.dictionary import Network
    from sim.network.validate import Path


def read_network(path_or_mapping: str | File | Mapping[str, Any]) -> Network:
    """Return a validated and checked network.

    Parameters
    ----------
    path_or_mapping : path or mapping
        A YAML file, or the same as plain data.

    Raises
    ------
    UserError
        With all faults at once: of the file, then of the keys, then of what they say together.
    """
    from sim.network.checks import check_network
    from sim.network.dictionary import Network
    from sim.network.sizes import out_of_range
    from sim.network.validate import validate

    data: Any = path_or_mapping
    written = NOWHERE
    if isinstance(path_or_mapping, (str, File)):
        document = read_yaml(path_or_mapping)
        data, written = document.data, Written({"network": (document,)})
    with written.placing():
        refuse_booleans(data)
        if faults := out_of_range({"network": data}, ("network",)):
            raise UserError(faults)
        network = validate(Network, data, "network")
        if faults := check_network(network):
            raise UserError(faults)
    return network


def refuse_booleans(data: Any) -> None:
    """Refuse true and false in a network, where numbers would take them for 1 and 0.

    One setting is of that kind: ``each`` of a parameter.
    """
    from sim.network.validate import shown

    faults = [
        Fault(
            ".".join(["network", *map(str, path)]),
            shown(value),
            "must be a number or a name; quote it if it is a name",
        )
        for path, value in _values(data, ())
        if isinstance(value, bool) and (*path[:1], *path[2:]) != ("parameters", "each")
    ]
    if faults:
        raise UserError(faults)


def _values(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, data
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _values(value, (*path, key))
    elif isinstance(data, (list, tuple)):
        for n, value in enumerate(data):
            yield from _values(value, (*path, n))
