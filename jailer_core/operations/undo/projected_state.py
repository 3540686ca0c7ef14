"""What will be so at a moment of going back, as far as that can be told before it begins.

The undo of a step runs after the undos of all later steps: then the host is as it was before
them. What these say they needed, was so; what they may touch, is not known; all else is as now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jailer_core.model import Inventory
from jailer_core.model.rc_files import FILES, HOMES
from jailer_core.operations.shared import users as uses
from jailer_core.operations.undo.evaluate import holds, implied
from jailer_core.plan import (
    Action,
    AwaitConfirmation,
    BridgeHasMember,
    CommandSucceeds,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    FileHasText,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    MountedAt,
    NotInUse,
    OriginIs,
    PathExists,
    Pipe,
    ProcessRuns,
    PropertyIs,
    RcListHasWord,
    RcVariableIs,
    Run,
    Step,
    Undo,
)

_JAILS = frozenset({"jail", "bastille", "service"})
_DATASETS = frozenset({"zfs", "zpool", "bastille"})
_MOUNTS = _JAILS | _DATASETS | {"mount", "umount"}
_LINKS = _JAILS | {"ifconfig"}
_FILES = _DATASETS | {"mount", "umount", "tar"}
_SETTINGS = frozenset({"sysrc", "service", "pkg", "bastille"})


class ProjectedState:
    """Asked while a plan that goes back is made, from the last step to the first."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._later: list[tuple[Step, tuple[Undo, ...]]] = []

    def goes_back(self, step: Step, undos: Sequence[Undo]) -> None:
        """These undos of a step are part of the plan."""
        if undos:
            self._later.append((step, tuple(undos)))

    def holds(self, state: Condition, before: Sequence[Undo]) -> bool | None:
        """Whether it will be so right after the undos of all later steps, and these `before`."""
        if isinstance(state, NotInUse):
            return self._unused(state, before)
        for undo in reversed(before):
            said = _first(implied(fact, state) for fact in undo.done_when)
            if said is not None:
                return said
            if self._touches(undo.action, state):
                return None
        for step, undos in reversed(self._later):
            said = _first(implied(fact, state) for fact in step.preconditions)
            if said is not None:
                return said
            if any(self._touches(undo.action, state) for undo in undos):
                return None
        return holds(self.inventory, state)

    def all(self, states: Sequence[Condition], before: Sequence[Undo]) -> bool | None:
        """Whether all will be so: False as soon as one will not."""
        said = [self.holds(condition, before) for condition in states]
        return False if False in said else None if None in said else True

    def _unused(self, state: NotInUse, before: Sequence[Undo]) -> bool | None:
        """Whether all that use it now will have been taken away by then."""
        known = uses.users(self.inventory, state) is not None
        return not self.users(state, before) if known else None

    def users(self, state: NotInUse, before: Sequence[Undo]) -> tuple[str, ...]:
        """The names of those that will still use it."""
        found = uses.users(self.inventory, state) or ()
        left = (user.name for user in found if not self._ends(user, state.name, before))
        return tuple(dict.fromkeys(left))

    def unread(self, state: Condition) -> bool:
        """Whether nothing that was read tells of it (a file in a jail is not read along)."""
        inside = isinstance(state, FileHasText) and bool(state.beneath)
        return not inside and holds(self.inventory, state) is None

    def _ends(self, user: uses.User, name: str, before: Sequence[Undo]) -> bool:
        later = (undo for _, undos in self._later for undo in undos)
        return any(uses.ends(undo.action, user, name) for undo in (*later, *before))

    def _touches(self, action: Action, state: Condition) -> bool:
        if isinstance(action, Run):
            return self._program(action.argv, state)
        if isinstance(action, Pipe):
            return any(self._program(argv, state) for argv in action.commands)
        if isinstance(action, AwaitConfirmation):
            return False
        if isinstance(state, RcVariableIs | RcListHasWord):
            return action.path.startswith((*FILES, *HOMES))
        return isinstance(state, FileHasText | PathExists) and _related(state.path, action.path)

    def _program(self, argv: tuple[str, ...], state: Condition) -> bool:  # noqa: PLR0911 - one for each
        program = argv[0].rpartition("/")[2]
        match state:
            case JailRuns() | JailStopped():
                return program in _JAILS
            case DatasetHasGuid() | DatasetExists() | OriginIs() | PropertyIs():
                name = state.dataset if isinstance(state, PropertyIs) else state.name
                return program in _DATASETS and _names(argv, name)
            case MountedAt():
                return program in _MOUNTS
            case InterfaceExists() | InterfaceHasAddress() | BridgeHasMember():
                return program in _LINKS
            case FileHasText() | PathExists():
                return self._file(program, argv, state.path)
            case ProcessRuns():
                return program in _JAILS or program == "kill"
            case RcVariableIs() | RcListHasWord():
                return program == "sysrc" and any(_variable(word, state.name) for word in argv)
            case NotInUse():
                return False  # `holds` looks at each user
            case CommandSucceeds():
                return True

    def _file(self, program: str, argv: tuple[str, ...], path: str) -> bool:
        if any(_related(path, word) for word in argv if word.startswith("/")):
            return True
        below = f"{path}/".startswith(f"{self.inventory.layout.mountpoint.rstrip('/')}/")
        return program in _FILES if below else program in _SETTINGS


def _first(said: Iterable[bool | None]) -> bool | None:
    return next((one for one in said if one is not None), None)


def _variable(word: str, name: str) -> bool:
    return word.partition("=")[0].rstrip("+-") == name


def _related(path: str, other: str) -> bool:
    return f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/")


def _names(argv: tuple[str, ...], name: str) -> bool:
    """Whether a command of zfs(8) may change that dataset: promote moves snapshots and origins."""
    if "promote" in argv or "zpool" in argv[0]:
        return True
    plain = name.partition("@")[0]
    return any(_related(plain, word.partition("@")[0]) for word in argv[2:])
