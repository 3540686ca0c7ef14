"""Switch tabs, and follow the steps to the first jail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pkgutil import resolve_name

from jailer_core.model import Jail
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, why_not_now
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.dialogs.go_to import GoToDialog, Place
from jailer_tui.presenters.getting_started import next_step
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.snapshots import SnapshotsScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.stores.events import is_known

TABS = {
    "overview_tab": "jailer_tui.screens.overview:OverviewScreen",
    "images_tab": "jailer_tui.screens.images:ImagesScreen",
    "network_tab": "jailer_tui.screens.network:NetworkScreen",
    "console_tab": "jailer_tui.screens.console:ConsoleScreen",
    "activity_tab": "jailer_tui.screens.activity:ActivityScreen",
}
"""Tabs whose screens need no more than the state; each is imported when it is opened."""
OVER_TABS = {
    "doctor": "jailer_tui.screens.setup:SetupScreen",
    "storage": "jailer_tui.screens.storage:StorageScreen",
    "timeline": "jailer_tui.screens.timeline:TimelineScreen",
}
"""Screens that are opened over the tab in front, likewise."""


class TabNavigator(Controller):
    """Screens are imported when they are wanted."""

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

    def _places(self, selection: Selection) -> Iterator[Place]:
        yield Place("g", "Top", "the first line")
        jail = selection.jail
        if jail is not None:
            name = sanitize(jail.name)
            yield Place("j", "Jail", f"everything about {name}")
            yield Place("s", "Snapshots", f"of {name}")
            yield Place("n", "Network", f"where {name} is connected")
            if jail.release:
                yield Place("i", "Image", sanitize(_image(jail)))
            yield Place("l", "Log", f"of {name}")
            yield Place("c", "Console", f"in {name}")
        yield Place("t", "Trash", "destroyed jails and earlier states")
        yield Place("a", "Activity", "past and running changes")

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
        """Towards the first jail."""
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
