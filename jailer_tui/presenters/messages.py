"""Messages as lines above the keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line


class Message(Protocol):
    """Something that is said for a while: its first line, then hints."""

    @property
    def message(self) -> str:
        """The text."""

    @property
    def severity(self) -> str:
        """`warning`, or `information`."""


def messages(shown: Iterable[Message], glyphs: Glyphs) -> list[Line]:
    """The oldest first."""
    lines: list[Line] = []
    for message in shown:
        first, *hints = message.message.split("\n")
        bad = message.severity != "information"
        sign = (f" {glyphs.broken} ", "warn") if bad else (f" {glyphs.done} ", "ok")
        lines.append((sign, (first, "strong")))
        lines += [((f"   {hint}", "text"),) for hint in hints]
    return lines
