"""Plans, steps and requests as JSON values, and back."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from typing import Any, get_args

from jailer_core.plan.actions import Action
from jailer_core.plan.states import State
from jailer_core.plan.steps import Danger, Plan, Step, Undo

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (*get_args(Action), *get_args(State), Undo, Step, Plan)
}


def register(kind: type[Any]) -> type[Any]:
    """Make a Request class known to `decode`; a decorator."""
    _KINDS[kind.__name__] = kind
    return kind


def encode(value: Any) -> Any:
    """A plan, step, request… as JSON values; `decode` gives an equal one back."""
    kind = type(value)
    if _KINDS.get(kind.__name__) is kind:
        return {"kind": kind.__name__} | {
            one.name: encode(getattr(value, one.name)) for one in fields(value)
        }
    if isinstance(value, tuple | list):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {str(key): encode(one) for key, one in value.items()}
    return value.value if isinstance(value, StrEnum) else value


def decode(value: Any) -> Any:
    """What `encode` was given. Raises KeyError or TypeError on anything else."""
    if isinstance(value, list):
        return tuple(decode(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "kind" not in value:
        return {key: decode(one) for key, one in value.items()}
    kind = _KINDS[value["kind"]]
    known = {one.name for one in fields(kind)}
    given = {key: decode(one) for key, one in value.items() if key in known}
    if kind is Plan:
        given["danger"] = Danger(given["danger"])
    return kind(**given)
