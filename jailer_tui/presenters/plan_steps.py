"""The steps of plans for the preview: each a line that opens, or everything at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jailer_core.plan import Plan, Step
from jailer_core.plan.meaning import is_housekeeping
from jailer_core.plan.preview import PreviewLine, preview
from jailer_core.text import sanitize
from jailer_tui.presenters.jails import Line

_TONES = {
    "title": ("", "strong"),
    "note": ("", "text"),
    "warning": ("", "warn"),
    "command": ("  $ ", "key"),
    "file": ("    ", "key"),
    "add": ("    ", "ok"),
    "remove": ("    ", "bad"),
    "context": ("    ", "dim"),
    "undo": ("    ", "dim"),
    "lasting": ("    ", "warn"),
}


@dataclass(frozen=True, slots=True)
class Fold:
    """A few lines, and what they become when they are opened; () where nothing opens."""

    closed: tuple[Line, ...]
    opened: tuple[Line, ...] = ()


def preview_lines(preview: Sequence[PreviewLine]) -> list[Line]:
    """The lines of a preview with their tones; an empty line before each step."""
    lines: list[Line] = []
    inside = False
    for index, preview_line in enumerate(preview):
        before, tone = _TONES.get(preview_line.kind, ("", "text"))
        if preview_line.kind == "title" and index:
            inside = True
            lines.append(())
        elif inside and not before:
            before = "    "
        lines.append(((before + preview_line.text, tone),))
    return lines


def folds(plans: Sequence[Plan]) -> list[Fold]:
    """Each plan with one fold for a step; what only prepares places is one fold together."""
    return [fold for plan in plans for fold in _of_plan(plan, titled=len(plans) > 1)]


def _of_plan(plan: Plan, *, titled: bool) -> list[Fold]:
    head: list[Line] = [(), ((sanitize(plan.title), "strong"),)] if titled else []
    head += [((sanitize(note), "text"),) for note in plan.notes]
    blocks = _blocks(plan)
    prepares = [number for number, step in enumerate(plan.steps) if is_housekeeping(step)]
    if len(prepares) < 2:
        prepares = []
    folds = [Fold(tuple(head))] if head else []
    for number, step in enumerate(plan.steps):
        if number not in prepares:
            folds.append(Fold(_closed(number + 1, step), blocks[number]))
        elif number == prepares[0]:
            text = f"{len(prepares)} steps that only make directories"
            together = tuple(line for index in prepares for line in blocks[index])
            folds.append(Fold((((text, "dim"),),), together))
    return folds


def _blocks(plan: Plan) -> list[tuple[Line, ...]]:
    """All lines of each step."""
    blocks: list[list[Line]] = []
    for line in preview_lines(preview(plan)):
        if line == ():
            blocks.append([])
        elif blocks:
            blocks[-1].append(line)
    return [tuple(block) for block in blocks]


def _closed(number: int, step: Step) -> tuple[Line, ...]:
    """One step: its title, its warning, and whether it can be undone."""
    lasting = "  cannot be undone" if step.irreversible_because else ""
    title: Line = ((sanitize(f"{number}. {step.title}"), "text"), (lasting, "warn"))
    return (title, ((sanitize(f"   {step.warning}"), "warn"),)) if step.warning else (title,)
