"""Plans, steps and requests as JSON values, and back."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from jailer_core.plan.actions import Action
from jailer_core.plan.conditions import CONDITIONS
from jailer_core.plan.steps import Plan, Step, Undo
from jailer_core.plan.wire_names import FIELDS, KINDS
from jailer_core.request import REGISTERED, Danger


def _wire(kind: type[Any]) -> str:
    return KINDS.get(kind.__name__, kind.__name__)


_CLASSES: dict[str, type[Any]] = {
    _wire(kind): kind for kind in (*get_args(Action), *CONDITIONS, Undo, Step, Plan)
}


@cache
def _wire_fields(wire: str) -> dict[str, str]:
    """Fields of a kind by their wire names; a journal holds thousands of values of few kinds."""
    kind = _class(wire)
    names = FIELDS.get(kind.__name__, {})
    return {names.get(field.name, field.name): field.name for field in fields(kind)}


def _class(wire: str) -> type[Any]:
    """The class of that wire name. Raises KeyError."""
    if wire not in _CLASSES:
        _CLASSES.update((_wire(kind), kind) for kind in REGISTERED)
    return _CLASSES[wire]


def encode(value: Any) -> Any:
    """A plan, step, request… as JSON values; `decode` gives an equal one back."""
    kind = type(value)
    wire = _wire(kind)
    if kind in REGISTERED or _CLASSES.get(wire) is kind:
        return {"kind": wire} | {
            name: encode(getattr(value, field)) for name, field in _wire_fields(wire).items()
        }
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    return value.value if isinstance(value, StrEnum) else value


def decode(value: Any) -> Any:
    """What `encode` was given. Raises KeyError or TypeError on anything else."""
    if isinstance(value, list):
        return tuple(map(decode, value))
    if not isinstance(value, dict):
        return value
    if "kind" not in value:
        return {key: decode(item) for key, item in value.items()}
    kind = _class(value["kind"])
    known = _wire_fields(value["kind"])
    given = {
        known[key]: decode(item) if isinstance(item, (list, dict)) else item
        for key, item in value.items()
        if key in known
    }
    if kind is Plan:
        given["danger"] = Danger(given["danger"])
    return kind(**given)
