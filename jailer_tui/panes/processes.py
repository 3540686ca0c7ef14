"""The table of the processes of a jail, or of all jails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.model import Process
from jailer_core.settings import Settings
from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters.jails import Column, Line, Span, descends
from jailer_tui.presenters.processes import (
    BY_KEY,
    COLUMNS,
    JAIL,
    as_tree,
    cells,
    columns_for,
    in_order,
    matches,
)
from jailer_tui.presenters.tables import chosen_columns, order_in
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row


class ProcessesPane(Vertical):
    """Its state (filter, order, cursor) outlives every refresh."""

    DEFAULT_CSS = """
    ProcessesPane { width: 1fr; height: 1fr; }
    ProcessesPane > Grid { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self.grid = Grid(glyphs=glyphs, id="processes")
        self.filter = ""
        self.sorted_by = ("cpu", False)
        self.found: tuple[Process, ...] | None = None
        self.said = ""
        self.names: Mapping[int, str] | None = None
        self.as_tree = False
        self._settings: Settings | None = None
        self.following = True

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.grid

    @property
    def current(self) -> Process | None:
        """The selected process."""
        key = self.grid.key
        return next((process for process in self.found or () if str(process.pid) == key), None)

    def show(self, view: AppState) -> None:
        """What was read of the processes comes by `fill`; columns and order are as chosen."""
        if self._settings is None:
            self.sorted_by = order_in(view.settings, "processes", BY_KEY, "cpu")
        self._settings = view.settings

    @property
    def sortable(self) -> Sequence[Column]:
        """The columns that one can sort by."""
        return COLUMNS if self.names is None else (JAIL, *COLUMNS)

    def fill(
        self,
        found: tuple[Process, ...] | None,
        said: str = "",
        *,
        names: Mapping[int, str] | None = None,
    ) -> None:
        """The processes as they are now; None: they cannot be known, `said` tells why.

        `names` are those of jails by jid, where the processes of several are shown.
        """
        self.found, self.said, self.names = found, said, names
        self.draw()

    def draw(self) -> None:
        """All rows that match, in their order."""
        names = self.names
        columns = columns_for(max(self.size.width - 1, 20), jails=names is not None)
        if self._settings is not None:
            head = [column for column in columns if column.key == "jail"]
            rest = [column for column in columns if column.key != "jail"]
            columns = (*head, *chosen_columns(self._settings, "processes", rest))
        key, reverse = self.sorted_by
        self.grid.set_columns(columns, ("", False) if self.as_tree else self.sorted_by)
        known = names or {}
        chosen = [
            process
            for process in self.found or ()
            if matches(process, self.filter, known.get(process.jid, ""))
        ]
        order = in_order(chosen, key, reverse=reverse, names=known)
        shown = as_tree(order) if self.as_tree else [(process, 0) for process in order]
        rows = [
            Row(str(process.pid), cells(process, columns, known, depth)) for process, depth in shown
        ]
        place = self.grid.place()
        self.grid.empty = self._nothing()
        self.grid.set_rows(rows)
        if not self.following:
            self.grid.move_to(place)

    def toggle_tree(self) -> None:
        """As a tree, or in the order of a column."""
        self.as_tree = not self.as_tree
        self.draw()

    def _nothing(self) -> tuple[Line, ...]:
        """What an empty table says."""
        if self.said:
            return ((), ((f"  {sanitize(self.said)}", "bad"),))
        if self.found is None:
            more = self.glyphs.more if self.glyphs.more == "…" else "..."
            return (((f"  Reading the processes{more}", "dim"),),)
        if self.found:
            return (
                (),
                (
                    ("  No process matches ", "dim"),
                    (sanitize(self.filter), "strong"),
                    (". ", "dim"),
                    ("esc", "key"),
                    (" shows all again.", "dim"),
                ),
            )
        return ((), (("  No processes: the jail is kept alive by `persist`.", "dim"),))

    def on_resize(self, _event: Resize) -> None:
        """The width decides which columns there are."""
        self.draw()

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            self.filter = words
            self.draw()

    def sort_by(self, key: str) -> None:
        """Sort by that column; by the same one again: the other way round."""
        old, reverse = self.sorted_by
        self.sorted_by = (key, not reverse if key == old else False)
        self.draw()

    def turn_round(self) -> None:
        """The other way round."""
        self.sort_by(self.sorted_by[0])

    def status(self) -> list[Span]:
        """How many there are, the filter, the order."""
        dot = f" {self.glyphs.dot} "
        total = len(self.found or ())
        spans: list[Span] = []
        if self.filter:
            spans += [(f"{len(self.grid.rows)} of ", "text")]
        spans.append((f"{total} process{'' if total == 1 else 'es'}", "text"))
        if self.filter:
            spans += [(dot, "dim"), (f"/{sanitize(self.filter)}", "accent")]
        key, reverse = self.sorted_by
        sign = self.glyphs.down if descends(key, reverse=reverse) else self.glyphs.up
        order = "tree" if self.as_tree else f"by {BY_KEY[key].label}{sign}"
        spans += [(dot, "dim"), (order, "accent")]
        return spans if self.following else [*spans, (dot, "dim"), ("stays on its line", "accent")]
