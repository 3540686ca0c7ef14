"""Actions on the trash."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.jails.requests import TrashPurge, TrashRestore
from jailer_core.operations.shared.trash import because
from jailer_core.operations.snapshots.requests import UndoRollback
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.dialogs.trash import TrashDialog
from jailer_tui.presenters.jail_parts import stamp


class TrashController(Controller):
    """The selected entry."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
        return {
            "trash": self._show,
            TrashRestore.op: self._restore,
            TrashPurge.op: self._purge,
        }

    def _show(self, _selection: Selection) -> None:
        """What was destroyed."""
        days = self.app.preferences.settings.trash_days
        self.app.push_screen(TrashDialog(self.app.view, days))

    def _restore(self, selection: Selection) -> None:
        """Bring it back; an earlier state of a jail that exists changes places with it."""
        entry, inventory = selection.entry, self.app.view.inventory
        if entry is None or inventory is None:
            return
        if because(entry) and inventory.jail(entry.name):
            self.run(UndoRollback(entry.id, stamp(self.app.reader.host.clock())))
        else:
            self.run(TrashRestore(entry.id))

    def _purge(self, selection: Selection) -> None:
        if selection.entries:
            requests = [TrashPurge(entry.id) for entry in selection.entries]
            work = self.app.runner.run_many(lambda _: "Purge the trash", requests)
            self.app.start_task(work, TrashPurge.op)
        elif selection.entry is not None:
            self.run(TrashPurge(selection.entry.id))
