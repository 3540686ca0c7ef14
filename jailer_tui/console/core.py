"""Cells of a terminal and their looks, its cursor, and what the mouse does."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Colour = int | tuple[int, int, int] | None
"""One of 256 by its number, red-green-blue, or None for the terminal's own."""

Cell = tuple[Hashable, str]
"""A style, and what is there: "" is the second half of the wide character before it."""
Cells = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Look:
    """The style of a cell."""

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
    """The position and shape of the cursor: block, underline or bar."""

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
