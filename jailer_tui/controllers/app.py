"""Leaving the program, for good or for a while; how the terminal looks."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.text import sanitize
from jailer_tui.actions.guards import elevator
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.dialogs.leave import FINISH, UNDO, LeaveDialog
from jailer_tui.dialogs.themes import ThemeDialog


class AppController(Controller):
    """Nothing that runs is left behind without a question."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
        return {
            "theme": lambda _: self._theme(),
            "redraw": lambda _: self._redraw(),
            "suspend_process": lambda _: self.app.action_suspend_process(),
            "elevate": lambda _: self._elevate(),
            "quit": lambda _: self._quit(),
        }

    def _theme(self) -> None:
        """Choose one; each is shown while the cursor is on it."""
        self.app.push_screen(ThemeDialog(self.app.theme), self._use_theme)

    def _use_theme(self, name: str | None) -> None:
        if name is not None:
            self.app.preferences.choose("theme", "", name)

    def _redraw(self) -> None:
        """Everything again: what other programs wrote over it goes away."""
        self.app.refresh(layout=True)
        self.app.session.live.wake()

    def _quit(self) -> None:
        """At once, or after asking when something runs."""
        if self.app.session.consoles_open:
            self.app.start_task(self._leave_consoles(), "leave")
        else:
            self._leave_work()

    async def _leave_consoles(self) -> None:
        from jailer_tui.controllers.console import may_leave  # noqa: PLC0415

        if await may_leave(self.app):
            self._leave_work()

    def _leave_work(self) -> None:
        running = self.app.jobs.running
        if not running:
            self.app.exit(0)
            return
        titles = [sanitize(work.title) for work in running]
        self.app.push_screen(LeaveDialog(titles), self._leave)

    def _leave(self, answer: str | None) -> None:
        if answer == UNDO:
            self.app.jobs.abort_all()
        if answer in (FINISH, UNDO):
            self.app.exit(0)

    def _elevate(self) -> None:
        """Leave, and come back as root."""
        self.app.elevate_with = elevator()
        self.app.exit(0)
