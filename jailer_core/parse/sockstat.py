"""`sockstat`: listening sockets and connections.

It prints JSON (since FreeBSD 15) or a table (08).
"""

from __future__ import annotations

import re
from typing import Any

from jailer_core.model.firewall import Listener, TcpSocket
from jailer_core.parse.base import Parsed, below, each, matched, records, string, whole, wrong

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
    row = matched(_ROW, line, "sockstat", "no socket")
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


def tcp_sockets(text: str) -> Parsed[tuple[TcpSocket, ...]]:
    """TCP sockets, listening or connected."""
    return records(_tcp_socket, "sockstat", text, "sockstat", "socket")


def tcp_table(text: str) -> Parsed[tuple[TcpSocket, ...]]:
    """The same of the table."""
    return each(_tcp_row, below("sockstat", "USER ", text))


def _tcp_socket(entry: dict[str, Any]) -> TcpSocket | None:
    """A connected one has its peer where a listening one has `*` and 0."""  # not recorded
    local, peer = entry.get("local"), entry.get("foreign")
    if not string("sockstat", entry.get("proto")).startswith("tcp") or local is None:
        return None
    if not isinstance(local, dict) or not isinstance(peer, dict):
        wrong("sockstat", "no address", local)
    address = string("sockstat", peer.get("address"))
    return TcpSocket(whole("sockstat", local.get("port")), "" if address == "*" else address)


_PAIR = re.compile(r"\S*:(?P<port>\d+)\s+(?P<peer>\S+):(?:\d+|\*)\s*$")


def _tcp_row(line: str) -> TcpSocket | None:
    row = matched(_ROW, line, "sockstat", "no socket")
    if row["protocol"] != "tcp":
        return None
    pair = matched(_PAIR, row["local"], "sockstat", "no address")
    peer = pair["peer"].strip("[]")
    return TcpSocket(int(pair["port"]), "" if peer == "*" else peer)
