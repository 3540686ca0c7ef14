"""What can be asked for about a change of before: take it back, or go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register


@register
@dataclass(frozen=True, slots=True)
class UndoChange(Request):
    """Take back what a change did; `entry` is its id in the journal.

    `stamp` is the time as letters and digits, for what goes into the trash: operations have no
    clock.
    """

    entry: str
    stamp: str
    op: ClassVar[str] = "undo"


@register
@dataclass(frozen=True, slots=True)
class GoOn(Request):
    """Do what is left of a change that was cut off in the middle."""

    entry: str
    op: ClassVar[str] = "go-on"
