"""Describe changes in words, in a list and one at a time; secrets are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jailer_core.operations.snapshots.requests import SnapshotAuto
from jailer_core.operations.undo.entry import Entry, lost_lines, why_no_undo
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import OutcomeStatus, Pipe, Run, Step
from jailer_core.plan.preview import content, describe
from jailer_core.text import redact, redacted, sanitize

DAY = 86400


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: `sign` precedes a command that could be typed, `more` is its diff."""

    title: str
    sign: str
    command: str
    state: str
    seconds: float
    more: tuple[str, ...] = ()


def step_lines(entry: Entry) -> Iterator[StepLine]:
    """The steps of a change with their status; what looks like a secret is hidden."""
    plan = entry.plan
    for index, step in enumerate(plan.steps if plan is not None else ()):
        began, ended = entry.times.get(index, (0.0, 0.0))
        command = redact(describe(step.action))
        sign = "$ " if isinstance(step.action, Run | Pipe) else ""
        seconds = max(0.0, ended - began) if ended else 0.0
        yield StepLine(
            sanitize(step.title), sign, command, state_of(entry, index), seconds, _more(step)
        )


def _more(step: Step) -> tuple[str, ...]:
    """What it writes; not what this program keeps for itself."""
    path = getattr(step.action, "path", "")
    if "/kept/" in path or "/running/" in path:
        return ()
    return tuple(redacted(sanitize(line) for line in content(step.action)))


SHOWN_STATES = {
    "cut off": "interrupted",
    "gone on": "resumed",
    "left": "dismissed",
    "taken back": "undone",
    "was so already": "already done",
}
"""How users see the states that journals and JSON name differently."""


def shown_state(state: str) -> str:
    """The word for a state of a change, or of a step of one."""
    return SHOWN_STATES.get(state, state)


def state_of(entry: Entry, index: int) -> str:
    """The status of one of its steps, in a word or two."""
    if index in entry.undone:
        return "taken back"
    if index in entry.done:
        return "done"
    if index in entry.failed:
        return "failed"
    if index in entry.needless:
        return "was so already"
    if index in entry.begun:
        return "running" if not entry.ending and entry.running else "in doubt"
    return "not started"


def last_undoable(newest_first: Iterable[Entry]) -> Entry | None:
    """The last change that can be undone.

    An undo is not undone unless asked for, nor are changes made by cron(8).
    """
    for entry in newest_first:
        if entry.ending and not _by_itself(entry) and not why_no_undo(entry):
            return entry
    return None


def _by_itself(entry: Entry) -> bool:
    return isinstance(entry.request, UndoChange | SnapshotAuto)


def to_undo_with(entry: Entry, older: Iterable[Entry]) -> tuple[Entry, ...]:
    """The change, and the older ones that were asked for together with it; the newest first.

    Left out is what changed nothing, was undone since, or undoes something itself.
    """
    return (entry, *(other for other in older if is_asked_with(other, entry)))


def is_asked_with(other: Entry, entry: Entry) -> bool:
    """Whether both were requested together and the other one can be undone."""
    together = bool(entry.batch) and other.batch == entry.batch
    return together and other.state not in ("undone", "nothing") and bool(other.begun)


def lost_for_good(entry: Entry) -> bool:
    """Whether it was done and can never be undone; an earlier change is then not the last."""
    over = entry.ending == OutcomeStatus.DONE.value and bool(entry.begun) and not entry.closed
    return over and not _by_itself(entry) and not entry.reversed_by and bool(why_no_undo(entry))


def old_paths(entries: Iterable[Entry], now: float, days: int) -> tuple[str, ...]:
    """Files of finished changes older than `days`; none if that is 0."""
    limit = now - days * DAY
    return tuple(
        entry.path for entry in entries if days and entry.when < limit and not entry.interrupted
    )


def what_happened(entry: Entry, running: Sequence[str]) -> list[str]:
    """What is known of an interrupted change, sanitized."""
    steps = entry.plan.steps if entry.plan is not None else ()
    lines = [
        f"{entry.title} was interrupted: the program, the connection or the host stopped.",
        f"{len(entry.done)} of {len(steps)} steps are certainly done.",
    ]
    if entry.unreadable:
        lines.append(f"What it did is only partly known: {lost_lines(entry)}.")
    doubt = [index for index in entry.begun if index not in (*entry.done, *entry.failed)][-1:]
    lines += [
        f"It is unclear whether this was done: {sanitize(steps[index].title)}."
        for index in doubt
        if index < len(steps)
    ]
    lines += [f"Its command is still running: {command}." for command in running]
    return lines
