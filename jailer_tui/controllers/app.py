"""Actions of the program itself: quit, suspend, appearance.

Switch tabs, and follow the steps to the first jail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pkgutil import resolve_name

from jailer_core.model import Jail
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.settings import files
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, use_keys, why_not_now
from jailer_tui.actions.guards import elevator
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.controllers.console import edited, editing, may_leave
from jailer_tui.dialogs.choice import Destination, GoToDialog, ThemeDialog
from jailer_tui.dialogs.confirm import FINISH, UNDO, LeaveDialog
from jailer_tui.dialogs.keys import KeysDialog
from jailer_tui.presenters.messages import next_step
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.snapshots import SnapshotsScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.setting_checks import mistakes
from jailer_tui.stores.events import is_known

FILE = "settings.toml"
NEW = "# Settings of jailer-tui. docs/settings.md lists all of them: jailer-tui settings\n"


class AppController(Controller):
    """Ask before quitting while something runs."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {
            "theme": lambda _: self.app.push_screen(ThemeDialog(self.app.theme), self._use_theme),
            "bind_keys": lambda _: self._bind_keys(),
            "edit_settings": lambda _: self._edit_settings(),
            "redraw": lambda _: self._redraw(),
            "suspend_process": lambda _: self.app.action_suspend_process(),
            "elevate": lambda _: self._elevate(),
            "quit": lambda _: self.app.start_task(self._quit(), "leave"),
        }

    def _use_theme(self, name: str | None) -> None:
        if name is not None:
            self.app.preferences.choose("theme", "", name)

    def _bind_keys(self) -> None:
        """The list of all actions; what is chosen holds at once."""
        preferences = self.app.preferences

        def use(name: str, keys: tuple[str, ...] | None) -> None:
            preferences.choose("keys", name, keys)
            self._use_keys()

        self.app.push_screen(KeysDialog(lambda: set(preferences.settings.keys), use))

    def _use_keys(self) -> None:
        """The keys of the settings, from now on; those that clash are mistakes."""
        settings = self.app.preferences.settings
        self.app.set_keymap(use_keys(settings.keys))
        self.app.set_view(replace(self.app.view, mistakes=mistakes(settings)))

    def _edit_settings(self) -> None:
        """The user's own file, in the editor; then it is read again."""
        environ = self.app.preferences.environ
        folder = files.folder_to_write(environ) if environ is not None else None
        if folder is None:
            self.app.notify_user(
                "no directory for your settings is safe", "Others can write to all of them."
            )
            return
        path = folder / FILE
        with editing(self.app, f"{path}: "):
            file = files.read(path)
            old = file.text if file is not None else NEW
            text = self.app.in_terminal(lambda: edited(old, FILE))
            if text == old:
                self.app.notify_user("nothing was changed", bad=False)
            else:
                files.replace(path, text)
                self._use_files()

    def _use_files(self) -> None:
        self.app.preferences.renew()
        self.app.use_theme(self.app.preferences.settings.theme)
        self._use_keys()
        for mistake in self.app.view.mistakes:
            self.app.notify_user(str(mistake), mistake.hint)
        if not self.app.view.mistakes:
            self.app.notify_user("the new settings are in use", bad=False)

    def _redraw(self) -> None:
        """Everything again: what other programs wrote over it goes away."""
        self.app.refresh(layout=True)
        self.app.session.live.wake()

    async def _quit(self) -> None:
        """At once, or after asking when something runs."""
        if self.app.session.consoles_open and not await may_leave(self.app):
            return
        titles = [sanitize(work.title) for work in self.app.jobs.running]
        answer = await self.app.push_screen_wait(LeaveDialog(titles)) if titles else FINISH
        if answer == UNDO:
            self.app.jobs.abort_all()
        if answer in (FINISH, UNDO):
            self.app.exit(0)

    def _elevate(self) -> None:
        """Leave, and come back as root."""
        self.app.elevate_with = elevator()
        self.app.exit(0)


TABS = {
    "overview_tab": "jailer_tui.screens.overview:OverviewScreen",
    "images_tab": "jailer_tui.screens.snapshots:ImagesScreen",
    "network_tab": "jailer_tui.screens.network:NetworkScreen",
    "console_tab": "jailer_tui.screens.console:ConsoleScreen",
    "activity_tab": "jailer_tui.screens.activity:ActivityScreen",
}
"""Tabs whose screens need no more than the state; each is imported when it is opened."""
OVER_TABS = {
    "doctor": "jailer_tui.screens.setup:SetupScreen",
    "storage": "jailer_tui.screens.storage:StorageScreen",
    "timeline": "jailer_tui.screens.overview:TimelineScreen",
}
"""Screens that are opened over the tab in front, likewise."""


class TabNavigator(Controller):
    """Goes to tabs and screens, which are imported when first needed."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {
            "jails_tab": lambda _: self._to_jails(),
            "snapshots_tab": lambda _: self._snapshots(""),
            "snapshots_of": self._snapshots_of,
            "next_step": lambda _: self._next_step(),
            "go_to": self._go_to,
            "net_jail": self._jail,
            **{tab: partial(self._tab, tab) for tab in TABS},
            **{name: partial(self._over_tab, name) for name in OVER_TABS},
        }

    # --- the list of places ------------------------------------------------------------------

    def _go_to(self, selection: Selection) -> None:
        """Show where one can go from here."""
        places = list(self._places(selection))
        self.app.push_screen(GoToDialog(places), partial(self._go, selection))

    def _places(self, selection: Selection) -> Iterator[Destination]:
        yield Destination("g", "Top", "the first line")
        jail = selection.jail
        if jail is not None:
            name = sanitize(jail.name)
            yield Destination("j", "Jail", f"everything about {name}")
            yield Destination("s", "Snapshots", f"of {name}")
            yield Destination("n", "Network", f"where {name} is connected")
            if jail.release:
                yield Destination("i", "Image", sanitize(_image(jail)))
            yield Destination("l", "Log", f"of {name}")
            yield Destination("c", "Console", f"in {name}")
        yield Destination("t", "Trash", "destroyed jails and earlier states")
        yield Destination("a", "Activity", "past and running changes")

    def _go(self, selection: Selection, key: str | None) -> None:
        jail = selection.jail
        actions = {"g": "top", "l": "log", "c": "console", "t": "trash", "a": "activity_tab"}
        if key in actions:
            self.app.call_later(self.app.dispatcher.perform, actions[key])
        elif key is not None and jail is not None:
            while not isinstance(self.app.screen, TabScreen):
                self.app.pop_screen()
            if key == "j":
                self._jail(selection)
            elif key == "s":
                self._snapshots(f"{jail.name}@")
            elif key == "n":
                self._tab("network_tab", selection)
                self.app.call_later(self._filter, jail.name)
            elif key == "i":
                self._tab("images_tab", selection)
                self.app.call_later(self._filter, _image(jail))

    def _filter(self, words: str) -> None:
        if isinstance(self.app.screen, TabScreen):
            self.app.screen.typed(words)

    def _jail(self, selection: Selection) -> None:
        if selection.jail is not None:
            self.app.open_jail(selection.jail, "Summary")

    # --- tabs --------------------------------------------------------------------------------

    def _to_jails(self) -> None:
        """They lie below all other tabs."""
        while isinstance(self.app.screen, AppScreen) and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def _tab(self, tab: str, _selection: Selection) -> None:
        """Open that tab, unless it is in front."""
        kind: type[TabScreen] = resolve_name(TABS[tab])
        if not isinstance(self.app.screen, kind):
            self._to_jails()
            self.app.push_screen(kind(self.app.view))

    def _snapshots(self, words: str) -> None:
        """The tab of snapshots, with only those that match."""
        if not isinstance(self.app.screen, SnapshotsScreen):
            self._to_jails()
            self.app.push_screen(SnapshotsScreen(self.app.view, words))

    def _snapshots_of(self, selection: Selection) -> None:
        """The snapshots of the opened jail, on their tab."""
        self.app.pop_screen()
        self._snapshots(f"{selection.jail.name}@" if selection.jail is not None else "")

    def _over_tab(self, name: str, _selection: Selection | None = None) -> None:
        self.app.push_screen(resolve_name(OVER_TABS[name])(self.app.view))

    def _next_step(self) -> None:
        """Take the next step towards the first jail."""
        inventory = self.app.view.inventory
        if inventory is None or not is_known(inventory):
            return
        step = next_step(inventory)
        if step == "doctor":
            self._over_tab("doctor")
            return
        if step == "create":
            self.app.call_later(self.app.dispatcher.perform, step)
            return
        why = why_not_now(inventory, self.app.view.now)
        if why:
            self.app.notify_user(f"Fetch: {why}")
            return
        # the release of the host itself
        self.run(ImageFetch(mirror=self.app.session.mirrors.address))


def _image(jail: Jail) -> str:
    """The release that the jail runs, without its patch level."""
    return jail.release.partition("-p")[0]
