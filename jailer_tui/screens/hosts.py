"""The tabs of several hosts: the hosts, and the jails of all of them."""

from __future__ import annotations

from textual import on

from jailer_tui.panes.hosts import FleetJailsPane, HostsPane
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.stores.fleet import Fleet, Place
from jailer_tui.widgets.grid import Grid


class FleetScreen(TabScreen):
    """The common part of both tabs of hosts."""

    SHOWS_FLEET = True

    def __init__(self, view: AppState, fleet: Fleet) -> None:
        super().__init__(view)
        self.fleet = fleet

    def on_mount(self) -> None:
        """Read all hosts at once."""
        self.call_after_refresh(self.fleet.look)

    def on_screen_resume(self) -> None:
        """Read all hosts again when the tab is visible again."""
        self.fleet.look()

    def host_read(self) -> None:
        """Update ages and latencies."""
        self.show(self.view)


class HostsScreen(FleetScreen):
    """The Hosts tab."""

    TAB = "hosts_tab"
    PLACES = ("hosts", "tabs", "all")
    PICKS = "host_go"

    pane: HostsPane

    def __init__(self, view: AppState, fleet: Fleet) -> None:
        super().__init__(view, fleet)
        self.pane = HostsPane(fleet, view.glyphs, lambda: self.jailer.session)

    def action_host_go(self) -> None:
        """Show that host."""
        member = self.pane.current
        if member is not None:
            self.jailer.show_host(member.session)

    def action_host_needs(self) -> None:
        """Show the overview of that host."""
        if self.pane.current is not None:
            self.action_host_go()
            self.jailer.call_later(self.jailer.dispatcher.perform, "overview_tab")

    def action_read_again(self) -> None:
        """Connect to the host under the cursor at once."""
        member = self.pane.current
        if member is not None:
            self.fleet.try_again(member)


class FleetJailsScreen(FleetScreen):
    """The All jails tab; actions apply to marked jails on all their hosts."""

    TAB = "fleet_tab"
    PLACES = ("fleet", "marks", "tabs", "all")
    PICKS = "fleet_go"
    SHOWS_USE = True

    pane: FleetJailsPane

    def __init__(self, view: AppState, fleet: Fleet) -> None:
        super().__init__(view, fleet)
        self.pane = FleetJailsPane(fleet, view.glyphs)

    def begin(self) -> None:
        """Restore the previous cursor and filter."""
        place = self.fleet.place
        if place.filter and not self.pane.filter:
            self.pane.filter = self.field.value = place.filter
        if place.marks:
            self.pane.grid.set_marks(place.marks | self.pane.grid.marks)
        self.pane.return_to = place.key
        super().begin()

    def on_unmount(self) -> None:
        """Save the cursor and the filter."""
        grid = self.pane.grid
        self.fleet.place = Place(self.pane.filter, grid.marks, grid.key or "")

    @on(Grid.Picked)
    async def _picked(self) -> None:
        await self.action_do("fleet_go")
