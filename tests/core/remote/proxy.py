"""A link that can be cut, held and slowed down."""

from __future__ import annotations

import asyncio


class Proxy:
    """Passes bytes on to a port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.hold = False
        self.delay = 0.0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @classmethod
    async def start(cls, target: int) -> Proxy:
        made = cls(target)
        made._server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
        made.port = made._server.sockets[0].getsockname()[1]
        return made

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._writers -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                while self.hold:  # noqa: ASYNC110 - a link that hangs tells nothing
                    await asyncio.sleep(0.01)
                await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def cut(self) -> None:
        """Break all connections."""
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        self.hold = False
        self.cut()
        if self._server is not None:
            self._server.close()
        while self._writers:  # noqa: ASYNC110 - only until the tasks have seen it
            await asyncio.sleep(0)
