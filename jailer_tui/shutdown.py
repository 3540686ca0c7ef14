"""The end of the program: signals, crashes, work that outlives the screen."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from jailer_tui import crash
from jailer_tui.app import JailerApp
from jailer_tui.stores.jobs import Work

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that end the screen. The keys ctrl-c and ctrl-\\ send none while it is shown."""
STARTED = 2.0
"""Seconds after which the first table is on the screen of most hosts."""
RESET = "If the terminal looks wrong, type: reset"


def run_and_end(app: JailerApp) -> int:
    """Run the screen until the user leaves it, then let work end without it; the exit status.

    It becomes root then when that was asked for.
    """
    status = asyncio.run(live_through(app, mouse=app.options.mouse))
    if app.elevate_with:
        become_root(app.elevate_with, sys.argv)
    return status


def tidy() -> None:
    """Collect garbage from now on, but never look again at what the start has made.

    While modules are imported there is hardly any, and looking for it takes a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


async def live_through(app: JailerApp, *, mouse: bool) -> int:
    """Run the screen and the jobs that outlive it. Returns the status (128 + signal)."""
    loop = asyncio.get_running_loop()
    ended = _Ended(app)
    loop.call_later(STARTED, tidy)
    for number in ENDING:
        loop.add_signal_handler(number, ended.hear, number)
    failure: BaseException | None = None
    try:
        with contextlib.suppress(OSError):  # a terminal that is gone cannot be put in order
            await app.run_async(mouse=mouse)
    except Exception as error:  # noqa: BLE001 - the user gets one line, the log the rest
        failure = error
    failure = failure or app.failure
    if failure is not None:
        _tell(crash.report(failure), RESET)
    await app.close_consoles()
    await _let_work_end(app)
    with contextlib.suppress(Exception):
        await app.close_hosts()
    for number in ENDING:
        loop.remove_signal_handler(number)
    if failure is not None:
        return 1
    if app.hung_up and not ended.status:
        return 128 + signal.SIGHUP
    return ended.status or app.return_code or 0


class _Ended:
    """What a signal does: the first leaves the screen, the second takes running work back."""

    def __init__(self, app: JailerApp) -> None:
        self.app = app
        self.status = 0

    def hear(self, number: int) -> None:
        """Handle a signal in `ENDING`."""
        if self.status:
            _abort_all(self.app)
        self.status = 128 + number
        self.app.exit(0)


def _abort_all(app: JailerApp) -> None:
    for session in app.sessions:
        session.jobs.abort_all()


async def _let_work_end(app: JailerApp) -> None:
    from jailer_core.execution import finish  # noqa: PLC0415 - the screen is ready without

    running = [work for session in app.sessions for work in session.jobs.running]
    for work in running:
        _tell(f"jailer-tui: still running: {work.title} (ctrl-c aborts and undoes it)")
    if running:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, _abort_all, app)
    for session in app.sessions:
        await session.jobs.drain()
    await finish()
    for work in running:
        _tell(f"jailer-tui: {work.title}: {_ending(work)}")


def _ending(work: Work) -> str:
    outcome = work.outcome
    if outcome is None:
        return "ended"
    return f"{outcome.status.value}{': ' + outcome.message if outcome.message else ''}"


def _tell(*lines: str) -> None:
    """On standard error, when there still is one."""
    with contextlib.suppress(OSError, ValueError):
        for line in lines:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()


def root_command(tool: str, argv: Sequence[str]) -> list[str]:
    """The command that restarts this program through doas or sudo."""
    program = Path(argv[0])
    if program.name != "__main__.py" and os.access(program, os.X_OK):
        return [tool, str(program.resolve()), *argv[1:]]
    if program.suffix == ".pyz":  # all of it in one file that was given to Python
        return [tool, sys.executable, str(program.resolve()), *argv[1:]]
    return [tool, sys.executable, "-m", "jailer_tui", *argv[1:]]


def become_root(tool: str, argv: Sequence[str]) -> None:
    """Restart as root. Returns only if that fails."""
    try:
        os.execv(tool, root_command(tool, argv))  # noqa: S606 - no shell is wanted
    except OSError as error:
        _tell(f"jailer-tui: {tool}: {error.strerror}")
