"""Changes since a snapshot, as a tree on the whole screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.worker import Worker

from jailer_core.facts.on_demand import LIMIT
from jailer_core.model import Snapshot
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.comparison import (
    FEW,
    TreeRow,
    cells,
    columns,
    folders,
    summary,
    tree_rows,
)
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.state import AppState
from jailer_tui.stores.journal import SnapshotDiff
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Bar


class DiffScreen(AppScreen):
    """Reads while it is open; `title` names the snapshot, `base` is the jail's directory."""

    PLACES = ("diff", "all")
    PICKS = "diff_fold"
    MOVES = "list"

    DEFAULT_CSS = """
    DiffScreen Grid { height: 1fr; }
    """

    def __init__(
        self, view: AppState, title: str, snapshots: Sequence[Snapshot], base: str
    ) -> None:
        super().__init__(view)
        self.grid = Grid(glyphs=view.glyphs, id="diff")
        self.difference: SnapshotDiff | None = None
        self._what = title
        self._snapshots = tuple(snapshots)
        self._base = base
        self._opened: set[str] = set()
        self._touched = False
        self._rows: dict[str, TreeRow] = {}
        self._reading: Worker[None] | None = None
        self._said = Bar(id="name", bar=False)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._said
        yield self.grid
        yield self.keys

    def on_mount(self) -> None:
        """Start reading."""
        self.grid.focus()
        self.show(self.view)
        self.action_read_again()

    def on_unmount(self) -> None:
        """Stop reading."""
        self.action_diff_stop()

    # --- showing -----------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self.call_after_refresh(self.draw_tree)

    def draw_tree(self) -> None:
        """Draw the tree as far as it was read."""
        snapshot_diff = self.difference
        if snapshot_diff is None or not self.is_mounted:
            return
        if snapshot_diff.over and not self._touched and snapshot_diff.top.total <= FEW:
            self._opened = folders(snapshot_diff.top)
        self._rows = {row.path: row for row in tree_rows(snapshot_diff.top, self._opened)}
        self.grid.set_columns(columns(max(self.grid.size.width - 1, 40)))
        self.grid.empty = self._nothing(snapshot_diff)
        glyphs = self.view.glyphs
        self.grid.set_rows([Row(key, cells(row, glyphs)) for key, row in self._rows.items()])
        self._said.show(self._title_line(snapshot_diff))
        self.keys.update()

    def _title_line(self, snapshot_diff: SnapshotDiff) -> Line:
        spans: list[Span] = [
            (f" {sanitize(self._what)}", "strong"),
            (" compared with now:  ", "dim"),
        ]
        spans += summary(snapshot_diff.top)
        if not snapshot_diff.over:
            spans.append((f"  reading{self.view.glyphs.dots}", "accent"))
        elif snapshot_diff.stopped:
            spans.append((f"  stopped; {key_for('read_again')} reads again", "warn"))
        elif snapshot_diff.cut:
            spans.append((f"  stopped: more than {LIMIT} changes", "warn"))
        elif snapshot_diff.failure and self._rows:
            spans.append((f"  {snapshot_diff.failure}", "bad"))
        return tuple(spans)

    def _nothing(self, snapshot_diff: SnapshotDiff) -> tuple[Line, ...]:
        """The text of an empty tree."""
        if snapshot_diff.over and snapshot_diff.failure:
            return ((), ((f"  {snapshot_diff.failure}", "bad"),))
        if not snapshot_diff.over or snapshot_diff.stopped:
            return ()
        return ((), (("  Nothing has changed since this snapshot was taken.", "ok"),))

    # --- keys --------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """Whether it is still being read."""
        return Selection(reading=self.difference is not None and not self.difference.over)

    @property
    def _current(self) -> TreeRow | None:
        return self._rows.get(self.grid.key or "")

    def action_diff_fold(self) -> None:
        """Open or close the folder under the cursor."""
        row = self._current
        if row is not None and row.folder:
            self._open({row.path}, unfold=not row.open)

    def action_unfold(self, how: str) -> None:
        """`open` the folder; `close` it, or go to its parent."""
        row = self._current
        if row is None:
            return
        if how == "open" and row.folder:
            self._open({row.path}, unfold=True)
        elif how == "close" and row.open:
            self._open({row.path}, unfold=False)
        elif how == "close":
            above = [path for path in self._rows if row.path.startswith(f"{path}/")]
            if above:
                self.grid.move_to_key(max(above, key=len))

    def action_diff_all(self) -> None:
        """Open or close all folders."""
        if self.difference is not None:
            every = folders(self.difference.top)
            self._open(every, unfold=not every <= self._opened)

    def _open(self, paths: set[str], *, unfold: bool) -> None:
        self._touched = True
        self._opened = self._opened | paths if unfold else self._opened - paths
        self.draw_tree()

    def action_diff_stop(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()

    def action_read_again(self) -> None:
        """Read again from the start."""
        self.action_diff_stop()
        host = self.jailer.reader.host
        self.difference = SnapshotDiff(host, self._snapshots, self._base, self.draw_tree)
        self._reading = self.in_background(self.difference.read, "diff", exclusive=False)
        self.draw_tree()
