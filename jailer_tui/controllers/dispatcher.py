"""Dispatch actions: the front screen provides the selection, a controller acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.actions import BY_ID, Action, Selection, Situation, first_key, in_places
from jailer_tui.controllers.app import AppController, TabNavigator
from jailer_tui.controllers.base import Controller, Handler, WorkContext
from jailer_tui.controllers.console import OwnCommandController
from jailer_tui.controllers.derived import run_derived
from jailer_tui.controllers.fleet import FleetController
from jailer_tui.controllers.forms import FormRunner
from jailer_tui.controllers.images import ImageController, TrashController, UpdateController
from jailer_tui.controllers.jails import InJailController, JailController
from jailer_tui.controllers.network import NetworkController
from jailer_tui.controllers.recovery import UndoController
from jailer_tui.controllers.settings import SettingsController
from jailer_tui.controllers.snapshots import SnapshotController
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.help import HelpDialog, PaletteDialog
from jailer_tui.presenters.palette import SYNONYMS, Choice
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.stores.session import HostSession

UNLISTED = ("palette", "open", "clear", "back", "leave", "swap", "snap_take", "go_to", "top")
"""Actions that the palette leaves out: their keys are what one presses."""


JAIL = "jail/"
"""What the keys of jails in the palette start with."""
MOST_RECENT = 5


class ActionDispatcher(Controller):
    """Routes each action to its controller."""

    def __init__(self, app: WorkContext) -> None:
        super().__init__(app)
        self._recent: list[str] = []

    @cached_property
    def _forms(self) -> FormRunner:
        return FormRunner(self.app)

    @cached_property
    def controllers(self) -> tuple[Controller, ...]:
        """All controllers."""
        forms = self._forms
        return (
            JailController(self.app, forms),
            InJailController(self.app),
            SettingsController(self.app, forms),
            SnapshotController(self.app, forms),
            ImageController(self.app),
            NetworkController(self.app, forms),
            TrashController(self.app),
            UndoController(self.app),
            UpdateController(self.app),
            TabNavigator(self.app),
            FleetController(self.app),
            AppController(self.app),
            OwnCommandController(self.app),
            self,
        )

    @cached_property
    def _handlers(self) -> Mapping[str, Handler]:
        return {
            name: handler
            for controller in self.controllers
            for name, handler in controller.handlers().items()
        }

    def handlers(self) -> Mapping[str, Handler]:
        """The methods for the palette and the help."""
        return {"palette": self._palette, "help": self._help}

    @property
    def front(self) -> AppScreen | Dialog[object] | None:
        """The screen or dialog in front."""
        screen = self.app.screen
        return screen if isinstance(screen, AppScreen | Dialog) else None

    async def perform(self, name: str) -> None:
        """Perform an action on the selection, or say why it is not possible."""
        front = self.front
        selection = front.selection if front is not None else Selection()
        action = BY_ID[name]
        why = self.why_not(action)
        if why:
            self.app.notify_user(f"{action.label}: {why}")
        elif not self._do(action, selection):
            await self.app.screen.run_action(name)

    def _do(self, action: Action, selection: Selection) -> bool:
        """Hand the selection to the controller, or to a derived form; False: to neither."""
        handler = self._handlers.get(action.id)
        if handler is not None:
            handler(selection)
        elif action.spec is not None:
            work = run_derived(self.app, self._forms, action.covers[0], selection)
            self.app.start_task(work, action.id)
        else:
            return False
        return True

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now, or ""."""
        return self.front.why_not(action) if self.front is not None else ""

    # --- looking -----------------------------------------------------------------------------

    def _palette(self, _selection: Selection) -> None:
        """Everything that can be done on this screen, and every jail."""
        front = self.front
        if front is None:
            return
        choices = [
            Choice(
                action.id,
                action.label,
                action.help,
                SYNONYMS.get(action.id, ""),
                first_key(action),
                self.why_not(action),
            )
            for action in in_places(*front.PLACES)
            if action.id not in UNLISTED and ":" not in action.id
        ]
        jails = [jail.name for jail in self.app.view.jails]
        choices += [Choice(f"{JAIL}{name}", sanitize(name), "Open this jail.") for name in jails]
        choices += [Choice(name, name, "Go to this host.") for name in self._hosts]
        self.app.push_screen(PaletteDialog(choices, jails, self._recent), self._chosen)

    @property
    def _hosts(self) -> dict[str, HostSession]:
        """All hosts by their keys in the palette."""
        members = self.app.fleet.members if self.app.fleet is not None else ()
        return {f"@{member.name}": member.session for member in members}

    def _chosen(self, answer: str | None) -> None:
        """An action, a jail, a host, or an action with the jails that were named."""
        if answer is None:
            return
        if answer in self._hosts:
            self.app.show_host(self._hosts[answer])
            return
        name, *named = answer.split(" ")
        self._recent = [name, *(recent for recent in self._recent if recent != name)][:MOST_RECENT]
        jails = {jail.name: jail for jail in self.app.view.jails}
        if name.startswith(JAIL):
            self.app.open_jail(jails[name.removeprefix(JAIL)], "Summary")
        elif named:
            chosen = tuple(jails[jail_name] for jail_name in named if jail_name in jails)
            self._on_named(BY_ID[name], chosen)
        else:
            self.app.call_later(self.perform, name)

    def _on_named(self, action: Action, jails: tuple[Jail, ...]) -> None:
        """An action on jails that were named in the palette."""
        jobs = self.app.jobs
        selection = Selection(jails, jails[0] if jails else None)
        now = Situation(self.app.view, selection, bool(jobs.running), bool(jobs.all))
        why = action.why_not(now)
        if why:
            self.app.notify_user(f"{action.label}: {why}")
        else:
            self._do(action, selection)

    def _help(self, _selection: Selection) -> None:
        """Show the help."""
        front = self.front
        if front is None or isinstance(front, HelpDialog):
            return
        places = [*(front.EXPLAINED or front.PLACES)]
        if isinstance(front, AppScreen):
            places.append(front.MOVES)
        self.app.push_screen(HelpDialog(places, front.why_not, self.app.glyphs))
