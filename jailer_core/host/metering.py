"""A host that records the cost of each command."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, cast

from jailer_core.host import Host, Line, Result
from jailer_core.model.host import Meter


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
