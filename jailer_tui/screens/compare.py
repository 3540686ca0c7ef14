"""Compare two jails side by side: the differences, or everything."""

from __future__ import annotations

import asyncio

from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.model import Inventory, Jail
from jailer_core.parse.rcconf import plain_settings
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.comparison import Extra, Pair, compare, shown, whole
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.screens.tab_screen import WholeScreen
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row

PART, NAME = 13, 20


class ComparePane(TablePane[Pair]):
    """The comparison: one row for each property of the jails."""

    def __init__(self, glyphs: Glyphs, names: tuple[str, str]) -> None:
        super().__init__("pairs", glyphs)
        self.names = names
        self.all = False
        self.pairs: list[Pair] | None = None

    def show(self, view: AppState) -> None:
        """Show all rows, or those that differ."""
        self._view = view
        room = max(10, (self.size.width - PART - NAME - 9) // 2)
        left, right = (sanitize(name).upper()[:room] for name in self.names)
        columns = (
            Column("part", "PART", PART, 0),
            Column("name", "NAME", NAME, 0),
            Column("left", left, room, 0),
            Column("right", right, room, 0),
        )
        self.items = {
            f"{pair.part}\0{pair.name}": pair
            for pair in self.pairs or ()
            if (self.all or not pair.same) and self.passes(" ".join(_texts(pair)))
        }
        rows = [Row(key, _cells(pair)) for key, pair in self.items.items()]
        self.set_table(columns, rows, self._nothing())

    def _nothing(self) -> tuple[Line, ...]:
        if self.pairs is None:
            return self.reading("both jails")
        if self.filter:
            return ((("  Nothing matches.", "dim"),),)
        return ((("  No differences.", "ok"),),)

    def status(self) -> list[Span]:
        """The status: the number of differences."""
        if self.pairs is None:
            return []
        count = sum(not pair.same for pair in self.pairs)
        text = "1 difference" if count == 1 else f"{count} differences"
        return [(f"{text} of {len(self.pairs)}", "text")]


def _texts(pair: Pair) -> tuple[str, ...]:
    return pair.part, sanitize(pair.name), shown(pair.left), shown(pair.right)


def _cells(pair: Pair) -> tuple[Span, ...]:
    tones = ("dim", "dim", "dim", "dim") if pair.same else ("dim", "accent", "text", "text")
    return tuple(zip(_texts(pair), tones, strict=True))


class CompareScreen(WholeScreen):
    """The comparison of two jails, which are read once."""

    PLACES = ("compare", "copyable", "all")
    PICKS = "compare_open"

    pane: ComparePane

    def __init__(self, view: AppState, left: Jail, right: Jail) -> None:
        super().__init__(view)
        self._jails = (left, right)
        self.pane = ComparePane(view.glyphs, (left.name, right.name))

    @property
    def heading(self) -> str:
        """The heading: the names."""
        left, right = self._jails
        return f"{sanitize(left.name)} and {sanitize(right.name)}"

    def on_mount(self) -> None:
        """Read what the inventory does not hold."""
        self.in_background(self._read, "compare")

    async def _read(self) -> None:
        host, inventory = self.jailer.reader.host, self.view.inventory or Inventory()
        left, right = self._jails
        extras = await asyncio.gather(extra(host, left), extra(host, right))
        self.pane.pairs = compare(inventory, (left, right), (extras[0], extras[1]))
        self.pane.again()
        self.draw()

    def action_compare_open(self) -> None:
        """Show both values in full."""
        from jailer_tui.dialogs.confirm import PageDialog  # noqa: PLC0415 - rarely needed

        pair = self.pane.current
        if pair is not None:
            lines = whole(pair, self.pane.names)
            self.jailer.push_screen(PageDialog(f"{pair.part}: {pair.name}", lines))

    @property
    def selection(self) -> Selection:
        """Both jails."""
        return Selection(self._jails, self._jails[0])

    def action_compare_all(self) -> None:
        """Show everything, or only the differences."""
        self.pane.all = not self.pane.all
        self.pane.again()


async def extra(host: Host, jail: Jail) -> Extra:
    """The jail's rc.conf and its packages, as far as they can be read."""
    return Extra(await _rc(host, jail), await _packages(host, jail))


async def _rc(host: Host, jail: Jail) -> dict[str, str] | None:
    if not jail.path.startswith("/") or jail.path == "/":
        return None
    path = f"{jail.path.rstrip('/')}/etc/rc.conf"
    try:
        if not await host.stat((path,)):
            return {}
        return plain_settings(await host.read(path, beneath=jail.path))
    except JailerError:
        return None


async def _packages(host: Host, jail: Jail) -> dict[str, str] | None:
    """Versions by package; None where the jail does not run or has no pkg.

    `pkg -j JID info -q` prints one `name-version` a line  # not recorded
    """
    if jail.jid is None:
        return None
    try:
        result = await host.run(("pkg", "-j", str(jail.jid), "info", "-q"))
    except JailerError:
        return None
    if not result.ok:
        return None
    pairs = (line.strip().rpartition("-") for line in result.stdout.split("\n") if line.strip())
    return {name: version for name, _, version in pairs if name}
