"""One line of text to type, with the keys that actions declares and no others."""

from __future__ import annotations

from textual.widgets import Input

from jailer_tui.actions import bindings


class Field(Input, inherit_bindings=False):
    """A line of text: textual's editing actions with our keys."""

    BINDINGS = bindings("field")

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(placeholder=placeholder, id=id, classes="line", compact=True)
        self.cursor_blink = False

    async def action_field(self, how: str) -> None:
        """Perform one of textual's editing actions."""
        await self.run_action(how)
