"""One earlier change: its steps, commands, and changes to files."""

from __future__ import annotations

from collections.abc import Callable

from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.presenters.activity import Change, detail, steps


class ChangeDetailDialog(Dialog[None]):
    """A page to read; its change can be undone from here."""

    PLACES = ("change",)
    BINDINGS = bindings("change", "text", "quiet")

    def __init__(self, change: Change, other: Callable[[str], Change | None]) -> None:
        super().__init__(change.title)
        self._change = change
        self._other = other

    def action_object(self, how: str) -> None:
        """The `next` or `previous` change of the list."""
        change = self._other(how)
        if change is not None:
            self._change = change
            self.query_one(".box").border_title = change.title
            self.begin()
            self.keys.update()

    def begin(self) -> None:
        """All of it."""
        entry = self._change.entry
        if entry is not None:
            change = Change(entry.id, entry.title, entry.state, entry.who, entry=entry)
            _, *rest = detail(change, self.glyphs)
            self.text.set_lines([*rest, (), *steps(entry, self.glyphs, full=True)])
        self.text.focus()

    @property
    def selection(self) -> Selection:
        """The change; the page is closed when its undo runs."""
        return Selection(changes=True, change=self._change, accepted=lambda: self.dismiss(None))
