"""`sockstat -l`: who waits for connections, as JSON (since FreeBSD 15) or as a table (08)."""

from __future__ import annotations

import re
from typing import Any

from jailer_core.model.firewall import Listener
from jailer_core.parse.base import Parsed, below, each, records, string, whole, wrong

_PROTOCOL = re.compile(r"(tcp|udp)(4|6|46)\Z")


def listeners(text: str) -> Parsed[tuple[Listener, ...]]:
    """Sockets of TCP and UDP; the others (of files, `stream`) are left out."""
    return records(_listener, "sockstat", text, "sockstat", "socket")


_ROW = re.compile(
    r"^\S+\s+(?P<program>.+?)\s+(?:\d+|\?)\s+(?:\d+|\?)\s+(?P<protocol>[a-z]+)"
    r"(?P<families>4|6|46)?\s+(?P<local>.*)$"
)
"""Of a socket without a process user, command, pid and fd are `?`  # not recorded"""
_LOCAL = re.compile(r"(?P<address>\S+):(?P<port>\d+)\s")


def table(text: str) -> Parsed[tuple[Listener, ...]]:
    """The same of `sockstat -l`, where a name is truncated after ten characters."""
    rows = below("sockstat", "USER ", text)
    if not text:
        wrong("sockstat", "no table")
    return each(_row, rows)


def _row(line: str) -> Listener | None:
    row = _ROW.match(line)
    if row is None:
        wrong("sockstat", "no socket", line)
    if row["protocol"] not in ("tcp", "udp") or not row["families"]:
        return None
    local = _LOCAL.match(row["local"])
    if local is None:
        return None if row["local"].startswith("*:*") else wrong("sockstat", "no address", line)
    families = tuple(int(family) for family in row["families"])
    address, port = local["address"].strip("[]"), int(local["port"])
    return Listener(row["protocol"], address, port, row["program"], families)


def _listener(entry: dict[str, Any]) -> Listener | None:
    match = _PROTOCOL.match(string("sockstat", entry.get("proto")))
    local = entry.get("local")
    if match is None or local is None:
        return None
    if not isinstance(local, dict):
        wrong("sockstat", "no local address", local)
    return Listener(
        match[1],
        string("sockstat", local.get("address")),
        whole("sockstat", local.get("port")),
        string("sockstat", entry.get("command")),
        tuple(int(number) for number in match[2]),
    )
