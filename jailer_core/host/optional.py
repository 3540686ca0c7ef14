"""The optional interfaces of a host: running plans itself, and libzfs.

The protocol of a host that runs plans itself, at the other end of a connection.

Only a remote host does. Its agent runs the same `execution.execute` as the local host has, so a
plan goes on, or takes itself back, when the connection breaks.

The optional interface to libzfs: a library does what some commands do, without a process.

Only the local host may have one (local/lzc.py). A plan never knows: it says `zfs snapshot …`, and
the executor asks here first. What the library cannot do exactly as the command does
is left to the command.

A host that records the cost of each command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from jailer_core.host import DEFAULT_TIMEOUT, Host, Line, Result
from jailer_core.model.host import Meter

if TYPE_CHECKING:
    from jailer_core.plan import Event, Outcome, Plan


class Executor(Protocol):
    """A host that runs plans itself."""

    async def execute(
        self, plan: Plan, emit: Callable[[Event], None], abort: asyncio.Event, pause: float
    ) -> Outcome:
        """Run a plan on that host. Raises JailerError if it was not started."""


def executor_of(host: Host) -> Executor | None:
    """The executor of a host, or None."""
    executor: Executor | None = getattr(host, "executor", None)
    return executor


class Library(Protocol):
    """A ZFS library that a host may offer; calls raise only HostError."""

    name: str

    def carries(self, argv: Sequence[str]) -> bool:
        """Whether the library can do what the command does; loads nothing."""

    async def why_not(self) -> str:
        """Why the library is not used here, or ""; searches for it the first time."""

    async def run(
        self,
        argv: Sequence[str],
        timeout: float,  # noqa: ASYNC109 - the call is given up, not ended
    ) -> Result | None:
        """What the command would leave, in its very words; None: let the command do it.

        None is only said when nothing was changed.
        """

    async def exists(self, name: str) -> bool | None:
        """Whether there is a dataset or snapshot of that name; None: ask the command."""


def libzfs_of(host: Host) -> Library | None:
    """The library of a host, or None."""
    library: Library | None = getattr(host, "zfs", None)
    return library


async def try_run(
    host: Host,
    argv: Sequence[str],
    timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
) -> Result | None:
    """The result if the host's library can do what the command does; None: run the command."""
    library = libzfs_of(host)
    if library is None or not library.carries(argv):
        return None
    return await library.run(argv, timeout)


async def exists(host: Host, name: str) -> bool | None:
    """Whether a dataset or snapshot exists, if the host's library can tell."""
    library = libzfs_of(host)
    return await library.exists(name) if library is not None else None


async def describe(host: Host, commands: Sequence[Sequence[str] | None]) -> str:
    """A sentence that names the steps that go through the library, "" for none.

    `commands` are those of a plan's steps, None for a step that is none.
    """
    library = libzfs_of(host)
    if library is None:
        return ""
    numbers = [
        str(number)
        for number, argv in enumerate(commands, 1)
        if argv is not None and library.carries(argv)
    ]
    if not numbers or await library.why_not():
        return ""
    if not numbers[1:]:
        return (
            f"Step {numbers[0]} uses {library.name} instead of the command; the effect is the same."
        )
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return f"Steps {listed} use {library.name} instead of the commands, to the same effect."


class _Metered:
    """Passes everything on; only what runs a command is noted."""

    def __init__(self, host: Host, meter: Meter) -> None:
        self._host = host
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    async def run(self, argv: Sequence[str], **options: Any) -> Result:
        return await self._noted([argv], self._host.run(argv, **options))

    async def stream(self, commands: Sequence[Sequence[str]], line: Line, **options: Any) -> Result:
        return await self._noted(commands, self._host.stream(commands, line, **options))

    async def _noted(self, commands: Sequence[Sequence[str]], running: Awaitable[Result]) -> Result:
        spent, status = self._meter.begin(self._host.clock(), commands), None
        began = self._host.uptime()
        try:
            result = await running
            status = result.status
            return result
        finally:
            self._meter.end(spent, self._host.uptime() - began, status)


def metered(host: Host) -> tuple[Host, Meter]:
    """The same host, with its costs measured."""
    meter = Meter()
    return cast("Host", _Metered(host, meter)), meter
