"""The fifth tab: terminals inside jails."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from textual import on
from textual.events import ScreenResume

from jailer_core.model import Jail, JailState
from jailer_tui.actions import Action, Selection, footer_actions, why_not_now
from jailer_tui.console.consoles import Console, Consoles, stopped
from jailer_tui.key_hints import keys_for
from jailer_tui.panes.consoles import ConsolesPane
from jailer_tui.presenters.console import Named, names, parting
from jailer_tui.presenters.jails import Line, keyed
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.terminal import TerminalView

ROWS_AROUND = 4
"""Header, tabs, names of the consoles, keys."""


class ConsoleScreen(TabScreen):
    """Either the jails to choose from, or one console; its keys go inside while it has the focus.

    `wanted` is a jail in which a console is to be opened at once, or gone to.
    """

    TAB = "console_tab"
    PLACES = ("console", "tabs", "all")
    PICKS = "console_enter"
    ROOM_FOR_MESSAGES = False  # a program inside would be told of another size each time
    EXPLAINED = ("console", "terminal", "history", "tabs", "all")

    DEFAULT_CSS = """
    ConsoleScreen.shown #notices { display: none; }
    """

    def __init__(self, view: AppState, jail: Jail | None = None) -> None:
        super().__init__(view)
        self.pane: ConsolesPane = ConsolesPane(view.glyphs)
        self._wanted = jail

    @property
    def consoles(self) -> Consoles:
        """The consoles of this session, which outlive this screen."""
        return self.jailer.session.consoles

    @property
    def terminal(self) -> TerminalView:
        """The terminal view."""
        return self.pane.terminal

    @property
    def inside(self) -> bool:
        """Whether keys go into the terminal."""
        return self.terminal.has_focus and not self.pane.choosing

    def begin(self) -> None:
        """Show the previous console, or the jails."""
        self.consoles.noticed = self._noticed
        if self._wanted is not None:
            self.go_to(self._wanted)
        else:
            self._arrange()

    def on_unmount(self) -> None:
        """Note that the consoles are hidden."""
        self.consoles.noticed = lambda: None

    @on(ScreenResume)
    def _in_front(self) -> None:
        self.terminal.paint()

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        if self.is_mounted:
            counts = Counter(console.whose.name for console in self.consoles.all)
            self.pane.counts = counts
        super().show(view)

    def draw(self) -> None:
        """Draw everything but the table and the terminal."""
        self._make_room()
        self.pane.names.show(self._names())
        console = self.consoles.shown
        last: Line = ()
        if console is not None and console.over:
            stopped_here = stopped(console, self.view.inventory)
            last = parting(console.label, console.over, stopped=stopped_here)
        self.terminal.part(last)
        self.keys.offer(self.footer_actions())
        super().draw()

    def _make_room(self) -> None:
        """What is around the terminal: it decides how large that is."""
        self.set_class(not self.pane.choosing, "shown")
        self.pane.set_class(bool(self.consoles.all), "open")

    def _names(self) -> Line:
        consoles = self.consoles.all
        shown = self.consoles.shown
        current = consoles.index(shown) if shown in consoles and not self.pane.choosing else None
        hint = self._hint()
        named = [
            Named(console.label, console.core.title, console.rung, bool(console.over))
            for console in consoles
        ]
        return names(named, current, hint, self.size.width, self.view.glyphs)

    def _hint(self) -> Line:
        """The key that one needs here."""
        if self.pane.choosing:
            return keyed("{console_enter} opens one more, {clear} back ", "dim")
        if self.terminal.back is not None:
            return (("scrolled back, ", "warn"), *keyed("{sight:leave} returns ", "dim"))
        if self.inside:
            return ((keys_for("console_leave"), "key"), (" leaves ", "dim"))
        return keyed("{console_enter} goes in ", "dim")

    def footer_actions(self) -> list[Action]:
        """The actions that the keys mean now."""
        if self.is_mounted and self.inside:
            return footer_actions(("history",) if self.terminal.back is not None else ("terminal",))
        return super().footer_actions()

    def _arrange(self, *, choosing: bool = False, inside: bool = False) -> None:
        """What is shown, and where keys go."""
        choosing = choosing or self.consoles.shown is None
        self.pane.choose(on=choosing)
        self._make_room()
        if choosing:
            self.set_focus(self.pane.grid)
        else:
            self.pane.filter_by("")
            self.terminal.show(self.consoles.shown)
            self.set_focus(self.terminal if inside else None)
        self.show(self.view)

    def _noticed(self) -> None:
        """A console rang, ended, or calls itself otherwise."""
        shown = self.consoles.shown
        if shown is not None and shown.rung and shown is self.terminal.console:
            if self.is_current and not self.pane.choosing:
                shown.rung = False
            self.jailer.ring_bell()
        self.call_later(self.show, self.view)

    @on(TerminalView.Moved)
    def _looked_back(self) -> None:
        self.draw()

    def on_descendant_focus(self) -> None:
        """Offer the keys of the focused widget."""
        self.call_later(self.draw)

    on_descendant_blur = on_descendant_focus

    # --- what is possible --------------------------------------------------------------------

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor, or the one whose console is shown."""
        console = self.consoles.shown
        if self.pane.choosing or console is None:
            return self.pane.current
        return self._jail(console)

    def _jail(self, console: Console) -> Jail | None:
        jails = [jail for jail in self.view.jails if jail.name == console.whose.name]
        return next((jail for jail in jails if jail.state is JailState.RUNNING), None)

    @property
    def selection(self) -> Selection:
        """The jail, whether a console of it is shown, and whether any is open."""
        shown = self.consoles.shown if self.is_mounted else None
        console = shown is not None and not self.pane.choosing
        return replace(super().selection, console=console, opened=shown is not None)

    @property
    def rows(self) -> int | None:
        """The number of jails to choose from, or of consoles if one is shown."""
        return super().rows if self.pane.choosing else len(self.consoles.all)

    # --- keys --------------------------------------------------------------------------------

    def go_to(self, jail: Jail, *, more: bool = False) -> None:
        """Go to the console of a jail; open one if none is running, or another is requested."""
        consoles = sorted(self.consoles.of(jail), key=lambda console: not console.alive)
        if consoles and not more and consoles[0].alive:
            self.consoles.shown = consoles[0]
        elif consoles and not more:
            self.consoles.again(consoles[0], jail)
        else:
            width, height = self.app.size
            self.consoles.open(jail, (max(width, 2), max(height - ROWS_AROUND, 2)))
        self._arrange(inside=True)

    def action_console_enter(self) -> None:
        """Open a console, or type in the visible one."""
        if not self.pane.choosing:
            self._arrange(inside=True)
        elif self.pane.current is not None:
            self.go_to(self.pane.current, more=True)

    def action_console_more(self) -> None:
        """Show the jails to choose from."""
        self._arrange(choosing=True)

    def action_console_turn(self, how: str) -> None:
        """Show the next or previous console."""
        if self.consoles.all:
            if not self.pane.choosing:
                self.consoles.turn(1 if how == "next" else -1)
            self._arrange()

    def action_console_close(self) -> None:
        """Close the console; asks while something is running."""
        console = self.consoles.shown
        if console is None:
            return
        if console.alive:
            self.jailer.start_task(self._close(console), "close console")
        else:
            self.consoles.close(console)
            self._arrange()

    async def _close(self, console: Console) -> None:
        lines = [f"The session in {console.label} and everything running in it will end."]
        if await self.jailer.ask(f"Close {console.label}?", lines, "Close"):
            if console in self.consoles.all:
                self.consoles.close(console)
            self._arrange()

    def action_console_leave(self) -> None:
        """Leave the terminal."""
        self.terminal.back = None
        self._arrange()

    def action_console_full(self) -> None:
        """Open a console in the same jail on the real terminal."""
        self.jailer.call_later(self.jailer.dispatcher.perform, "full_terminal")

    @on(TerminalView.Again)
    def _again(self) -> None:
        """Restart the one that has ended."""
        console = self.consoles.shown
        if console is None:
            return
        why = why_not_now(self.view.inventory, self.view.now)
        jail = self._jail(console)
        if why or jail is None:
            self.jailer.notify_user(f"{console.label}: {why or 'the jail is not running'}")
            return
        self.consoles.again(console, jail)
        self._arrange(inside=True)

    @on(TerminalView.Copied)
    def _copied(self, event: TerminalView.Copied) -> None:
        self.jailer.to_clipboard(event.text)
        self.draw()

    # --- searching ---------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Filter the table of jails, or search the scrollback."""
        if self.pane.choosing:
            self.name_filter(" Filter  ")
            super().action_filter()
        else:
            self.action_sight_search()

    def action_sight_search(self) -> None:
        """Ask for words to search backwards."""
        self.terminal.look_back()
        self.name_filter(" Search  ")
        back = self.terminal.back
        self.add_class("filtering")
        self.field.value = back.word if back is not None else ""
        self.field.focus()

    def typed(self, words: str) -> None:
        """Filter the table with each key; a search waits for enter."""
        if self.pane.choosing:
            super().typed(words)

    def keep_filter(self) -> None:
        """Keep the filter, or show the match in the terminal."""
        if self.pane.choosing:
            super().keep_filter()
            return
        word = self.field.value
        self.remove_class("filtering")
        self.set_focus(self.terminal)
        if not self.terminal.find(word):
            self.jailer.notify_user(f"no match for {word}")

    def action_clear(self) -> None:
        """Leave the field, else go back to the consoles, else to the jails."""
        if self.has_class("filtering") and not self.pane.choosing:
            self.remove_class("filtering")
            self.set_focus(self.terminal)
        elif self.has_class("filtering") or (self.pane.choosing and self.pane.filter):
            super().action_clear()
        elif self.pane.choosing and self.consoles.all:
            self._arrange()
        else:
            self.dismiss()
        if self.is_attached and self.is_current:
            self.draw()
