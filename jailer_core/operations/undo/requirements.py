"""Requirements of an undo: conditions of its steps, and checks before the first of them.

The state of the host at each moment of an undo, as far as it can be predicted.

The undo of a step runs after the undos of all later steps. What these change is then as it was
before their steps, as far as the steps say what they needed, or not known; all else is as now.

Extra conditions on what an undo removes, besides the undo's own.

The journal of an older version may hold undos without these conditions; and what the kernel
would refuse in the middle of an undo is better refused before its first step.

Checks of an undo before its first step, and what it loses.

Check that an undo can start or stop a jail: jail(8) reads its file and its fstab.

Settings lost with the datasets that an undo destroys, for its preview.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.jails.dependencies import must_be_found
from jailer_core.operations.shared import paths
from jailer_core.operations.shared.jail_mounts import PARAM
from jailer_core.operations.shared.starting_context import DIRECTORY, changed, reached
from jailer_core.operations.snapshots import dataset_properties
from jailer_core.operations.undo.entry import destroyed
from jailer_core.parse import zfs
from jailer_core.plan import (
    Action,
    Condition,
    JailStopped,
    MountedAt,
    Needs,
    NotInUse,
    PathExists,
    RcVariableIs,
    RemoveDir,
    Step,
    Undo,
)
from jailer_core.plan.actions import argv_of
from jailer_core.plan.conditions.effects import ends
from jailer_core.plan.conditions.users import User
from jailer_core.text import sanitize


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


def jail_file_needs(inventory: Inventory, actions: Iterable[Action]) -> Needs:
    """The files that jail(8) reads for these actions."""
    return Needs(paths=tuple(dict.fromkeys(_files(inventory, actions))))


def _files(inventory: Inventory, actions: Iterable[Action]) -> Iterator[str]:
    for words in map(_words, actions):
        if words is not None:
            file, name = words
            config = _config(inventory, file, name)
            table = config.first(PARAM) if config is not None else ""
            yield from (file, table) if table else (file,)


def obstacle(inventory: Inventory, time: ProjectedState, action: Action) -> str:
    """Why jail(8) would fail, or ""."""
    words = _words(action)
    if words is None or time.touches(PathExists(words[0])):
        return ""  # its text is by then what it was before
    file, name = words
    if file not in inventory.file_stats:
        # without it jail(8) stops a jail by its name alone, and leaves its mounts
        return f"{sanitize(file)} no longer exists"
    if any(file.startswith(f"{state}/running/") for state in paths.states(inventory.layout)):
        return ""  # the file that it was started with
    config = _config(inventory, file, name)
    if config is None and _will_be_included(inventory, time, file, name):
        return ""
    if config is None or not config.params:
        return f"{sanitize(file)} cannot be read, or no longer defines {sanitize(name)}"
    return _incomplete(inventory, time, config)


def _incomplete(inventory: Inventory, time: ProjectedState, config: JailConfig) -> str:
    table = config.first(PARAM)
    if table and table not in inventory.file_stats and not time.touches(PathExists(table)):
        return f"{sanitize(table)}, which {sanitize(config.path)} names, no longer exists"
    try:
        must_be_found(inventory, config)
    except Refused as refused:
        return refused.message
    return ""


def _words(action: Action) -> tuple[str, str] | None:
    """The file and the jail of a command of jail(8) that starts or stops it."""
    match tuple(word for word in argv_of(action) if word not in ("-v", "--")):
        case "jail", "-f", file, "-c" | "-r", name:
            return file, name
    return None


def _config(inventory: Inventory, file: str, name: str) -> JailConfig | None:
    """What defines the jail in that file, or in one that it includes."""
    read = reached(inventory.files, file)
    configs = inventory.configs
    return next((conf for conf in configs if conf.name == name and conf.path in read), None)


def _will_be_included(inventory: Inventory, time: ProjectedState, file: str, name: str) -> bool:
    """Whether the undo puts back a file that defines the jail, and that the given one includes."""
    own = f"{DIRECTORY}/{paths.file_name(name)}.conf"
    after = changed(inventory.files, {own: ""})
    return time.touches(PathExists(own)) and own in reached(after, file)


SHOWN = 6
"""How many properties a note names."""


def settings_lost_needs(actions: Iterable[Action]) -> Needs:
    """The properties and permissions of the datasets that these actions destroy."""
    names = dict.fromkeys(filter(None, map(destroyed, actions)))
    asked = (
        ask for name in names for ask in (_properties(name), dataset_properties.allow_ask(name))
    )
    return Needs(commands=tuple(asked))


def settings_lost(
    inventory: Inventory, done: Iterable[Step], steps: Iterable[Step]
) -> Iterator[str]:
    """A note for each dataset that `steps` destroy, with settings other than those of `done`."""
    own = {word for step in done for word in _options(step.action)}
    for name in dict.fromkeys(filter(None, (destroyed(step.action) for step in steps))):
        allowed = dataset_properties.allowed(inventory, name)
        lost = [*_set(inventory, name, own), *(f"permissions of {who}" for who in allowed)]
        if lost:
            more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            shown = ", ".join(map(sanitize, lost[:SHOWN]))
            yield f"{sanitize(name)} is destroyed with what was set on it: {shown}{more}"


def _options(action: Action) -> Iterator[str]:
    """The properties that a command sets, as PROPERTY=VALUE."""
    argv = argv_of(action)
    if argv[:1] in (("zfs",), ("zpool",)):
        yield from (word for word in argv[2:] if "=" in word)


def _properties(name: str) -> tuple[str, ...]:
    """Recording 14 of 15.0."""
    columns = ",".join(zfs.PROPERTIES)
    return ("zfs", "get", "-Hp", "-s", "local,received", "-o", columns, "all", name)


def _set(inventory: Inventory, name: str, own: set[str]) -> Iterator[str]:
    for row in zfs.properties(inventory.output(_properties(name)) or "").value:
        setting = f"{row.name}={row.value}"
        if row.dataset == name and setting not in own:
            yield setting
