"""The names that classes and fields of plans have on disk, where they differ from the code.

Journals, plan cases and the JSON of the command line are interfaces: a class or field that gets
another name in the code keeps its old one there.

Plans, steps and requests as JSON values, and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from jailer_core.plan.actions import Action
from jailer_core.plan.conditions import CONDITIONS
from jailer_core.plan.steps import Plan, Step, Undo
from jailer_core.request import REGISTERED, Danger

KINDS: Mapping[str, str] = {
    "AddressChange": "Readdress",
    "AwaitConfirmation": "Hold",
    "BridgeHasMember": "MemberOn",
    "CommandSucceeds": "Answers",
    "DatasetExists": "DatasetThere",
    "DatasetHasGuid": "DatasetIs",
    "Evaluator": "Judge",
    "FileHasText": "FileIs",
    "ForwardIPv6": "ForwardSix",
    "ImportRules": "Takeover",
    "InterfaceExists": "InterfaceThere",
    "InterfaceHasAddress": "AddressOn",
    "JailRuns": "JailIs",
    "JailStopped": "JailGone",
    "NatRemove": "NatDel",
    "NotInUse": "Unused",
    "PathExists": "PathThere",
    "ProcessRuns": "ProcessIs",
    "RcListHasWord": "RcWord",
    "RcVariableIs": "RcIs",
    "RedirectAdd": "RdrAdd",
    "RedirectRemove": "RdrDel",
    "RemoveLeftovers": "Tidy",
    "Resume": "GoOn",
    "Rollback": "GoBack",
    "RollbackDestroy": "RollBack",
    "SnapshotAuto": "SnapAuto",
    "SnapshotDestroy": "SnapDestroy",
    "SnapshotHold": "SnapHold",
    "SnapshotPolicy": "SnapPolicy",
    "SnapshotRelease": "SnapRelease",
    "SnapshotSchedule": "SnapSchedule",
    "SnapshotTake": "SnapTake",
    "UndoRollback": "GoForward",
}
"""By the name in the code."""

FIELDS: Mapping[str, Mapping[str, str]] = {
    "AwaitConfirmation": {"plan_hash": "ticket"},
    "BridgeHasMember": {"present": "there"},
    "CommandSucceeds": {
        "succeeds": "there",
        "contains": "part",
        "description": "means",
    },
    "DatasetExists": {"exists": "there"},
    "InterfaceExists": {"exists": "there"},
    "InterfaceHasAddress": {"present": "there"},
    "MountedAt": {"mounted": "there"},
    "NotInUse": {
        "kind": "what",
        "except_jails": "but",
    },
    "PathExists": {"exists": "there"},
    "ProcessRuns": {"running": "there"},
    "RcListHasWord": {"present": "there"},
    "Step": {
        "preconditions": "before",
        "postconditions": "goal",
        "irreversible_because": "lasting",
        "skip_if": "needless",
        "or_skip_if": "or_needless",
        "side_effect": "trace",
        "side_effect_if_output": "mark",
        "failure_means": "means",
        "growing_file": "grows",
        "counts_lines": "counted",
        "wait_reason": "wait",
        "ok_statuses": "ok",
    },
    "Undo": {
        "preconditions": "when",
        "done_when": "settled",
        "or_done_when": "or_else",
        "created_if_output": "proof",
        "not_created_if_output": "denial",
    },
}
"""By the name of the class in the code, then by the field's."""


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
    """A plan, step, request… as JSON values; `decode` returns an equal one."""
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
    """The value that `encode` was given. Raises KeyError or TypeError for invalid data."""
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
