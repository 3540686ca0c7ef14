"""A host over one connection that is not made again: for one command."""

from __future__ import annotations

from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh.connect import Link


class SingleHost(RemoteHost):
    """A remote host whose connection ends with it."""

    def __init__(self, name: str, link: Link) -> None:
        super().__init__(name)
        self._link = link

    @classmethod
    async def opened(cls, name: str, link: Link) -> SingleHost:
        """Use that connection. Raises HostError."""
        host = cls(name, link)
        await host.attach(link.channel)
        return host

    async def close(self) -> None:
        """See Host."""
        await super().close()
        await self._link.close()
