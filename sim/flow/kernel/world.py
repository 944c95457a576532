"""The kernel's world: all tables of a simulation under one name, ``w.stock[f]``, ``w.order[l]``.

numba's compile time and its calls grow with the number of arrays a function takes (fifty arrays
through thirty functions took minutes), so the kernel takes one argument. To the compiler a world
is the address of a list of addresses and sizes; in Python it is a plain object with attributes.

A table of vectors holds WIDTH replications in each item: ``w.stock[f]`` is a vector,
``w.stock[f, r]`` the number of replication r in it.
"""

# mypy: disallow-untyped-defs=False

import operator

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    type_callable,
    typeof_impl,
    unbox,
)

from sim.flow.kernel.fields import FIELDS
from sim.flow.kernel.vector import WIDTH, Vectors, vector, widen

_DTYPES = {"i": np.int32, "f": np.float64, "b": np.uint8, "v": np.float64}
_KINDS = {"i": types.int32, "f": types.float64, "b": types.uint8, "v": vector}
_WORD = ir.IntType(64)
_WORDS = 3  # of a table in the list: address, rows, columns (of a number: the number)


class World:
    """The tables of one simulation.

    Parameters
    ----------
    **tables : ndarray, int or float
        One for each name of ``FIELDS``, of its kind: C-contiguous arrays of its dtype and number
        of axes, vectors with WIDTH as one axis more.

    Raises
    ------
    TypeError
        If a table is missing, unknown, or of another kind: the compiled kernel trusts addresses.
    """

    def __init__(self, **tables):
        if tables.keys() != FIELDS.keys():
            raise TypeError(f"tables missing or unknown: {sorted(tables.keys() ^ FIELDS.keys())}")
        self.words = np.zeros(_WORDS * len(FIELDS), np.int64)
        self.kept = tables  # alive as long as their addresses are
        for x, (name, kind) in enumerate(FIELDS.items()):
            self.words[_WORDS * x : _WORDS * (x + 1)] = _words(name, kind, tables[name])
            is_bare = config.DISABLE_JIT and kind == "v1"
            setattr(self, name, Vectors(tables[name]) if is_bare else tables[name])
        self.address = self.words.ctypes.data


def _words(name, kind, table):
    """Return a table's address and sizes, or a number and nothing."""
    if kind == "int":
        return int(table), 0, 0
    if kind == "float":
        return int(np.float64(table).view(np.int64)), 0, 0
    axes = int(kind[1]) + (kind[0] == "v")
    fits = (
        isinstance(table, np.ndarray)
        and table.dtype == _DTYPES[kind[0]]
        and table.ndim == axes
        and table.flags.c_contiguous
        and (kind[0] != "v" or table.shape[-1] == WIDTH)
    )
    if not fits:
        raise TypeError(f"table {name} is not of kind {kind}")
    return table.ctypes.data, table.shape[0], table.shape[1] if kind[1] == "2" else 1


# --- to the compiler -----------------------------------------------------------------------------


class WorldType(types.Type):
    """The address of a world's list."""

    def __init__(self):
        super().__init__(name="World")


class Table(types.Type):
    """An array of one kind: address, rows, columns."""

    def __init__(self, kind, is_fixed):
        self.kind, self.is_fixed = kind, is_fixed
        self.item, self.axes = _KINDS[kind[0]], int(kind[1])
        super().__init__(name=f"Table({kind}, {is_fixed})")


WORLD = WorldType()


@register_model(WorldType)
class _WorldModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _WORD.as_pointer())


@register_model(Table)
class _TableModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _WORD.as_pointer())  # where its words stand in the list


@typeof_impl.register(World)
def _typeof_world(_value, _context):
    return WORLD


@unbox(WorldType)
def _unbox_world(_kind, value, c):
    address = c.pyapi.object_getattr_string(value, "address")
    word = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(c.builder.inttoptr(word, _WORD.as_pointer()))


@infer_getattr
class _WorldAttributes(AttributeTemplate):
    key = WorldType

    def generic_resolve(self, _kind, name):
        kind = FIELDS.get(name)
        if kind in ("int", "float"):
            return types.intp if kind == "int" else types.float64
        return kind and Table(kind[:2], kind.endswith("fixed"))


def _lasting(builder, place, align=8):
    """Load what never changes while the kernel runs, and tell the compiler so."""
    load = builder.load(place, align=align)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


@lower_getattr_generic(WorldType)
def _lower_attribute(_context, builder, _kind, address, name):
    words = builder.gep(address, [_WORD(_WORDS * list(FIELDS).index(name))])
    if FIELDS[name] == "int":
        return _lasting(builder, words)
    if FIELDS[name] == "float":
        return builder.bitcast(_lasting(builder, words), ir.DoubleType())
    return words


def _is_index(index, axes):
    if axes == 1:
        return isinstance(index, types.Integer)
    return isinstance(index, types.BaseTuple) and len(index) == 2


@type_callable(operator.getitem)
def _get_typed(_context):
    def typer(table, index):
        if not isinstance(table, Table):
            return None
        if _is_index(index, table.axes):
            return table.item
        is_one = table.item == vector and _is_index(index, 2)
        return types.float64 if is_one else None

    return typer


@type_callable(operator.setitem)
def _set_typed(_context):
    def typer(table, index, value):
        if isinstance(table, Table) and not table.is_fixed:
            return types.none
        return None

    return typer


def _place(context, builder, table, words, index_type, index):
    """Return the address of an item, or of one replication's number in a vector."""
    data, rows, columns = (builder.gep(words, [_WORD(x)]) for x in range(_WORDS))
    data = _lasting(builder, data)
    if isinstance(index_type, types.Integer):
        at = context.cast(builder, index, index_type, types.intp)
        _check(context, builder, at, rows)
        item = context.get_data_type(table.item)
        return builder.gep(builder.inttoptr(data, item.as_pointer()), [at])
    row, column = (
        context.cast(builder, x, kind, types.intp)
        for x, kind in zip(cgutils.unpack_tuple(builder, index), index_type, strict=True)
    )
    _check(context, builder, row, rows)
    if table.item == vector:
        width, item = _WORD(WIDTH), ir.DoubleType()
    else:
        width, item = _lasting(builder, columns), context.get_data_type(table.item)
    at = builder.add(builder.mul(row, width), column)
    return builder.gep(builder.inttoptr(data, item.as_pointer()), [at])


def _check(context, builder, at, rows):
    if context.enable_boundscheck:
        cgutils.do_boundscheck(context, builder, at, _lasting(builder, rows))


@lower_builtin(operator.getitem, Table, types.Any)
def _get(context, builder, signature, args):
    table_type, index_type = signature.args
    place = _place(context, builder, table_type, args[0], index_type, args[1])
    align = _align(signature.return_type)
    if table_type.is_fixed:
        return _lasting(builder, place, align)
    return builder.load(place, align=align)


@lower_builtin(operator.setitem, Table, types.Any, types.Any)
def _set(context, builder, signature, args):
    table_type, index_type, value_type = signature.args
    place = _place(context, builder, table_type, args[0], index_type, args[1])
    item = table_type.item
    if item == vector and not isinstance(index_type, types.Integer):
        item = types.float64
    value = args[2]
    if value_type != vector:  # a number is stored everywhere in a vector
        value = context.cast(builder, value, value_type, types.float64 if item == vector else item)
    builder.store(widen(builder, value) if item == vector else value, place, align=_align(item))
    return context.get_dummy_value()


def _align(item):
    """Return the alignment that is sure: a vector is laid out as its numbers."""
    return 8 if item == vector else item.bitwidth // 8
