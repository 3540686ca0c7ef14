"""The fourth tab: who is connected to what.

One interface, bridge or jail of the network on the whole screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult
from textual.events import Click

from jailer_core.facts.probes import Reason
from jailer_core.model import Jail
from jailer_core.plan import Needs
from jailer_tui.actions import Selection
from jailer_tui.key_hints import key_for
from jailer_tui.panes.network import NetworkPane
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.network.table import NetView
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.lines import Lines

MOST = 4
"""Notices above the table at most, of all kinds."""


class NetworkScreen(TabScreen):
    """The Network tab: the tree and other views, read only while visible."""

    TAB = "network_tab"
    PLACES = ("network", "tabs", "all")
    PICKS = "net_open"

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: NetworkPane = NetworkPane(view.glyphs)

    def wants(self) -> Needs:
        """What the visible view needs."""
        return self.pane.shown.needs

    def show(self, view: AppState) -> None:
        """Show a new state of the host; paused while anything but one of its rows is open."""
        above = [screen for screen in self.app.screen_stack if isinstance(screen, AppScreen)][-1:]
        if above == [self] or above[-1].below is self:
            super().show(view)
        else:
            self.view = view

    def on_screen_resume(self) -> None:
        """Read what only this screen shows; until then it shows the old data."""
        self.show(self.view)
        self.jailer.session.live.wake(Reason.SIGHT)

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor: of the row itself, or at the other end of its epair."""
        return self.pane.jail

    def notices(self) -> list[Line]:
        """The notices, and network problems, the most serious first."""
        lines = super().notices()
        shown = self.pane.picture
        diagnostics = shown.troubles if shown is not None and self.view.full else ()
        room = max(1, MOST - len(lines))
        glyph = self.view.glyphs.broken
        listed = diagnostics if len(diagnostics) <= room else diagnostics[: room - 1]
        lines += [((f" {glyph} {diagnostic.message}", "bad"),) for diagnostic in listed]
        if len(listed) < len(diagnostics):
            more = " more" if listed else ""
            line = f" {glyph} {len(diagnostics) - len(listed)}{more} network problems: "
            lines.append(((line, "bad"), (key_for("net_problems"), "key"), (" shows all", "dim")))
        return lines

    @property
    def selection(self) -> Selection:
        """The node or the rule of the row, and the jail that it is about."""
        entry = self.pane.current
        node, rule = (entry.node, entry.rule) if entry is not None else (None, None)
        return replace(super().selection, node=node, rule=rule)

    # --- keys --------------------------------------------------------------------------------

    def action_net_next(self) -> None:
        """Show the next view."""
        self._turn_to(self.pane.beside(1))

    def action_net_previous(self) -> None:
        """Show the previous view."""
        self._turn_to(self.pane.beside(-1))

    async def on_click(self, event: Click) -> None:
        """Go to the view or tab whose name was clicked."""
        net_view = self.pane.view_at(event.x) if event.widget is self.pane.names else None
        if net_view is not None:
            self._turn_to(net_view)
        else:
            await super().on_click(event)

    def _turn_to(self, net_view: NetView) -> None:
        self.pane.turn_to(net_view)
        self.draw()
        self.jailer.session.live.wake(Reason.SIGHT)

    def action_net_open(self) -> None:
        """Show the node under the cursor on the whole screen."""
        if self.pane.current is not None:
            self.jailer.push_screen(NetworkNodeScreen(self.view, self, self.pane.lines))

    def action_net_problems(self) -> None:
        """List all problems with advice."""
        from jailer_tui.dialogs.confirm import network_problems  # noqa: PLC0415

        diagnostics = self.pane.picture.troubles if self.pane.picture is not None else ()
        self.jailer.push_screen(network_problems(diagnostics, self.view.glyphs))


class NetworkNodeScreen(AppScreen):
    """A node of the network on the whole screen."""

    PLACES = ("node", "copyable", "all")

    DEFAULT_CSS = """
    NetworkNodeScreen #about { height: 1fr; padding: 0 1; }
    """

    below: TabScreen

    def __init__(
        self, view: AppState, below: TabScreen, lines: Callable[[int], list[Line]]
    ) -> None:
        super().__init__(view)
        self.below = below
        self._lines = lines
        self._about = Lines(id="about")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._about
        yield self.keys

    def on_mount(self) -> None:
        """Ready to scroll."""
        self._about.focus()
        self.show(self.view)

    def wants(self) -> Needs:
        """The same as the table below, which still gets the updates."""
        return self.below.wants()

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor of the table."""
        return self.below.current

    def draw(self) -> None:
        """Draw everything about the node; the table below already has the new state."""
        self._about.set_lines(self._lines(self.size.width - 3))
        self.keys.update()

    def action_object(self, how: str) -> None:
        """Show the next or previous row of the table."""
        self.below.pane.grid.action_move("down" if how == "next" else "up")
        self.show(self.view)

    @property
    def rows(self) -> int | None:
        """The rows that [ and ] go through."""
        return self.below.rows

    @property
    def selection(self) -> Selection:
        """The same as in the table."""
        return self.below.selection
