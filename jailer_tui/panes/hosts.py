"""The table of hosts, and the table of the jails of all hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jailer_core.text import sanitize
from jailer_tui.glyphs import Glyphs
from jailer_tui.key_hints import key_for
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters import hosts
from jailer_tui.presenters.jails import SORTABLE, Column, Span
from jailer_tui.presenters.overview.needs import Need
from jailer_tui.presenters.tables import in_order
from jailer_tui.state import AppState
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import FleetJail, Member
from jailer_tui.stores.session import HostSession
from jailer_tui.widgets.grid import Row


class FleetPane(TablePane):
    """A table of what all hosts have, with a filter."""

    def __init__(self, fleet: Fleet, glyphs: Glyphs, below: str = "") -> None:
        super().__init__("table", glyphs, id="pane", below=below)
        self.fleet = fleet
        self.total = self.shown = 0

    def show(self, view: AppState) -> None:
        """All hosts, as they are known now."""
        self._view = view
        self.fill(max(self.size.width - 1, 20))

    def fill(self, width: int) -> None:
        """Columns and rows for that width."""
        raise NotImplementedError

    def status(self) -> list[Span]:
        """Filter, marks and order."""
        return self.joined(self.filter_spans(self.shown, self.total), self.order_spans())

    def say_nothing_matches(self) -> None:
        """What an empty table says."""
        words = (
            f"  No match. {key_for('clear')} shows all again."
            if self.filter
            else "  Nothing is known yet."
        )
        self.grid.empty = ((), ((words, "dim"),))


class HostsPane(FleetPane):
    """Hosts; below the table the one under the cursor."""

    DEFAULT_CSS = f"""
    HostsPane > #host {{ height: {hosts.DETAIL + 1}; }}
    """

    def __init__(self, fleet: Fleet, glyphs: Glyphs, session: Callable[[], HostSession]) -> None:
        super().__init__(fleet, glyphs, "host")
        self._session = session
        self._findings: dict[str, tuple[tuple[object, ...], tuple[Need, ...]]] = {}
        self._kept: dict[str, tuple[object, ...]] = {}

    @property
    def current(self) -> Member | None:
        """The host under the cursor."""
        members = (member for member in self.fleet.members if member.name == self.grid.key)
        return next(members, None)

    def fill(self, width: int) -> None:
        """See FleetPane."""
        longest = max(len(sanitize(member.name)) for member in self.fleet.members)
        columns = hosts.columns_for(width, longest)
        members = [
            member
            for member in self.fleet.members
            if self.passes(" ".join((member.name, *member.entry.tags)))
        ]
        self.total, self.shown = len(self.fleet.members), len(members)
        self.say_nothing_matches()
        self.grid.set_columns(columns, self.sorted_by)
        rows = [
            Row(member.name, hosts.host_cells(member, columns, self.findings(member)))
            for member in members
        ]
        self.grid.set_rows(in_order(rows, columns, *self.sorted_by))
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
        session, view = member.session, member.session.view
        vitals = session.vitals
        known = (view.inventory, member.connections, vitals.limits, vitals.packages)
        basis = (*map(id, known), len(session.events.all), view.cut_off, view.full)
        old = self._findings.get(member.name)
        if old is None or old[0] != basis:
            # the values go with the result, so that no other one gets their numbers
            old = self._findings[member.name] = (basis, hosts.findings(member))
            self._kept[member.name] = known
        return old[1]


class FleetJailsPane(FleetPane):
    """Jails of all hosts."""

    USUAL = ("host", False)

    def __init__(self, fleet: Fleet, glyphs: Glyphs) -> None:
        super().__init__(fleet, glyphs)
        self._all: dict[str, FleetJail] = {}
        self._rows: dict[str, FleetJail] = {}
        self._made: dict[str, tuple[object, Row]] = {}
        self._kept: list[FleetJail] = []
        self.return_to = ""
        """The row that the cursor goes to once it is there."""

    @property
    def sortable(self) -> Sequence[Column]:
        """All columns that there are, shown or not."""
        return (hosts.HOST, *SORTABLE)

    @property
    def current(self) -> FleetJail | None:
        """The jail under the cursor."""
        return self._rows.get(self.grid.key or "")

    @property
    def chosen(self) -> list[FleetJail]:
        """The marked ones that still exist, else the one under the cursor."""
        marked = [self._all[key] for key in self._all if key in self.grid.marks]
        current = self.current
        return marked or ([current] if current is not None else [])

    def fill(self, width: int) -> None:
        """See FleetPane."""
        entries = self.fleet.jails()
        self._all = {entry.key: entry for entry in entries}
        vanished = self.grid.marks - self._all.keys()
        if vanished:
            self.grid.set_marks(self.grid.marks - vanished)
        key, reverse = self.sorted_by
        shown = hosts.in_order(hosts.chosen(entries, self.filter), key, reverse=reverse)
        self._rows = {entry.key: entry for entry in shown}
        self.total, self.shown = len(entries), len(shown)
        names = [sanitize(entry.jail.name) for entry in entries]
        columns = hosts.jail_columns(width, names, [member.name for member in self.fleet.members])
        self.say_nothing_matches()
        self.grid.set_columns(columns, self.sorted_by)
        made, self._made = self._made, {}
        for entry in shown:
            same = (id(entry.jail), entry.member.link.up, columns)
            old = made.get(entry.key)
            if old is None or old[0] != same:
                cells = hosts.jail_cells(entry, columns, self.glyphs)
                old = ((*same,), Row(entry.key, cells))
            self._made[entry.key] = old
        self._kept = entries  # as long as their numbers are compared
        self.grid.set_rows([row for _, row in self._made.values()])
        if self.return_to in self._rows:
            self.grid.move_to_key(self.return_to)
            self.return_to = ""
