"""How a step of an undo is undone itself, when a later one of it fails.

Only what restores exactly what was there: never a dataset that could have held something.
"""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.operations.shared import rc_variables
from jailer_core.plan import (
    Action,
    CommandSucceeds,
    Condition,
    DatasetExists,
    DatasetHasGuid,
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

_AGAIN = {
    "rename": ("rename",),
    "set": ("set", "inherit"),
    "inherit": ("set", "inherit"),
    "mount": ("unmount",),
    "unmount": ("mount",),
    "promote": ("promote",),
    "hold": ("release",),
    "release": ("hold",),
}
"""What zfs(8) does, and which of its commands undoes that."""
_AGAIN_ANY = frozenset({"ifconfig", "sysctl", "service", "pfctl", "bastille", "rctl", "cpuset"})
"""What can simply be done once more where it has one undo alone."""
_OPPOSITES = frozenset({("kldload", "kldunload"), ("service", "ifconfig")})
"""Other programs than the step's own that undo what it did, alone."""


def again(
    step: Step, undo: Undo, settled: tuple[Condition, ...], when: tuple[Condition, ...]
) -> tuple[Undo, ...]:
    """The step once more, as the undo of its undo; () when it may not be done again."""
    if not undo.done_when:
        return ()
    if isinstance(undo.action, Run) and undo.action.argv[0] == "sysrc":
        return _value(step, settled, when)
    if not _opposite(step, undo, when):
        return ()
    return (Undo(step.action, step.title, settled, _made(step, when), timeout=step.timeout),)


def _made(step: Step, when: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """What tells that it was done again; a dataset that is made again has another guid."""
    known = tuple(condition for condition in when if not isinstance(condition, NotInUse))
    if not _empty(step.action, when):
        return known
    return tuple(
        DatasetExists(one.name) if isinstance(one, DatasetHasGuid) else one for one in known
    )


def rules_again(steps: Sequence[Step], undo: Undo) -> tuple[Undo, ...]:
    """The rules of a devfs ruleset, one after the other as these steps had loaded them."""
    argv = undo.action.argv if isinstance(undo.action, Run) else ()
    if argv[:1] != ("devfs",) or argv[-1] != "delset":
        return ()
    text = ""
    undos: list[Undo] = []
    for step in steps:
        if isinstance(step.action, Run) and step.action.argv[:5] == (*argv[:-1], "add"):
            shown = (*argv[:-1], "show")
            before = CommandSucceeds(shown, text)
            text += f"{100 * (len(undos) + 1)} {' '.join(step.action.argv[5:])}\n"
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
    """Whether the step is the very opposite of its undo, and makes nothing that holds data."""
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
    made = isinstance(action, Run) and action.argv[1:2] == ("create",)
    return made and {"dataset", "directory"} <= kinds


def _commands(argv: tuple[str, ...], other: tuple[str, ...], *, alone: bool) -> bool:
    program, back = argv[0].rpartition("/")[2], other[0].rpartition("/")[2]
    if (program, back) in _OPPOSITES:
        return alone
    if program != back:
        return False
    if program == "jail":
        changed = argv[1] == other[1] == "-m"
        return changed or ("-c" in argv) != ("-c" in other)
    if program == "zfs":
        return argv[1] in _AGAIN and other[1] in _AGAIN[argv[1]]
    return alone and program in _AGAIN_ANY
