"""All kinds of rules, and how those of one or more policies come to plain changes of a network.

Rules act one after another on a network that grows, in an order that depends on what they are and
not on how the policies were listed (``docs/policies.md``): so odds multiply, the longest of two
reserves that count each other wins, and swiftness comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sim.base.errors import Fault, UserError, nearest
from sim.network.layers import merge
from sim.network.validate import Path
from sim.policy.activation import Activation
from sim.policy.capacity import AddCapacity
from sim.policy.cover import Cover
from sim.policy.diversify import Diversify
from sim.policy.goods import Goods, depths, goods_of, strange_goods
from sim.policy.ground import Changes, Ground
from sim.policy.pick import Pick, strange_places, strange_words, words_of
from sim.policy.priority import Priority
from sim.policy.projects import Projects
from sim.policy.reserve import Reserve
from sim.policy.sourcing import Sourcing
from sim.policy.substitution import Substitution
from sim.policy.words import unknown

Rule = (
    Projects
    | AddCapacity
    | Diversify
    | Reserve
    | Activation
    | Sourcing
    | Priority
    | Substitution
    | Cover
)
ORDER = (Cover, Substitution, Sourcing, Priority, Projects, AddCapacity, Diversify, Reserve,
         Activation)  # fmt: skip
"""Kinds in the order in which they act."""

PLACES = ("regions", "first", "quotas")


class Tagged(NamedTuple):
    """A rule, the name under which its traces stand in a network, and where it is written."""

    tag: str
    path: Path  # from the top of the settings
    rule: Rule


class Expanded(NamedTuple):
    """What rules come to."""

    changes: Changes
    traces: list[tuple[Path, Path]]  # (path in the network, path of the rule)
    notes: list[str]


def expand(rules: Sequence[Tagged], ground: Ground) -> Expanded:
    """Return rules as changes of a network.

    Parameters
    ----------
    rules : sequence of Tagged
        In any order.
    ground : Ground
        The network they act upon.

    Returns
    -------
    Expanded
        Changes to lay over the network, where each comes from, and what found nothing to do.

    Raises
    ------
    UserError
        With every word that no network knows.
    """
    faults = [f for r in rules for f in _strange(r, ground)]
    if faults:
        raise UserError(faults)
    changes: Changes = {}
    traces: list[tuple[Path, Path]] = []
    notes: list[str] = []
    for tag, path, rule in sorted(rules, key=lambda r: _rank(r, ground)):
        outcome = rule.act(ground, tag)
        ground = ground.with_changes(outcome.changes)
        changes = merge(changes, outcome.changes)
        traces += [(at, path) for at in _paths(outcome.changes, ())]
        notes += [f"{'.'.join(map(str, path))}: {note}" for note in outcome.notes]
    return Expanded(changes, traces, notes)


def _rank(tagged: Tagged, ground: Ground) -> tuple[Any, ...]:
    """Return where in the order a rule acts: kind, then plants before mines, then size."""
    rule = tagged.rule
    size, depth = 0.0, 0
    if isinstance(rule, Reserve):
        depth, size = int(rule.counts == "nothing"), -rule.stock_days
    elif isinstance(rule, AddCapacity):
        goods = goods_of(rule.goods, ground.network)
        depth = -depths(ground.network)[goods[-1]] if goods else 0
        size = -rule.share_of_use
    elif isinstance(rule, Diversify):
        size = rule.at_most
    return ORDER.index(type(rule)), depth, size, tagged.tag


def _paths(changes: Any, at: Path) -> Iterator[Path]:
    if isinstance(changes, dict) and changes:
        for key, value in changes.items():
            yield (*at, key)
            yield from _paths(value, (*at, key))


def _strange(tagged: Tagged, ground: Ground) -> Iterator[Fault]:
    """Yield faults of a rule's words."""
    rule, network = tagged.rule, ground.network
    for name in type(rule).model_fields:
        value, path = getattr(rule, name), (*tagged.path, name)
        key = ".".join(map(str, path))
        if isinstance(value, Pick):
            yield from strange_words(value, network, key)
        elif isinstance(value, Goods):
            yield from strange_goods(value, network, key)
        elif name in PLACES:
            yield from strange_places(list(value), network, key)
        elif name in ("product", "project") and value is not None:
            for w, known in unknown(network, name, words_of(value)):
                yield Fault(key, w, f"no network has such a {name}{nearest(w, sorted(known))}")
