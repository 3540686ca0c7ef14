"""What the actions of the table do that concern more than one screen: `do_ID` each.

on_jails    jails started, made, changed    in_jails    consoles, commands, logs
past        undo, work of before            tabs        from screen to screen
leaving     the end, and the terminal
"""

from __future__ import annotations

from collections.abc import Callable

from jailer_tui.actions import BY_ID, ONE, Action, ActionContext, in_places, why_not
from jailer_tui.controllers.app import AppController
from jailer_tui.controllers.in_jails import InJailController
from jailer_tui.controllers.jails import JailController
from jailer_tui.controllers.tabs import TabNavigator
from jailer_tui.controllers.undo import UndoController
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.choice import sorting
from jailer_tui.dialogs.help import HelpDialog
from jailer_tui.dialogs.palette import PaletteDialog
from jailer_tui.presenters.jails import SORTABLE
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.jails import JailsScreen

__all__ = ["ActionDispatcher"]


class ActionDispatcher(
    JailController, InJailController, UndoController, TabNavigator, AppController
):
    """The app holds it."""

    async def perform(self, name: str) -> None:
        """Do an action of the screen in front; when it is not possible now, say why."""
        action, screen = BY_ID[name], self.app.screen
        why = self.why_not(action)
        if why:
            self.app.notify_user(f"{action.label}: {why}")
            return
        method: Callable[[], object] = getattr(screen, f"do_{name}", None) or getattr(
            self, f"do_{name}"
        )
        method()

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now, or ""."""
        face = self.face
        if action.id == "elevate":
            return self.why_not_elevate()
        if action.id == "work":
            return "" if self.app.jobs.all else "nothing has been started from here yet"
        if action.op and not face.chosen and "jails" in action.where:
            return "no jail is selected"
        if action.id in ONE:
            if self.app.jobs.running:
                return "a change is in progress; wait for it to finish"
            now = ActionContext(face.view.now.read_only, 0, face.view.now.stale)
            return why_not(action, face.view.inventory, face.current, now)
        return face.why_not(action)

    # --- looking -----------------------------------------------------------------------------

    def do_sort(self) -> None:
        """Choose a column."""
        face = self.face
        if isinstance(face, JailsScreen):
            dialog = sorting(SORTABLE, face.pane.sorted_by, self.app.glyphs)
            self.app.push_screen(dialog, self._sort)

    def _sort(self, key: str | None) -> None:
        face = self.face
        if key is not None and isinstance(face, JailsScreen):
            face.sort_by(key)

    def do_palette(self) -> None:
        """Everything that can be done on this screen."""
        places = self.face.PLACES
        hidden = ("palette", "open", "clear", "back", "swap")
        actions = [
            action
            for action in in_places(*places)
            if action.id not in hidden
            and ":" not in action.id
            and (action.keys or action.id != "elevate")
        ]
        actions += [BY_ID["elevate"]] if not self.why_not_elevate() else []
        self.app.push_screen(PaletteDialog(actions, self.why_not), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self.app.call_later(self.perform, name)

    def do_help(self) -> None:
        """What the keys do here."""
        screen = self.app.screen
        if not isinstance(screen, AppScreen | Dialog) or isinstance(screen, HelpDialog):
            return
        places = [*(screen.EXPLAINED or screen.PLACES)]
        why: Callable[[Action], str] = screen.why_not
        if isinstance(screen, AppScreen):
            places.append(screen.MOVES)
            why = self.why_not
        self.app.push_screen(HelpDialog(places, why, self.app.glyphs))
