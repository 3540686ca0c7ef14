"""The trash: destroyed jails, and states before rollbacks; each can be restored or purged."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from jailer_core.model import Inventory, TrashEntry
from jailer_core.operations.jails.requests import TrashRestore
from jailer_core.operations.shared.trash import because, is_old, since
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters import retention
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

_COLUMNS = (
    Column("name", "NAME", 16, 0),
    Column("when", "SINCE", 16, 0),
    Column("age", "AGE", 7, 0, right=True),
    Column("size", "SIZE", 5, 0, right=True),
    Column("was", "WAS", 18, 0),
)


def was(entry: TrashEntry) -> Span:
    """What the entry was: a running or stopped jail, or an earlier state."""
    if because(entry):
        return "earlier state", "accent"
    ran = entry.meta.get("ran")
    return ("running" if ran else "stopped", "text") if isinstance(ran, bool) else ("?", "dim")


def age(entry: TrashEntry, inventory: Inventory) -> int | None:
    """Its age in seconds; None if its stamp is not a time."""
    when = since(entry)
    return None if when is None else int(inventory.taken - when.timestamp())


def trash_rows(inventory: Inventory | None, days: int = 0) -> list[Row]:
    """The rows of entries, the newest first; old ones are marked."""
    if inventory is None:
        return []
    entries = sorted(inventory.trash, key=lambda entry: entry.stamp, reverse=True)
    return [_row(entry, inventory, old=is_old(entry, inventory.taken, days)) for entry in entries]


def _row(entry: TrashEntry, inventory: Inventory, *, old: bool) -> Row:
    when, (word, tone) = since(entry), was(entry)
    moment = sanitize(entry.stamp) if when is None else f"{when.astimezone():%Y-%m-%d %H:%M}"
    return Row(
        entry.id,
        (
            (sanitize(entry.name), "strong"),
            (moment, "text"),
            (human_age(age(entry, inventory)), "warn" if old else "text"),
            (human_bytes(entry.used), "text"),
            (f"{word}, old" if old else word, "warn" if old else tone),
        ),
    )


def more(entry: TrashEntry, inventory: Inventory, days: int = 0) -> list[Line]:
    """The effect of restoring it, the space that purging frees, and whether it is old."""
    purging = retention.frees(inventory, [entry])
    lines = [*_meaning(entry, inventory), ((f"{purging[:1].upper()}{purging[1:]}.", "dim"),)]
    if is_old(entry, inventory.taken, days):
        message = f"In the trash for more than {days} days (trash_days)."
        lines.append(((message, "warn"),))
    return lines


def _meaning(entry: TrashEntry, inventory: Inventory) -> list[Line]:
    name, reason = sanitize(entry.name), sanitize(because(entry))
    if reason:
        message = "The jail no longer exists; restore recreates it from this state."
        if inventory.jail(entry.name) is not None:
            message = "Restore undoes that: the current state takes its place in the trash."
        return [((f"This is {name} {reason}.", "text"),), ((message, "dim"),)]
    if not entry.meta:
        message = "Only the files were kept: restore brings back the dataset, not the jail."
        return [((message, "warn"),)]
    runs = ", and starts it" if entry.meta.get("ran") is True else ""
    return [((f"Restore brings {name} back with its address{runs}.", "text"),)]


def title(inventory: Inventory | None, days: int = 0) -> str:
    """The title: number and size of all entries, and of the old ones."""
    if inventory is None or not inventory.trash:
        return "Trash"
    entries = inventory.trash
    old = [entry.used for entry in entries if is_old(entry, inventory.taken, days)]
    message = f"Trash: {len(entries)}, {human_bytes(sum(entry.used for entry in entries))}"
    return f"{message}; old: {len(old)}, {human_bytes(sum(old))}" if old else message


class TrashDialog(ChoiceDialog, inherit_bindings=False):
    """Stays open while an entry is restored or purged; entries older than `days` are old."""

    PLACES = ("trash",)
    HEADER = True
    BINDINGS = bindings("trash", "list", "quiet")

    DEFAULT_CSS = """
    TrashDialog #more { height: 4; margin: 1 0 0 0; }
    """

    def __init__(self, view: AppState, days: int = 0) -> None:
        rows = trash_rows(view.inventory, days)
        super().__init__(title(view.inventory, days), _COLUMNS, rows)
        self._view = view
        self._days = days

    def body(self) -> ComposeResult:
        """The list, and the effect of restoring."""
        yield from super().body()
        yield Lines(id="more", can_focus=False)

    @on(Grid.Moved)
    def _explain(self) -> None:
        inventory, entry = self._view.inventory, self.selection.entry
        lines = [] if entry is None or inventory is None else more(entry, inventory, self._days)
        self.query_one("#more", Lines).set_lines(lines)

    def begin(self) -> None:
        """Focus the list, or say that the trash is empty."""
        self.grid.empty = (
            (("  The trash is empty. ", "text"), ("Destroyed jails are kept here.", "dim")),
        )
        super().begin()
        self._explain()

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        self._view = view
        self.grid.set_rows(trash_rows(view.inventory, self._days))
        self.query_one(".box").border_title = title(view.inventory, self._days)
        self._explain()
        self.keys.update()

    @property
    def selection(self) -> Selection:
        """The entry under the cursor."""
        inventory, key = self._view.inventory, self.grid.key
        entries = inventory.trash if inventory is not None else ()
        return Selection(entry=next((entry for entry in entries if entry.id == key), None))

    def action_pick(self) -> None:
        """Show the details on a second click."""
        self.jailer.call_later(self.jailer.dispatcher.perform, TrashRestore.op)
