"""A field in which one of several values is chosen, on one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click, Resize
from textual.message import Message

from jailer_tui.actions import bindings
from jailer_tui.forms.model import ON_OFF, YES, ChoiceOption
from jailer_tui.presenters.jails import Line, fit
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.lines import Bar


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
