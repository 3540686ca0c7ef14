"""Start the agent on its standard streams: requests come in on one, answers go out on the other."""

from __future__ import annotations

import asyncio
import os
import signal

from jailer_core.agent.serve import Agent
from jailer_core.host import Host

LIMIT = 256 * 1024


def run(host: Host, version: str) -> int:
    """Serve a host over the standard streams until they are closed; the exit status."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a plan outlives its connection
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    asyncio.run(_serve(host, version))
    return 0


async def _serve(host: Host, version: str) -> None:
    reading, writing = _streams()
    reader, writer = await connect(reading, writing)
    await Agent(host, reader, writer, version=version, uid=os.geteuid()).serve()


def _streams() -> tuple[int, int]:
    """Both streams under other numbers: nothing else is to read from them, or to print there."""
    reading, writing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return reading, writing


async def connect(reading: int, writing: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Streams of two descriptors."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LIMIT, loop)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader, loop=loop), os.fdopen(reading, "rb", 0)
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(writing, "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
