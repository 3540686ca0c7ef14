"""A host over a single connection without reconnecting: for one command."""

from __future__ import annotations

import asyncio

from jailer_core.errors import HostError
from jailer_core.host.remote.channel import ConnectionLost
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh.connect import Link
from jailer_core.host.ssh.keeper import DEAD, PING, measured


class SingleHost(RemoteHost):
    """A remote host whose connection ends with it, or when the other end does not answer."""

    def __init__(self, name: str, link: Link, dead: float = DEAD) -> None:
        super().__init__(name)
        self._link = link
        self._dead = dead
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def opened(cls, name: str, link: Link, dead: float = DEAD) -> SingleHost:
        """Use that connection. Raises HostError."""
        host = cls(name, link, dead)
        await host.attach(link.channel)
        host._watching = asyncio.create_task(host._ask_for_life())
        return host

    async def _ask_for_life(self) -> None:
        """A program over there that hangs keeps its connection alive: ssh does not notice."""
        try:
            while True:
                await asyncio.sleep(min(PING, self._dead))
                await measured(self, self._dead)
        except TimeoutError:
            self._link.channel.fail(ConnectionLost(f"no answer for {self._dead:g} s"))
        except HostError:
            return

    async def close(self) -> None:
        """See Host."""
        if self._watching is not None:
            self._watching.cancel()
        await super().close()
        await self._link.close()
