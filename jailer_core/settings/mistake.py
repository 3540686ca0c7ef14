"""A mistake in a settings file: where it is, what is wrong, and which setting does not hold."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE_FILE = ""
"""`Mistake.setting` of a mistake that may concern every setting of the file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `line` is 0 where it has no line of its own.

    `ignored`: the setting itself is right, but this file is not trusted with it.
    """

    path: str
    line: int
    message: str
    hint: str = ""
    setting: str = WHOLE_FILE
    ignored: bool = False

    @property
    def place(self) -> str:
        """`FILE:LINE`, or the file alone."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"
