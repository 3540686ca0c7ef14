"""A page to read in a box."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_tui.actions import bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.presenters.jails import Line


class PageDialog(Dialog[None]):
    """Lines that can be scrolled, searched and copied."""

    PLACES = ("help",)
    BINDINGS = bindings("help", "text", "copyable", "quiet")

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__(title)
        self._lines = tuple(lines)

    def begin(self) -> None:
        """Ready to scroll."""
        self.text.set_lines(self._lines)
        self.text.focus()
