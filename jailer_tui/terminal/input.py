"""Terminal input: text and whole sequences, each key handled after the one before.

Split terminal input into text and whole sequences; broken ones are dropped.

Bytes that are not UTF-8 (a terminal with another encoding, an X10 mouse report) and sequences that
end too early must neither end the program nor be taken for keys.

Handle keys one after the other: each takes effect once the one before has done its work.

A burst of keys (typed fast, pasted, or over a slow line) would otherwise be given to whatever has
the focus when it arrives: what is typed behind `/` would act instead of being searched for, and
an answer would reach a dialog that has not been drawn.
"""

from __future__ import annotations

import asyncio
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from jailer_tui.dialogs.base import Dialog
from jailer_tui.screens.app_screen import AppScreen

if TYPE_CHECKING:
    from textual.dom import DOMNode


ESC = 0x1B
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
LONGEST = 64
"""Bytes of a control sequence; strings may be longer, but nothing of them is kept."""
_CSI, _SS3, _BEL = ord("["), ord("O"), 0x07
_STRINGS = frozenset(b"]P_^X")
"""What follows escape where a string begins that ends with BEL or escape and backslash."""
_X10 = b"\x1b[M"
_LINUX_FUNCTION_KEY = b"\x1b[["


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, or one sequence. `pasted` text is not keys."""

    text: str
    sequence: bool = False
    pasted: bool = False


class Input:
    """Parses input: `feed` takes bytes, `flush` reports a pause."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._decoder = getincrementaldecoder(encoding)("ignore")
        self._held = bytearray()
        self._plain = bytearray()
        self._pasting = False
        self._string = False
        self._pieces: list[Piece] = []

    @property
    def holds(self) -> bool:
        """Whether an incomplete sequence is pending."""
        return bool(self._held) or self._string

    def feed(self, data: bytes) -> list[Piece]:
        """The complete pieces in these bytes and earlier ones."""
        for byte in data:
            self._take(byte)
        self._end_text()
        pieces, self._pieces = self._pieces, []
        return pieces

    def flush(self, *, long: bool = False) -> list[Piece]:
        """Escape alone is the key, with one character it is alt with a key.

        More than that is the beginning of a sequence: it is dropped after a `long` pause only,
        because a slow line may still bring its end.
        """
        held = bytes(self._held)
        if self._string or len(held) > 2:
            if long:
                self._held.clear()
                self._string = False
            if held != _X10:
                return []
        self._held.clear()
        if not held or not held.isascii():
            return []
        return [Piece(held.decode("ascii"), sequence=True, pasted=self._pasting)]

    def _take(self, byte: int) -> None:
        if self._string:
            self._take_string(byte)
        elif self._held:
            self._take_sequence(byte)
        elif byte == ESC:
            self._held.append(byte)
        else:
            self._plain.append(byte)

    def _end_text(self) -> None:
        if self._plain:
            text = self._decoder.decode(bytes(self._plain))
            self._plain.clear()
            if text:
                self._pieces.append(Piece(text, pasted=self._pasting))

    def _take_sequence(self, byte: int) -> None:
        held = self._held
        if byte == ESC and not held.startswith(_X10):
            if len(held) == 1:
                self._emit()
            held[:] = bytes([ESC])
            return
        held.append(byte)
        if held.startswith(_X10):
            if len(held) == len(_X10) + 3:
                held.clear()
        elif held[1] == _CSI:
            self._take_control(byte)
        elif held[1] in _STRINGS:
            self._take_string_start(byte)
        elif held[1] != _SS3 or len(held) > 2:
            self._emit()

    def _take_control(self, byte: int) -> None:
        """A byte of a control sequence: parameters, then one that ends it."""
        held = self._held
        if len(held) == 2 or bytes(held) in (_LINUX_FUNCTION_KEY, _X10):
            return
        if not 0x20 <= byte <= 0x7E:
            held.clear()
            self._plain.append(byte)
        elif byte < 0x40:
            del held[LONGEST:]
        elif len(held) > LONGEST:
            held.clear()
        else:
            self._emit()

    def _take_string_start(self, byte: int) -> None:
        """Alt with a bracket is a key when nothing follows at once; otherwise a string began."""
        if len(self._held) > 2:
            self._held.clear()
            self._string = True
            self._take_string(byte)

    def _take_string(self, byte: int) -> None:
        """Nothing of a string is kept; it ends with BEL or escape and backslash."""
        if byte == _BEL or (self._held and byte == ord("\\")):
            self._string = False
            self._held.clear()
        elif byte == ESC:
            self._held[:] = bytes([ESC])
        else:
            self._held.clear()

    def _emit(self) -> None:
        """What is held is a whole sequence."""
        self._end_text()
        sequence = bytes(self._held)
        self._held.clear()
        if sequence == PASTE_START:
            self._pasting = True
        elif sequence == PASTE_END:
            self._pasting = False
        if sequence.isascii():
            self._pieces.append(Piece(sequence.decode("ascii"), sequence=True))
        else:
            self._plain.append(sequence[-1])


PATIENCE = 0.5
"""Seconds to wait for a screen or a widget that does not answer."""
GIVE_UP = ("escape", "q", "ctrl+c")
"""Keys that end the preparation of what was asked for."""


class KeyReceiver(Protocol):
    """The receiver of keys."""

    preparing: Worker[object] | None

    @property
    def focused(self) -> Widget | None:
        """The focused widget."""

    @property
    def is_running(self) -> bool:
        """Whether the program is running."""

    @property
    def screen(self) -> Screen[object]:
        """The front screen."""

    def call_later(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Call a function after the current message is handled."""

    async def deliver(self, event: events.Event) -> None:
        """Pass a key to the focused widget."""

    def give_up(self) -> None:
        """Cancel the running preparation."""


class Keyboard:
    """A queue for every key and paste of the app."""

    def __init__(self, app: KeyReceiver) -> None:
        self.app = app
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._task: asyncio.Task[None] | None = None

    def take(self, event: events.Key | events.Paste) -> None:
        """Deliver a key or paste in order."""
        self._waiting.append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._deliver_all())

    def stop(self) -> None:
        """The program ends."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _deliver_all(self) -> None:
        while self._waiting and self.app.is_running:
            event = self._waiting.popleft()
            preparing = self.app.preparing
            if preparing is not None:
                if isinstance(event, events.Key) and event.key in GIVE_UP:
                    self.app.give_up()
                continue
            screen = self.app.screen
            if isinstance(screen, AppScreen | Dialog):  # until it is known where keys go
                await _patiently(screen.drawn)
            screen = self.app.screen
            if isinstance(screen, Dialog) and not screen.takes(event):
                continue
            target = self.app.focused or screen
            await self.app.deliver(event)
            await self._passed(target)

    async def _passed(self, target: DOMNode) -> None:
        """Until the key has come from the target up to the app, and then what it brought about."""
        path: list[DOMNode | KeyReceiver] = [
            *target.ancestors_with_self,
            *target.ancestors_with_self,
            self.app,
        ]
        done = asyncio.Event()

        def step(index: int) -> None:
            while index < len(path):
                if path[index].call_later(step, index + 1):
                    return
                index += 1
            done.set()

        step(0)
        await _patiently(done)


async def _patiently(event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), PATIENCE)
