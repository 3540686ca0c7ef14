"""Leaving the program, for good or for a while; how the terminal looks."""

from __future__ import annotations

import math
import shutil
import time

from jailer_core.text import sanitize
from jailer_tui.controllers.base import Controller
from jailer_tui.dialogs.leave import FINISH, UNDO, LeaveDialog
from jailer_tui.dialogs.themes import ThemeDialog
from jailer_tui.stores.jobs import title_of

TWICE = 3.0
"""Seconds within which a second ctrl-c counts as one."""


class AppController(Controller):
    """Nothing that runs is left behind without a question."""

    _interrupted = -math.inf

    def do_theme(self) -> None:
        """Choose one; each is shown while the cursor is on it."""
        self.app.push_screen(ThemeDialog(self.app.theme), self._use_theme)

    def _use_theme(self, name: str | None) -> None:
        if name is not None:
            self.app.preferences.choose("theme", "", name)

    def do_redraw(self) -> None:
        """Everything again: what other programs wrote over it goes away."""
        self.app.refresh(layout=True)
        self.app.live.wake()

    def do_suspend_process(self) -> None:
        """To the shell."""
        self.app.action_suspend_process()

    def do_leave(self) -> None:
        """At once, or after asking when something runs."""
        if self.app.consoles_open:
            self.app.start_task(self._leave_consoles(), "leave")
        else:
            self._leave_work()

    def do_interrupt(self) -> None:
        """Ctrl-c leaves when it is pressed twice."""
        now = time.monotonic()
        if now - self._interrupted < TWICE:
            self.do_leave()
        else:
            self._interrupted = now
            self.app.notify_user("press ctrl-c again to quit", bad=False)

    async def _leave_consoles(self) -> None:
        from jailer_tui.controllers.console import may_leave  # noqa: PLC0415

        if await may_leave(self.app):
            self._leave_work()

    def _leave_work(self) -> None:
        running = self.app.jobs.running
        if not running:
            self.app.exit(0)
            return
        titles = [sanitize(title_of(work)) for work in running]
        self.app.push_screen(LeaveDialog(titles), self._leave)

    def _leave(self, answer: str | None) -> None:
        if answer == UNDO:
            self.app.jobs.abort_all()
        if answer in (FINISH, UNDO):
            self.app.exit(0)

    def do_elevate(self) -> None:
        """Leave, and come back as root."""
        if self.app.jobs.running:
            self.app.notify_user("a change is in progress; wait for it to finish")
            return
        self.app.elevate_with = elevator()
        self.app.exit(0)

    def why_not_elevate(self) -> str:
        """Why one cannot become root now, or ""."""
        inventory = self.app.view.inventory
        if self.app.view.now.read_only:
            return "this session is read-only"
        if inventory is None or inventory.host.uid is None:
            return "the user running this program is unknown yet"
        if inventory.host.root:
            return "already running as root"
        return "" if elevator() else "neither doas nor sudo is installed"


def elevator() -> str:
    """Doas or sudo, whichever is there, or ""."""
    return shutil.which("doas") or shutil.which("sudo") or ""
