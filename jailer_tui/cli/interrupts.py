"""Handle ctrl-c and similar signals: end what only reads, undo what is being changed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupts:
    """What signals do to a command.

    While nothing is changed they cancel it. While a plan runs, SIGINT and SIGTERM set `abort`
    once (it is undone; further ones are ignored), and SIGHUP (the terminal is gone) lets it
    finish. In every case nothing more is begun: `stopped`.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.abort = asyncio.Event()
        self.stopped = False
        self._say = say
        self._leads_to = ""
        self._elsewhere = False
        self._task = asyncio.current_task()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Handle signals."""
        loop = asyncio.get_running_loop()
        handlers = {
            signal.SIGINT: self._typed,
            signal.SIGTERM: self._interrupt,
            signal.SIGHUP: self._hang_up,
        }
        # what nohup or a shell's background job ignores stays ignored
        heard = [signals for signals in handlers if signal.getsignal(signals) is not signal.SIG_IGN]
        for number in heard:
            loop.add_signal_handler(number, handlers[number])
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)

    @contextmanager
    def changing(self, doing: str = "undoing") -> Iterator[None]:
        """Context of a running plan; `doing` says what an interrupt does."""
        self._leads_to = doing
        try:
            yield
        finally:
            self._leads_to = ""

    @contextmanager
    def ignored(self) -> Iterator[None]:
        """Ignore interrupts while another program has the terminal."""
        self._elsewhere = True
        try:
            yield
        finally:
            self._elsewhere = False

    def _typed(self) -> None:
        if not self._elsewhere:
            self._interrupt()

    def _interrupt(self) -> None:
        self._hang_up()
        if not self._leads_to:
            return
        if self.abort.is_set():
            self._say(f"  already {self._leads_to}; please wait")
        else:
            self._say(f"  interrupted: {self._leads_to}")
            self.abort.set()

    def _hang_up(self) -> None:
        self.stopped = True
        if not self._leads_to and self._task is not None:
            self._task.cancel()
