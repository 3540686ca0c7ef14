"""`pfctl`: anchors, rules, and whether the filter is on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from jailer_core.errors import ParseError
from jailer_core.parse.base import Parsed, each, lines, matched, parsed, whole, wrong

_COUNTS = re.compile(r"  \[ Evaluations: (\S+) +Packets: (\S+) +Bytes: (\S+) +States: (\S+) +\]")

_KIND = re.compile(
    r"(?:no )?(?:(?:nat|rdr|binat|ether|dummynet)-anchor|nat|rdr|binat|pass|block|match|scrub"
    r"|anchor|table|set|antispoof|queue|altq|load|ether)\b"
)
"""The first word of what pf.conf(5) may hold; `no` before it makes an exception."""


class Counts(NamedTuple):
    """What `-v` counts of one rule."""

    evaluations: int
    packets: int
    bytes: int
    states: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as pfctl prints it: `kind` is its first word (nat, rdr, anchor, no…)."""

    kind: str
    text: str


def anchors(text: str) -> Parsed[tuple[str, ...]]:
    """`pfctl [-a ANCHOR] -s Anchors`, two spaces before each (recording 06 line 24)."""
    return each(_anchor, lines(text))


def _anchor(line: str) -> str:
    if not line.startswith("  ") or not line.strip():
        wrong("pfctl", "no anchor", line)
    return line.strip()


def missing(output: str) -> bool:
    """Whether `pfctl -a ANCHOR -s Anchors` failed because there is no such anchor.

    15.0 says `Anchor does not exist.` (recording 16). Not recorded, of older ones: the kernel says
    ENOENT (sys/netpfil/pf/pf_ioctl.c) or EINVAL, pfctl the rest.
    """
    wording = r"Anchor does not exist\.|DIOCGETRULESETS: |Anchor '.*' not found\."
    return re.search(wording, output) is not None


def rules(text: str) -> Parsed[tuple[Rule, ...]]:
    """`pfctl [-a ANCHOR] [-v] -s nat|rules`; the counters that -v adds are left out."""
    return each(_rule, lines(text))


def _rule(line: str) -> Rule | None:
    if line.startswith("  ["):
        return None
    matched(_KIND, line, "pfctl", "no rule")
    return Rule(line.split(" ", 1)[0], line)


def counted(text: str) -> Parsed[tuple[tuple[str, Counts | None], ...]]:
    """`pfctl -a ANCHOR -vs nat`: each rule with what is counted of it (recording 06 line 26)."""
    counted: list[tuple[str, Counts | None]] = []
    unread: list[str] = []
    for line in lines(text):
        try:
            rule, counts = _rule(line), _COUNTS.match(line)
            if rule is not None:
                counted.append((rule.text, None))
            elif counts is not None and counted:
                values = (whole("pfctl", word) for word in counts.groups())
                counted[-1] = (counted[-1][0], Counts(*values))
        except ParseError as error:
            unread.append(error.message)
    return parsed(tuple(counted), unread, anything=bool(counted))


def running(text: str) -> Parsed[bool]:
    """`pfctl -s info`, `service pf status`: whether the filter is on (recording 06 line 14)."""
    match = re.search(r"^Status: (Enabled|Disabled) for ", text, re.MULTILINE)
    if match is None:
        wrong("pfctl", "no status", text[:60])
    return Parsed(match[1] == "Enabled")
