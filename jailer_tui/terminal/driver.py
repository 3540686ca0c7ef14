"""Write to the terminal without ever blocking the event loop.

A terminal that takes nothing (a connection that hangs, a stopped line) must not stop the program:
work goes on, signals are heard, and the end is not delayed. What does not fit is dropped, and the
whole screen is drawn once the terminal takes something again.

Textual's driver for Unix terminals, made robust against what real terminals do.

A size that is not known counts as 80x24. Input that cannot be understood is dropped (input.py),
output never blocks the event loop (driver.py), and a terminal that is gone ends the program.
"""

from __future__ import annotations

import os
import selectors
import termios
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Protocol, TextIO, cast

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from jailer_tui.terminal.input import Input, Piece

MOST_WAITING = 1 << 17
"""Characters that may wait for the terminal before pictures are dropped."""
SHORT = 256
"""A longer text is a picture; shorter ones switch something, and are kept four times as long."""
PATIENCE = 1.0
"""Seconds for the terminal to take the last of it when the program ends."""


class Output:
    """Writes in a thread of its own. `lost` is called there when the terminal is gone.

    `again` is called there after something was dropped, once there is room.
    """

    def __init__(
        self,
        descriptor: int,
        encoding: str,
        lost: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._lost = lost
        self._again = again
        self._waiting: deque[str] = deque()
        self._size = 0
        self._dropped = False
        self._ended = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, daemon=True, name="terminal-output")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Write when the terminal accepts it; never waits."""
        with self._changed:
            if self._ended:
                return
            most = MOST_WAITING if len(text) > SHORT else 4 * MOST_WAITING
            if self._waiting and self._size + len(text) > most:
                self._dropped = True
                return
            self._waiting.append(text)
            self._size += len(text)
            self._changed.notify()

    def discard(self) -> None:
        """Discard pending output."""
        with self._changed:
            self._waiting.clear()
            self._size = 0

    def flush(self) -> None:
        """Nothing: output is not buffered here."""

    def stop(self) -> None:
        """Write the rest, unless the terminal no longer accepts output."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        if self._thread.is_alive():
            with suppress(termios.error, OSError):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)

    def _run(self) -> None:
        try:
            while (text := self._next()) is not None:
                self._write(text.encode(self._encoding, "replace"))
        except OSError:
            with self._changed:
                self._ended = True
                self._waiting.clear()
            self._lost()

    def _next(self) -> str | None:
        """What waits; None at the end."""
        with self._changed:
            while not self._waiting and not self._ended:
                if self._dropped:
                    self._dropped = False
                    self._again()
                self._changed.wait()
            text = "".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            return text or None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]


WIDTH, HEIGHT = 80, 24
"""Where the size of the terminal is not known: a serial console, some scripts."""
LONG = 1.0
"""Seconds to wait for the end of a sequence."""


class TerminalOwner(Protocol):
    """The program that draws on the terminal."""

    typed: bytes
    """Keys that were read before the driver was there."""

    def hang_up(self) -> None:
        """The terminal is gone."""

    def fail(self, error: Exception) -> None:
        """End because of a fault."""

    def refresh(self) -> object:
        """Redraw the screen."""


class TerminalDriver(LinuxDriver):
    """The driver. Calls `hang_up` of the app when the terminal is gone."""

    _file: TextIO  # type: ignore[assignment]  # the screen needs one: launch.py

    def __init__(self, app: App[Any], **settings: Any) -> None:
        self._owner = cast("TerminalOwner", app)
        self._woken, self._waker = os.pipe()
        super().__init__(app, **settings)
        self._get_terminal_size()

    # --- size --------------------------------------------------------------------------------

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the kernel knows, then what the environment says, then a usual size."""
        size = terminal_size((self._file.fileno(), self.fileno), os.environ)
        self._size = size
        return size

    def process_message(self, message: Message) -> None:
        """Also accept a size that the terminal reports itself."""
        if isinstance(message, events.Resize):
            self._size = message.size
        super().process_message(message)

    # --- output ------------------------------------------------------------------------------

    @property  # type: ignore[override]
    def _writer_thread(self) -> Output | None:
        """Textual makes a writer of its own with each start; ours takes its place."""
        return self._output

    @_writer_thread.setter
    def _writer_thread(self, writer: object) -> None:
        self._output: Output | None = None
        if writer is not None:
            self._output = Output(
                self._file.fileno(),
                self._file.encoding or "ascii",
                self._gone,
                lambda: self._later(self._owner.refresh),
            )

    def stop_application_mode(self) -> None:
        """Restore the terminal without waiting for pending output."""
        if self._output is not None:
            self._output.discard()
        super().stop_application_mode()

    def _gone(self) -> None:
        """The terminal is gone."""
        self._later(self._owner.hang_up)

    def _later(self, call: Callable[..., object], *arguments: object) -> None:
        """In the event loop, unless that has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    # --- input -------------------------------------------------------------------------------

    def _run_input_thread(self) -> None:
        """Read until the end; a mistake of ours ends the program with a message."""
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - told by the app
            self._later(self._owner.fail, error)

    def disable_input(self) -> None:
        """Wake the input thread, so that it ends."""
        os.write(self._waker, b"\0")
        super().disable_input()
        os.read(self._woken, 1)

    def run_input_thread(self) -> None:
        """Wait for input and dispatch events; idle while no key is pressed."""
        reading = _Reading(XTermParser(self._debug), Input())
        typed, self._owner.typed = self._owner.typed, b""
        for message in reading.take(typed):
            self.process_message(message)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(constants.ESCAPE_DELAY if reading.holds else None)
                if any(key.fd == self._woken for key, _ in ready):
                    continue
                if ready:
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        self._gone()
                        return
                    messages = reading.take(data)
                else:
                    messages = reading.pause()
                for message in messages:
                    self.process_message(message)


class _Reading:
    """From bytes to messages."""

    def __init__(self, parser: XTermParser, source: Input) -> None:
        self._parser = parser
        self._source = source
        self._since = 0.0

    @property
    def holds(self) -> bool:
        """Whether the meaning depends on what comes next, or on a pause."""
        return self._source.holds

    def take(self, data: bytes) -> Iterable[Message]:
        """Process bytes."""
        self._since = time.monotonic()
        for piece in self._source.feed(data):
            yield from self._messages(piece)

    def pause(self) -> Iterable[Message]:
        """Process a pause in the input."""
        long = time.monotonic() - self._since > LONG
        for piece in self._source.flush(long=long):
            yield from self._messages(piece)

    def _messages(self, piece: Piece) -> Iterable[Message]:
        if piece.pasted or not piece.sequence:
            yield from self._parser.feed(piece.text)
            return
        if piece.text == "\x1b":
            yield events.Key("escape", "\x1b")
            return
        yield from self._parser.feed(piece.text)
        if self._parser._awaiting.timeout is None:  # noqa: SLF001 - it took the sequence
            return
        self._forget()
        if len(piece.text) == 2:
            for event in self._parser._sequence_to_key_events(piece.text[1]):  # noqa: SLF001
                yield events.Key(f"alt+{event.key}", event.character)

    def _forget(self) -> None:
        """A parser that waits for the rest of a sequence that is whole: it does not know it."""
        old = self._parser
        self._parser = XTermParser()
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            setattr(self._parser, name, getattr(old, name))


def terminal_size(descriptors: Iterable[int], environ: os._Environ[str]) -> tuple[int, int]:
    """Columns and rows, with the usual size as a default."""
    columns = rows = 0
    for descriptor in descriptors:
        try:
            known = os.get_terminal_size(descriptor)
        except OSError:
            continue
        columns, rows = columns or known.columns, rows or known.lines
    return (
        columns or _number(environ.get("COLUMNS", "")) or WIDTH,
        rows or _number(environ.get("LINES", "")) or HEIGHT,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
