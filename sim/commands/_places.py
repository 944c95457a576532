"""A mistake that is found late gets the place of the value that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sim.base.errors import UserError
from sim.config.compose import placed


@contextmanager
def with_places(where: object) -> Iterator[None]:
    """Add the place to the mistakes that are found inside."""
    try:
        yield
    except UserError as error:
        raise placed(error, where) from None  # type: ignore[arg-type]
