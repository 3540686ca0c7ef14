"""A bare Textual application with Textual's own versions of the widgets on our first screen."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Input, Static

NAMES = ("app0", "app1", "byhand", "byhand.child", "db01", "shop", "thick1", "www0")
COLUMNS = ("NAME", "STATE", "JID", "ADDRESS", "CPU", "MEM", "DISK", "REL", "OWNER")


class Bare(App[None]):
    """Header, status, notices, table, side panel, footer, a row for the filter."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Static { height: 1; }
    #side { display: none; width: 48; }
    #filter-row { dock: bottom; height: 1; display: none; }
    """

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(" armbsd15 FreeBSD 15.1-RELEASE-p1")
        yield Static(" Jails")
        yield Static("")
        with Horizontal():
            yield DataTable(cursor_type="row")
            with Vertical(id="side"):
                yield Static("")
                yield Static("")
        yield Static(" s Start/stop  r Restart  d Destroy")
        with Horizontal(id="filter-row"):
            yield Static(" Filter ")
            yield Input()

    def on_mount(self) -> None:
        """Eight rows, as the demo has."""
        table = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        for name in NAMES:
            table.add_row(name, "running", "76", "10.0.2.21", "1.1%", "12.5M", "512B", "15.1", "")
        table.focus()


if __name__ == "__main__":
    Bare().run()
