"""Run one command on several hosts, and show their answers one by one or combined."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.text import sanitize
from jailer_tui import host_selection
from jailer_tui.cli.terminal import Terminal, table

if TYPE_CHECKING:
    from jailer_core.host.ssh.definitions import HostEntry

Row = Sequence[str]
Work = Callable[["HostEntry", Host, Terminal], Awaitable[int]]


class Order(Enum):
    """How a command runs on several hosts; with AT_ONCE, output stays in the order of hosts."""

    IN_TURN = auto()
    AT_ONCE = auto()
    LIVE = auto()


@dataclass(slots=True)
class Answers:
    """Results as JSON by host, and the rows of tables that have the same header.

    The second half of a table's key tells that it is for a script.
    """

    values: dict[str, Any] = field(default_factory=dict)
    tables: dict[tuple[Row, bool], dict[str, Sequence[Row]]] = field(default_factory=dict)

    def refuse(self, name: str, error: JailerError) -> None:
        """Report that a host gave no result."""
        self.values.setdefault(name, {"error": error.message, "hint": error.hint})

    def show(self, terminal: Terminal, names: Sequence[str], *, as_json: bool) -> None:
        """Print the results in the order of the hosts."""
        if as_json:
            terminal.json({name: self.values.get(name) for name in names})
        for (header, script), answers in self.tables.items():
            rows = [(sanitize(name), *row) for name in names for row in answers.get(name, ())]
            if not script:
                terminal.out(table([("HOST", *header), *rows]))
            elif rows:
                terminal.out("\n".join("\t".join(row) for row in rows))


class HostTerminal(Terminal):
    """Prefixes every line with the name of a host. `held`: prints nothing before `release`."""

    def __init__(self, below: Terminal, name: str, *, held: bool) -> None:
        super().__init__(below.stdout, below.stderr, below.stdin)
        self._below = below
        self._front = f"{sanitize(name)}: "
        self._waiting: list[Callable[[], None]] | None = [] if held else None

    def _do(self, printing: Callable[[], None]) -> None:
        if self._waiting is None:
            printing()
        else:
            self._waiting.append(printing)
        self.gone = self._below.gone

    def _named(self, text: str) -> str:
        return "\n".join(f"{self._front}{line}" for line in text.split("\n"))

    def out(self, text: str) -> None:
        """See Terminal."""
        self._do(lambda: self._below.out(self._named(text)))

    def err(self, text: str) -> None:
        """See Terminal."""
        self._do(lambda: self._below.err(self._named(text)))

    def line(self, name: str, data: bytes, *, error: bool = False) -> None:
        """See Terminal."""
        front = f"{self._front}{name}" if name else self._front.removesuffix(": ")
        self._do(lambda: self._below.line(front, data, error=error))

    async def _typed(self, question: str) -> bytes:
        return await super()._typed(self._named(question))

    def release(self) -> None:
        """Print the held lines."""
        waiting, self._waiting = self._waiting or [], None
        for printing in waiting:
            printing()


async def run(
    entries: Sequence[HostEntry],
    terminal: Terminal,
    answers: Answers,
    work: Work,
    *,
    order: Order,
) -> int:
    """Run on each host. Returns the worst exit status."""
    opened = [asyncio.create_task(host_selection.open_entry(entry)) for entry in entries]
    terminals = [
        HostTerminal(terminal, entry.name, held=order is Order.AT_ONCE) for entry in entries
    ]
    pairs = list(zip(entries, opened, terminals, strict=True))
    statuses: list[int] = []
    try:
        if order is not Order.IN_TURN:
            running = [asyncio.create_task(_on(*pair, answers, work)) for pair in pairs]
            statuses = await _all(running, terminals)
        else:
            statuses = [await _on(*pair, answers, work) for pair in pairs]
    finally:
        for opening in opened:
            opening.cancel()
        await asyncio.gather(*(_close(opening) for opening in opened))
    return max(statuses, default=0)


async def _all(
    running: Sequence[asyncio.Task[int]], terminals: Sequence[HostTerminal]
) -> list[int]:
    """Their exit statuses. What is cancelled ends on all of them, and may end well."""
    try:
        for task, terminal in zip(running, terminals, strict=True):
            await asyncio.wait({task})
            terminal.release()
    except asyncio.CancelledError:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        if any(task.cancelled() for task in running):
            raise
    return [task.result() for task in running]


async def _on(
    entry: HostEntry,
    opening: asyncio.Task[Host],
    terminal: HostTerminal,
    answers: Answers,
    work: Work,
) -> int:
    try:
        return await work(entry, await opening, terminal)
    except JailerError as error:
        answers.refuse(entry.name, error)
        terminal.failed(error)
        return 1


async def _close(opening: asyncio.Task[Host]) -> None:
    await asyncio.wait({opening})
    if not opening.cancelled() and opening.exception() is None:
        await opening.result().close()
