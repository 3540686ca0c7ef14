"""A plan as lines of text: exactly what will run, with files as diffs. Nothing is hidden.

The effect of a plan in a line or two: what changes for which jails, what cannot be undone.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jailer_core.plan import (
    Action,
    AwaitConfirmation,
    BringOver,
    MakeDir,
    Pipe,
    Plan,
    RemoveDir,
    RemoveFile,
    Request,
    Run,
    SetRc,
    Step,
    WriteFile,
)
from jailer_core.plan.actions import argv_of
from jailer_core.plan.conditions import JailRuns, JailStopped
from jailer_core.plan.steps import NOTHING
from jailer_core.text import command_line, sanitize


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line of a preview.

    `kind` is title, note, warning, command (that one could type), file (something done to a file
    or directory), add, remove, context (of a diff), undo or lasting (why it cannot be undone).
    The first line is the title of the plan, every other title that of a step. `text` is safe
    to print.
    """

    kind: str
    text: str


def preview(plan: Plan) -> tuple[PreviewLine, ...]:
    """The lines of a plan: its title, its notes, then each step with its undo."""
    lines = [PreviewLine("title", plan.title)]
    lines += [PreviewLine("note", note) for note in plan.notes]
    if not plan.steps and NOTHING not in plan.notes:
        lines.append(PreviewLine("note", "Nothing to do."))
    for number, step in enumerate(plan.steps, 1):
        lines += _step(number, step, plan)
    return tuple(PreviewLine(line.kind, sanitize(line.text)) for line in lines)


def describe(action: Action) -> str:  # noqa: PLR0911 - one for each kind
    """One line for an action, as a user could type or say it; sanitized."""
    match action:
        case Run():
            return command_line(action.argv)
        case Pipe():
            return " | ".join(command_line(argv) for argv in action.commands)
        case WriteFile():
            return sanitize(f"write {action.path}{_mode(action)}")
        case SetRc():
            return sanitize(f"set variables in {action.path}")
        case RemoveFile():
            return sanitize(f"remove {action.path}")
        case MakeDir():
            return sanitize(f"make the directory {action.path} (mode {action.mode:04o})")
        case RemoveDir():
            return sanitize(f"remove the directory {action.path}")
        case AwaitConfirmation():
            return f"wait up to {action.seconds:g} s for confirmation"
        case BringOver():
            return sanitize(f"bring what {action.jail} changed of {action.old} to {action.path}")


def _mode(action: WriteFile) -> str:
    lines = [] if action.mode is None else [f"mode {action.mode:04o}"]
    if action.owner is not None:
        lines.append(f"owner {action.owner[0]}:{action.owner[1]}")
    return f" ({', '.join(lines)})" if lines else ""


def _step(number: int, step: Step, plan: Plan) -> Iterator[PreviewLine]:
    yield PreviewLine("title", f"{number}. {step.title}")
    kind = "command" if isinstance(step.action, Run | Pipe) else "file"
    yield PreviewLine(kind, describe(step.action))
    yield from _content(step.action, plan)
    if step.warning:
        yield PreviewLine("warning", step.warning)
    if step.wait_reason:
        yield PreviewLine("note", f"takes up to {step.timeout:g} s: {step.wait_reason}")
    if step.skip_if:
        yield PreviewLine("note", "only if it is needed")
    for undo in step.undo:
        yield PreviewLine("undo", f"undo: {describe(undo.action)}")
    if step.side_effect:
        yield PreviewLine("undo", f"after an undo, this remains: {step.side_effect}")
    if step.irreversible_because:
        yield PreviewLine("lasting", f"cannot be undone: {step.irreversible_because}")


def _content(action: Action, plan: Plan) -> Iterator[PreviewLine]:
    match action:
        case Run() if action.stdin is not None:
            yield from _input(action.stdin, plan)
        case WriteFile():
            yield from _diff(action.before or "", action.text)
        case SetRc():
            for beginning in action.drop:
                yield PreviewLine("remove", f"-{beginning}…")
            for name, value in action.values:
                yield PreviewLine("add", f'+{name}="{value}"')
        case RemoveFile() if action.before is not None:
            yield from _diff(action.before, "")
        case BringOver():
            for path, choice, _ in action.settle:
                yield PreviewLine("context", f"{path}: {choice}")


def _input(text: str, plan: Plan) -> Iterator[PreviewLine]:
    """A text that the plan also writes is shown once, as the diff of its file."""
    writes = (step.action for step in plan.steps if isinstance(step.action, WriteFile))
    written = next((write_file.path for write_file in writes if write_file.text == text), None)
    if written is not None:
        yield PreviewLine("context", f"with the new text of {written} on standard input")
        return
    yield PreviewLine("context", "with this on standard input:")
    for line in text.splitlines():
        yield PreviewLine("context", f"  {line}")


def content(action: Action) -> Iterator[str]:
    """What an action writes or removes, as diff lines."""
    shown = _content(action, Plan(Request(), ""))
    return (line.text for line in shown if line.kind in ("add", "remove", "context"))


def _diff(old: str, new: str) -> Iterator[PreviewLine]:
    """Without the two header lines: the path was said before."""
    kinds = {"+": "add", "-": "remove"}
    if "\0" in f"{old}{new}":
        yield PreviewLine("context", f"(binary, {len(new)} bytes)")
        return
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    for index, line in enumerate(lines):
        if index >= 2:
            yield PreviewLine(kinds.get(line[:1], "context"), line)


MANY = 4
"""Up to this many names are listed, else only their number."""
_HOUSEKEEPING = frozenset({"mkdir", "chmod", "chown", "touch"})
_OURS = ("/.trash", "/.jailer-tui")


def meaning(plans: Sequence[Plan], where: Sequence[str] = ()) -> str:
    """Which jails stop and start, how many steps there are, and what cannot be undone.

    `where` names the host of each plan where there are several hosts.
    """
    steps = [step for plan in plans for step in plan.steps]
    if not steps:
        return ""
    stopped, started = _jails(plans, _stops, where), _jails(plans, _starts, where)
    both = [name for name in stopped if name in started]
    lines = [
        _said("Restarts", both),
        _said("Stops", [name for name in stopped if name not in both]),
        _said("Starts", [name for name in started if name not in both]),
        _steps(steps),
    ]
    return " ".join(filter(None, lines))


def stopped_jails(plans: Sequence[Plan]) -> list[str]:
    """Names of the jails that these plans stop, or restart."""
    return _jails(plans, _stops)


def _said(verb: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    who = ", ".join(map(sanitize, names)) if len(names) <= MANY else f"{len(names)} jails"
    return f"{verb} {who}."


def _steps(steps: Sequence[Step]) -> str:
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    lasting = sum(bool(step.irreversible_because) for step in steps)
    if not lasting:
        return f"{count}; {'it' if len(steps) == 1 else 'all'} can be undone."
    if lasting == len(steps):
        which = "it cannot" if len(steps) == 1 else "none can"
    else:
        which = f"{lasting} of them cannot"
    return f"{count}; {which} be undone{_reasons(steps)}."


def _reasons(steps: Sequence[Step]) -> str:
    """Why, once for each reason, unless there are many."""
    reasons = dict.fromkeys(
        step.irreversible_because for step in steps if step.irreversible_because
    )
    return f": {'; '.join(map(sanitize, reasons))}" if len(reasons) <= 2 else ""


def _jails(
    plans: Sequence[Plan], fits: Callable[[Step], bool], where: Sequence[str] = ()
) -> list[str]:
    """Names of the jails of such steps, with their hosts where those are named."""
    hosts = [f"{name}:" if name else "" for name in where] or [""] * len(plans)
    return list(
        dict.fromkeys(
            f"{host}{step.jail}"
            for plan, host in zip(plans, hosts, strict=True)
            for step in plan.steps
            if step.jail and fits(step)
        )
    )


def _stops(step: Step) -> bool:
    ends = any(isinstance(goal, JailStopped) for goal in step.postconditions)
    argv = argv_of(step.action)
    return ends or (argv[:1] == ("jail",) and "-rc" in argv)


def _starts(step: Step) -> bool:
    return any(isinstance(goal, JailRuns) for goal in step.postconditions)


def is_housekeeping(step: Step) -> bool:
    """Whether it only creates directories or places of this program, or sets their modes."""
    if isinstance(step.action, MakeDir):
        return True
    argv = argv_of(step.action)
    if not argv:
        return False
    ours = argv[:2] == ("zfs", "create") and argv[-1].endswith(_OURS)
    return argv[0].rpartition("/")[2] in _HOUSEKEEPING or ours
