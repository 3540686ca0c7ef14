"""The cost of commands: a ring buffer of the last ones, and totals."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

KEPT = 1000


@dataclass(slots=True)
class CommandCost:
    """One command, or the commands of a pipe: `status` None when it did not end on its own."""

    when: float
    commands: tuple[tuple[str, ...], ...]
    seconds: float = 0.0
    status: int | None = None
    over: bool = False


@dataclass(slots=True)
class Meter:
    """The last commands, the newest last; `processes` and `seconds` count all of them."""

    last: deque[CommandCost] = field(default_factory=lambda: deque(maxlen=KEPT))
    processes: int = 0
    seconds: float = 0.0

    def begin(self, when: float, commands: Sequence[Sequence[str]]) -> CommandCost:
        """A command begins."""
        spent = CommandCost(when, tuple(map(tuple, commands)))
        self.last.append(spent)
        self.processes += len(commands)
        return spent

    def end(self, spent: CommandCost, seconds: float, status: int | None) -> None:
        """It has ended after so many seconds."""
        spent.seconds, spent.status, spent.over = seconds, status, True
        self.seconds += spent.seconds
