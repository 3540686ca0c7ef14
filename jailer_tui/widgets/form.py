"""A field in which one of several values is chosen, on one line.

A scrolling column of fields: label, field, remark, one line each, in fixed places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Click, Resize
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from jailer_tui.actions import bindings
from jailer_tui.forms.model import ON_OFF, YES, ChoiceOption, FormField, Kind, inline_hint
from jailer_tui.presenters.jails import Line, fit
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.lines import Bar
from jailer_tui.widgets.search import Field
from jailer_tui.widgets.styled import StyledWidget


class Choice(Bar, can_focus=True):
    """Shows the chosen option; arrows select the next, yes-or-no is a check box."""

    BINDINGS = bindings("options")

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        choice: Choice
        value: str

    @dataclass
    class Wanted(Message):
        """A list of all options is requested."""

        choice: Choice

    def __init__(self, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(bar=False)
        self.glyphs = glyphs
        self.options: tuple[ChoiceOption, ...] = ()
        self.value = ""

    def set_options(self, options: Sequence[ChoiceOption], value: str) -> None:
        """Set the options and the chosen one."""
        self.options, self.value = tuple(options), value
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the arrows while focused."""
        super().watch_has_focus(has_focus)
        self._draw()

    def on_resize(self, _event: Resize) -> None:
        """Fit the new width; textual also calls the method of Lines."""
        self._draw()

    def _draw(self) -> None:
        tone = "dim" if self.disabled else "text"
        width = max(self.size.width - 4, 1)
        labels = {option.value: option.label for option in reversed(self.options)}
        label = labels.get(self.value, "-")
        shown = fit(label, min(len(label), width), self.glyphs)
        line: Line = ((f"  {shown}", tone),)
        if self.options == ON_OFF:
            box = f"[{'x' if self.value == YES else ' '}]"
            line = (("  ", tone), (box, "button" if self.has_focus else tone), (f" {label}", tone))
        elif self.has_focus:
            line = ((f"{self.glyphs.before} {shown} {self.glyphs.after}", "button"),)
        self.show(line)

    def action_turn(self, how: str) -> None:
        """Choose the `next` or `previous` option; `list` requests a list of all."""
        if how == "list" and len(self.options) > 2:
            self.post_message(self.Wanted(self))
        elif self.options:
            values = [option.value for option in self.options]
            index = values.index(self.value) if self.value in values else 0
            step = -1 if how == "previous" else 1
            self.choose(values[(index + step) % len(values)])

    def choose(self, value: str) -> None:
        """Choose that option."""
        if value != self.value:
            self.value = value
            self._draw()
            self.post_message(self.Changed(self, value))

    def on_click(self, _event: Click) -> None:
        """Toggle the box, or request the list."""
        if not self.disabled:
            self.focus()
            self.action_turn("list")


LABEL, CONTROL = 16, 27
"""Cells for the label and for the field; what is beside it takes the rest."""


class FormRow(StyledWidget, Horizontal):
    """One item: paints label and remark; only the field is a separate widget."""

    DEFAULT_CSS = """
    FormRow { height: 1; }
    FormRow > Field { width: 25; margin: 0 0 0 18; }
    FormRow > Choice { width: 27; margin: 0 0 0 16; }
    """

    def __init__(self, item: FormField, glyphs: Glyphs) -> None:
        super().__init__()
        self.item = item
        self.glyphs = glyphs
        self.control: Field | Choice | None = None
        if item.kind is Kind.TEXT:
            self.control = Field()
        elif item.kind is Kind.CHOICE:
            self.control = Choice(glyphs)

    def compose(self) -> ComposeResult:
        """The field, if there is one."""
        if self.control is not None:
            yield self.control

    def on_mount(self) -> None:
        """Fill in the initial value; later input belongs to the user."""
        if isinstance(self.control, Field):
            self.control.value = self.item.value
        self.fill(self.item)

    def fill(self, item: FormField) -> None:
        """Update the item without changing the input."""
        self.item = item
        self.refresh()
        if self.control is None:
            return
        self.control.disabled = not item.open
        if isinstance(self.control, Choice):
            self.control.set_options(item.options, item.option.value)
        else:
            self.control.placeholder = "" if item.off else item.suggestion

    def render_line(self, _y: int) -> Strip:
        """Label, room for the field, and the note beside it, truncated where it does not fit."""
        item, width = self.item, self.size.width
        if item.kind is Kind.TITLE:
            return self.painted(((item.label, "title"),), width)
        wrong = item.problem and not item.missing
        tone = "dim" if item.off else "bad" if wrong else "text"
        label = (fit(f"  {item.label}", LABEL, self.glyphs), tone)
        field = CONTROL + 2 if self.control is not None else 2
        ((text, how),) = inline_hint(item, self.glyphs.failed)
        room = max(0, width - LABEL - field)
        return self.painted(
            (label, (" " * field, "text"), (fit(text, room, self.glyphs), how)), width
        )


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """All items of a form. Input is announced by `Changed`."""

    DEFAULT_CSS = """
    Form { height: 1fr; scrollbar-size: 1 1; }
    Form {
        scrollbar-background: $surface;
        scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface;
        scrollbar-color: $scroll;
        scrollbar-color-hover: $scroll;
        scrollbar-color-active: $scroll;
    }
    """

    @dataclass
    class Changed(Message):
        """The value of a field changed."""

        key: str
        value: str

    @dataclass
    class Listed(Message):
        """A list of all options of a field is requested."""

        item: FormField

    def __init__(self, items: Sequence[FormField], glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self._rows = {form_field.key: FormRow(form_field, glyphs) for form_field in items}

    def compose(self) -> ComposeResult:
        """The rows."""
        yield from self._rows.values()

    def fill(self, items: Sequence[FormField]) -> None:
        """Update the items."""
        for form_field in items:
            if self._rows[form_field.key].item != form_field:
                self._rows[form_field.key].fill(form_field)

    def only(self, keys: Sequence[str] | None) -> None:
        """Show only these rows; None shows all."""
        for key, row in self._rows.items():
            row.display = keys is None or key in keys

    @property
    def shown(self) -> int:
        """How many rows are visible."""
        return sum(row.display for row in self._rows.values())

    # --- where keys go -----------------------------------------------------------------------

    @property
    def controls(self) -> list[Widget]:
        """The fields that can be filled in now, from top to bottom."""
        rows = [row for row in self._rows.values() if row.display and row.item.open]
        return [row.control for row in rows if row.control is not None]

    def item_of(self, control: Widget | None) -> FormField | None:
        """The item of a field."""
        rows = self._rows.values()
        return next((row.item for row in rows if row.control is control and control), None)

    def go_to(self, key: str) -> None:
        """Focus a field, with the heading above it visible."""
        control = self._rows[key].control
        if control is not None:
            control.focus()

    def put(self, key: str, text: str) -> None:
        """Replace the text of a field."""
        control = self._rows[key].control
        if isinstance(control, Field):
            control.value = text
            control.cursor_position = len(text)

    # --- what was done -----------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        item = self.item_of(event.input)
        if item is not None and item.value != event.value:
            self.post_message(self.Changed(item.key, event.value))

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        item = self.item_of(event.choice)
        if item is not None:
            self.post_message(self.Changed(item.key, event.value))

    @on(Choice.Wanted)
    def _listed(self, event: Choice.Wanted) -> None:
        event.stop()
        item = self.item_of(event.choice)
        if item is not None:
            self.post_message(self.Listed(item))
