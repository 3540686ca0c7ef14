"""What changed since a snapshot, as a tree on the whole screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.events import Resize
from textual.worker import Worker

from jailer_core.inventory.diffs import LIMIT
from jailer_core.model import Snapshot
from jailer_core.text import visible
from jailer_tui.actions import Action, bindings
from jailer_tui.differing import Difference
from jailer_tui.present import Line, Span
from jailer_tui.present_diff import FEW, TreeRow, cells, columns, folders, summary, tree_rows
from jailer_tui.present_host import header
from jailer_tui.screens.face import Face
from jailer_tui.view import View
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Bar


class DiffScreen(Face):
    """Reads while it is open; `title` names the snapshot, `base` is where the jail's files are."""

    PLACES = ("diff", "all")
    MOVES = "list"
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    DiffScreen Grid { height: 1fr; }
    """

    def __init__(self, view: View, title: str, snapshots: Sequence[Snapshot], base: str) -> None:
        super().__init__(view)
        self.grid = Grid(glyphs=view.glyphs, id="diff")
        self.difference: Difference | None = None
        self._what = title
        self._snapshots = tuple(snapshots)
        self._base = base
        self._opened: set[str] = set()
        self._touched = False
        self._rows: dict[str, TreeRow] = {}
        self._reading: Worker[None] | None = None
        self._header = Bar(id="header")
        self._said = Bar(id="name", bar=False)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._header
        yield self._said
        yield self.grid
        yield self.keys

    def on_mount(self) -> None:
        """Begin to read."""
        self.grid.focus()
        self.show(self.view)
        self.do_diff_again()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self._reading is not None:
            self._reading.cancel()

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """A new picture of the host: only the header is of it."""
        super().show(view)
        if self.is_mounted and view.inventory is not None:
            self._header.show(header(view.inventory, view.name, view.stale, self.size.width))

    def on_resize(self, _event: Resize) -> None:
        """The name gets what is left."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """The tree as far as it was read."""
        found = self.difference
        if found is None or not self.is_mounted:
            return
        if found.over and not self._touched and found.top.total <= FEW:
            self._opened = folders(found.top)
        self._rows = {one.path: one for one in tree_rows(found.top, self._opened)}
        self.grid.set_columns(columns(max(self.grid.size.width - 1, 40)))
        self.grid.empty = self._nothing(found)
        glyphs = self.view.glyphs
        self.grid.set_rows([Row(key, cells(one, glyphs)) for key, one in self._rows.items()])
        self._said.show(self._title_line(found))
        self.keys.update()
        self.show(self.view)

    def _title_line(self, found: Difference) -> Line:
        spans: list[Span] = [(f" {visible(self._what)}", "strong"), (" and now:  ", "dim")]
        spans += summary(found.top)
        more = "…" if self.view.glyphs.more == "…" else "..."
        if not found.over:
            spans.append((f"  reading{more}", "accent"))
        elif found.stopped:
            spans.append(("  stopped; R reads again", "warn"))
        elif found.cut:
            spans.append((f"  ended: more than {LIMIT} changes", "warn"))
        elif found.failure and self._rows:
            spans.append((f"  {found.failure}", "bad"))
        return tuple(spans)

    def _nothing(self, found: Difference) -> tuple[Line, ...]:
        """What an empty tree says."""
        if not found.over:
            return ()
        if found.failure:
            return ((), ((f"  {found.failure}", "bad"),))
        if found.stopped:
            return ()
        return ((), (("  Nothing has changed since this snapshot was taken.", "ok"),))

    # --- keys --------------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        """What is over cannot be stopped."""
        over = self.difference is None or self.difference.over
        return "it is read to its end" if action.id == "diff_stop" and over else ""

    @property
    def _current(self) -> TreeRow | None:
        return self._rows.get(self.grid.key or "")

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_diff_fold()

    def do_diff_fold(self) -> None:
        """Open the folder under the cursor, or close it."""
        row = self._current
        if row is not None and row.folder:
            self._open({row.path}, wanted=not row.open)

    def action_unfold(self, how: str) -> None:
        """`open` the folder; `close` it, or else go to the one above."""
        row = self._current
        if row is None:
            return
        if how == "open" and row.folder:
            self._open({row.path}, wanted=True)
        elif how == "close" and row.open:
            self._open({row.path}, wanted=False)
        elif how == "close":
            above = [one for one in self._rows if row.path.startswith(f"{one}/")]
            if above:
                self.grid.move_to_key(max(above, key=len))

    def do_diff_all(self) -> None:
        """Open everything, or close everything."""
        if self.difference is not None:
            every = folders(self.difference.top)
            self._open(every, wanted=not every <= self._opened)

    def _open(self, paths: set[str], *, wanted: bool) -> None:
        self._touched = True
        self._opened = self._opened | paths if wanted else self._opened - paths
        self.draw()

    def do_diff_stop(self) -> None:
        """That is enough."""
        if self._reading is not None:
            self._reading.cancel()

    def do_diff_again(self) -> None:
        """From the start."""
        if self._reading is not None:
            self._reading.cancel()
        host = self.jailer.reader.host
        found = Difference(host, self._snapshots, self._base, self.draw)
        self.difference = found
        self._reading = self.run_worker(found.read(), group="diff", exit_on_error=False)
        self.draw()

    def do_back(self) -> None:
        """To where it was opened."""
        self.dismiss()
