"""The wizard: a form as one question after the other, for first-time users; or as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from jailer_core.model import Inventory
from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.base import Buttons
from jailer_tui.dialogs.form import BELOW, FormDialog, option_rows
from jailer_tui.forms.model import FormField, FormModel, Question, first_problem, help_lines
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.widgets.form import Form
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Lines

ASKING = 84
"""How wide the box is at most while questions are asked."""


class WizardDialog(FormDialog):
    """One form, shown as questions or as a whole; switching keeps the input."""

    PLACES: ClassVar[tuple[str, ...]] = ("form", "wizard")
    BINDINGS = bindings("form", "wizard", "quiet")

    DEFAULT_CSS = """
    WizardDialog #question { height: auto; margin: 0 0 1 0; }
    WizardDialog #list { height: 1fr; }
    """

    def __init__(
        self,
        title: str,
        subject: FormModel,
        inventory: Inventory,
        values: Mapping[str, str],
        questions: Sequence[Question],
    ) -> None:
        super().__init__(title, subject, inventory, values)
        self.asking = True
        self.index = 0
        self._all = tuple(questions)

    def body(self) -> ComposeResult:
        """The question and its list, or the fields."""
        yield Lines(id="said", classes="none", can_focus=False)
        yield Lines(id="question", can_focus=False)
        yield Grid(glyphs=self.glyphs, header=False, id="list")
        yield Form(self._items, self.glyphs)
        yield Lines(id="below", can_focus=False)
        yield Buttons(self.buttons())

    def begin(self) -> None:
        """Start with the first question, or the first field."""
        super().begin()
        self.turn()

    def settle(self) -> None:
        """Size the box: one size for all questions, another for all fields."""
        box = self.query_one(".box")
        box.styles.max_width = ASKING if self.asking else None
        rows = 22 if self.asking else self.form.shown + BELOW + 8 + len(self._said)
        box.styles.height = min(self.size.height, rows)
        if self.asking and self.question.choice:
            options = self.item(self.question.keys[0]).options
            longest = max(len(option.label) for option in options)
            first = max(10, min(longest, 30))
            rest = max(20, min(self.size.width, ASKING) - first - 9)
            self.grid.set_columns((Column("label", "", first, 0), Column("said", "", rest, 0)))

    def footer_actions(self) -> list[Action]:
        """The actions, with the label of what the switch key leads to."""
        label = "All fields" if self.asking else "Step by step"
        return [
            replace(action, label=label) if action.id == "switch" else action
            for action in super().footer_actions()
        ]

    # --- questions ---------------------------------------------------------------------------

    @property
    def questions(self) -> list[Question]:
        """The questions that apply after the previous answers."""
        off = {form_field.key for form_field in self._items if form_field.off}
        return [question for question in self._all if not off.issuperset(question.keys)]

    @property
    def question(self) -> Question:
        """The current question."""
        return self.questions[min(self.index, len(self.questions) - 1)]

    def item(self, key: str) -> FormField:
        """The current form field of that key."""
        return next(form_field for form_field in self._items if form_field.key == key)

    def turn(self) -> None:
        """Show another question, or switch between questions and fields."""
        question = self.query_one("#question", Lines)
        question.display = self.asking
        listed = self.asking and self.question.choice
        self.grid.display = listed
        self.form.display = not listed
        self.form.only(self.question.keys if self.asking else None)
        if listed:
            self.grid.set_rows([])
        self.draw()
        self.settle()
        if listed:
            self.grid.move_to_key(self.item(self.question.keys[0]).option.value)
            self.grid.focus()
        else:
            self.focus_first()
        self.query_one(Buttons).rename(self.buttons())
        self.keys.offer(self.footer_actions())

    def buttons(self) -> Sequence[str]:
        """The labels of the buttons."""
        if not self.asking:
            return super().buttons()
        last = self.index >= len(self.questions) - 1
        return ("Preview" if last else "Next", "Back" if self.index else "Cancel")

    def draw(self) -> None:
        """Draw suggestions, problems and the current position."""
        super().draw()
        box = self.query_one(".box")
        if not self.asking:
            box.border_title = Content(self._title)
            return
        count = f"{self.index + 1} of {len(self.questions)}"
        box.border_title = Content(f"{self._title} {self.glyphs.dot} {count}")
        question = self.question
        lines: list[Line] = [((question.title, "strong"),)]
        lines += [((line, "text"),) for line in question.text]
        self.query_one("#question", Lines).set_lines(lines)
        if question.choice:
            self.grid.set_rows(option_rows(self.item(question.keys[0]).options))

    def explained(self) -> list[Line]:
        """The text below the fields; below a list, only its problem."""
        if self.asking and self.question.choice:
            item = self.item(self.question.keys[0])
            return help_lines(replace(item, help="")) if item.problem else []
        return super().explained()

    @on(Grid.Moved)
    def _moved(self, event: Grid.Moved) -> None:
        key = self.question.keys[0] if self.asking and self.question.choice else ""
        if key and event.key is not None and event.key != self.item(key).option.value:
            self.values[key] = event.key
            self.draw()

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.forward()

    # --- keys --------------------------------------------------------------------------------

    def action_go(self, how: str) -> None:
        """Enter on the last field of a question goes to the next question."""
        if self.asking and how == "enter" and self._at_the_end():
            self.forward()
        elif self.asking and self.question.choice:
            buttons = self.query_one(Buttons)
            (self.grid if self.focused is buttons else buttons).focus()
        else:
            super().action_go(how)

    def _at_the_end(self) -> bool:
        if self.question.choice:
            return self.focused is self.grid
        controls = self.form.controls
        return not controls or self.focused is controls[-1]

    def forward(self) -> None:
        """Go to the next question, or from the last one to the preview."""
        keys = self.question.keys
        wrong = first_problem([form_field for form_field in self._items if form_field.key in keys])
        if wrong is not None:
            self.point_at(wrong)
        elif self.index < len(self.questions) - 1:
            self.index += 1
            self.turn()
        else:
            self.action_submit()

    def point_at(self, item: FormField) -> None:
        """Go to the question with that field, or to the fields."""
        if self.asking:
            asked = enumerate(self.questions)
            place = next((index for index, question in asked if item.key in question.keys), None)
            if place == self.index and self.question.choice:
                self._explain()
                return
            if place != self.index:
                self.asking = place is not None
                self.index = place or 0
                self.turn()
        super().point_at(item)

    def press_button(self, index: int) -> None:
        """Go to the next or previous question, to the preview, or leave."""
        if index == 1:
            self.action_leave_form()
        elif self.asking:
            self.forward()
        else:
            self.action_submit()

    def action_leave_form(self) -> None:
        """Go back one question, or leave the form."""
        if self.asking and self.index:
            self.index -= 1
            self.turn()
        else:
            super().action_leave_form()

    def action_switch(self) -> None:
        """Switch between questions and fields."""
        self.asking = not self.asking
        self.index = 0
        self.turn()
