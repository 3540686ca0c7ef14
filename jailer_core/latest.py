"""Cache the answers about one object until another one is asked about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def of_latest(function: Callable[[T], R]) -> Callable[[T], R]:
    """Remember the answer about the object that was asked about last.

    For what follows from an inventory, which never changes: the plans of a thousand jails ask a
    thousand times. Told apart by identity; the object is kept as long as its answer.
    """
    latest: list[tuple[T, R]] = []

    @wraps(function)
    def answer(thing: T) -> R:
        known = latest[0] if latest else None
        if known is None or known[0] is not thing:
            known = (thing, function(thing))
            latest[:] = [known]
        return known[1]

    return answer
