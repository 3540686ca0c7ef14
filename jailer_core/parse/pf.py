"""The packet filter: pfctl, and rules of NAT and redirection as text.

`pfctl`: anchors, rules, and whether the filter is on.

/etc/services: pfctl prints the port of a `to` by its name there (recording 06).

Rules of NAT and redirection as text: ours, jailer's, and as pfctl prints them back.

    nat on vtnet0 inet from 10.0.0.11 to any -> (vtnet0:0)
    rdr pass on vtnet0 inet proto tcp from any to (vtnet0:0) port 8080 -> 10.0.0.11 port 80

`(IF:0)` is the first address of an interface, `(IF)` holds its aliases too, those of jails that
share it among them (pf.conf(5); `to (IF:0)` is not recorded).

Recording 06; pfctl prints `port = http-alt` for the first port. `jailer` leaves out the
address behind `to` where it means any, and ends its lines with `#INDEX JAIL` or `#JAIL`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jailer_core.errors import ParseError
from jailer_core.model.network import ALL, ANY, NAT, RDR, Translation
from jailer_core.parse.base import Parsed, each, lines, matched, parsed, whole, wrong

_COUNTS = re.compile(r"  \[ Evaluations: (\S+) +Packets: (\S+) +Bytes: (\S+) +States: (\S+) +\]")

_KIND = re.compile(
    r"(?:no )?(?:(?:nat|rdr|binat|ether|dummynet)-anchor|nat|rdr|binat|pass|block|match|scrub"
    r"|anchor|table|set|antispoof|queue|altq|load|ether)\b"
)
"""The first word of what pf.conf(5) may hold; `no` before it makes an exception."""


class Counts(NamedTuple):
    """The counters of `-v` for one rule."""

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
    """`pfctl [-a ANCHOR] [-v] -s nat|rules`, without the counters that -v adds."""
    return each(_rule, lines(text))


def _rule(line: str) -> Rule | None:
    if line.startswith("  ["):
        return None
    matched(_KIND, line, "pfctl", "no rule")
    return Rule(line.split(" ", 1)[0], line)


def counted(text: str) -> Parsed[tuple[tuple[str, Counts | None], ...]]:
    """`pfctl -a ANCHOR -vs nat`: each rule with its counters (recording 06 line 26)."""
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


USUAL: Mapping[str, int] = {
    "ftp": 21,
    "ssh": 22,
    "smtp": 25,
    "domain": 53,
    "http": 80,
    "pop3": 110,
    "ntp": 123,
    "imap": 143,
    "https": 443,
    "submission": 587,
    "imaps": 993,
    "pop3s": 995,
    "mysql": 3306,
    "postgresql": 5432,
    "http-alt": 8080,
}
"""Where the file itself cannot be read."""

_LINE = re.compile(r"([^\s#]+)\s+(\d+)/(\w+)([^#]*)(?:#.*)?\Z")
_NOTHING = re.compile(r"\s*(?:#.*)?")


def ports(text: str) -> Parsed[dict[str, int]]:
    """Port by name, aliases too; the first line of a name counts, as in getservbyname(3)."""
    return each(_service, lines(text)).map(
        lambda rows: {name: port for names, port in reversed(rows) for name in names}
    )


def _service(line: str) -> tuple[tuple[str, ...], int] | None:
    if _NOTHING.fullmatch(line):
        return None
    parts = matched(_LINE, line, "/etc/services", "no service")
    name, port, _protocol, aliases = parts.groups()
    return (name, *aliases.split()), int(port)


_NAT = re.compile(r"nat (?:pass )?on (\S+) (inet6?) from (\S+) to any -> (\S+)")
_RDR = re.compile(
    r"rdr (?:pass )?on (\S+) (inet6?)(?: proto (tcp|udp))? from any to"
    r"(?: (?!port\b)(\S+))?(?: port (?:= )?(\S+))? -> (\S+)(?: port (\S+))?"
)


def translation(text: str, services: Mapping[str, int] = USUAL) -> Translation | None:
    """The translation of a rule; None if it has another form than ours."""
    plain = " ".join(text.partition("#")[0].split())
    match = _NAT.fullmatch(plain)
    try:
        if match is not None:
            return _nat(*match.groups())
        match = _RDR.fullmatch(plain)
        return _rdr(match, services) if match is not None else None
    except ValueError:
        return None


def _nat(interface: str, inet: str, inside: str, outside: str) -> Translation:
    own = outside in (f"({interface}:0)", f"({interface})")
    return Translation(
        NAT, interface, _family(inet), _address(inside), "" if own else _address(outside)
    )


def _rdr(match: re.Match[str], services: Mapping[str, int]) -> Translation:
    interface, inet, protocol, outside, port, inside, inside_port = match.groups()
    words = {None: ANY, "any": ANY, f"({interface}:0)": "", f"({interface})": ALL}
    where = words[outside] if outside in words else _address(outside)
    first = _port(port, services)
    return Translation(
        RDR,
        interface,
        _family(inet),
        _address(inside),
        where,
        protocol or "",
        first,
        _port(inside_port, services) or first,
    )


def _family(inet: str) -> int:
    return 6 if inet == "inet6" else 4


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _port(text: str | None, services: Mapping[str, int]) -> int:
    """Raises ValueError for a name that is not known, and for a range."""
    if text is None:
        return 0
    return services[text] if text in services else int(text)


def line(translation: Translation) -> str:
    """The rule as it is stored, and as recording 06 has it."""
    inet = "inet6" if translation.family == 6 else "inet"
    if translation.kind == NAT:
        outside = translation.outside or f"({translation.interface}:0)"
        return (
            f"nat on {translation.interface} {inet} from {translation.inside} to any -> {outside}"
        )
    message = f"rdr pass on {translation.interface} {inet}"
    message += f" proto {translation.protocol}" if translation.protocol else ""
    words = {"": f"({translation.interface}:0)", ALL: f"({translation.interface})"}
    message += f" from any to {words.get(translation.outside, translation.outside)}"
    message += f" port {translation.port}" if translation.port else ""
    message += f" -> {translation.inside}"
    return message + (f" port {translation.inside_port}" if translation.inside_port else "")
