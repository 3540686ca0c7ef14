"""`sysctl -n`: one value a line, in the order asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jailer_core.model import HostFacts
from jailer_core.parse.base import decimal, lines, whole, wrong

FACTS = (
    *("kern.hostname", "kern.osrelease", "hw.machine", "hw.ncpu", "hw.physmem", "vm.loadavg"),
    *("kern.boottime", "kern.racct.enable", "security.jail.jailed", "kern.features.vimage"),
    *("vm.stats.vm.v_free_count", "hw.pagesize"),
)
"""Recordings 01 line 5 and 07 line 61 show them."""


def missing(stderr: str) -> tuple[str, ...]:
    """Names that this kernel does not have, as sysctl complains about them."""
    # not recorded
    return tuple(re.findall(r"unknown oid '([^']+)'", stderr))


def values(text: str, names: Sequence[str]) -> dict[str, str]:
    """Values by name of `sysctl -n NAMES…`."""
    rows = lines(text)
    if len(rows) != len(names):
        wrong("sysctl", f"{len(rows)} lines instead of {len(names)}")
    return dict(zip(names, rows, strict=True))


def change(text: str) -> tuple[str, str, str]:
    """`sysctl NAME=VALUE`: name, old and new value (recording 06 line 38)."""
    found = re.fullmatch(r"(\S+): (.*) -> (.*)\n?", text)
    if found is None:
        wrong("sysctl", "no change", text)
    return found[1], found[2], found[3]


def facts(found: dict[str, str], uid: int | None = None) -> HostFacts:
    """What the host is; a name that it does not have leaves None."""

    def number(name: str) -> int | None:
        return whole("sysctl", found[name]) if name in found else None

    free, page = number("vm.stats.vm.v_free_count"), number("hw.pagesize")
    racct, vimage = number("kern.racct.enable"), number("kern.features.vimage")
    return HostFacts(
        hostname=found.get("kern.hostname", ""),
        release=found.get("kern.osrelease", ""),
        arch=found.get("hw.machine", ""),
        cpus=number("hw.ncpu"),
        memory=number("hw.physmem"),
        memory_free=None if free is None or page is None else free * page,
        load=_load(found["vm.loadavg"]) if "vm.loadavg" in found else None,
        boot_time=_seconds(found["kern.boottime"]) if "kern.boottime" in found else None,
        racct=None if racct is None else racct > 0,
        vimage=None if vimage is None else vimage > 0,
        uid=uid,
        jailed=bool(number("security.jail.jailed")),
    )


def _load(text: str) -> tuple[float, float, float]:
    """`{ 1.12 1.06 0.75 }`."""
    words = text.strip("{} ").split()
    if len(words) != 3:
        wrong("sysctl", "no load", text)
    one, five, fifteen = (decimal("sysctl", word) for word in words)
    return one, five, fifteen


def _seconds(text: str) -> int:
    """`{ sec = 1795478039, usec = 893685 } Mon Nov 23 23:53:59 2026`."""
    found = re.match(r"\{ sec = (\d{1,18}),", text, re.ASCII)
    if found is None:
        wrong("sysctl", "no time", text)
    return int(found[1])
