"""One command in jails of several hosts: a fan-out on each host, shown as one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jailer_core.errors import JailerError
from jailer_core.execution.fan_out import FanOut, JailRun
from jailer_core.text import sanitize


class FleetFanOut(FanOut):
    """`parts` are those of the hosts by their names; each is written into its own journal."""

    def __init__(self, title: str, parts: Sequence[tuple[str, FanOut]]) -> None:
        super().__init__(parts[0][1].reader, parts[0][1].plan)
        self.turns = [turn for _, part in parts for turn in part.turns]
        self._title = title
        self._parts = tuple(part for _, part in parts)
        self._part_of = {id(turn): part for _, part in parts for turn in part.turns}
        for name, part in parts:
            part.listeners.append(self._hear)
            for turn in part.turns:
                turn.where = name

    @property
    def title(self) -> str:
        """See FanOut."""
        return self._title

    def now(self, turn: JailRun) -> float:
        """See FanOut: each host has its own."""
        return self._part_of[id(turn)].now(turn)

    def end(self, turn: JailRun) -> None:
        """See FanOut."""
        self._part_of[id(turn)].end(turn)

    def end_all(self) -> None:
        """See FanOut."""
        self.stopped = True
        for part in self._parts:
            part.end_all()

    async def run(self) -> None:
        """See FanOut. A host that fails keeps no other from its turn."""
        runs = [asyncio.create_task(part.run()) for part in self._parts]
        try:
            results = await asyncio.gather(*runs, return_exceptions=True)
        finally:
            self.over = True
        errors = [result for result in results if isinstance(result, BaseException)]
        notes = [part.note for part in self._parts if part.note]
        for error in errors:
            if not isinstance(error, JailerError):
                raise error
            notes.append(sanitize(error.message))
        self.note = "; ".join(notes)
        self._hear(None)

    def _hear(self, turn: JailRun | None) -> None:
        for listener in tuple(self.listeners):
            listener(turn)
