"""Requests: the base class of everything a user can ask for, and how dangerous an operation is.

This module is imported at every start, with the declarations of all operations: it imports nothing
of plans.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from enum import StrEnum
from typing import ClassVar, TypeVar, dataclass_transform


class Danger(StrEnum):
    """How a plan is confirmed: at once, after its preview, or by typing the name."""

    NONE = "none"
    CHANGES = "changes"
    DESTROYS = "destroys"


T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def as_request(kind: type[T]) -> type[T]:
    """A dataclass without the methods that it inherits from Request."""
    return dataclass(init=False, repr=False, eq=False)(kind)


@as_request
class Request:
    """What a user asks for; a subclass for each operation, declared by operations.spec.operation.

    Subclasses are immutable dataclasses. What `dataclass` would generate for each of them is here
    once: there are many, and all are imported at every start.
    """

    op: ClassVar[str] = ""

    def __init__(self, *values: object, **named: object) -> None:
        known = fields(self)
        if len(values) > len(known):
            raise TypeError(f"{type(self).__name__} takes {len(known)} values")
        given = dict(zip((field.name for field in known), values, strict=False))
        if twice := given.keys() & named.keys():
            raise TypeError(f"given twice: {', '.join(sorted(twice))}")
        given |= named
        for field in known:
            value = given.pop(field.name, field.default)
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {field.name}")
            object.__setattr__(self, field.name, value)
        if given:
            raise TypeError(f"{type(self).__name__} has no {', '.join(given)}")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({shown})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Request)
            and type(self) is type(other)
            and (self._values() == other._values())
        )

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __setattr__(self, name: str, _value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")


REGISTERED: set[type[Request]] = set()
"""Every class of requests that was imported: journals name them (plan/codec.py)."""
