"""The table of hosts, and the table of the jails of all hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from jailer_core.text import sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.panes.table_pane import T, TablePane
from jailer_tui.presenters import hosts
from jailer_tui.presenters.jails import SORTABLE, Column, Line
from jailer_tui.presenters.overview.needs import Need
from jailer_tui.state import AppState
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import FleetJail, Member
from jailer_tui.stores.session import HostSession
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row


class FleetPane(TablePane[T]):
    """A table of things on all hosts, with a filter."""

    def __init__(self, fleet: Fleet, glyphs: Glyphs, below: str = "") -> None:
        super().__init__("table", glyphs, below=below)
        self.fleet = fleet

    def _nothing(self) -> tuple[Line, ...]:
        words = "  Nothing is known yet."
        if self.filter:
            words = f"  No match. {key_for('clear')} shows all again."
        return ((), ((words, "dim"),))


class HostsPane(FleetPane[Member]):
    """The hosts, with details of the one under the cursor below."""

    DEFAULT_CSS = f"""
    HostsPane > #host {{ height: {hosts.DETAIL + 1}; }}
    """

    def __init__(self, fleet: Fleet, glyphs: Glyphs, session: Callable[[], HostSession]) -> None:
        super().__init__(fleet, glyphs, "host")
        self._session = session
        self._findings: dict[str, tuple[tuple[object, ...], tuple[Need, ...]]] = {}

    def show(self, view: AppState) -> None:
        """Show all hosts in their current state."""
        self._view = view
        longest = max(len(sanitize(member.name)) for member in self.fleet.members)
        columns = hosts.columns_for(max(self.size.width - 1, 20), longest)
        self.items = {
            member.name: member
            for member in self.fleet.members
            if self.passes(" ".join((member.name, *member.entry.tags)))
        }
        self.total = len(self.fleet.members)
        rows = [
            Row(name, hosts.host_cells(member, columns, self.findings(member)))
            for name, member in self.items.items()
        ]
        self.set_table(columns, rows, self._nothing())
        self.explain()

    def explain(self) -> None:
        """Details of the host under the cursor."""
        member = self.current
        if member is None:
            self.detail.set_lines([])
            return
        shown = member.session is self._session()
        self.detail.set_lines(hosts.detail(member, self.findings(member), shown=shown))

    def findings(self, member: Member) -> tuple[Need, ...]:
        """What needs attention there; computed again only when the data has changed."""
        view, vitals, events = member.session.view, member.session.vitals, member.session.events
        known = (view.inventory, member.connections, vitals.limits, vitals.packages)
        basis = (*known, len(events.all), view.cut_off, view.full)
        old = self._findings.get(member.name)
        if old is None or old[0] != basis:
            old = self._findings[member.name] = (basis, hosts.findings(member))
        return old[1]


class FleetJailsPane(FleetPane[FleetJail]):
    """Jails of all hosts."""

    USUAL = ("host", False)

    def __init__(self, fleet: Fleet, glyphs: Glyphs) -> None:
        super().__init__(fleet, glyphs)
        self._all: dict[str, FleetJail] = {}
        self.return_to = ""
        """The row that the cursor goes to once it is there."""

    @property
    def sortable(self) -> Sequence[Column]:
        """All columns, shown or not."""
        return (hosts.HOST, *SORTABLE)

    @property
    def chosen(self) -> list[FleetJail]:
        """The marked ones that still exist, else the one under the cursor."""
        marked = [entry for key, entry in self._all.items() if key in self.grid.marks]
        return marked or ([self.current] if self.current is not None else [])

    def show(self, view: AppState) -> None:
        """The jails of all hosts, as they are known now."""
        self._view = view
        entries = self.fleet.jails()
        self._all = {entry.key: entry for entry in entries}
        self.grid.set_marks(self.grid.marks & self._all.keys())
        key, reverse = self.sorted_by
        shown = hosts.in_order(hosts.chosen(entries, self.filter), key, reverse=reverse)
        self.items = {entry.key: entry for entry in shown}
        self.total = len(entries)
        names = [sanitize(entry.jail.name) for entry in entries]
        members = [member.name for member in self.fleet.members]
        columns = hosts.jail_columns(max(self.size.width - 1, 20), names, members)
        self.grid.empty = self._nothing()
        self.grid.set_columns(columns, self.sorted_by)
        rows = []
        for entry in shown:
            basis = (entry.jail, entry.member.link.up, columns)
            rows.append((entry.key, basis, partial(hosts.jail_cells, entry, columns, self.glyphs)))
        self.grid.set_rows(self.rows_of(rows))
        if self.return_to in self.items:
            self.grid.move_to_key(self.return_to)
            self.return_to = ""
