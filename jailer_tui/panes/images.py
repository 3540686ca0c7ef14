"""The table of images: what is fetched, and what the mirror has."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters.images import Release, cells, columns_for, detail, matches, releases
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines


class ImagesPane(Vertical):
    """The table, and below it a line about the release under the cursor."""

    DEFAULT_CSS = """
    ImagesPane { width: 1fr; height: 1fr; }
    ImagesPane > Grid { height: 1fr; }
    ImagesPane > #release { height: 6; }
    """

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self.grid = Grid(glyphs=glyphs, id="images")
        self.detail = Lines(id="release", classes="split")
        self.filter = ""
        self._view: AppState | None = None
        self._all: list[Release] = []
        self._shown: dict[str, Release] = {}

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.grid
        yield self.detail

    def on_mount(self) -> None:
        """Keys go to the table alone."""
        self.detail.can_focus = False

    @property
    def current(self) -> Release | None:
        """The selected release."""
        return self._shown.get(self.grid.key or "")

    def show(self, view: AppState) -> None:
        """The host after a refresh, or the mirror after a look."""
        self._view = view
        self._all = releases(view.inventory, view.mirror)
        self._shown = {
            release.version: release for release in self._all if matches(release, self.filter)
        }
        fitting = columns_for(max(self.size.width - 1, 20))
        columns = chosen_columns(view.settings, "images", fitting)
        self.grid.set_columns(columns)
        self.grid.empty = self._nothing(view)
        self.grid.set_rows(
            [Row(key, cells(release, columns, self.glyphs)) for key, release in self._shown.items()]
        )
        self.explain()

    def explain(self) -> None:
        """A line about the release under the cursor."""
        release, view = self.current, self._view
        if release is None or view is None or view.inventory is None:
            self.detail.set_lines([])
            return
        width = self.detail.size.width or 70
        self.detail.set_lines(detail(release, view.inventory, self.glyphs, width))

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        """What an empty table says."""
        more = self.glyphs.more if self.glyphs.more == "…" else "..."
        if view.inventory is None:
            return (((f"  Reading the host{more}", "dim"),),)
        if self._all:
            return (
                (),
                (
                    ("  No release matches ", "dim"),
                    (sanitize(self.filter), "strong"),
                    (". ", "dim"),
                    ("esc", "key"),
                    (" shows all again.", "dim"),
                ),
            )
        said = f"  Asking the mirror{more}" if view.mirror.asking else ""
        return (
            (),
            (("  No image has been fetched yet.", "strong"),),
            (("  An image is a FreeBSD release that jails are made from.", "text"),),
            (),
            ((said, "dim"),),
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
        """The filter, and that the mirror is being asked."""
        spans: list[Span] = []
        if self.filter:
            spans += [
                (f"{len(self._shown)} of {len(self._all)}", "text"),
                (f" {self.glyphs.dot} ", "dim"),
                (f"/{sanitize(self.filter)}", "accent"),
            ]
        if self._view is not None and self._view.mirror.asking:
            spans += [(f" {self.glyphs.dot} ", "dim")] if spans else []
            more = self.glyphs.more if self.glyphs.more == "…" else "..."
            spans.append((f"asking the mirror{more}", "accent"))
        return spans
