"""`sysctl NAMES…`: one value a line, after its name.

`sysctl` of counters and memory, and `zpool iostat`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from jailer_core.errors import ParseError
from jailer_core.model import HostFacts
from jailer_core.model.host import DiskUse
from jailer_core.parse.base import Parsed, decimal, each, lines, matched, tabbed, whole, wrong

T = TypeVar("T")

FACTS = (
    *("kern.hostname", "kern.osrelease", "hw.machine", "hw.ncpu", "hw.physmem", "vm.loadavg"),
    *("kern.boottime", "kern.racct.enable", "security.jail.jailed", "kern.features.vimage"),
    *("vm.stats.vm.v_free_count", "hw.pagesize"),
)
"""Recordings 01 line 5 and 07 line 61 show them."""
FORWARDING = {4: "net.inet.ip.forwarding", 6: "net.inet6.ip6.forwarding"}
"""By family; a kernel without IPv6 does not have the second name."""
_SECONDS = re.compile(r"\{ sec = (\d{1,18}),", re.ASCII)


def missing(stderr: str) -> tuple[str, ...]:
    """Names that this kernel does not have, as sysctl complains about them."""
    # not recorded
    return tuple(re.findall(r"unknown oid '([^']+)'", stderr))


def values(text: str, names: Sequence[str]) -> Parsed[dict[str, str]]:
    """Values by name of `sysctl NAMES…`: `name: value` lines (recording 17 line 22)."""

    def pair(line: str) -> tuple[str, str]:
        name, colon, value = line.partition(": ")
        if not colon or name not in names:
            wrong("sysctl", "no value that was asked for", line)
        return name, value

    return each(pair, lines(text)).map(dict)


def forwarding(values: dict[str, str]) -> dict[int, bool]:
    """Whether packets are passed on, by family; what is odd is left out."""
    return {
        family: values[name] == "1"
        for family, name in FORWARDING.items()
        if values.get(name) in ("0", "1")
    }


def facts(values: Mapping[str, str], uid: int | None = None) -> Parsed[HostFacts]:
    """Facts about the host; None for names that are missing or have unexpected values."""
    unread: list[str] = []

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(values[name]) if name in values else None
        except ParseError as error:
            unread.append(error.message)
            return None

    def number(name: str) -> int | None:
        return read(name, lambda value: whole("sysctl", value))

    free, page = number("vm.stats.vm.v_free_count"), number("hw.pagesize")
    racct, vimage = number("kern.racct.enable"), number("kern.features.vimage")
    value = HostFacts(
        hostname=values.get("kern.hostname", ""),
        release=values.get("kern.osrelease", ""),
        arch=values.get("hw.machine", ""),
        cpus=number("hw.ncpu"),
        memory=number("hw.physmem"),
        memory_free=None if free is None or page is None else free * page,
        load=read("vm.loadavg", _load),
        boot_time=read("kern.boottime", _seconds),
        racct=None if racct is None else racct > 0,
        vimage=None if vimage is None else vimage > 0,
        uid=uid,
        jailed=bool(number("security.jail.jailed")),
    )
    return Parsed(value, tuple(unread))


def _load(text: str) -> tuple[float, float, float]:
    """`{ 1.12 1.06 0.75 }`."""
    words = text.strip("{} ").split()
    if len(words) != 3:
        wrong("sysctl", "no load", text)
    minute, five, fifteen = (decimal("sysctl", word) for word in words)
    return minute, five, fifteen


def _seconds(text: str) -> int:
    """`{ sec = 1795478039, usec = 893685 } Mon Nov 23 23:53:59 2026`."""
    return int(matched(_SECONDS, text, "sysctl", "no time")[1])


CP_TIME = "kern.cp_time"
ARC = "kstat.zfs.misc.arcstats.size"
VITALS = (CP_TIME, "hw.physmem", "vm.stats.vm.v_free_count", "hw.pagesize", ARC)
"""Recordings 07 line 61 and 17 line 24 show them."""


def ticks(values: Mapping[str, str]) -> tuple[int, int] | None:
    """Ticks since boot in which a core was busy, and all: user, nice, system, interrupt, idle."""
    try:
        numbers = [whole("sysctl", word) for word in values.get(CP_TIME, "").split()]
    except ParseError:
        return None
    return (sum(numbers[:4]), sum(numbers)) if len(numbers) == 5 else None


def memory(values: Mapping[str, str]) -> tuple[int | None, int | None, int | None]:
    """Total memory, used memory, and the ZFS cache."""
    host = facts(values).value
    used = arc = None
    if host.memory is not None and host.memory_free is not None:
        used = max(0, host.memory - host.memory_free)
    with suppress(KeyError, ParseError):
        arc = whole("sysctl", values[ARC])
    return host.memory, used, arc


def disks(text: str) -> Parsed[dict[str, DiskUse]]:
    """`zpool iostat -Hpy 1 1`: bytes a second by pool (recording 14).

    Columns: name, allocated, free, operations read and written, bytes read and written.
    """
    return each(_pool, lines(text)).map(dict)


def _pool(line: str) -> tuple[str, DiskUse]:
    name, *_, read, written = tabbed("zpool iostat", line, 7)
    return name, DiskUse(whole("zpool iostat", read), whole("zpool iostat", written))
