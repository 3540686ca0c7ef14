"""Extra conditions on what an undo removes, besides the undo's own.

The journal of an older version may hold undos without these conditions; and what the kernel
would refuse in the middle of an undo is better refused before its first step.
"""

from __future__ import annotations

import re

from jailer_core.plan import (
    Condition,
    JailStopped,
    MountedAt,
    NotInUse,
    RcVariableIs,
    RemoveDir,
    Step,
    Undo,
)
from jailer_core.plan.actions import argv_of

_SYSCTL = re.compile(r"net\.inet6?\.ip6?\.forwarding=0")
_BRIDGE = re.compile(r"bridge\d+")


def conditions(step: Step, undo: Undo) -> tuple[Condition, ...]:
    """All of `when`, and what its action needs besides."""
    facts = {
        (condition.kind, condition.name)
        for condition in undo.preconditions
        if isinstance(condition, NotInUse)
    }
    more = [
        not_in_use
        for not_in_use in _unused(undo)
        if (not_in_use.kind, not_in_use.name) not in facts
    ]
    by_step = (*_values(step, undo), *_at_rest(step, undo))
    return (*undo.preconditions, *more, *_below(undo), *by_step)


def _below(undo: Undo) -> list[NotInUse]:
    """Nothing may be mounted below what is unmounted."""
    argv = argv_of(undo.action) or ("",)
    program = argv[0].rpartition("/")[2]
    if program not in ("umount", "bastille"):
        return []
    states = undo.preconditions
    paths = [state.path for state in states if isinstance(state, MountedAt) and state.mounted]
    if program == "umount" and not paths:
        paths = [argv[-1]]
    return [NotInUse("mount", path) for path in paths]


def _at_rest(step: Step, undo: Undo) -> list[JailStopped]:
    """A dataset of a jail only moves while it does not run (recording 12)."""
    renames = argv_of(undo.action)[:2] == ("zfs", "rename")
    return [JailStopped(step.jail)] if step.jail and renames else []


def _unused(undo: Undo) -> list[NotInUse]:  # noqa: PLR0911 - one for each
    action = undo.action
    if isinstance(action, RemoveDir):
        return [NotInUse("directory", action.path)]
    program, *rest = argv_of(action) or ("",)
    match program.rpartition("/")[2], *rest:
        case "zfs", *words:
            return _in_zfs(words)
        case "zpool", "destroy", name:
            return [NotInUse("dataset", name), NotInUse("directory", f"/{name}")]
        case "ifconfig", name, "destroy" if _BRIDGE.fullmatch(name):
            return [NotInUse("bridge", name)]
        case "devfs", "rule", "-s", number, "delset":
            return [NotInUse("ruleset", number)]
        case "kldunload", "zfs":
            return [NotInUse("zfs", "zfs")]
        case "pkg", "delete", *words:
            return [NotInUse("package", words[-1])]
        case "sysctl", word if _SYSCTL.fullmatch(word):
            return [NotInUse("forwarding", "packets")]
    return []


def _in_zfs(words: list[str]) -> list[NotInUse]:
    match words:
        case "destroy", name:
            return [NotInUse("dataset", name)]
        case ("rename", *_, name, _) | ("unmount", *_, name) if "@" not in name:
            return [NotInUse("mountpoint", name)]
    return []


def _values(step: Step, undo: Undo) -> list[RcVariableIs]:
    """What the step set in rc.conf must still be so, where the undo does not ask for it."""
    done, back = argv_of(step.action), argv_of(undo.action)
    if done[:1] != ("sysrc",) or back[:1] != ("sysrc",) or undo.preconditions:
        return []
    name = back[-1].partition("=")[0]
    if done[1] == "-x":
        return [RcVariableIs(name, None)] if name in done[2:] else []
    made = dict(word.partition("=")[::2] for word in done[1:])
    return [RcVariableIs(name, made[name])] if name in made else []
