"""The interface to the terminal emulator, kept small so that it can be replaced.

feed        bytes of the program in the jail -> what the terminal answers to it
row, changed, cursor, look      what is to be painted
press, paste, point             what is typed, pasted, pointed at -> bytes for the program
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

Colour = int | tuple[int, int, int] | None
"""One of 256 by its number, red-green-blue, or None for the terminal's own."""

Cell = tuple[Hashable, str]
"""A style, and what is there: "" is the second half of the wide character before it."""
Cells = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is written."""

    fore: Colour = None
    back: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    blink: bool = False
    reverse: bool = False
    hidden: bool = False
    strike: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is, and its shape: block, underline or bar."""

    x: int
    y: int
    shape: str = "block"


@dataclass(frozen=True, slots=True)
class MouseEvent:
    """Something done with the mouse at a cell (from 0): press, release or move.

    `button`: 0 left, 1 middle, 2 right, 64 wheel up, 65 wheel down.
    """

    x: int
    y: int
    button: int
    what: str
    shift: bool = False
    meta: bool = False
    ctrl: bool = False


class ScrollbackRows(Protocol):
    """The rows that have left the screen at its top, the oldest first."""

    @property
    def first(self) -> int:
        """The number of the oldest row kept; numbers stay as rows come and go."""
        ...

    def __len__(self) -> int: ...

    def row(self, index: int) -> Cells:
        """One of them, from 0."""
        ...


class ConsoleCore(Protocol):
    """A terminal without a screen."""

    columns: int
    rows: int
    title: str
    bells: int
    """How often it has rung."""

    @property
    def past(self) -> ScrollbackRows:
        """The scrollback."""
        ...

    def feed(self, data: bytes) -> bytes:
        """What the program printed; the answers to what it asks for."""
        ...

    def resize(self, columns: int, rows: int) -> None:
        """Another size."""
        ...

    def row(self, y: int) -> Cells:
        """The cells of a row of the screen."""
        ...

    def changed(self) -> Sequence[int]:
        """The rows that changed since this was asked last."""
        ...

    def look(self, style: Hashable) -> Look:
        """How cells of that style are written."""
        ...

    @property
    def cursor(self) -> Cursor | None:
        """Where it is to be drawn; None when it is not."""
        ...

    @property
    def inverse(self) -> bool:
        """Whether the whole screen is turned round."""
        ...

    @property
    def alternate(self) -> bool:
        """Whether a program has the screen for itself: then nothing goes into the past."""
        ...

    @property
    def held(self) -> bool:
        """Whether the program is in the middle of drawing something (mode 2026)."""
        ...

    @property
    def wants_mouse(self) -> bool:
        """Whether the program wants to hear of the mouse."""
        ...

    def press(self, key: str, character: str | None) -> bytes:
        """A key by textual's name; b"" for one that says nothing here."""
        ...

    def paste(self, text: str) -> bytes:
        """Text from a clipboard."""
        ...

    def point(self, event: MouseEvent) -> bytes:
        """The mouse, in the way that the program asked for; b"" when it did not."""
        ...

    def focus(self, *, on: bool) -> bytes:
        """The console gained or lost the focus; b"" when the program did not ask for that."""
        ...
