"""What was changed and what is being changed; or every command of this session with its cost."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.model.costs import Meter
from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters import activity as present
from jailer_tui.presenters.activity import Change
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import Work
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines


class ActivityPane(Vertical):
    """The table, and below it a line about the row under the cursor."""

    DEFAULT_CSS = """
    ActivityPane { width: 1fr; height: 1fr; }
    ActivityPane > Grid { height: 1fr; }
    ActivityPane > #said { height: 6; }
    ActivityPane.commands > #said { height: 4; }
    """

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self.grid = Grid(glyphs=glyphs, id="activity")
        self.said = Lines(id="said", classes="split")
        self.filter = ""
        self.commands = False
        self._view: AppState | None = None
        self._work: Sequence[Work] = ()
        self._meter = Meter()
        self._all: list[Change] = []
        self._shown: dict[str, Change] = {}
        self._now = 0.0

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.grid
        yield self.said

    def on_mount(self) -> None:
        """Keys go to the table alone."""
        self.said.can_focus = False

    @property
    def current(self) -> Change | None:
        """The selected change."""
        return None if self.commands else self._shown.get(self.grid.key or "")

    def provide(self, work: Sequence[Work], meter: Meter, now: float) -> None:
        """What is not in the view: the work of this session, the cost of its commands."""
        self._work, self._meter, self._now = work, meter, now

    def turn(self) -> None:
        """Changes, or commands."""
        self.commands = not self.commands
        self.set_class(self.commands, "commands")
        self.grid.set_rows([])
        if self._view is not None:
            self.show(self._view)
        self.grid.action_move("top")

    def show(self, view: AppState) -> None:
        """The host after a refresh, or after some work."""
        self._view = view
        if self.commands:
            self._show_commands()
        else:
            self._show_changes(view)
        self.explain()

    def _show_changes(self, view: AppState) -> None:
        entries = view.changes.entries or ()
        self._all = present.changes(entries, self._work, view.cut_off, self._now)
        self._shown = {
            change.key: change for change in self._all if present.matches(change, self.filter)
        }
        fitting = present.columns_for(max(self.size.width - 2, 20))
        columns = chosen_columns(view.settings, "activity", fitting)
        self.grid.set_columns(columns)
        self.grid.empty = self._nothing(view)
        self.grid.set_rows(
            [
                Row(key, present.cells(change, columns, self.glyphs, self._now))
                for key, change in self._shown.items()
            ]
        )

    def _show_commands(self) -> None:
        """The newest first; a row is known by its place since the first command."""
        last = list(self._meter.last)
        first = id(self._meter)
        self.grid.set_columns(present.command_columns(max(self.size.width - 2, 20)))
        rows = [
            Row(f"{first} {id(command_cost)}", present.command_cells(command_cost))
            for command_cost in reversed(last)
            if present.has_words(present.command_text(command_cost).casefold(), self.filter)
        ]
        self.grid.empty = ((), ((("  No command matches."), "dim"),)) if last else ()
        self.grid.set_rows(rows, follow=False)

    def explain(self) -> None:
        """A line about the row under the cursor."""
        if self.commands:
            self.said.set_lines(self._spent())
            return
        change = self.current
        self.said.set_lines(present.detail(change, self.glyphs) if change is not None else [])

    def _spent(self) -> list[Line]:
        """The whole command under the cursor."""
        cells = next((row.cells for row in self.grid.rows if row.key == self.grid.key), ())
        lines: list[Line] = [((cells[-1][0], "key"),)] if cells else []
        if self._meter.processes > len(self._meter.last):
            kept = len(self._meter.last)
            lines.append(((f"The last {kept} are shown.", "dim"),))
        return lines

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        """What an empty table says."""
        more = self.glyphs.more if self.glyphs.more == "…" else "..."
        if view.changes.entries is None:
            return (((f"  Reading the journal{more}", "dim"),),)
        if view.changes.failure:
            return ((), ((f"  {view.changes.failure}", "warn"),))
        if self._all:
            return (
                (),
                (
                    ("  No change matches ", "dim"),
                    (sanitize(self.filter), "strong"),
                    (". ", "dim"),
                    ("esc", "key"),
                    (" shows all again.", "dim"),
                ),
            )
        root = view.inventory is None or view.inventory.host.root
        said = "No changes yet." if root else "Only root can see past changes."
        return (
            (),
            ((f"  {said}", "strong"),),
            (
                (
                    "  Every change is recorded with its steps and can be undone from here.",
                    "text",
                ),
            ),
        )

    def on_resize(self, _event: Resize) -> None:
        """The width decides which columns there are."""
        if self._view is not None:
            self.show(self._view)

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            self.filter = words
            if self._view is not None:
                self.show(self._view)

    def status(self) -> list[Span]:
        """The filter, how many there are, or what the commands cost."""
        spans: list[Span] = []
        if self.filter:
            spans += [(f"/{sanitize(self.filter)}", "accent"), (f" {self.glyphs.dot} ", "dim")]
        if self.commands:
            return spans + present.sums(self._meter)
        if self._view is not None and self._view.changes.entries is not None:
            more = self._view.changes.more
            all_of = len(self._all)
            count = f"{len(self._shown)} of {all_of}" if self.filter else f"{all_of}"
            word = "change" if all_of == 1 else "changes"
            spans.append((f"{count} {word}" + (f", {more} older" if more else ""), "dim"))
        return spans
