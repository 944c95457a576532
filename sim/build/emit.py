"""Write a network as YAML that people can read: one line a lane, whole numbers whole."""

from __future__ import annotations

from typing import Any

import yaml

HEAD = """\
# yaml-language-server: $schema=../schema/network.json
# Built by `python -m sim.build {chain}` from data/{chain}/*.csv. Do not edit by hand:
# change the tables and build again; a test compares this file with them.
"""
ONE_LINE = {
    *("sources", "tags", "priority", "routes", "cover_days", "delay_days", "substitution"),
    *("share", "value_of_input_share", "elasticity", "elasticity_later", "recapture"),
    *(
        "credibility",
        "fall_days",
        "input_share",
        "buffer_days",
        "gdp_usd_per_year",
        "gdp_sources",
        "distribution",
    ),
}


class _Line(dict[str, Any]):
    """A mapping that is written in one line."""


class _Dumper(yaml.SafeDumper):
    """Plain YAML without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _line(dumper: _Dumper, data: _Line) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _number(dumper: _Dumper, value: float) -> yaml.Node:
    if value == int(value) and abs(value) < 1e15:
        return dumper.represent_int(int(value))
    digits, e, power = f"{value:.10g}".partition("e")
    if e and "." not in digits:
        digits += ".0"  # YAML reads 9e-05 as text, and 9.0e-05 as a number
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{digits}{e}{power}")


_Dumper.add_representer(_Line, _line)
_Dumper.add_representer(float, _number)


def text_of(network: dict[str, Any], chain: str) -> str:
    """Return the text of a network file."""
    return HEAD.format(chain=chain) + body_of(network)


def body_of(network: dict[str, Any]) -> str:
    """Return a network's keys as YAML text."""
    return "\n".join(
        yaml.dump(
            {key: _styled(value, key)}, Dumper=_Dumper, sort_keys=False, allow_unicode=True,
            width=100_000 if key == "sites" else 100,
        )
        for key, value in network.items()
    )  # fmt: skip


def _styled(value: Any, key: str, parent: str = "") -> Any:
    """Return the same data with the mappings marked that fit one line."""
    if not isinstance(value, dict):
        return value
    small = (
        parent in ("lanes", "published", "offtake")
        or (key in ONE_LINE and parent != "")
        or key == "home_weight"
    )
    if small:
        return _Line(value)
    return {k: _styled(v, k, key) for k, v in value.items()}
