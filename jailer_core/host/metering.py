"""A host that records the cost of each command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from jailer_core.host import DEFAULT_TIMEOUT, OUTPUT_LIMIT, Hear, Host, Line, Result
from jailer_core.model.costs import Meter


class _Metered:
    """Passes everything on; only what runs a command is noted."""

    def __init__(self, host: Host, meter: Meter) -> None:
        self._host = host
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        spent, status = self._meter.begin(self._host.clock(), [argv]), None
        began = self._host.uptime()
        try:
            result = await self._host.run(argv, stdin=stdin, timeout=timeout, limit=limit)
            status = result.status
            return result
        finally:
            self._meter.end(spent, self._host.uptime() - began, status)

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        spent, status = self._meter.begin(self._host.clock(), commands), None
        began = self._host.uptime()
        try:
            result = await self._host.stream(
                commands, line, stdin=stdin, timeout=timeout, started=started
            )
            status = result.status
            return result
        finally:
            self._meter.end(spent, self._host.uptime() - began, status)


def metered(host: Host) -> tuple[Host, Meter]:
    """The same host, and what it costs."""
    meter = Meter()
    return cast("Host", _Metered(host, meter)), meter
