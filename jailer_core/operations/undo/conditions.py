"""The state of the host at each moment of an undo, as far as it can be predicted.

The undo of a step runs after the undos of all later steps. What these change is then as it was
before their steps, as far as the steps say what they needed, or not known; all else is as now.

Extra conditions on what an undo removes, besides the undo's own.

The journal of an older version may hold undos without these conditions; and what the kernel
would refuse in the middle of an undo is better refused before its first step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jailer_core.model import Inventory
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
from jailer_core.plan.conditions.effects import ends
from jailer_core.plan.conditions.users import User


class ProjectedState:
    """The future state of the host, while an undo is planned from the last step to the first."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._later: list[tuple[Step, tuple[Undo, ...]]] = []

    def goes_back(self, step: Step, undos: Sequence[Undo]) -> None:
        """Add these undos of a step to the plan."""
        if undos:
            self._later.append((step, tuple(undos)))

    def holds(self, state: Condition, before: Sequence[Undo]) -> bool | None:
        """Whether the condition will hold after all later undos and those in `before`."""
        if isinstance(state, NotInUse):
            return self._unused(state, before)
        for undo in reversed(before):
            implied = _first(fact.implies(state) for fact in undo.done_when)
            if implied is not None:
                return implied
            if state.affected_by(undo.action, self.inventory.layout):
                return None
        for step, undos in reversed(self._later):
            if any(state.affected_by(undo.action, self.inventory.layout) for undo in undos):
                return _first(fact.implies(state) for fact in step.preconditions)
        return state.holds(self.inventory)

    def touches(self, state: Condition) -> bool:
        """Whether the undos of later steps may change the answer."""
        return any(
            state.affected_by(undo.action, self.inventory.layout)
            for _, undos in self._later
            for undo in undos
        )

    def all(self, states: Sequence[Condition], before: Sequence[Undo]) -> bool | None:
        """Whether all conditions will hold; False as soon as one will not."""
        answers = [self.holds(condition, before) for condition in states]
        return False if False in answers else None if None in answers else True

    def _unused(self, state: NotInUse, before: Sequence[Undo]) -> bool | None:
        """Whether all its current users will have been removed by then."""
        users = state.users(self.inventory)
        if users is None:
            return None
        ends = [self._ends(user, state.name, before) for user in users]
        return False if False in ends else None if None in ends else True

    def users(self, state: NotInUse, before: Sequence[Undo]) -> tuple[str, ...]:
        """The names of those that will still use the thing."""
        users = state.users(self.inventory) or ()
        left = (user.name for user in users if self._ends(user, state.name, before) is False)
        return tuple(dict.fromkeys(left))

    def unread(self, state: Condition) -> bool:
        """Whether nothing that was read says anything about it."""
        return state.holds(self.inventory) is None

    def _ends(self, user: User, name: str, before: Sequence[Undo]) -> bool | None:
        later = (undo for _, undos in self._later for undo in undos)
        answers = [ends(undo.action, user, name, self.inventory) for undo in (*later, *before)]
        return True if True in answers else None if None in answers else False


def _first(answers: Iterable[bool | None]) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)


_SYSCTL = re.compile(r"net\.inet6?\.ip6?\.forwarding=0")
_BRIDGE = re.compile(r"bridge\d+")


def conditions(step: Step, undo: Undo) -> tuple[Condition, ...]:
    """The conditions in `when`, and those that the action needs."""
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
