"""Settings kept in a file, such as the ``overrides.yaml`` of a results folder: experiment=FILE."""

from __future__ import annotations

from collections.abc import Sequence

from sim.base.errors import Fault, UserError

KEY = "experiment="


def expanded(words: Sequence[str]) -> list[str]:
    """Return words with those of each ``experiment=FILE`` in its place.

    Raises
    ------
    UserError
        If a file does not hold a list of settings under ``overrides``, or names another one.
    """
    return [w for word in words for w in (_kept(word) if word.startswith(KEY) else [word])]


def _kept(word: str) -> list[str]:
    from sim.base.yaml_files import read_yaml

    file = word.removeprefix(KEY).strip("'\"")
    kept = read_yaml(file).data.get("overrides")
    if not isinstance(kept, list) or not all(isinstance(one, str) for one in kept):
        expected = "must hold a list of settings: overrides: [scenario=NAME, run.seed=7]"
        raise UserError(Fault("experiment", file, expected, "command line"))
    if any(one.startswith((KEY, "-")) for one in kept):
        raise UserError(Fault("experiment", file, "must hold settings only", "command line"))
    return kept
