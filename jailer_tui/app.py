"""The program on the screen: it holds the host's reader, the work, and the stack of screens."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.driver import Driver
from textual.events import Event as TextualEvent, Key, Paste
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from jailer_core.errors import JailerError
from jailer_core.facts import Reader
from jailer_core.facts.probes import InSight, Reason
from jailer_core.host import Host
from jailer_core.model import Inventory, Jail
from jailer_core.needs import Needs
from jailer_core.text import sanitize
from jailer_tui import crash, theme
from jailer_tui.actions import RULES, why_not_now
from jailer_tui.dialogs.base import Dialog
from jailer_tui.key_hints import key_for
from jailer_tui.panes.detail import DetailPane
from jailer_tui.presenters.messages import messages
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.jails import JailsScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.setting_checks import mistakes
from jailer_tui.state import ActionContext, AppState, History
from jailer_tui.stores.events import ANNOUNCED, Event, is_known
from jailer_tui.stores.jobs import Batch, FanOutJob, Jobs, Work
from jailer_tui.stores.preferences import Preferences, PreferencesStore
from jailer_tui.stores.session import HostSession
from jailer_tui.terminal.input import Keyboard
from jailer_tui.terminal_options import FULL, Options
from jailer_tui.theme import ASCII, UNICODE
from jailer_tui.trends import TrafficHistory
from jailer_tui.widgets.search import Findable

if TYPE_CHECKING:
    from jailer_tui.controllers.dispatcher import ActionDispatcher
    from jailer_tui.operation_runner import OperationRunner
    from jailer_tui.stores.fleet import Fleet
    from jailer_tui.stores.job import Job

NOTICED = 0.05
"""Seconds after which one begins to wonder whether a key was heard."""

PAINTED = 0.1
"""Seconds until the first table is surely on the terminal."""

SHOWN = 20.0
"""Seconds after which ages are drawn again although nothing else has changed."""

SAID = 6.0
"""Seconds that a message is shown."""

TOGETHER = 0.2
"""Seconds in which changes of hosts are drawn together."""

REST = 0.15
"""Seconds that the cursor rests on a jail before more is read of it."""


class JailerApp(App[int], inherit_bindings=False):
    """The program on the screen."""

    TITLE = "jailer-tui"
    CSS = theme.CSS
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None

    def __init__(
        self,
        host: Host,
        *,
        banner: str = "",
        read_only: bool = False,
        options: Options = Options(),  # noqa: B008 - frozen
        preferences: Preferences = Preferences(),  # noqa: B008 - frozen
    ) -> None:
        self.options = options
        self.typed = options.typed
        # with ansi_color textual leaves colours out where NO_COLOR is set, else it makes them grey
        super().__init__(ansi_color=options.colour != FULL)
        self.ansi_color = None
        self.preferences = PreferencesStore(self, preferences)
        for own in theme.THEMES:
            self.register_theme(own)
        self.theme = theme.usual(full=options.colour == FULL, light=options.light).name
        self.use_theme(self.preferences.settings.theme)
        self.ansi_theme_dark, self.ansi_theme_light = theme.INSIDE_DARK, theme.INSIDE_LIGHT
        self.animation_level = "none"
        self.glyphs = ASCII if options.ascii else UNICODE
        self.set_class(options.ascii, "-ascii")
        self.fleet: Fleet | None = None
        self._fleet_due = False
        self.elevate_with = ""
        self.hung_up = False
        self.keyboard = Keyboard(self)
        self.preparing: Worker[object] | None = None
        self._rang = 0.0
        self._said_on: Screen[Any] | None = None
        self._shown = 0.0
        self.session = self.new_session(host, host.name, banner=banner, read_only=read_only)

    def new_session(
        self, host: Host, name: str, *, banner: str = "", read_only: bool = False
    ) -> HostSession:
        """Create the session of another host."""
        state = AppState(
            name,
            banner=banner,
            now=ActionContext(read_only=read_only),
            glyphs=self.glyphs,
            history=History(),
            traffic=TrafficHistory(),
            settings=self.preferences.settings,
            mistakes=mistakes(self.preferences.settings),
        )
        return HostSession(self, host, state, self.options.interval)

    # --- several hosts -----------------------------------------------------------------------

    def use_fleet(self, fleet: Fleet) -> None:
        """Work on several hosts; the first is shown."""
        self.fleet = fleet
        self.session = fleet.members[0].session

    def show_host(self, session: HostSession) -> None:
        """Show the jails of another host; what runs on the old one keeps running."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if session is self.session:
            return
        self.session = session
        self._table.other_host()
        self._note_work()
        self._read_on()
        session.vitals.start()

    def host_is_back(self, session: HostSession) -> None:
        """A host can be reached again."""
        if session is self.session and self.is_running:
            self._read_on()

    @property
    def fleet_in_sight(self) -> bool:
        """Whether a tab of hosts is shown."""
        front = self.screen_stack[-1] if self.is_running and self.screen_stack else None
        return isinstance(front, TabScreen) and front.SHOWS_FLEET

    def fleet_changed(self) -> None:
        """What is known of a host has changed; changes that come together are drawn once."""
        if not self._fleet_due and self.fleet_in_sight:
            self._fleet_due = True
            self.set_timer(TOGETHER, self._show_fleet)

    def _show_fleet(self) -> None:
        self._fleet_due = False
        if self.fleet_in_sight and isinstance(self.screen, TabScreen):
            self.screen.host_read()

    # --- the host that is shown ----------------------------------------------------------------

    @property
    def view(self) -> AppState:
        """The state to show."""
        return self.session.view

    @property
    def reader(self) -> Reader:
        """The reader of the host."""
        return self.session.reader

    @property
    def jobs(self) -> Jobs:
        """The jobs of the host."""
        return self.session.jobs

    def use_theme(self, name: str) -> None:
        """Show a theme by the name that settings have for it, with the user's own colours.

        Where the terminal has only its own 16 colours, only themes made of those are used.
        """
        name = theme.SHORT.get(name, self.theme if name == theme.AUTO else name)
        chosen = self.available_themes.get(name)
        if chosen is None or (self.options.colour != FULL and not chosen.ansi):
            chosen = self.available_themes[self.theme]
        colours = self.preferences.settings.colours
        if colours or chosen not in theme.THEMES:
            self.register_theme(theme.complete(chosen, colours))
        self.theme = chosen.name

    @cached_property
    def runner(self) -> OperationRunner:
        """The runner of operations; imported after the first table is shown."""
        from jailer_tui.operation_runner import OperationRunner  # noqa: PLC0415

        return OperationRunner(self)

    @cached_property
    def dispatcher(self) -> ActionDispatcher:
        """The dispatcher of actions; imported with the first key."""
        from jailer_tui.controllers.dispatcher import ActionDispatcher  # noqa: PLC0415

        return ActionDispatcher(self)

    @property
    def sessions(self) -> tuple[HostSession, ...]:
        """The sessions of all hosts."""
        if self.fleet is None:
            return (self.session,)
        return tuple(member.session for member in self.fleet.members)

    async def close_consoles(self) -> None:
        """End what runs in consoles."""
        for session in self.sessions:
            await session.close_consoles()

    async def close_hosts(self) -> None:
        """End all connections."""
        if self.fleet is not None:
            await self.fleet.close()
        await self.session.host.close()

    def get_default_screen(self) -> Screen[None]:
        """The table of jails."""
        return JailsScreen(self.view)

    def on_load(self) -> None:
        """Have tasks start alike on every Python: textual lets them start at once from 3.12 on.

        What is shown by a task would otherwise be shown before its starter knows of the task.
        """
        asyncio.get_running_loop().set_task_factory(None)

    def on_mount(self) -> None:
        """Start reading."""
        self._read_on()
        self.set_interval(1.0, self._grow_old)
        self.session.vitals.start()
        if self.fleet is not None:
            self.fleet.start()
        self.app_resume_signal.subscribe(self, self._resumed)

    def _resumed(self, _app: object) -> None:
        """After ctrl-z, or an editor: textual alone would draw only what changes from now on."""
        self.call_later(self.dispatcher.perform, "redraw")

    # --- keys --------------------------------------------------------------------------------

    async def on_event(self, event: TextualEvent) -> None:
        """A key waits until the previous one is handled; other events pass at once."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self.keyboard.take(event)
        else:
            await super().on_event(event)

    async def deliver(self, event: TextualEvent) -> None:
        """Give a key to what has the focus now; esc closes messages first."""
        if not self._closed_by(event):
            await super().on_event(event)

    def push_screen(self, *args: Any, **settings: Any) -> Any:
        """Open a screen; from now on keys are for it."""
        self.preparing = None
        return super().push_screen(*args, **settings)

    def on_unmount(self) -> None:
        """Stop reading keys."""
        self.keyboard.stop()

    # --- reading -----------------------------------------------------------------------------

    def in_sight(self) -> InSight:
        """What the front screen shows; the screens below are paused."""
        faces = [screen for screen in self.screen_stack if isinstance(screen, AppScreen)]
        return InSight(faces[-1].wants(), faces[-1].SHOWS_USE) if faces else InSight()

    def host_heard(self, inventory: Inventory, full: bool) -> bool:
        """A new inventory; if jls failed, the old jails stay and are marked as old."""
        view, old = self.view, self.view.inventory
        blind = not inventory.jails and not is_known(inventory)
        if not blind or old is None:
            self._see(inventory, full=full)
            return True
        # what is stale disables changes
        self.set_view(
            replace(
                view,
                inventory=replace(inventory, jails=old.jails),
                full=view.full or full,
                stale=self.session.live.stale,
                now=replace(view.now, stale=True),
            )
        )
        return False

    def _see(self, inventory: Inventory, *, full: bool) -> None:
        old = self.view.inventory
        if not full and old is None:
            self.set_view(replace(self.view, inventory=inventory, stale=None))
            return
        first = not self.view.full
        self.view.history.add(inventory)
        if old is not None and not first:
            self.session.watcher.compare(old, inventory, self.session.vitals.limits)
        if old is not None and self._is_quiet(old, inventory):
            self.session.view = replace(self.view, inventory=inventory)
            if isinstance(self.screen, AppScreen):
                self.screen.host_read()
            return
        if inventory.connections is not None:
            self.view.traffic.add(inventory.connections)
        self.set_view(
            replace(
                self.view,
                inventory=inventory,
                full=True,
                failure="",
                stale=None,
                now=replace(self.view.now, stale=False),
            )
        )
        if first:
            self.set_timer(PAINTED, self._know)
            self._greet(inventory)
            self.beside(self._look_back(inventory), "look back")

    def happened(self, session: HostSession, event: Event) -> None:
        """Something happened on a host: announce it, and count what needs attention."""
        session.announcer.hear(event)
        if event.kind in ANNOUNCED and session.vitals.heard is None:
            session.set_view(replace(session.view, unseen=session.view.unseen + 1))

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence to the terminal."""
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    def _is_quiet(self, old: Inventory, new: Inventory) -> bool:
        """Whether only the time changes, and that not yet."""
        view = self.view
        shown = view.full and not view.failure and view.stale is None and not view.now.stale
        if not shown or replace(new, taken=old.taken) != old:
            return False
        if new.taken - self._shown < SHOWN:
            return True
        self._shown = new.taken
        return False

    async def _look_back(self, inventory: Inventory) -> None:
        """An interrupted change is shown before anything else is done."""
        await self.session.past.cut_off(inventory)
        if self.view.cut_off and not why_not_now(inventory, self.view.now):
            await self.dispatcher.perform("undo")

    def _know(self) -> None:
        """Import what tells why something cannot be done, and say so at the bottom."""
        import_module(RULES)
        self.set_view(self.view)

    def _greet(self, inventory: Inventory) -> None:
        """A host without anything for jails is shown what it lacks, to whom can change that."""
        bare = not inventory.layout.dataset and not inventory.jails
        if bare and not why_not_now(inventory, self.view.now) and len(self.screen_stack) == 1:
            self.call_later(self.dispatcher.perform, "doctor")

    def host_failed(self, message: str) -> None:
        """The host could not be read at all."""
        if message != self.view.failure:
            self.set_view(replace(self.view, failure=message, stale=self.session.live.stale))

    def _grow_old(self) -> None:
        """Refresh what changes every second: the age of numbers, the progress of work."""
        if self.jobs.running and self._work_line() != self.view.work:
            self._note_work()
        stale = self.session.live.stale
        if stale is not None or self.view.stale is not None:
            now = replace(self.view.now, stale=stale is not None)
            self.set_view(replace(self.view, stale=stale, now=now))

    def set_view(self, view: AppState) -> None:
        """Set the state that is shown."""
        self.session.set_view(view)

    def show_state(self, session: HostSession) -> None:
        """Draw the state of a session if it is shown."""
        if session is not self.session:
            return
        view = session.view
        for screen in tuple(self.screen_stack):
            if isinstance(screen, AppScreen | Dialog) and screen.is_mounted and screen.is_attached:
                screen.show(view)

    def on_detail_pane_wanted(self, message: DetailPane.Wanted) -> None:
        """A visible part of a jail needs facts that the inventory does not have."""
        # a coroutine that is never started would complain
        work: Any = partial(self._read_part, message.pane, message.jail, message.part)
        self.run_worker(work, group="part", exclusive=True, exit_on_error=False)

    async def _read_part(self, pane: DetailPane, jail: Jail, part: str) -> None:
        from jailer_tui.controllers import jails  # noqa: PLC0415 - with the first part

        await asyncio.sleep(REST)
        inventory = self.view.inventory
        if inventory is None:
            return
        try:
            pane.fill(jail, part, await jails.read(self.reader, inventory, jail, part))
        except JailerError as error:
            pane.fail(jail, part, error.message)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Show that the host is being read if that takes noticeably long."""
        timer = self.set_timer(NOTICED, lambda: self.set_view(replace(self.view, reading=True)))
        try:
            yield
        finally:
            timer.stop()
            if self.view.reading:
                self.set_view(replace(self.view, reading=False))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the user what fails."""
        try:
            yield
        except JailerError as error:
            self.notify_user(error.message, error.hint)

    async def gather(self, asked: Callable[[Inventory], Needs]) -> Inventory | None:
        """The host with what is asked for; None when it was not read, which is told."""
        inventory = self.view.inventory
        if inventory is not None:
            with self.telling(), self.busy():
                return await self.reader.gather(asked(inventory))
        return None

    # --- work --------------------------------------------------------------------------------

    def work_changed(self, session: HostSession, work: Work) -> None:
        """Some work ended or made progress."""
        if work.over:
            session.watcher.worked(work)
        if session is not self.session:
            if work.over and self.fleet is not None:
                self.fleet.happened(session, Reason.CHANGE)
                self._announce(work, session)
            return
        if work.over:
            for screen in self.screen_stack:
                if isinstance(screen, AppScreen):
                    screen.worked()
            if self.view.cut_off and self.view.inventory is not None:
                self.beside(self.session.past.cut_off(self.view.inventory), "look back")
            self.reader.forget_networks()
        self.session.live.wake()
        self._note_work()
        if work.over and not self.is_shown(work):
            self._announce(work, session)

    def is_shown(self, work: Work) -> bool:
        """Whether a dialog shows it now."""
        return any(
            isinstance(screen, Dialog) and screen.work is work for screen in self.screen_stack
        )

    def _announce(self, work: Work, session: HostSession) -> None:
        """What ended in the background is said in one line."""
        from jailer_tui.dialogs.batch import ended  # noqa: PLC0415 - when the first work ends

        where = "" if session is self.session else f"{session.view.name}: "
        outcome = work.outcome
        if isinstance(work, Batch | FanOutJob):
            message, good = ended(work)
            hint = "" if good else f"{key_for('work')} shows it."
            self.notify_user(f"{where}{work.title}: {message}", hint, bad=not good)
        elif outcome is not None and work in session.jobs.all:
            message = f": {outcome.message}" if outcome.message else ""
            text = f"{where}{work.title}: {outcome.status.value}{message}"
            self.notify_user(text, bad=not outcome.ok)

    def _note_work(self) -> None:
        self.set_view(replace(self.view, work=self._work_line()))

    def _work_line(self) -> str:
        """What runs, how far it is, and how much waits for it."""
        running = self.jobs.running
        if not running:
            return ""
        message, measure = sanitize(running[0].title), running[0].measure
        if measure is not None and measure.percent is not None:
            message += f" {measure.percent}%"
        return message + (f", {len(running) - 1} more waiting" if len(running) > 1 else "")

    def show_work(self, work: Work) -> None:
        """Open the dialog of a job."""
        from jailer_tui.operation_runner import dialog_of  # noqa: PLC0415

        self.push_screen(dialog_of(work))
        self._note_work()

    def leave_work(self, job: Job) -> None:
        """Close the dialog of a job if it is in front."""
        screen = self.screen
        if isinstance(screen, Dialog) and screen.work is job:
            screen.dismiss()

    # --- failing -----------------------------------------------------------------------------

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A bug of ours in a background task is reported and logged; the rest keeps running."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None or event.worker.exit_on_error:
            return
        self.notify_user(crash.report(error))
        if event.worker.name == "live":
            self.set_timer(self.session.live.interval, self._read_on)

    def _read_on(self) -> None:
        """Read the host that is shown, and no longer the one before."""
        work = self.session.live.run()
        self.run_worker(work, name="live", group="live", exclusive=True, exit_on_error=False)

    @property
    def failure(self) -> Exception | None:
        """The internal error, if there was one."""
        return self._exception

    def fail(self, error: Exception) -> None:
        """Exit because of an internal error outside the event loop."""
        self._handle_exception(error)

    def hang_up(self) -> None:
        """The terminal is gone: leave as after SIGHUP."""
        self.hung_up = True
        self.exit(0)

    def get_driver_class(self) -> type[Driver]:
        """Our variant of textual's driver, for real terminals."""
        from jailer_tui.terminal.driver import TerminalDriver  # noqa: PLC0415 - with a terminal

        return TerminalDriver

    def _fatal_error(self) -> None:
        """Textual would print every local variable here; shutdown.py says it in one line."""
        self._close_messages_no_wait()

    # --- saying and asking -------------------------------------------------------------------

    def notify_user(self, message: str, hint: str = "", *, bad: bool = True) -> None:
        """Show a line that goes away after a while, with esc, and when its tab is left."""
        text = sanitize(message) + (f"\n{sanitize(hint)}" if hint else "")
        self._said_on = self.screen if self.screen_stack else None
        self.notify(
            text,
            title=self._tab,
            severity="warning" if bad else "information",
            timeout=SAID,
            markup=False,
        )
        self.set_timer(SAID + TOGETHER, self._refresh_notifications)

    @property
    def _tab(self) -> str:
        """The tab in front, or below what is."""
        tabs = [screen.TAB for screen in self.screen_stack if isinstance(screen, TabScreen)]
        return tabs[-1] if tabs else ""

    def _refresh_notifications(self) -> None:
        """Textual would lay them over what is there; they stand above the keys of what is in front.

        It calls this whenever there are others, and when another screen comes to the front.
        """
        for notification in tuple(self._notifications):
            if notification.title != self._tab:
                del self._notifications[notification]
        shown = messages(self._notifications, self.glyphs)
        for screen in self.screen_stack:
            if isinstance(screen, AppScreen | Dialog):
                screen.tell(shown if screen is self.screen else ())

    def _closed_by(self, event: TextualEvent) -> bool:
        """Whether a key only closed the messages: those that were said on what is in front."""
        inside = isinstance(self.screen, AppScreen) and self.screen.inside
        escape = isinstance(event, Key) and event.key == "escape" and not inside
        if not escape or not len(self._notifications) or self._said_on is not self.screen:
            return False
        self.clear_notifications()
        return True

    async def ask(self, title: str, text: Sequence[str], verb: str, *, safe: bool = False) -> bool:
        """Ask a question; only from a worker."""
        from jailer_tui.dialogs.confirm import ConfirmDialog  # noqa: PLC0415

        lines = [line for line in text if line]
        answer = await self.push_screen_wait(ConfirmDialog(title, lines, verb, safe=safe))
        return bool(answer)

    def ring_bell(self) -> None:
        """Ring the bell, at most once a second."""
        now = time.monotonic()
        if self.preferences.settings.bell and now - self._rang > 1.0:
            self._rang = now
            self.bell()

    def to_clipboard(self, text: str) -> None:
        """Copy a text to the terminal's clipboard, and say so."""
        from jailer_tui.console.user_terminal import copy_sequence as sequence  # noqa: PLC0415

        escape = sequence(text, os.environ)
        if not text:
            self.notify_user("nothing is selected")
        elif not escape:
            self.notify_user("the selection is too large for the clipboard", "Select less of it.")
        else:
            self.write_terminal(escape)
            self.notify_user(f"copied {len(text)} characters", bad=False)

    def on_findable_copied(self, message: Findable.Copied) -> None:
        """Copy a name, a row or a text to the clipboard."""
        self.to_clipboard(message.text)

    def in_terminal(self, work: Callable[[], str]) -> str:
        """Lend the terminal to another program. Raises what `work` raises."""
        with self.suspend():
            return work()

    def open_jail(self, jail: Jail, part: str) -> None:
        """Show one jail on the whole screen."""
        from jailer_tui.screens.jails import JailScreen  # noqa: PLC0415 - with the first

        self.push_screen(JailScreen(self.view, self.key_of(jail), part))

    @property
    def _table(self) -> JailsScreen:
        """The table of jails: it lies below all others."""
        screen = self.screen_stack[0]
        assert isinstance(screen, JailsScreen)  # noqa: S101 - the default screen
        return screen

    def clear_marks(self) -> None:
        """The marked rows have been dealt with: clear the marks."""
        self._table.pane.grid.set_marks(frozenset())
        self._table.draw()

    def filter_jails(self, words: str) -> None:
        """Filter the table of jails."""
        self._table.typed(words)

    def jail_order(self) -> list[str]:
        """The keys of the jails in the order of the table."""
        return [row.key for row in self._table.pane.grid.rows]

    def key_of(self, jail: Jail) -> str:
        """The key of a jail's row, stable as long as the jail exists."""
        keys = self.view.by_key().items()
        return next((key for key, other in keys if other is jail), jail.name)

    def go_to_jail(self, name: str) -> None:
        """Move the table's cursor to that jail if it is shown."""
        self._table.pane.grid.move_to_key(name)

    def start_task(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run a request. Keys are ignored until it shows something or has ended."""
        self.preparing = self.beside(self._prepare(work), name)

    async def _prepare(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        finally:
            if self.preparing is get_current_worker():
                self.preparing = None

    def beside(self, work: Coroutine[Any, Any, object], name: str) -> Worker[object]:
        """Run a coroutine in the background."""
        return self.run_worker(work, name=name, group="wish", exit_on_error=False)

    def give_up(self) -> None:
        """Cancel a preparation that takes too long."""
        if self.preparing is not None:
            self.preparing.cancel()
            self.preparing = None
            self.notify_user("quit before it started: nothing was changed", bad=False)
