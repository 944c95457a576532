"""Turn what pydantic says into faults a person can act on: key, found, expected, nearest name."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.base.errors import TOP, Fault, UserError, nearest

Path = tuple[Any, ...]
"""Keys and list positions from the top of a document to a value."""

Say = Callable[[Path, Any, str], Fault]
"""Makes a fault of a path, what was found (None: nothing to show) and what was expected."""

M = TypeVar("M", bound=BaseModel)

QUOTE = "must be text; YAML reads yes, no, on, off and NO as true or false: quote it"


MAX_ERRORS = 2_000
"""Most errors of pydantic's that are looked at: of each, a few lines are told at most."""


class Problem(NamedTuple):
    """One error of pydantic's, with the branches of unions taken out of its path."""

    path: Path  # keys in the document
    arms: tuple[tuple[Path, str], ...]  # (path of a union, branch that was tried)
    error: Mapping[str, Any]


def validate(model: type[M], data: Any, prefix: str = "") -> M:
    """Return `data` as an instance of `model`.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        The schema.
    data : mapping
        Plain data, as YAML gives it.
    prefix : str
        Dotted path of `data` in the composed config, put before every key of a message.

    Raises
    ------
    UserError
        With one fault per mistake, all at once; `Written` adds where each was written.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UserError(faults_of(error, prefix, model=model, data=data)) from None


def faults_of(
    error: ValidationError,
    prefix: str = "",
    *,
    model: type[BaseModel] | None = None,
    data: Any = None,
) -> list[Fault]:
    """Return one fault per mistake in a pydantic error, in the order of the schema.

    Parameters
    ----------
    error : pydantic.ValidationError
        What a schema said.
    prefix : str
        Dotted path put before every key.
    model : type of pydantic.BaseModel, optional
        The schema, for units and for the nearest known key.
    data : mapping, optional
        What was validated; without it the branches of a union stay in the keys.
    """
    problems = [_problem(e, data) for e in error.errors(include_url=False)[:MAX_ERRORS]]
    told: dict[Path, tuple[str, list[str]]] = {}
    for problem in _best_branches(problems):
        found, expected = _explain(problem, model)
        wants = told.setdefault(problem.path, (found, []))[1]
        if expected not in wants:
            wants.append(expected)
    return [
        Fault(_dotted(prefix, path), found, _either(wants)) for path, (found, wants) in told.items()
    ]


def _dotted(prefix: str, path: Path) -> str:
    return ".".join([p for p in (prefix, *map(str, path)) if p]) or TOP


def _either(wants: list[str]) -> str:
    """Join what several branches of a union want, the unit once, at the end."""
    units = [w[w.rindex(" (") :] if w.endswith(")") and " (" in w else "" for w in wants]
    same = units[0] if len(set(units)) == 1 else ""
    bare = [w.removesuffix(same) for w in wants]
    return " or ".join([bare[0], *(w.removeprefix("must be ") for w in bare[1:])]) + same


def _problem(error: Mapping[str, Any], data: Any) -> Problem:
    """Split the location into keys of the document and branches of unions."""
    if data is None:
        return Problem(tuple(error["loc"]), (), error)
    path: list[Any] = []
    arms: list[tuple[Path, str]] = []
    here = data
    for n, part in enumerate(error["loc"]):
        last = n == len(error["loc"]) - 1
        if part == "[key]":
            continue
        if _holds(here, part):
            path.append(part)
            here = here[part]
        elif last and error["type"] == "missing":
            path.append(part)
        else:
            arms.append((tuple(path), str(part)))
    return Problem(tuple(path), tuple(arms), error)


def _holds(value: Any, part: Any) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and isinstance(part, int)
        and part < len(value)
    )


def _best_branches(problems: list[Problem]) -> list[Problem]:
    """Keep, of each union, the branch that the user meant; all, where it cannot be told."""
    unions: dict[Path, dict[str, list[Problem]]] = {}
    for p in problems:
        for at, arm in p.arms:
            unions.setdefault(at, {}).setdefault(arm, []).append(p)
    for at, arms in unions.items():
        fewest = min(_distance(at, ps) for ps in arms.values())
        drop = {id(p) for ps in arms.values() if _distance(at, ps) > fewest for p in ps}
        problems = [p for p in problems if id(p) not in drop]
    return _joined(problems)


def _distance(at: Path, problems: list[Problem]) -> tuple[int, int]:
    """How far a branch is from what was written: wrong kind of thing, then count of errors."""
    if any(_is_wrong_thing(p, at) for p in problems):
        return 2, 0
    if any(_is_wrong_kind(p) and p.path == (*at, "kind") for p in problems):
        return 1, 0
    return 0, len(problems)


def _is_wrong_thing(problem: Problem, at: Path) -> bool:
    """Whether a branch cannot take the value at all, such as text for a number."""
    return problem.path == at and problem.error["type"] != "value_error"


def _is_wrong_kind(problem: Problem) -> bool:
    return problem.path[-1:] == ("kind",) and problem.error["type"] in ("literal_error", "missing")


def _joined(problems: list[Problem]) -> list[Problem]:
    """Tell a wrong or missing ``kind`` once for all branches, and drop what hangs on it."""
    kinds: dict[Path, list[Problem]] = {}
    for p in problems:
        if p.arms and _is_wrong_kind(p):
            kinds.setdefault(p.path, []).append(p)
    out: list[Problem] = []
    for p in problems:
        if not any((*at, "kind") in kinds for at, _ in p.arms):
            out.append(p)
        elif p.path in kinds and kinds[p.path][0] is p:
            ctx = [str(q.error.get("ctx", {}).get("expected", "")) for q in kinds[p.path]]
            out.append(p._replace(error={**p.error, "ctx": {"expected": ", ".join(ctx)}}))
    return out


def _explain(problem: Problem, model: type[BaseModel] | None) -> tuple[str, str]:
    """Return what was found and what was expected, in words."""
    error, kind, value = problem.error, problem.error["type"], problem.error.get("input")
    field, siblings = _look_up(model, tuple(error["loc"])) if model else (None, [])
    unit = _unit(field)
    if kind == "extra_forbidden":
        return "", f"no such setting{nearest(str(problem.path[-1]), siblings)}"
    if kind == "missing" and problem.arms and problem.path[-1] == "kind":
        return "", "must be given: what kind of thing this is"
    if kind == "missing":
        about = f": {field.description}" if field is not None and field.description else ""
        return "", f"must be given{about}{unit}"
    if kind == "value_error":
        box = isinstance(value, (Mapping, list, tuple))
        return "" if box else shown(value), str(error["msg"]).removeprefix("Value error, ")
    return shown(value), _expected(error, value, field) + unit


def _expected(error: Mapping[str, Any], value: Any, field: FieldInfo | None) -> str:
    kind, ctx = error["type"], error.get("ctx", {})
    bounds = {
        "greater_than_equal": "must be {ge:g} or more",
        "less_than": "must be below {lt:g}",
        "greater_than": "must be above {gt:g}",
        "less_than_equal": "must be {le:g} or less",
    }
    if kind in bounds:
        return bounds[kind].format(**ctx)
    if kind == "literal_error":
        known = [w.strip("'") for w in ctx["expected"].replace(" or ", ", ").split(", ")]
        return f"must be one of {', '.join(known)}{nearest(str(value), known)}"
    if kind == "string_type" and isinstance(value, bool):
        return QUOTE
    if _number_or_distribution(field) and kind in _NOT_A_NUMBER:
        words = "must be a number or a distribution such as {median: 30, p90: 90}"
        return words + _as_number(kind, value)
    return (_WORDS.get(kind) or str(error["msg"])) + _as_number(kind, value)


_COMMA = re.compile(r"\s*([-+]?\d+),(\d+)\s*", re.ASCII)
_PERCENT = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*%\s*", re.ASCII)


def _as_number(kind: str, value: Any) -> str:
    """Return "did you mean 0.85?" for 0,85 and 85%."""
    if not isinstance(value, str) or kind not in _NOT_A_NUMBER or len(value) > 30:
        return ""
    if comma := _COMMA.fullmatch(value):
        return f"; did you mean {comma[1]}.{comma[2]}?"
    if percent := _PERCENT.fullmatch(value):
        return f"; did you mean {float(percent[1].replace(',', '.')) / 100:.12g}?"
    return ""


_NOT_A_NUMBER = ("float_type", "float_parsing", "model_type", "model_attributes_type")
_WORDS = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text; quote it",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list, as in [a, b]",
    "dict_type": "must be a mapping of names to settings",
    "model_type": "must be a mapping of settings",
    "model_attributes_type": "must be a mapping of settings",
    "date_type": "must be a date as in 2025-12-01",
    "date_parsing": "must be a date as in 2025-12-01",
    "date_from_datetime_parsing": "must be a date as in 2025-12-01",
    "date_from_datetime_inexact": "must be a date as in 2025-12-01",
    "invalid_key": "a name must be text; quote it",
}


def _number_or_distribution(field: FieldInfo | None) -> bool:
    return field is not None and "Distribution" in str(field.annotation)


def shown(value: Any) -> str:
    """Return a value as a message shows it, cut short."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _unit(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit") if isinstance(extra, dict) else ""
    return f" ({unit})" if unit else ""


def _look_up(annotation: Any, loc: Path) -> tuple[FieldInfo | None, list[str]]:
    """Return the field at a location of pydantic's and the names of the keys beside it."""
    found: tuple[FieldInfo | None, list[str]] = (None, [])
    while loc:
        arms, part = _arms(annotation), loc[0]
        named = [a for a in arms if _is_arm(a, str(part))]
        models = [a for a in arms if isinstance(a, type) and issubclass(a, BaseModel)]
        boxes = [a for a in arms if get_origin(a) in (dict, list, tuple)]
        if named and len(arms) > 1:
            annotation = named[0]
        elif models:
            field = models[0].model_fields.get(str(part))
            found = field, list(models[0].model_fields)
            annotation = field.annotation if field else None
        elif boxes:
            inside = get_args(boxes[0])
            annotation = inside[min(part, len(inside) - 1)] if isinstance(part, int) else inside[-1]
        loc = loc[1:]
    return found


def _is_arm(annotation: Any, part: str) -> bool:
    """Whether pydantic means this branch: by name, or ``function-after[check(), Name]``."""
    name = getattr(annotation, "__name__", "")
    return part in (name, str(annotation)) or part.endswith(f", {name}]")


def _arms(annotation: Any) -> list[Any]:
    """Return the branches of a union without None; of anything else, itself."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [a for a in get_args(annotation) if a is not type(None)]
    return [annotation]
