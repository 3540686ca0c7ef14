"""Jails, processes, the files they use, and their sockets: jls, ps, fstat and sockstat.

`jls`: the jails of the kernel.

Processes, the files they use, and their sockets: ps, fstat and sockstat.

`ps --libxo=json`: processes, and what the jails use together.

`fstat -f PATH`: which processes use a file system.

`sockstat`: listening sockets and connections.

It prints JSON (since FreeBSD 15) or a table (08).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jailer_core.model import OpenFile, Process
from jailer_core.model.network import Listener, TcpSocket
from jailer_core.parse.base import (
    Parsed,
    below,
    decimal,
    each,
    matched,
    records,
    string,
    truth,
    whole,
    wrong,
)

NAMES = (
    *("jid", "name", "parent", "path", "host.hostname", "ip4", "ip4.addr", "ip6", "ip6.addr"),
    *("vnet", "osrelease", "dying", "persist", "devfs_ruleset", "children.cur"),
    *("children.max", "cpuset.id", "securelevel"),
)
"""The parameters asked for by name (recording 08 line 9)."""


@dataclass(frozen=True, slots=True)
class KernelJail:
    """A jail as the kernel knows it; `parent` is a jid, 0 for the host.

    `ip4` and `ip6` say `disable` for a jail with addresses of its own and `inherit` for one
    with its own network stack: the addresses and `vnet` decide (docs/freebsd-facts.md, Reading).
    """

    jid: int
    name: str
    parent: int = 0
    path: str = ""
    hostname: str = ""
    ip4: str = ""
    ip6: str = ""
    addresses: tuple[str, ...] = ()
    vnet: bool = False
    release: str = ""
    dying: bool = False
    ruleset: int | None = None


def jails(text: str) -> Parsed[tuple[KernelJail, ...]]:
    """`jls -d --libxo=json NAMES…`, with `-n` (recording 08 line 7), or with fewer names.

    Numbers come as strings, `dying` as a boolean or as its name. Fields that are missing have
    their default. Without `name` (jls's short form) a jail is called by its jid.
    """
    return records(_jail, "jls", text, "jail-information", "jail")


def _jail(row: dict[str, Any]) -> KernelJail:
    jid, ruleset = whole("jls", row.get("jid")), str(row.get("devfs_ruleset"))
    return KernelJail(
        jid=jid,
        name=string("jls", row.get("name", str(jid))),
        parent=whole("jls", row.get("parent", 0)),
        path=string("jls", row.get("path", "")),
        hostname=string("jls", row.get("host.hostname", row.get("hostname", ""))),
        ip4=string("jls", row.get("ip4", "")),
        ip6=string("jls", row.get("ip6", "")),
        addresses=(*_addresses(row, "4"), *_addresses(row, "6")),
        vnet=row.get("vnet") == "new",
        release=string("jls", row.get("osrelease", "")),
        # without one, or without the parameter, it is no number
        ruleset=int(ruleset) if ruleset.isascii() and ruleset.isdigit() else None,
        dying=truth("jls", row.get("dying", row.get("state") == "DYING")),
    )


def _addresses(row: dict[str, Any], family: str) -> tuple[str, ...]:
    """`ip4.addr` of -n, `ipv4_addrs` of -v, `ipv4` of the short form."""
    value = row.get(f"ip{family}.addr", row.get(f"ipv{family}_addrs", row.get(f"ipv{family}", [])))
    if isinstance(value, str):
        return tuple(value.split(",")) if value else ()
    if not isinstance(value, list):
        wrong("jls", "no list of addresses", value)
    return tuple(string("jls", item) for item in value)


T = TypeVar("T")

COLUMNS = "jid,pid,ppid,pcpu,rss,vsz,state,etimes,user,command"
"""For single processes (recording 04 line 37)."""
TOTALS = "jid,pcpu,rss"
"""For totals of all jails at once (recording 08 line 21)."""
AGES = "jid,etimes"


@dataclass(frozen=True, slots=True)
class Usage:
    """The total usage of a jail's processes: percent of one core, resident bytes."""

    cpu: float
    memory: int
    processes: int


def usage(text: str) -> Parsed[dict[int, Usage]]:
    """Totals by jid of `ps -ax -o jid,pcpu,rss`, without jails that have no processes."""
    return _rows(_use, text).map(_totals)


def _use(row: dict[str, Any]) -> tuple[int, float, int]:
    cpu, memory = decimal("ps", row.get("percent-cpu")), whole("ps", row.get("rss"))
    return whole("ps", row.get("jail-id")), cpu, memory


def _totals(rows: tuple[tuple[int, float, int], ...]) -> dict[int, Usage]:
    totals: dict[int, list[float]] = {}
    for jid, cpu, memory in rows:
        total = totals.setdefault(jid, [0.0, 0, 0])
        total[0] += cpu
        total[1] += memory
        total[2] += 1
    return {
        jid: Usage(round(cpu, 1), int(memory) * 1024, int(count))
        for jid, (cpu, memory, count) in totals.items()
    }


def ages(text: str) -> Parsed[dict[int, int]]:
    """Seconds since the oldest process of each jail began, by jid, of `ps -ax -o jid,etimes`."""
    # a later one of the same jid counts in a dict: the oldest comes last
    return _rows(_age, text).map(lambda rows: dict(sorted(rows)))


def _age(row: dict[str, Any]) -> tuple[int, int]:
    return whole("ps", row.get("jail-id")), whole("ps", row.get("elapsed-times"))


def processes(text: str) -> Parsed[tuple[Process, ...]]:
    """Every process of `ps -o COLUMNS`, in the order of ps; columns that are missing are empty."""
    return _rows(_process, text)


def _process(row: dict[str, Any]) -> Process:
    return Process(
        pid=whole("ps", row.get("pid")),
        parent=whole("ps", row.get("ppid", 0)),
        jid=whole("ps", row.get("jail-id", 0)),
        cpu=decimal("ps", row.get("percent-cpu", 0)),
        memory=whole("ps", row.get("rss", 0)) * 1024,
        state=string("ps", row.get("state", "")),
        age=whole("ps", row.get("elapsed-times", 0)),
        user=string("ps", row.get("user", "")),
        command=string("ps", row.get("command", "")),
    )


def _rows(read: Callable[[dict[str, Any]], T], text: str) -> Parsed[tuple[T, ...]]:
    return records(read, "ps", text, "process-information", "process")


_ROW = re.compile(
    r"^(?P<user>\S+) +(?P<command>.+?) +(?P<pid>\d{1,9})"
    r" +(?P<what>text|wd|root|jail|ctty|tr|mmap|\d{1,9})(?P<star>\*?) (?P<rest>.*)$",
    re.ASCII,
)
_REST = re.compile(r"^(?P<mount>/.*?) +(?P<inode>\d+) (?P<mode>[-a-z?][-rwxsStT]{9}) ", re.ASCII)


def holders(text: str) -> Parsed[tuple[OpenFile, ...]]:
    """One line for each thing held (recordings 08 line 36, 09 line 36); sockets hold no mount.

    `what` is wd, root, jail, text, mmap, ctty, tr or the number of a descriptor. Commands and
    mount points may hold spaces.
    """
    return each(_holder, below("fstat", "USER ", text))


def _holder(line: str) -> OpenFile:
    parts = matched(_ROW, line, "fstat", "no open file")
    place = _REST.match(parts["rest"])
    mount = place["mount"] if place else ""
    return OpenFile(int(parts["pid"]), parts["user"], parts["command"], parts["what"], mount)


_PROTOCOL = re.compile(r"(tcp|udp)(4|6|46)\Z")


def listeners(text: str) -> Parsed[tuple[Listener, ...]]:
    """Sockets of TCP and UDP, without others (such as `stream`)."""
    return records(_listener, "sockstat", text, "sockstat", "socket")


_SOCKET_ROW = re.compile(
    r"^\S+\s+(?P<program>.+?)\s+(?:\d+|\?)\s+(?:\d+|\?)\s+(?P<protocol>[a-z]+)"
    r"(?P<families>4|6|46)?\s+(?P<local>.*)$"
)
"""Of a socket without a process user, command, pid and fd are `?`  # not recorded"""
_LOCAL = re.compile(r"(?P<address>\S+):(?P<port>\d+)\s")


def sockstat_table(text: str) -> Parsed[tuple[Listener, ...]]:
    """The same for `sockstat -l`, which truncates names after ten characters."""
    rows = below("sockstat", "USER ", text)
    if not text:
        wrong("sockstat", "no table")
    return each(_row, rows)


def _row(line: str) -> Listener | None:
    row = matched(_SOCKET_ROW, line, "sockstat", "no socket")
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
    row = matched(_SOCKET_ROW, line, "sockstat", "no socket")
    if row["protocol"] != "tcp":
        return None
    pair = matched(_PAIR, row["local"], "sockstat", "no address")
    peer = pair["peer"].strip("[]")
    return TcpSocket(int(pair["port"]), "" if peer == "*" else peer)
