"""A dialog that stays open until what it asks for runs, so that nothing must be filled in twice.

Complete a field of a form with names from the host.

A form in a box: every field is checked while it is typed, by the rules of the operation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus
from textual.widgets import Input

from jailer_core.completion import Completed, complete, shown
from jailer_core.errors import JailerError
from jailer_core.model import Inventory
from jailer_core.text import sanitize
from jailer_tui.actions import Action, Selection, bindings
from jailer_tui.context import AppContext
from jailer_tui.dialogs.base import Buttons, Dialog
from jailer_tui.dialogs.choice import ChoiceDialog, choice_row
from jailer_tui.dialogs.confirm import ConfirmDialog
from jailer_tui.forms.model import (
    ChoiceOption,
    FormField,
    FormModel,
    Kind,
    first_problem,
    help_lines,
)
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.state import AppState
from jailer_tui.widgets.form import Form
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Lines

A = TypeVar("A")


class FormDialogBase(Dialog[None], Generic[A]):
    """Its opener awaits one `answer` after another; None means that it was left."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.busy = False
        self._answers: asyncio.Queue[A | None] = asyncio.Queue()

    async def answer(self) -> A | None:
        """Wait for the submitted input; None if the dialog was left."""
        self.busy = False
        if self.is_open:
            self.draw()
        return await self._answers.get()

    def hand_in(self, answer: A) -> None:
        """Submit the input; ignore further submits until it has been handled."""
        if not self.busy:
            self.busy = True
            self.draw()
            self._answers.put_nowait(answer)

    def draw(self) -> None:
        """Draw the input, and whether the host is being read for it."""

    def refuse(self, error: JailerError) -> None:
        """The request was refused."""
        self.jailer.notify_user(error.message, error.hint)

    def on_unmount(self) -> None:
        """Wake whatever waits for an answer."""
        self._answers.put_nowait(None)


_COLUMNS = (Column("name", "", 70, 0),)


async def completed(app: AppContext, inventory: Inventory, item: FormField) -> Completed:
    """The text of a field, completed as far as it is unambiguous."""
    if item.source is None:
        return Completed(item.value)
    with app.busy():
        return await complete(app.reader, inventory, item.source, item.value)


def choose(
    app: AppContext, item: FormField, completed: Completed, use: Callable[[str], None]
) -> None:
    """Let the user choose one of several."""
    rows = [Row(choice, ((label, "strong"),)) for choice, label in shown(completed.choices)]

    def chosen(choice: str | None) -> None:
        if choice is not None:
            use(choice)

    app.push_screen(ChoiceDialog(item.label, _COLUMNS, rows), chosen)


OPTIONS = (Column("label", "", 24, 0), Column("said", "", 44, 0))
BELOW = 3
"""Lines below the form that explain the field with the focus."""


def option_rows(options: Sequence[ChoiceOption]) -> list[Row]:
    """A row for each option of a field: its label and its meaning."""
    return [choice_row(option.value, option.label, option.description) for option in options]


class FormDialog(FormDialogBase[dict[str, str]]):
    """Answers with the text of every field by its key."""

    PLACES: ClassVar[tuple[str, ...]] = ("form",)
    BINDINGS = bindings("form", "quiet")

    DEFAULT_CSS = """
    FormDialog #said { height: auto; max-height: 4; margin: 0 0 1 0; }
    FormDialog #said.none { display: none; }
    FormDialog #below { height: 3; margin: 1 0 0 0; }
    FormDialog Buttons { margin: 0; }
    """

    def __init__(
        self,
        title: str,
        subject: FormModel,
        inventory: Inventory,
        values: Mapping[str, str],
        *,
        verb: str = "Preview",
    ) -> None:
        super().__init__(title)
        self.subject = subject
        self.values = dict(values)
        self.began_with = dict(values)
        self.inventory = inventory
        self._items = subject.items(inventory, self.values)
        self._verb = verb
        self._message = ("", "", "")
        self._said: list[Line] = []

    def body(self) -> ComposeResult:
        """The last error, the fields, and the help of the focused field."""
        yield Lines(id="said", classes="none", can_focus=False)
        yield Form(self._items, self.glyphs)
        yield Lines(id="below", can_focus=False)
        yield Buttons(self.buttons())

    def buttons(self) -> Sequence[str]:
        """The labels of the buttons."""
        return (self._verb, "Cancel")

    def footer_actions(self) -> list[Action]:
        """The actions, labelled like the first button where submitting shows no preview."""
        return [
            replace(action, label=self._verb) if action.id == "submit" else action
            for action in super().footer_actions()
        ]

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    def begin(self) -> None:
        """Focus the first field."""
        self._say_above()
        self.focus_first()

    def focus_first(self) -> None:
        """Focus the first field, or the button."""
        controls = self.form.controls
        (controls[0] if controls else self.query_one(Buttons)).focus()

    def settle(self) -> None:
        """Give the form as many lines as it needs and the screen has."""
        others = 2 + BELOW + 1 + 2 + (len(self._said) + 1 if self._said else 0)
        self.form.styles.height = max(3, min(self.form.shown, self.size.height - others - 1))

    # --- answering ---------------------------------------------------------------------------

    def refuse(self, error: JailerError) -> None:
        """The request was refused: show why above the fields."""
        self.say_above([((sanitize(error.message), "bad"),)], error.hint)

    def say_above(self, lines: Sequence[Line], hint: str = "") -> None:
        """The text above the fields."""
        self._said = [*lines, *([((sanitize(hint), "accent"),)] if hint else [])]
        if self.is_open:
            self._say_above()
            self.call_after_refresh(self._settle)

    def _say_above(self) -> None:
        lines = self.query_one("#said", Lines)
        lines.set_class(not self._said, "none")
        lines.set_lines(self._said)

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show a new state of the host; facts that only this form read are kept."""
        if view.inventory is not None:
            self.learn(view.inventory.keeping(self.inventory))

    def learn(self, inventory: Inventory) -> None:
        """Read facts that a refresh does not read."""
        self.inventory = inventory
        if self.is_open:
            self.draw()

    def draw(self) -> None:
        """Draw suggestions and problems for the current input."""
        self._items = self.subject.items(self.inventory, self.values)
        self.form.fill(self._items)
        self._explain()
        self.keys.update()

    def _explain(self) -> None:
        busy: list[Line] = [((f"Reading the host{self.glyphs.dots}", "accent"),)]
        self.query_one("#below", Lines).set_lines(busy if self.busy else self.explained())

    def explained(self) -> list[Line]:
        """The text below the fields."""
        item = self.form.item_of(self.focused)
        key, value, message = self._message
        if item is not None and message and (item.key, item.value) == (key, value):
            return [((message, "warn"),), *help_lines(item)]
        return help_lines(item)

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        """Show the help of the focused field."""
        self._explain()
        self.keys.update()

    # --- keys --------------------------------------------------------------------------------

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        if self._said and self.values.get(event.key) != event.value:
            self._said = [() for _ in self._said]  # it was about what stood there; nothing moves
            self._say_above()
        self.values[event.key] = event.value
        self.draw()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_go("enter")

    def action_go(self, how: str) -> None:
        """Go to the `next`, `previous`, `first` or `last` field, or from there to the buttons."""
        stops = [*self.form.controls, self.query_one(Buttons)]
        index_now = next((i for i, widget in enumerate(stops) if widget is self.focused), 0)
        targets = {"previous": index_now - 1, "page_up": index_now - 6, "page_down": index_now + 6}
        index = targets.get(how, index_now + 1)
        stops[max(0, min(index, len(stops) - 1))].focus()

    @on(Form.Listed)
    def _list(self, event: Form.Listed) -> None:
        item = event.item
        rows = option_rows(item.options)

        def chosen(value: str | None) -> None:
            if value is not None:
                self._changed(Form.Changed(item.key, value))

        self.app.push_screen(ChoiceDialog(item.label, OPTIONS, rows, item.value), chosen)

    def action_complete(self) -> None:
        """Complete the input; if it is ambiguous, choose from a list."""
        item = self.form.item_of(self.focused)
        if item is not None and item.completes:
            self.jailer.beside(self._complete(item), "complete")

    async def _complete(self, item: FormField) -> None:
        result = await completed(self.jailer, self.inventory, item)
        now = self.form.item_of(self.focused) if self.is_open else None
        if now is None or (now.key, now.value) != (item.key, item.value):
            return  # the text has changed since then
        self._message = (item.key, result.text, result.message)
        if result.text != item.value:
            self.form.put(item.key, result.text)
        elif result.choices:
            choose(self.jailer, item, result, partial(self.form.put, item.key))
        self._explain()

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.press_button(event.index)

    def press_button(self, index: int) -> None:
        """The first button submits."""
        if index == 0:
            self.action_submit()
        else:
            self.action_leave_form()

    @property
    def selection(self) -> Selection:
        """What is wrong with the form, and whether the field can be completed."""
        wrong = first_problem(self._items)
        item = self.form.item_of(self.focused)
        return Selection(
            problem=wrong.problem if wrong is not None else "",
            completes=item is not None and item.completes,
        )

    def action_submit(self) -> None:
        """Submit, or go to the first problem."""
        wrong = first_problem(self._items)
        if wrong is not None:
            self.point_at(wrong)
        else:
            self.hand_in(dict(self.values))

    def point_at(self, item: FormField) -> None:
        """Focus the invalid field; the problem is shown beside and below it."""
        if item.kind is Kind.FACT or item.off:
            self.say_above([((item.problem, "bad"),)], item.hint)
        else:
            self.form.go_to(item.key)

    def action_leave_form(self) -> None:
        """Leave the form; asks before discarding input."""
        if self.values == self.began_with:
            self.dismiss()
        else:
            ask = ConfirmDialog("Leave this form?", ["Your input will be discarded."], "Leave")
            self.jailer.push_screen(ask, lambda sure: self.dismiss() if sure else None)
