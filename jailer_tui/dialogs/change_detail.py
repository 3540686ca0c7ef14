"""One change of before: its steps and commands, and what files became."""

from __future__ import annotations

from jailer_core.operations.undo.entry import Entry
from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.activity import Change, detail, steps
from jailer_tui.presenters.jails import Line


class ChangeDetailDialog(Dialog[None]):
    """A page to read; its change can be undone from here."""

    PLACES = ("change",)
    BINDINGS = bindings("change", "text", "quiet")

    def __init__(self, entry: Entry, why_no_undo: str) -> None:
        super().__init__(entry.title)
        self._entry = entry
        self._why = why_no_undo

    def begin(self) -> None:
        """All of it."""
        self.text.set_lines(_lines(self._entry, self.glyphs))
        self.text.focus()

    def why_not(self, action: Action) -> str:
        """Whether it can be undone."""
        return self._why if action.id == "undo_this" else ""

    def do_undo_this(self) -> None:
        """Show how."""
        if self._why:
            self.jailer.notify_user(f"Undo: {self._why}")
        else:
            self.jailer.dispatcher.undo_entry(self._entry.id, lambda: self.dismiss(None))


def _lines(entry: Entry, glyphs: Glyphs) -> list[Line]:
    change = Change(entry.id, entry.title, entry.state, entry.who, entry=entry)
    _, *rest = detail(change, glyphs)
    return [*rest, (), *steps(entry, glyphs, full=True)]
