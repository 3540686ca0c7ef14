"""An agent and its client in one process, joined by pipes in memory."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from jailer_core.agent.serve import Agent
from jailer_core.host import Host
from jailer_core.host.remote.channel import Channel
from jailer_core.host.remote.host import RemoteHost


class Writer:
    """What is written on one side is read on the other."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._closing = False
        self.written = 0

    def write(self, data: bytes) -> None:
        self.written += len(data)
        if not self._closing:
            self._reader.feed_data(data)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._reader.feed_eof()


class Joined:
    """Both ends. `cut` breaks the connection as seen from both."""

    def __init__(self, host: Host, *, version: str = "test", uid: int = 0) -> None:
        self.served = host
        to_agent, to_client = asyncio.StreamReader(), asyncio.StreamReader()
        self.up, self.down = Writer(to_agent), Writer(to_client)
        self.agent = Agent(host, to_agent, cast("Any", self.down), version=version, uid=uid)
        self.serving = asyncio.create_task(self.agent.serve())
        self.channel = Channel(to_client, cast("Any", self.up))
        self.client = RemoteHost(host.name)
        self.client._channel = self.channel  # what was asked for before the greeting came waits

    async def greeted(self) -> RemoteHost:
        await self.client.attach(self.channel)
        return self.client

    def cut(self) -> None:
        self.up.close()
        self.down.close()

    async def end(self) -> None:
        await self.client.close()
        await self.channel.close()
        await asyncio.wait({self.serving})
        self.serving.result()


async def joined(host: Host) -> Joined:
    both = Joined(host)
    await both.greeted()
    return both
