"""What was done: undone, or looked at again."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.text import sanitize
from jailer_tui.controllers.base import Controller
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.stores.jobs import title_of
from jailer_tui.widgets.grid import Row

_WORK = (Column("state", "", 10, 0), Column("title", "", 56, 0))


class UndoController(Controller):
    """Changes of before, and work of this session."""

    def do_undo(self) -> None:
        """The last change, or what was cut off."""
        from jailer_tui.controllers.recovery import undo_last  # noqa: PLC0415

        self.app.start_task(undo_last(self.app), "undo")

    def undo_entry(self, entry: str, accepted: Callable[[], object] | None = None) -> None:
        """That change."""
        from jailer_tui.controllers.recovery import undo  # noqa: PLC0415

        self.app.start_task(undo(self.app, entry, accepted), "undo")

    def recover(self) -> None:
        """What was cut off in the middle."""
        from jailer_tui.controllers.recovery import recover  # noqa: PLC0415

        self.app.start_task(recover(self.app), "recover")

    def do_work(self) -> None:
        """What was started in this session: the newest first."""
        work = self.app.jobs.all
        if len(work) == 1:
            self.app.show_work(work[0])
            return
        rows = [
            Row(
                str(index),
                (
                    ("ended", "dim") if one.over else ("running", "accent"),
                    (sanitize(title_of(one)), "strong"),
                ),
            )
            for index, one in reversed(list(enumerate(work)))
        ]
        self.app.push_screen(ChoiceDialog("Jobs of this session", _WORK, rows), self._show_work)

    def _show_work(self, key: str | None) -> None:
        if key is not None:
            self.app.show_work(self.app.jobs.all[int(key)])
