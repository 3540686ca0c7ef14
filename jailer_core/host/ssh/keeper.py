"""Keep a host connected: reconnect when the connection ends, and measure its latency.

Each host has its own keeper, so one that hangs delays no other.

A host over a single connection without reconnecting: for one command.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from jailer_core.errors import HostError, JailerError
from jailer_core.host.remote.channel import ConnectionLost
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh.connect import ConnectFailed, Link, Trouble
from jailer_core.host.ssh.link_state import LinkState, LinkStatus

PING = 5.0
"""Seconds between two measurements."""
SLOW = 0.8
"""Latency in seconds from which a host counts as slow."""
DEAD = 15.0
"""Seconds without an answer after which the connection is given up."""
STOOD_STILL = 1.0
"""If it takes this many seconds longer, this program was suspended (an editor had its terminal)."""
FIRST, LONGEST = 1.0, 30.0
"""Seconds until the next try, at first and at most."""
HOPELESS = 60.0
"""The same where a person has to do something first."""


Connect = Callable[[bool, Callable[[HostError], None]], Awaitable[Link]]
"""Connects; the first value tells whether a connection may be shared with another program."""


class Keeper:
    """Keeps `host` connected while `run` runs. Calls `changed` with each new state."""

    def __init__(
        self,
        host: RemoteHost,
        connect: Connect,
        changed: Callable[[LinkState], None] = lambda _state: None,
        *,
        dead: float = DEAD,
    ) -> None:
        self._dead = dead
        self.host = host
        self.state = LinkState()
        self.changed = changed
        self._connect = connect
        self._wake = asyncio.Event()
        self._failures = 0

    def wake(self) -> None:
        """Try again now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._once()
            except JailerError as error:
                await self._failed(error)
            except Exception as error:  # noqa: BLE001 - whatever the other end sends, it is tried again
                await self._failed(HostError(f"internal error: {type(error).__name__}: {error}"))

    async def _failed(self, error: JailerError) -> None:
        self._failures += 1
        self.host.detach(error)
        await self._rest(error)

    async def _once(self) -> None:
        """Connect, and stay connected. Raises JailerError when that ends."""
        ended: asyncio.Future[HostError] = asyncio.get_running_loop().create_future()

        def lost(error: HostError) -> None:
            if not ended.done():
                ended.set_result(error)

        self._set(replace(self.state, status=LinkStatus.CONNECTING, next_try=None))
        link = await self._connect(self._failures == 0, lost)
        hangs = False
        try:
            async with asyncio.timeout(self._dead):
                await self.host.attach(link.channel)
            self._failures = 0
            self._set(LinkState(LinkStatus.UP))
            await self._watch(ended)
        except TimeoutError:
            hangs = True
            raise ConnectionLost(f"no answer for {self._dead:g} s") from None
        finally:
            await asyncio.shield(link.close(kill=hangs))

    async def _watch(self, ended: asyncio.Future[HostError]) -> None:
        """Measure the latency now and then. Raises TimeoutError, ConnectionLost."""
        while True:
            latency = await measured(self.host, self._dead)
            slow = latency >= SLOW
            self._set(LinkState(LinkStatus.SLOW if slow else LinkStatus.UP, latency))
            done, _ = await asyncio.wait({ended}, timeout=PING)
            if done:
                raise ended.result()

    async def _rest(self, error: JailerError) -> None:
        trouble = error.trouble if isinstance(error, ConnectFailed) else Trouble.UNREACHABLE
        hopeless = trouble is not Trouble.UNREACHABLE
        seconds = HOPELESS if hopeless else min(LONGEST, FIRST * 2 ** (self._failures - 1))
        until = time.monotonic() + seconds
        self._set(LinkState(LinkStatus.DOWN, None, trouble, error.message, error.hint, until))
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _set(self, state: LinkState) -> None:
        self.state = state
        self.changed(state)


async def measured(host: RemoteHost, dead: float) -> float:
    """The latency of a host. Raises TimeoutError when it does not answer, ConnectionLost."""
    while True:
        began = time.monotonic()
        try:
            async with asyncio.timeout(dead):
                return await host.measure()
        except TimeoutError:
            if time.monotonic() - began > dead + STOOD_STILL:
                continue
            raise


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
