"""Render plans, their progress and their outcome as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jailer_core.errors import Already, JailerError
from jailer_core.plan import (
    Event,
    Outcome,
    OutcomeStatus,
    Output,
    Plan,
    Progress,
    StepEnded,
    StepStarted,
    encode,
)
from jailer_core.plan.preview import preview
from jailer_core.text import human_bytes, sanitize

_OF_STEP = {
    "title": "  ",
    "note": "     ",
    "warning": "     ! ",
    "command": "     $ ",
    "file": "     ",
    "add": "     ",
    "remove": "     ",
    "context": "     ",
    "undo": "     ",
    "lasting": "     ! ",
}


def shown(plan: Plan) -> Iterator[str]:
    """The lines of a preview, sanitized."""
    first, *rest = preview(plan)
    yield first.text
    indents = {"title": "  ", "note": "  ", "warning": "  ! "}
    for line in rest:
        if line.kind == "title":
            indents = _OF_STEP
        yield f"{indents[line.kind]}{line.text}"


class ProgressPrinter:
    """Prints progress; `emit` is passed to `execute`."""

    def __init__(self, say: Callable[[str], None], plan: Plan) -> None:
        self._say = say
        self._steps = len(plan.steps)
        self._title = plan.title
        self._counts = {index: step.counts_lines for index, step in enumerate(plan.steps)}
        self._tenth = (-1, -1)

    def emit(self, event: Event) -> None:
        """Print the line of an event, if it has one."""
        match event:
            case StepStarted(undoing=True):
                self._say(f"  undo: {sanitize(event.title)}")
            case StepStarted():
                if self._steps > 1 or event.title != self._title:
                    self._say(f"  {event.index + 1}/{self._steps} {sanitize(event.title)}")
                if event.wait:
                    self._say(f"      up to {event.timeout:g} s: {sanitize(event.wait)}")
            case Output():
                self._say(f"      {sanitize(event.line.expandtabs(8))}")
            case Progress():
                self._far(event)
            case StepEnded(ok=False) if event.message:
                self._say(f"      failed: {sanitize(event.message)}")

    def _far(self, event: Progress) -> None:
        """One line for each tenth of the way."""
        tenth = event.done * 10 // event.total if event.total else 0
        if (event.index, tenth) == self._tenth:
            return
        self._tenth = (event.index, tenth)
        counts = self._counts.get(event.index, False)
        done, total = (
            (str(event.done), str(event.total))
            if counts
            else (human_bytes(event.done), human_bytes(event.total or None))
        )
        self._say(f"      {done} of {total}")


def ending(outcome: Outcome, name: str) -> str:
    """One line for a plan that succeeded."""
    if outcome.status is OutcomeStatus.NOTHING and outcome.message:
        return sanitize(outcome.message)
    if outcome.status is OutcomeStatus.NOTHING:
        return f"{sanitize(name)}: nothing to do"
    return f"{sanitize(name)}: done in {outcome.seconds:.1f} s"


def aftermath(outcome: Outcome) -> Iterator[str]:
    """Details of a failed plan: hint, leftovers, notes; sanitized."""
    if outcome.hint:
        yield sanitize(outcome.hint)
    if outcome.leftovers:
        yield "These things are still different from before:"
        yield from (f"  {sanitize(leftover)}" for leftover in outcome.leftovers)
    elif outcome.undone:
        yield "Everything is as it was before."
    yield from map(sanitize, outcome.notes)


def as_json(name: str, outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON."""
    return {
        "name": name,
        "op": outcome.plan.request.op,
        "ok": outcome.ok,
        "ending": outcome.status.value,
        "message": outcome.message,
        "hint": outcome.hint,
        "undone": outcome.undone,
        "left": list(outcome.leftovers),
        "notes": list(outcome.notes),
        "seconds": round(outcome.seconds, 3),
    }


def nothing_as_json(name: str, op: str, message: str) -> dict[str, Any]:
    """The same JSON for a request that needs no change."""
    same = refusal_as_json(name, op, Already(message))
    return same | {"ok": True, "ending": OutcomeStatus.NOTHING.value}


def refusal_as_json(name: str, op: str, error: JailerError) -> dict[str, Any]:
    """The same JSON for a refused request."""
    return {
        "name": name,
        "op": op,
        "ok": False,
        "ending": OutcomeStatus.REFUSED.value,
        "message": error.message,
        "hint": error.hint,
        "undone": False,
        "left": [],
        "notes": [],
        "seconds": 0.0,
        "guarded": False,
        "kept": None,
        "kept_by": None,
    }


def plan_as_json(name: str, plan: Plan) -> dict[str, Any]:
    """A plan as JSON: the steps as in the journal, and the lines of the preview."""
    return {
        "name": name,
        "op": plan.request.op,
        "title": plan.title,
        "danger": plan.danger.value,
        "notes": list(plan.notes),
        "steps": encode(plan.steps),
        "preview": [{"kind": line.kind, "text": line.text} for line in preview(plan)],
    }
