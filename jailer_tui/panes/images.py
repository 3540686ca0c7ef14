"""The table of images: those that are here, and those on the mirror."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.images import Release, cells, columns_for, detail, matches, releases
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row


class ImagesPane(TablePane[Release]):
    """The table, and below it a line about the release under the cursor."""

    NOUN = "release"
    TABLE = "images"

    DEFAULT_CSS = """
    ImagesPane > #release { height: 6; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("images", glyphs, below="release")
        self.doing: Mapping[str, str] = {}

    def show(self, view: AppState) -> None:
        """Show the host after a refresh, or the mirror after a reading."""
        self._view = view
        every = releases(view.inventory, view.mirror, self.doing)
        self.total = len(every)
        self.items = {
            release.version: release for release in every if matches(release, self.filter)
        }
        fitting = columns_for(max(self.size.width - 1, 20))
        columns = chosen_columns(view.settings, self.TABLE, fitting)
        rows = [
            Row(key, cells(release, columns, self.glyphs)) for key, release in self.items.items()
        ]
        self.set_table(columns, rows, self._nothing(view))
        self.explain()

    def explain(self) -> None:
        """Show details of the release under the cursor."""
        release, view = self.current, self._view
        if release is None or view is None or view.inventory is None:
            self.detail.set_lines([])
            return
        width = self.detail.size.width or 70
        self.detail.set_lines(detail(release, view.inventory, self.glyphs, width))

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if view.inventory is None:
            return self.reading()
        if self.total:
            return self.no_match()
        message = f"  Asking the mirror{self.glyphs.dots}" if view.mirror.asking else ""
        return (
            (),
            (("  No image has been fetched yet.", "strong"),),
            (("  An image is a FreeBSD release that jails are made from.", "text"),),
            (),
            ((message, "dim"),),
        )

    def status(self) -> list[Span]:
        """The status: filter, order, and whether the mirror is being read."""
        asking = self._view is not None and self._view.mirror.asking
        told: list[Span] = [(f"asking the mirror{self.glyphs.dots}", "accent")] if asking else []
        return self.joined(super().status(), told)
