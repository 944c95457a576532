"""Numbers side by side: one value that holds the same quantity of WIDTH replications.

``w.stock[f] + w.pipe[x]`` is one vector operation on WIDTH replications, with no loop over them, no
test whether arrays overlap and no remainder. Each replication gets exactly the operations written,
in the order written: nothing is contracted or re-associated.

Without numba's compiler (NUMBA_DISABLE_JIT=1) a value is a small numpy array, to the same bits.
"""

# mypy: disallow-untyped-defs=False

import operator
from itertools import product

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, models, register_model, type_callable

WIDTH = 16
"""Replications in one value: four AVX2 registers, or two of AVX-512 (see docs/kernel.md)."""


# --- what they are without the compiler ----------------------------------------------------------


class Vectors:
    """A table whose items are vectors; reading copies, as it does in compiled code."""

    def __init__(self, table):
        self.table, self.shape = table, table.shape[:-1]
        self.size = int(np.prod(self.shape))

    def __getitem__(self, where):
        return self.table[where].copy()

    def __setitem__(self, where, value):
        self.table[where] = value


def everywhere(value):
    """Return a number, the same in every replication."""
    return np.full(WIDTH, value)


def where(mask, a, b):
    """Return a where the mask holds, else b."""
    return np.where(mask, a, b)


def least(a, b):
    """Return Python's ``min(a, b)`` of each replication."""
    return np.where(b < a, b, a)


def most(a, b):
    """Return Python's ``max(a, b)`` of each replication."""
    return np.where(b > a, b, a)


def without(dust, a):
    """Return an amount of each replication, 0 where it is below `dust`."""
    return np.where(a < dust, 0.0, a)


def power(a, exponent):
    """Return ``a ** exponent``, one replication at a time, as the C library has it."""
    return np.array([float(x) ** float(y) for x, y in zip(a, exponent, strict=True)])


def any_of(mask):
    """Return whether the mask holds in any replication."""
    return bool(mask.any())


# --- what they are to the compiler ---------------------------------------------------------------


class Vector(types.Type):
    """WIDTH float64."""

    def __init__(self):
        super().__init__(name=f"Vector({WIDTH})")


class Mask(types.Type):
    """WIDTH truth values."""

    def __init__(self):
        super().__init__(name=f"Mask({WIDTH})")


vector, mask, number = Vector(), Mask(), types.float64
_F64, _BITS = ir.VectorType(ir.DoubleType(), WIDTH), ir.VectorType(ir.IntType(1), WIDTH)
_I32 = ir.IntType(32)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _F64)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _BITS)


def _declare(function, returns, *kinds):
    """Tell the compiler of a function; the decorated one builds its code from LLVM vectors.

    `kinds` are the arguments' types; where a vector is meant a number will do, if a vector or mask
    stands beside it: it is the same in every replication.
    """

    def typer(*args):
        if not any(a in (vector, mask) for a in args):
            return None
        fits = all(
            a == k or (k == vector and a == number) for a, k in zip(args, kinds, strict=True)
        )
        return returns if fits else None

    # numba reads the number of arguments from the typer's own signature
    exact = {1: lambda a: typer(a), 2: lambda a, b: typer(a, b), 3: lambda a, b, c: typer(a, b, c)}
    type_callable(function)(lambda _context: exact[len(kinds)])

    def decorate(build):
        def lower(_context, builder, _signature, args):
            return build(builder, *(widen(builder, a) for a in args))

        for given in product(*((k, number) if k == vector else (k,) for k in kinds)):
            if vector in given or mask in given:
                lower_builtin(function, *given)(lower)
        return build

    return decorate


def widen(builder, value):
    """Return a number as a vector."""
    if isinstance(value.type, ir.VectorType):
        return value
    empty = ir.Constant(_F64, ir.Undefined)
    first = builder.insert_element(empty, value, _I32(0))
    zeros = ir.Constant(ir.VectorType(_I32, WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, empty, zeros)


for _operators, _name in (
    ((operator.add, operator.iadd), "fadd"),
    ((operator.sub, operator.isub), "fsub"),
    ((operator.mul, operator.imul), "fmul"),
    ((operator.truediv, operator.itruediv), "fdiv"),
):
    for _operator in _operators:

        @_declare(_operator, vector, vector, vector)
        def _arithmetic(builder, a, b, name=_name):
            return getattr(builder, name)(a, b)


for _operator, _name in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):

    @_declare(_operator, mask, vector, vector)
    def _comparison(builder, a, b, name=_name):
        return builder.fcmp_ordered(name, a, b)


@_declare(operator.ne, mask, vector, vector)
def _unequal(builder, a, b):
    return builder.fcmp_unordered("!=", a, b)


@_declare(operator.and_, mask, mask, mask)
def _both(builder, a, b):
    return builder.and_(a, b)


@_declare(operator.or_, mask, mask, mask)
def _either(builder, a, b):
    return builder.or_(a, b)


@_declare(operator.invert, mask, mask)
def _not(builder, a):
    return builder.not_(a)


@_declare(where, vector, mask, vector, vector)
def _where(builder, which, a, b):
    return builder.select(which, a, b)


@_declare(least, vector, vector, vector)
def _least(builder, a, b):
    return builder.select(builder.fcmp_ordered("<", b, a), b, a)


@_declare(most, vector, vector, vector)
def _most(builder, a, b):
    return builder.select(builder.fcmp_ordered(">", b, a), b, a)


@_declare(without, vector, vector, vector)
def _without(builder, dust, a):
    zero = ir.Constant(_F64, [0.0] * WIDTH)
    return builder.select(builder.fcmp_ordered("<", a, dust), zero, a)


@_declare(any_of, types.boolean, mask)
def _any_of(builder, which):
    bits = ir.IntType(WIDTH)
    return builder.icmp_unsigned("!=", builder.bitcast(which, bits), bits(0))


@type_callable(everywhere)
def _everywhere_typed(_context):
    return lambda value: vector if value == number else None


@lower_builtin(everywhere, number)
def _everywhere(_context, builder, _signature, args):
    return widen(builder, args[0])


@type_callable(power)
def _power_typed(_context):
    return lambda a, exponent: vector if (a, exponent) == (vector, vector) else None


@lower_builtin(power, vector, vector)
def _power(context, builder, _signature, args):
    pow_of = context.get_function(operator.pow, number(number, number))
    out = ir.Constant(_F64, ir.Undefined)
    for r in range(WIDTH):
        one = pow_of(builder, [builder.extract_element(a, _I32(r)) for a in args])
        out = builder.insert_element(out, one, _I32(r))
    return out
