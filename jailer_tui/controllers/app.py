"""Actions of the program itself: quit, suspend, appearance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core.settings import files
from jailer_core.text import sanitize
from jailer_tui.actions import use_keys
from jailer_tui.actions.guards import elevator
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.controllers.console import may_leave
from jailer_tui.controllers.edit import edited, editing
from jailer_tui.dialogs.keys import KeysDialog
from jailer_tui.dialogs.leave import FINISH, UNDO, LeaveDialog
from jailer_tui.dialogs.themes import ThemeDialog
from jailer_tui.setting_checks import mistakes

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
