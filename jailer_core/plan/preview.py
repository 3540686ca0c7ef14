"""A plan as lines of text: exactly what will run, with files as diffs. Nothing is hidden."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
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
