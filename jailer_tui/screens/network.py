"""The fourth tab: who is connected to what."""

from __future__ import annotations

from textual import on
from textual.events import Click
from textual.widget import Widget

from jailer_core.facts.rhythm import Reason
from jailer_core.model import Jail
from jailer_core.model.firewall import NAT
from jailer_core.operations.network.translations.requests import (
    ImportRules,
    LoadRules,
    NatRemove,
    RedirectRemove,
)
from jailer_core.plan import Needs, Request
from jailer_core.topology import Node
from jailer_tui.actions import Action, bindings, why_not_now
from jailer_tui.panes.network import NetworkPane
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.network.nat import why_not_rule
from jailer_tui.screens import bridges
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid

RULES = ("net_remove", "net_load", "net_takeover")
"""Actions on the rule under the cursor."""
MOST = 4
"""Notices above the table at most, of all kinds."""


class NetworkScreen(TabScreen):
    """The tree of the network and other views of it; read only while this is in sight."""

    TAB = "network_tab"
    PLACES = ("network", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    NetworkScreen.wide #node { display: block; }
    """

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: NetworkPane = NetworkPane(view.glyphs, id="pane")

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    def wants(self) -> Needs:
        """What the view in sight shows."""
        return self.pane.shown.needs

    def show(self, view: AppState) -> None:
        """A new picture of the host; at rest while something else than a row of it is opened."""
        above = [one for one in self.app.screen_stack if isinstance(one, AppScreen)][-1:]
        if above == [self] or above[-1].below is self:
            super().show(view)
        else:
            self.view = view

    def on_screen_resume(self) -> None:
        """What only this shows is read at once; until then it shows what it knew."""
        self.show(self.view)
        self.jailer.live.wake(Reason.SIGHT)

    @property
    def node(self) -> Node | None:
        """What the cursor stands on: kind, name, interface, jail."""
        return self.pane.node

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor: of the row itself, or at the other end of its epair."""
        return self.pane.jail

    def draw(self) -> None:
        """Everything but the table."""
        self.pane.explain()
        super().draw()

    def notices(self) -> list[Line]:
        """What is wrong with the network is said above the table, the gravest first."""
        lines = super().notices()
        shown = self.pane.picture
        diagnostics = shown.troubles if shown is not None and self.view.full else ()
        room = max(1, MOST - len(lines))
        glyph = self.view.glyphs.broken
        said = diagnostics if len(diagnostics) <= room else diagnostics[: room - 1]
        lines += [((f" {glyph} {diagnostic.message}", "bad"),) for diagnostic in said]
        if len(said) < len(diagnostics):
            more = " more" if said else ""
            line = f" {glyph} {len(diagnostics) - len(said)}{more} network problems: "
            lines.append(((line, "bad"), ("!", "key"), (" shows all", "dim")))
        return lines

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_net_open()

    # --- translations ------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        """What is done to a rule wants one under the cursor; a jail can be chosen afterwards."""
        rule = self.pane.entry.rule if self.pane.entry is not None else None
        if action.id in bridges.WIRES and rule is None:
            said = why_not_now(self.view.inventory, self.view.now)
            return said or bridges.why_not(action, self.node)
        if action.id in RULES:
            return why_not_now(self.view.inventory, self.view.now) or why_not_rule(action.id, rule)
        if action.id == "net_jail" and self.current is None:
            return "this row is not a jail"
        if action.id == "net_translate" and self.current is None:
            return why_not_now(self.view.inventory, self.view.now)
        return super().why_not(action)

    def do_net_translate(self) -> None:
        """NAT or a redirection for the jail under the cursor, or for one that is chosen."""
        making = self.jailer.dispatcher.making
        jail = self.current
        self.jailer.start_task(
            making.translate(jail) if jail is not None else making.translate_one(), "nat"
        )

    def do_net_remove(self) -> None:
        """Take the rule under the cursor away."""
        rule = self.pane.entry.rule if self.pane.entry is not None else None
        if rule is None:
            bridges.destroy(self.jailer, self.node)
            return
        translation = rule.translation
        if translation is not None and translation.kind == NAT:
            self._wish(NatRemove(rule.jail, translation.family, translation.interface))
        else:
            self._wish(RedirectRemove(rule.jail, rule.index))

    def do_net_load(self) -> None:
        """Make what is loaded what is stored."""
        rule = self.pane.entry.rule if self.pane.entry is not None else None
        if rule is not None:
            self._wish(LoadRules(rule.jail))

    def do_net_takeover(self) -> None:
        """All of the original's rules."""
        self._wish(ImportRules())

    def _wish(self, request: Request) -> None:
        self.jailer.start_task(self.jailer.runner.run(request), request.op)

    # --- bridges and addresses ---------------------------------------------------------------

    def do_net_bridge(self) -> None:
        """A new bridge."""
        self.jailer.start_task(self.jailer.dispatcher.making.bridge(), "bridge")

    def do_net_change(self) -> None:
        """Other addresses for the bridge or jail under the cursor."""
        bridges.change(self.jailer, self.node, self.current)

    def do_net_member(self) -> None:
        """A card or VLAN for the bridge under the cursor."""
        bridges.put_in(self.jailer, self.node)

    def do_net_unmember(self) -> None:
        """The member under the cursor leaves its bridge."""
        bridges.take_out(self.jailer, self.node)

    def do_net_address(self) -> None:
        """Another address for the jail under the cursor."""
        if self.current is not None:
            self.jailer.start_task(self.jailer.dispatcher.making.readdress(self.current), "address")

    def do_net_keep(self) -> None:
        """Whoever can do this has reached the host."""
        self.jailer.beside(self.jailer.runner.keep_all(), "keep")

    # --- keys --------------------------------------------------------------------------------

    def do_net_next(self) -> None:
        """The next view."""
        self._turn(1)

    def do_net_previous(self) -> None:
        """The view before."""
        self._turn(-1)

    async def on_click(self, event: Click) -> None:
        """A click on the name of a view, or of a tab."""
        net_view = self.pane.view_at(event.x) if event.widget is self.pane.names else None
        if net_view is not None:
            self.pane.turn_to(net_view)
            self._turned()
        else:
            await super().on_click(event)

    def _turn(self, step: int) -> None:
        self.pane.turn(step)
        self._turned()

    def _turned(self) -> None:
        self.draw()
        self.jailer.live.wake(Reason.SIGHT)

    def do_net_open(self) -> None:
        """The node under the cursor on the whole screen."""
        from jailer_tui.screens.network_node import NetworkNodeScreen  # noqa: PLC0415

        if self.pane.entry is not None:
            self.jailer.push_screen(NetworkNodeScreen(self.view, self, self.pane.lines))

    def do_net_problems(self) -> None:
        """Everything that is wrong, with what to do."""
        from jailer_tui.dialogs.diagnostics import DiagnosticsDialog  # noqa: PLC0415

        diagnostics = self.pane.picture.troubles if self.pane.picture is not None else ()
        self.jailer.push_screen(DiagnosticsDialog(diagnostics, self.view.glyphs))

    def do_net_jail(self) -> None:
        """The jail under the cursor on the whole screen."""
        if self.current is not None:
            self.jailer.open_jail(self.current, "Summary")

    def do_clear(self) -> None:
        """Escape: first the filter, then back to the jails."""
        if self.has_class("filtering") or self.pane.filter:
            super().do_clear()
        else:
            self.dismiss()
