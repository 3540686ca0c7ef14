"""`sockstat -j 0 -l --libxo=json`: who waits for connections (recording 08)."""

from __future__ import annotations

import re
from typing import Any

from jailer_core.firewall import Listener
from jailer_core.parse.base import records, string, whole, wrong

_PROTOCOL = re.compile(r"(tcp|udp)(4|6|46)\Z")


def listeners(text: str) -> tuple[Listener, ...]:
    """Sockets of TCP and UDP; the others (of files, `stream`) are left out."""
    sockets = records("sockstat", text, "sockstat", "socket")
    return tuple(one for entry in sockets if (one := _listener(entry)) is not None)


def _listener(entry: dict[str, Any]) -> Listener | None:
    found = _PROTOCOL.match(string("sockstat", entry.get("proto")))
    local = entry.get("local")
    if found is None or local is None:
        return None
    if not isinstance(local, dict):
        wrong("sockstat", "no local address", local)
    return Listener(
        found[1],
        string("sockstat", local.get("address")),
        whole("sockstat", local.get("port")),
        string("sockstat", entry.get("command")),
        tuple(int(one) for one in found[2]),
    )
