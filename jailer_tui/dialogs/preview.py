"""The preview of a plan: its exact commands and diffs, and what cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from jailer_core.plan import Danger, Plan
from jailer_core.plan.preview import meaning, preview
from jailer_core.text import counted, sanitize
from jailer_tui.actions import BY_ID, Action, Selection, bindings, first_key, footer_actions
from jailer_tui.dialogs.base import Buttons, ButtonsDialog
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.plan_steps import HANDFUL, Fold, folds, interrupts, preview_lines, starts
from jailer_tui.state import HostMarks
from jailer_tui.stores.jobs import Item, plans_of
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.folds import Folds
from jailer_tui.widgets.lines import Bar
from jailer_tui.widgets.search import Field

FOLDED = 16
"""With more lines than that, only one for each step is shown at first."""


class PreviewDialog(ButtonsDialog[bool]):
    """Shows a plan (or several) and asks; the answer is True only when it is to run.

    `confirm` must be typed when something is destroyed, or many jails are stopped or started.
    Where something is interrupted or cannot be undone the chosen button is Cancel.
    """

    PLACES = ("preview",)
    EXPLAINED = ("preview", "steps")
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
        folded: Sequence[Fold] = (),
    ) -> None:
        super().__init__(title, danger=bool(confirm) or careful)
        self._lines = lines
        self._folded = folded
        self._open = not folded
        self._confirm = confirm
        self._careful = careful
        self._possible = possible
        self.answers = (True, False) if possible else (False,)

    def body(self) -> ComposeResult:
        """The text, and below it the field for the name, or the buttons."""
        yield Folds(glyphs=self.glyphs, id="text")
        if self._confirm and self._possible:
            yield Bar(id="ask", bar=False)
            with Horizontal(id="answer"):
                yield Bar(id="prompt", bar=False)
                yield Field(id="name")
        elif self._possible:
            yield Buttons(("Run", "Cancel"), chosen=1 if self._careful else 0)
        else:
            yield Buttons(("Close",))

    @property
    def _steps(self) -> Folds:
        return self.query_one(Folds)

    @property
    def _answer(self) -> Widget:
        """What is answered with: the buttons, or the name to type."""
        typed = self._confirm and self._possible
        return self.query_one(Field) if typed else self.query_one(Buttons)

    def _fill(self) -> None:
        if self._open:
            self._steps.show_lines(self._lines)
        else:
            self._steps.show_folds(self._folded)

    def action_details(self) -> None:
        """Show every command, file and undo, or one line for each step."""
        if self._folded:
            self._open = not self._open
            self._fill()
            self._steps.action_move("top")
            self._answer.focus()
            self.settle()

    def action_move(self, how: str) -> None:
        """Down goes to the steps; a plain text only scrolls."""
        if how in ("up", "down") and self._steps.folded and self.focused is not self._steps:
            self._steps.focus()
        else:
            self._steps.action_move(how)

    @on(Folds.Turned)
    def _turned(self) -> None:
        self.settle()

    @on(Folds.Left)
    def _left_steps(self) -> None:
        self._answer.focus()

    def begin(self) -> None:
        """Focus the buttons, or the field for the name."""
        self._fill()
        if self._confirm and self._possible:
            self._ask("text")
            self.query_one("#prompt", Bar).show(((">", "key"),))
        self._answer.focus()

    def on_descendant_focus(self) -> None:
        """Offer the keys of the steps while they have the focus."""
        self.keys.offer(self.footer_actions())

    def _ask(self, tone: str) -> None:
        message = f"{'That does not match. ' if tone == 'bad' else ''}To continue, type  "
        self.query_one("#ask", Bar).show(
            (
                (message, tone),
                (sanitize(self._confirm), "strong"),
                (f"  and press {key_for('field:submit')}:", tone),
            )
        )

    def footer_actions(self) -> list[Action]:
        """The actions; if a name must be typed, enter runs the plan."""
        if isinstance(self.focused, Folds):
            actions = footer_actions(("steps", *self.PLACES))
            return [action for action in actions if action.id != "run" or not self._confirm]
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
        """Run the plan, after the name was typed if it destroys something."""
        if self._confirm and self._possible:
            self._check(self.query_one(Field).value)
        elif self._possible:
            self.dismiss(result=True)

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


def _meaning(plans: Sequence[Plan], ended: str, where: Sequence[str] = ()) -> list[Line]:
    lines = ((meaning(plans, where), "accent"), (sanitize(ended), "warn"))
    return [((text, tone),) for text, tone in lines if text]


def _short(full: Sequence[Line], folded: Sequence[Fold]) -> Sequence[Fold]:
    """The folds, where all lines together would not be seen at once."""
    if len(full) <= FOLDED:
        return ()
    down, step, all_of_them = (
        first_key(BY_ID[name]) for name in ("move:down", "step:turn", "details")
    )
    hint: Line = (
        (down, "key"),
        (" and ", "dim"),
        (step, "key"),
        (" open a step, ", "dim"),
        (all_of_them, "key"),
        (" all of them.", "dim"),
    )
    return (*folded, Fold(((), hint)))


def of_plan(
    plan: Plan, note: str = "", marks: HostMarks | None = None, ended: str = ""
) -> PreviewDialog:
    """The dialog for one plan; `note` says why it is shown again, `ended` what of ours it ends.

    Among several hosts it says on which one. On one of production its name is typed for what
    destroys.
    """
    title, *rest = preview_lines(preview(plan))
    head: list[Line] = [*([((note, "warn"),), ()] if note else []), title, *_meaning([plan], ended)]
    lines = [*head, *rest]
    production = marks.name if marks is not None and marks.production else ""
    return PreviewDialog(
        f"Preview on {sanitize(marks.name)}" if marks is not None else "Preview",
        lines,
        folded=_short(lines, [Fold((*head, ())), *folds([plan])]),
        confirm=production or plan.confirm if plan.danger is Danger.DESTROYS else "",
        careful=_careful(plan),
        possible=bool(plan.steps),
    )


def of_items(
    title: str, items: Sequence[Item], glyphs: Glyphs, production: str = "", ended: str = ""
) -> PreviewDialog:
    """The dialog for several: the consequences, what is not possible or needed, then every plan."""
    plans = plans_of(items)
    where = [item.where for item in items if item.plan is not None]
    lines = _meaning(plans, ended, where)
    lines += [
        ((f"{glyphs.failed} {sanitize(item.name)}: ", "warn"), (item.refused, "text"))
        for item in items
        if item.refused
    ]
    lines += [
        ((f"{glyphs.done} {sanitize(item.name)}: ", "dim"), (item.already, "dim"))
        for item in items
        if item.already
    ]
    folded = [Fold(tuple(lines)), *folds(plans)]
    for plan in plans:
        lines += [(), *preview_lines(preview(plan))] if lines else preview_lines(preview(plan))
    destroys = any(plan.danger is Danger.DESTROYS for plan in plans)
    many = len(plans) > HANDFUL and any(interrupts(plan) or starts(plan) for plan in plans)
    count = counted(len(plans), "jail")
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
