"""Actions on earlier changes: undo them, or view them."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.undo.requests import UndoChange
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Row

_WORK = (Column("state", "", 10, 0), Column("title", "", 56, 0))


class UndoController(Controller):
    """Earlier changes, and work of this session."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
        return {UndoChange.op: self._undo, "work": lambda _: self._work()}

    def _undo(self, selection: Selection) -> None:
        """The selected change; where no list of them is shown, the last one."""
        from jailer_tui.controllers import recovery  # noqa: PLC0415

        change = selection.change
        if not selection.changes or change is None or change.entry is None:
            work = recovery.undo_last(self.app)
        elif change.state == "cut off":
            work = recovery.recover(self.app)
        else:
            work = recovery.undo(self.app, change.entry.id, selection.accepted)
        self.app.start_task(work, UndoChange.op)

    def _work(self) -> None:
        """Work started in this session, newest first."""
        work = self.app.jobs.all
        if len(work) == 1:
            self.app.show_work(work[0])
            return
        rows = []
        for index, job in reversed(list(enumerate(work))):
            state = ("ended", "dim") if job.over else ("running", "accent")
            rows.append(Row(str(index), (state, (sanitize(job.title), "strong"))))
        self.app.push_screen(ChoiceDialog("Jobs of this session", _WORK, rows), self._show_work)

    def _show_work(self, key: str | None) -> None:
        if key is not None:
            self.app.show_work(self.app.jobs.all[int(key)])
