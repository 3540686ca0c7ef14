"""Destroyed jails: each can come back, or go for good."""

from __future__ import annotations

from datetime import UTC, datetime

from jailer_core.model import Inventory, TrashEntry
from jailer_core.text import human_bytes, visible
from jailer_tui.actions import Action, Circumstances, bindings, why_not
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.present import Column
from jailer_tui.view import View
from jailer_tui.widgets.grid import Row

_COLUMNS = (
    Column("name", "NAME", 24, 0),
    Column("when", "DESTROYED", 20, 0),
    Column("size", "SIZE", 6, 0, right=True),
    Column("was", "WAS", 8, 0),
)


def _when(entry: TrashEntry) -> str:
    """The stamp as a time, when it is one."""
    try:
        found = datetime.strptime(entry.stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return visible(entry.stamp)
    return found.astimezone().strftime("%Y-%m-%d %H:%M")


def trash_rows(inventory: Inventory | None) -> list[Row]:
    """The newest first."""
    entries = inventory.trash if inventory is not None else ()
    rows = []
    for one in sorted(entries, key=lambda entry: entry.stamp, reverse=True):
        was = one.meta.get("ran")
        state = "running" if was is True else "stopped" if was is False else "?"
        rows.append(
            Row(
                one.id,
                (
                    (visible(one.name), "strong"),
                    (_when(one), "text"),
                    (human_bytes(one.used), "text"),
                    (state, "text" if state != "?" else "dim"),
                ),
            )
        )
    return rows


class TrashDialog(ChoiceDialog[str], inherit_bindings=False):
    """Answers with `restore ID` or `purge ID`."""

    PLACES = ("trash",)
    HEADER = True
    BINDINGS = bindings("trash", "list", "quiet")

    def __init__(self, view: View) -> None:
        super().__init__("Trash", _COLUMNS, trash_rows(view.inventory))
        self._view = view

    def begin(self) -> None:
        """An empty trash says so."""
        self.list.empty = (
            (("  The trash is empty. ", "text"), ("Jails that you destroy wait here.", "dim")),
        )
        super().begin()

    def show(self, view: View) -> None:
        """A new picture of the host."""
        self._view = view
        self.list.set_rows(trash_rows(view.inventory))
        self.keys.update()

    def why_not(self, action: Action) -> str:
        """Why it cannot be done now."""
        now = Circumstances(self._view.now.read_only, 0, self._view.now.stale)
        return why_not(action, self._view.inventory, None, now)

    def do_restore(self) -> None:
        """Bring it back."""
        self._answer("restore")

    def do_pick(self) -> None:
        """What a second click means."""
        self.do_restore()

    def do_purge(self) -> None:
        """Destroy it for good."""
        self._answer("purge")

    def _answer(self, what: str) -> None:
        why = self.why_not(next(one for one in self._own() if one.id == what))
        if why:
            self.jailer.say(why)
        elif self.list.key is not None:
            self.dismiss(f"{what} {self.list.key}")

    def _own(self) -> tuple[Action, ...]:
        from jailer_tui.actions import in_places  # noqa: PLC0415

        return in_places("trash")
