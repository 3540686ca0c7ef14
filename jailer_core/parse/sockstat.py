"""`sockstat -l`: who waits for connections, as JSON (since FreeBSD 15) or as a table (08)."""

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


_ROW = re.compile(
    r"^\S+\s+(?P<program>.+?)\s+\d+\s+\d+\s+(?P<protocol>tcp|udp)(?P<families>4|6|46)\s+"
    r"(?P<address>\S+):(?P<port>\d+)\s",
    re.MULTILINE,
)


def table(text: str) -> tuple[Listener, ...]:
    """The same of `sockstat -l`, where a name is cut off after ten characters."""
    if not text.startswith("USER "):
        wrong("sockstat", "no table", text[:60])
    return tuple(
        Listener(
            one["protocol"],
            one["address"].strip("[]"),
            int(one["port"]),
            one["program"],
            tuple(int(each) for each in one["families"]),
        )
        for one in _ROW.finditer(text)
    )


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
