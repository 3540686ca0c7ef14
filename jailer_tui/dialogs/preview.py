"""What would be done, exactly: commands, diffs, what cannot be undone. Nothing runs unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from jailer_core.plan import Danger, Plan, Step
from jailer_core.plan.meaning import is_housekeeping, meaning
from jailer_core.plan.preview import PreviewLine, preview
from jailer_core.text import sanitize
from jailer_tui.actions import Action, Selection, bindings
from jailer_tui.dialogs.base import Buttons, Dialog
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters.interruptions import HANDFUL, interrupts, starts
from jailer_tui.presenters.jails import Line
from jailer_tui.stores.jobs import Item, plans_of
from jailer_tui.widgets.field import Field
from jailer_tui.widgets.lines import Bar, Lines

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


FOLDED = 16
"""Of more lines than that only one for each step is shown at first."""


def preview_lines(found: Sequence[PreviewLine]) -> list[Line]:
    """The lines of a preview with their tones; an empty line before each step."""
    lines: list[Line] = []
    inside = False
    for index, preview_line in enumerate(found):
        before, tone = _TONES.get(preview_line.kind, ("", "text"))
        if preview_line.kind == "title" and index:
            inside = True
            lines.append(())
        elif inside and not before:
            before = "    "
        lines.append(((before + preview_line.text, tone),))
    return lines


def folded_lines(plans: Sequence[Plan], glyphs: Glyphs) -> list[Line]:
    """Each plan with one line for a step; what only prepares places is one line together."""
    lines: list[Line] = []
    for plan in plans:
        lines += [(), ((sanitize(plan.title), "strong"),)] if len(plans) > 1 else []
        lines += [((sanitize(note), "text"),) for note in plan.notes]
        prepares = sum(is_housekeeping(step) for step in plan.steps)
        told: Step | None = None
        for number, step in enumerate(plan.steps, 1):
            if prepares < 2 or not is_housekeeping(step):
                lines += _folded(number, step)
            elif told is None:
                told = step
                text = f"{glyphs.dot}  {prepares} steps that only make directories"
                lines.append(((text, "dim"),))
    return lines


def _folded(number: int, step: Step) -> list[Line]:
    """One step: its title, its warning, and whether it can be undone."""
    lasting = "  cannot be undone" if step.irreversible_because else ""
    rows: list[Line] = [((sanitize(f"{number}. {step.title}"), "text"), (lasting, "warn"))]
    return [*rows, ((sanitize(f"   {step.warning}"), "warn"),)] if step.warning else rows


class PreviewDialog(Dialog[bool]):
    """Shows a plan (or several) and asks; the answer is True only when it is to run.

    `confirm` must be typed when something is destroyed, or many jails are stopped or started.
    Where something is interrupted or cannot be undone the chosen button is Cancel.
    """

    PLACES = ("preview",)
    BINDINGS = bindings("preview", "text", "quiet")

    DEFAULT_CSS = """
    PreviewDialog #ask { margin: 1 0 0 0; }
    PreviewDialog #answer { height: 1; }
    PreviewDialog #prompt { width: 2; }
    PreviewDialog #name { width: 1fr; }
    """

    def __init__(  # noqa: PLR0913 - how a plan wants to be asked about
        self,
        title: str,
        lines: Sequence[Line],
        *,
        confirm: str = "",
        careful: bool = False,
        possible: bool = True,
        verb: str = "Run",
        folded: Sequence[Line] = (),
    ) -> None:
        super().__init__(title, danger=bool(confirm) or careful)
        self._lines = lines
        self._folded = folded
        self._open = not folded
        self._confirm = confirm
        self._careful = careful
        self._possible = possible
        self._verb = verb

    def body(self) -> ComposeResult:
        """The text; below it the name to type, or the buttons."""
        yield Lines(self._lines if self._open else self._folded, id="text")
        if self._confirm and self._possible:
            yield Bar(id="ask", bar=False)
            with Horizontal(id="answer"):
                yield Bar(id="prompt", bar=False)
                yield Field(id="name")
        elif self._possible:
            yield Buttons((self._verb, "Cancel"), chosen=1 if self._careful else 0)
        else:
            yield Buttons(("Close",))

    def action_details(self) -> None:
        """Every command, file and undo; or one line for each step."""
        if self._folded:
            self._open = not self._open
            self.text.set_lines(self._lines if self._open else self._folded)
            self.text.action_move("top")
            self.settle()

    def begin(self) -> None:
        """The keys go to the buttons, or to the name."""
        if self._confirm and self._possible:
            self._ask("text")
            self.query_one("#prompt", Bar).show(((">", "key"),))
            self.query_one(Field).focus()
        else:
            self.query_one(Buttons).focus()

    def _ask(self, tone: str) -> None:
        said = (
            "That does not match. To continue, type  " if tone == "bad" else "To continue, type  "
        )
        self.query_one("#ask", Bar).show(
            (
                (said, tone),
                (sanitize(self._confirm), "strong"),
                ("  and press enter:", tone),
            )
        )

    def footer_actions(self) -> list[Action]:
        """What is destroyed is confirmed by its name and enter."""
        actions = super().footer_actions()
        keys = {"run": ("enter",), "details": ("f3",)} if self._confirm else {}
        return [replace(action, keys=keys.get(action.id, action.keys)) for action in actions]

    @property
    def selection(self) -> Selection:
        """Whether something can be run."""
        return Selection(
            problem="" if self._possible else "nothing can be done", opened=bool(self._folded)
        )

    def action_run(self) -> None:
        """Yes; what is destroyed wants its name typed before."""
        if self._confirm and self._possible:
            self._check(self.query_one(Field).value)
        elif self._possible:
            self.dismiss(result=True)

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.dismiss(self._possible and event.index == 0)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self._check(event.value)

    def _check(self, typed: str) -> None:
        if typed in (self._confirm, sanitize(self._confirm)):
            self.dismiss(result=True)
        else:
            self._ask("bad")

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(result=False)


def _meaning(plans: Sequence[Plan], ended: str) -> list[Line]:
    lines: list[Line] = [((sanitize(text), "accent"),) for text in meaning(plans)]
    return [*lines, ((sanitize(ended), "warn"),)] if ended else lines


def _short(full: Sequence[Line], folded: Sequence[Line]) -> Sequence[Line]:
    """The folded lines, where all of them together would not be seen at once."""
    hint: Line = (("f3", "key"), (" shows every command, file and undo.", "dim"))
    return (*folded, (), hint) if len(full) > FOLDED else ()


def of_plan(
    plan: Plan, note: str = "", production: str = "", glyphs: Glyphs = UNICODE, ended: str = ""
) -> PreviewDialog:
    """The dialog for one plan; `note` says why it is shown again, `ended` what of ours it ends.

    On a `production` host its name is typed for what destroys.
    """
    title, *rest = preview_lines(preview(plan))
    head: list[Line] = [*([((note, "warn"),), ()] if note else []), title, *_meaning([plan], ended)]
    lines = [*head, *rest]
    return PreviewDialog(
        "Preview",
        lines,
        folded=_short(lines, [*head, (), *folded_lines([plan], glyphs)]),
        confirm=production or plan.confirm if plan.danger is Danger.DESTROYS else "",
        careful=_careful(plan),
        possible=bool(plan.steps),
    )


def of_items(
    title: str, items: Sequence[Item], glyphs: Glyphs, production: str = "", ended: str = ""
) -> PreviewDialog:
    """The dialog for several: first what is not possible or not needed, then every plan."""
    plans = plans_of(items)
    lines: list[Line] = [
        ((f"{glyphs.failed} {sanitize(item.name)}: ", "warn"), (item.refused, "text"))
        for item in items
        if item.refused
    ]
    lines += [
        ((f"{glyphs.done} {sanitize(item.name)}: ", "dim"), (item.already, "dim"))
        for item in items
        if item.already
    ]
    lines += _meaning(plans, ended)
    folded = [*lines, *folded_lines(plans, glyphs)]
    for plan in plans:
        lines += [(), *preview_lines(preview(plan))] if lines else preview_lines(preview(plan))
    destroys = any(plan.danger is Danger.DESTROYS for plan in plans)
    many = len(plans) > HANDFUL and any(interrupts(plan) or starts(plan) for plan in plans)
    count = f"{len(plans)} jail{'' if len(plans) == 1 else 's'}"
    return PreviewDialog(
        title,
        lines,
        folded=_short(lines, folded),
        confirm=production or count if destroys else str(len(plans)) if many else "",
        careful=any(_careful(plan) for plan in plans),
        possible=bool(plans),
    )


def _careful(plan: Plan) -> bool:
    """Whether enter alone must not run it."""
    return interrupts(plan) or any(step.irreversible_because for step in plan.steps)
