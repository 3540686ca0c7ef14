"""The first tab: the table of jails, beside it the chosen one.

One jail on the whole screen.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from jailer_core.errors import JailerError
from jailer_core.facts import on_demand
from jailer_core.model import Jail
from jailer_core.operations.mounts.requests import MountAdd
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_tui.actions import BY_ID, Action
from jailer_tui.key_hints import key_for
from jailer_tui.panes.detail import DetailPane
from jailer_tui.panes.jails import JailsPane
from jailer_tui.presenters.jail_parts import LIMITS, LOG, MOUNTS, PARAMETERS, PROCESSES, SUMMARY
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState, shown_name
from jailer_tui.widgets.lines import Bar

TWICE = 3.0
"""Seconds within which a second ctrl-c counts as one."""


class JailsScreen(TabScreen):
    """The Jails tab, which stays below all other screens."""

    TAB = "jails_tab"
    PLACES = ("jails", "table", "tabs", "all")
    PICKS = "open"
    SHOWS_USE = True

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: JailsPane = JailsPane(view.glyphs)
        self.side = DetailPane(id="side", classes="side")
        self._interrupted = -math.inf

    def middle(self) -> Widget:
        """The table, and on a wide screen the selected jail."""
        return Horizontal(self.pane, self.side)

    def other_host(self) -> None:
        """Another host's jails are shown now: drop marks and filter."""
        self.pane.grid.set_marks(frozenset())
        self.field.value = ""
        self.pane.filter = ""

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        return self.pane.current

    @property
    def chosen(self) -> list[Jail]:
        """The marked jails, else the one under the cursor."""
        return self.pane.marked or super().chosen

    def draw(self) -> None:
        """Draw everything but the table."""
        if self.side.display and self.in_front:
            self.side.show(self.current, self.view)
        super().draw()

    def on_screen_resume(self) -> None:
        """The panel beside the table is not updated while another screen covers it."""
        if self.is_mounted:
            self.draw()

    def footer_actions(self) -> list[Action]:
        """The actions; this is the top level."""
        return [
            replace(action, label="Quit") if action.id == "leave" else action
            for action in super().footer_actions()
        ]

    def step_back(self) -> None:
        """From the panel to the table, then no marks: there is no level above this."""
        if self.focused is self.side.body:
            self.pane.grid.focus()
        else:
            self.mark("none")

    def action_leave(self) -> None:
        """Out of the program."""
        self._perform("quit")

    def action_interrupt(self) -> None:
        """Quit if the key is pressed twice."""
        now = time.monotonic()
        if self.has_class("filtering"):
            self.action_clear()
        elif now - self._interrupted < TWICE:
            self._perform("quit")
        else:
            self._interrupted = now
            self.jailer.notify_user(f"press {key_for('interrupt')} again to quit", bad=False)

    def _perform(self, name: str) -> None:
        self.jailer.call_later(self.jailer.dispatcher.perform, name)

    def action_filter(self) -> None:
        """Filter the table, or search the panel beside it."""
        if self.focused is self.side.body:
            self.action_find()
        else:
            super().action_filter()

    # --- keys of the table -------------------------------------------------------------------

    def action_open(self) -> None:
        """Show the jail on the whole screen; without jails, take the next step to the first one."""
        if self.current is not None:
            self.jailer.open_jail(self.current, self.side.part)
        elif self.view.full and not self.view.jails:
            self._perform("next_step")

    def action_swap(self) -> None:
        """Go to the other panel, if there is one."""
        if self.has_class("filtering"):
            self.keep_filter()
        elif self.side.display and self.focused is not self.side.body:
            self.side.body.focus()
        else:
            self.pane.grid.focus()

    def action_tab(self, how: str) -> None:
        """Show the next or previous part of the jail, if visible."""
        if self.side.display:
            self.side.turn(how)


FIRST = ("back", "part", "tab:next")
CHANGES = {MOUNTS: MountAdd.op, LIMITS: SetLimits.op, PARAMETERS: SetParameters.op}
"""What changes that which a part shows."""
SCREENS = {PROCESSES: "processes", LOG: "log"}
"""Parts that have a screen of their own, and the action that opens it."""


class JailScreen(AppScreen):
    """The parts of a jail; its actions are those of the table."""

    PLACES = ("detail", "jails", "copyable", "all")
    SHOWS_USE = True

    def __init__(self, view: AppState, key: str, part: str = SUMMARY) -> None:
        self.pane = DetailPane(id="opened")  # the first footer asks it
        super().__init__(view)
        self._key = key
        self._part = part
        self._title_bar = Bar(id="name", bar=False)

    def footer_actions(self) -> list[Action]:
        """The actions: back, those of the part, and the other parts come first."""
        part = self.pane.part
        actions = [
            action for action in super().footer_actions() if part in SCREENS or action.id != "part"
        ]
        back, *rest = sorted(actions, key=lambda action: action.id not in FIRST)
        change = [BY_ID[CHANGES[part]]] if part in CHANGES else []
        return [back, *change, *rest]

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._title_bar
        yield self.pane
        yield self.keys

    def on_mount(self) -> None:
        """Show the part that was visible before."""
        self.pane.part = self._part
        self.pane.body.focus()
        self.show(self.view)
        self.pane.turn_to(self._part)
        self.worked()

    def worked(self) -> None:
        """A change may have set another note: read it again."""
        self.in_background(self._read_note, "note")

    async def _read_note(self) -> None:
        jail = self.current
        if jail is None:
            return
        try:
            self.pane.note = await on_demand.note(self.jailer.reader.host, jail)
        except JailerError:
            return  # the summary does without
        self.show(self.view)

    @property
    def current(self) -> Jail | None:
        """The jail, if it still exists."""
        return self.view.by_key().get(self._key)

    def draw(self) -> None:
        """The name and the part."""
        jail = self.current
        name = shown_name(self._key)
        notice = () if jail is not None else (("  is gone", "warn"),)
        self._title_bar.show(((f" {name}", "strong"), *notice))
        self.pane.show(jail, self.view)
        self.keys.offer(self.footer_actions())

    @property
    def rows(self) -> int | None:
        """The jails that [ and ] go through."""
        return len(self.jailer.jail_order())

    def action_object(self, how: str) -> None:
        """Show the `next` or `previous` jail of the table."""
        others = self.jails_around(self._key, how)
        if others:
            self._key = others[0]
            self.pane.note = ""
            self.show(self.view)
            self.pane.turn_to(self.pane.part)
            self.worked()

    def action_tab(self, how: str) -> None:
        """Show the next or previous part."""
        self.pane.turn(how)
        self.keys.offer(self.footer_actions())

    def action_part(self) -> None:
        """Show the part on its own screen, if it has one."""
        name = SCREENS.get(self.pane.part, "")
        if name:
            self.jailer.call_later(self.jailer.dispatcher.perform, name)
        else:
            listed = " and ".join(SCREENS)
            self.jailer.notify_user(f"only these open on the full screen: {listed}", bad=False)
