"""Redo a step of an undo when a later step of that undo fails.

Only what restores exactly what was there: never a dataset that could have held something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core.operations.shared import rc_variables
from jailer_core.plan import (
    Action,
    CommandSucceeds,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    JailStopped,
    MakeDir,
    NotInUse,
    RcListHasWord,
    RcVariableIs,
    RemoveDir,
    RemoveFile,
    Run,
    Step,
    Undo,
    WriteFile,
)
from jailer_core.plan.actions import argv_of
from jailer_core.text import sanitize

_AGAIN = {
    "rename": ("rename",),
    "set": ("set", "inherit"),
    "inherit": ("set", "inherit"),
    "mount": ("unmount",),
    "unmount": ("mount",),
    "promote": ("promote",),
    "hold": ("release",),
    "release": ("hold",),
    "jail": ("unjail",),
    "unjail": ("jail",),
}
"""What zfs(8) does, and which of its commands undoes that."""
_AGAIN_ALONE = frozenset({"service", "bastille"})
"""Programs that can simply be run again where there is only one undo."""
_AGAIN_ANY = frozenset({"ifconfig", "sysctl", "pfctl", "rctl", "cpuset"})
"""What can be done once more even where only one of its undos has run: it says how things are."""
_OPPOSITES = frozenset(
    {("kldload", "kldunload"), ("service", "ifconfig"), ("mount", "umount"), ("umount", "mount")}
)
"""Other programs than the step's own that undo what it did, alone."""
_GIVES = frozenset({"alias", "up"})
"""Arguments that give something back to the host: it is not removed again."""
_APPEARS = frozenset({"create", "destroy"})
_OF_A_START = frozenset({"umount", "ifconfig", "rctl"})
"""Actions that undo what jail(8) makes when it starts a jail."""


def again(
    step: Step, undo: Undo, settled: tuple[Condition, ...], when: tuple[Condition, ...]
) -> tuple[Undo, ...]:
    """The step again, as the undo of its undo; () if it must not be repeated."""
    if not undo.done_when:
        return _unchecked(step, undo, when)
    if argv_of(undo.action)[:1] == ("sysrc",):
        return _value(step, settled, when)
    if not _opposite(step, undo, when):
        return _part(step, undo, settled, when)
    return (Undo(step.action, step.title, settled, _made(step, when), timeout=step.timeout),)


def covered(step: Step, undo: Undo) -> bool:
    """Whether redoing the previous undo also restores what this one removed."""
    first = step.undo[0]
    whole = not first.done_when and _repeatable(step, first)
    return undo is not first and (whole or _opposite(step, first, first.preconditions))


def restarted(steps: Sequence[Step]) -> list[Step]:
    """The same steps, with services reloaded only after all files are restored."""
    reading = [step for step in steps if _reads_again(step) and not step.undo]
    head = next((index for index, step in enumerate(steps) if step.undo), None)
    if head is None or not reading:
        return list(steps)
    undos = tuple(Undo(step.action, step.title) for step in reading)
    changed = [
        replace(step, irreversible_because="") if step in reading else step for step in steps
    ]
    changed[head] = replace(changed[head], undo=(*changed[head].undo, *undos))
    return changed


def _reads_again(step: Step) -> bool:
    argv = argv_of(step.action)
    return argv[:1] == ("service",) and argv[-1].removeprefix("one") in ("restart", "reload")


def _unchecked(step: Step, undo: Undo, when: tuple[Condition, ...]) -> tuple[Undo, ...]:
    """The same for an undo whose success cannot be asked for: such as loading rules."""
    if undo is not step.undo[0] or not _repeatable(step, undo):
        return ()
    known = tuple(condition for condition in when if not isinstance(condition, NotInUse))
    return (Undo(step.action, step.title, known, timeout=step.timeout),)


def _repeatable(step: Step, undo: Undo) -> bool:
    argv, other = argv_of(step.action), argv_of(undo.action)
    if not argv or not other:
        return False
    return _commands(argv, other, alone=True) or (argv[0], other[0]) == ("service", "pfctl")


def _part(
    step: Step, undo: Undo, settled: tuple[Condition, ...], when: tuple[Condition, ...]
) -> tuple[Undo, ...]:
    """A part of what the step did: an address, or the empty directory that came with it."""
    match undo.action:
        case RemoveDir(path):
            action: Action = MakeDir(path)
            title = f"Create the directory {sanitize(path)} again"
        case Run((_, name, family, *address, "-alias" | "alias" as end)):
            if end == "alias" and _program(step) == "jail":
                return ()  # an address of the host itself is not taken away again
            opposite = {"alias": "-alias", "-alias": "alias"}[end]
            action = Run((undo.action.argv[0], name, family, *address, opposite))
            title = f"Restore the addresses of {sanitize(name)}"
        case _:
            return ()
    return (Undo(action, title, settled, _made(step, when)),)


def _program(step: Step) -> str:
    program, *_ = argv_of(step.action) or ("",)
    return program.rpartition("/")[2]


def _made(step: Step, when: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """What tells that it was done again; a dataset that is made again has another guid."""
    stops = _program(step) == "jail" and "-r" in argv_of(step.action)
    beside = (NotInUse,) if stops else (NotInUse, JailStopped)
    known = tuple(condition for condition in when if not isinstance(condition, beside))
    if not _empty(step.action, when):
        return known
    return tuple(
        DatasetExists(condition.name) if isinstance(condition, DatasetHasGuid) else condition
        for condition in known
    )


def rules_again(steps: Sequence[Step], undo: Undo) -> tuple[Undo, ...]:
    """The rules of a devfs ruleset, in the order in which these steps loaded them."""
    argv = argv_of(undo.action)
    if argv[:1] != ("devfs",) or argv[-1] != "delset":
        return ()
    text = ""
    undos: list[Undo] = []
    for step in steps:
        words = argv_of(step.action)
        if words[:5] == (*argv[:-1], "add"):
            shown = (*argv[:-1], "show")
            before = CommandSucceeds(shown, text)
            text += f"{100 * (len(undos) + 1)} {' '.join(words[5:])}\n"
            undos.append(Undo(step.action, step.title, (before,), (CommandSucceeds(shown, text),)))
    return tuple(undos)


def _value(
    step: Step, settled: tuple[Condition, ...], when: Sequence[Condition]
) -> tuple[Undo, ...]:
    """The value of rc.conf that this undo replaces; of a list the word that it takes out."""
    for state in when:
        match state:
            case RcVariableIs() | RcListHasWord():
                action = rc_variables.action_of(state, rc_variables.file_of(step.action))
                return (Undo(action, step.title, settled, (state,)),)
    return ()


def _opposite(step: Step, undo: Undo, when: Sequence[Condition]) -> bool:
    """Whether the step is the exact opposite of its undo, and makes nothing that holds data."""
    match step.action, undo.action:
        case (
            WriteFile() | RemoveFile() | MakeDir() | RemoveDir(),
            WriteFile() | RemoveFile() | MakeDir() | RemoveDir(),
        ):
            return step.action.path == undo.action.path
        case Run(), Run():
            alone = len(step.undo) == 1
            return _commands(step.action.argv, undo.action.argv, alone=alone) or _empty(
                step.action, when
            )
    return False


def _empty(action: Action, when: Sequence[Condition]) -> bool:
    """Whether a dataset is made again that was known to hold nothing at all."""
    kinds = {state.kind for state in when if isinstance(state, NotInUse)}
    return argv_of(action)[1:2] == ("create",) and {"dataset", "directory"} <= kinds


def _commands(argv: tuple[str, ...], other: tuple[str, ...], *, alone: bool) -> bool:
    program, back = argv[0].rpartition("/")[2], other[0].rpartition("/")[2]
    match program, back:
        case "jail", "jail":
            changed = argv[1] == other[1] == "-m"
            right = changed or ("-c" in argv) != ("-c" in other)
        case "jail", _:
            right = "-c" in argv and back in _OF_A_START and not _GIVES.intersection(other)
        case "pkg", "pkg":
            right = other[1] == "delete"
        case "zfs", "zfs":
            right = argv[1] in _AGAIN and other[1] in _AGAIN[argv[1]]
        case "ifconfig", "ifconfig" if _APPEARS.intersection((*argv, *other)):
            right = alone or _APPEARS.issuperset((argv[-1], other[-1]))
        case _:
            once = (program, back) in _OPPOSITES or program == back in _AGAIN_ALONE
            right = (program == back in _AGAIN_ANY) or (alone and once)
    return right
