"""`pfctl`: anchors, rules, and whether the filter is on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.parse.base import lines, whole, wrong

_COUNTS = re.compile(r"  \[ Evaluations: (\S+) +Packets: (\S+) +Bytes: (\S+) +States: (\S+) +\]")


@dataclass(frozen=True, slots=True)
class Counts:
    """What `-v` counts of one rule."""

    evaluations: int
    packets: int
    bytes: int
    states: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as pfctl prints it: `kind` is its first word (nat, rdr, anchor, …)."""

    kind: str
    text: str


def anchors(text: str) -> tuple[str, ...]:
    """`pfctl [-a ANCHOR] -s Anchors`, two spaces before each (recording 06 line 24)."""
    for line in lines(text):
        if not line.startswith("  ") or not line.strip():
            wrong("pfctl", "no anchor", line)
    return tuple(line.strip() for line in lines(text))


def missing(said: str) -> bool:
    """Whether `pfctl -a ANCHOR -s Anchors` failed because there is no such anchor.

    Not recorded: the kernel says ENOENT (sys/netpfil/pf/pf_ioctl.c) or EINVAL, pfctl the rest.
    """
    return re.search(r"DIOCGETRULESETS: |Anchor '.*' not found\.", said) is not None


def rules(text: str) -> tuple[Rule, ...]:
    """`pfctl [-a ANCHOR] [-v] -s nat|rules`; the counters that -v adds are left out."""
    found = []
    for line in lines(text):
        if line.startswith("  ["):
            continue
        kind = line.split(" ", 1)[0]
        if not kind:
            wrong("pfctl", "no rule", line)
        found.append(Rule(kind, line))
    return tuple(found)


def counted(text: str) -> tuple[tuple[str, Counts | None], ...]:
    """`pfctl -a ANCHOR -vs nat`: each rule with what is counted of it (recording 06 line 26)."""
    found: list[tuple[str, Counts | None]] = []
    for line in lines(text):
        counts = _COUNTS.match(line)
        if counts is not None and found:
            found[-1] = (found[-1][0], Counts(*(whole("pfctl", one) for one in counts.groups())))
        elif not line.startswith("  [") and line.strip(" "):
            found.append((line, None))
    return tuple(found)


def running(text: str) -> bool:
    """`pfctl -s info`, `service pf status`: whether the filter is on (recording 06 line 14)."""
    found = re.match(r"Status: (Enabled|Disabled) for ", text)
    if found is None:
        wrong("pfctl", "no status", text[:60])
    return found[1] == "Enabled"
