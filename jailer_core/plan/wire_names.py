"""The names that classes and fields of plans have on disk, where they differ from the code.

Journals, plan cases and the JSON of the command line are interfaces: a class or field that gets
another name in the code keeps its old one there.
"""

from __future__ import annotations

from collections.abc import Mapping

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
