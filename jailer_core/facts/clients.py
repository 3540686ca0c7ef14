"""Clients connected to jails that are to be stopped: read for a preview, never on refresh.

`sockstat -j JID` for each: it looks into a jail with a network of its own only when it is told the
jail (13). So that the number of commands has a limit, it is not read for more than a few jails.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jailer_core.errors import HostError, ParseError
from jailer_core.host import Host
from jailer_core.model import Jail
from jailer_core.parse import sockstat

MOST = 4
"""Of more jails than that it is not read."""
TIMEOUT = 3.0
"""Seconds: a preview does not wait longer for it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Connections to ports that a jail listens on, by port; None where it could not be read."""

    jail: str
    ports: Mapping[int, int] | None = field(default_factory=dict)


async def clients(host: Host, jails: Sequence[Jail]) -> tuple[Clients, ...]:
    """Of each of these jails that runs; () of too many."""
    running = [jail for jail in jails if jail.running and jail.jid]
    if len(running) > MOST:
        return ()
    return tuple(await asyncio.gather(*(_of(host, jail) for jail in running)))


async def _of(host: Host, jail: Jail) -> Clients:
    argv = ("sockstat", "-j", str(jail.jid), "-4", "-6")
    try:
        result = await host.run((*argv, "--libxo=json"), timeout=TIMEOUT)
        if result.ok:
            sockets = sockstat.tcp_sockets(result.stdout)
        else:
            result = await host.run(argv, timeout=TIMEOUT)  # before 15 it knows no libxo
            sockets = sockstat.tcp_table(result.stdout)
    except (HostError, ParseError):
        return Clients(jail.name, None)
    if not result.ok or sockets.unread:
        return Clients(jail.name, None)
    listening = {socket.port for socket in sockets.value if not socket.peer}
    ports = Counter(socket.port for socket in sockets.value if socket.peer)
    return Clients(jail.name, {port: ports[port] for port in sorted(ports) if port in listening})
