"""Interfaces, neighbours, routes and counters: ifconfig, arp, netstat and route.

`arp -an --libxo=json`: neighbours seen recently (recordings 04 line 34 and 13).

`netstat -ibn --libxo=json`: bytes and packets by interface.

Routes: `netstat -rn --libxo=json`.

`ifconfig`: interfaces of the host, or of a jail seen from outside (`-j NAME`).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import Any

from jailer_core.errors import ParseError
from jailer_core.model import Address, Interface
from jailer_core.model.network import Neighbour, Route, Traffic
from jailer_core.parse.base import (
    Parsed,
    each,
    lines,
    matched,
    parsed,
    records,
    string,
    truth,
    whole,
    wrong,
)


def neighbours(text: str) -> Parsed[dict[str, Neighbour]]:
    """Neighbours by address, without those that did not answer (no hardware address)."""
    rows = records(_neighbour, "arp", text, "arp", "arp-cache")
    return rows.map(lambda neighbours: {neighbour.address: neighbour for neighbour in neighbours})


def _neighbour(row: dict[str, Any]) -> Neighbour | None:
    address = string("arp", row.get("ip-address"))
    mac = row.get("mac-address")
    if not isinstance(mac, str) or mac.count(":") != 5:
        return None  # not recorded: an incomplete entry
    interface = string("arp", row.get("interface", ""))
    own = truth("arp", row.get("permanent", False))
    return Neighbour(address, mac.lower(), interface, own=own)


def traffic(text: str) -> Parsed[dict[str, Traffic]]:
    """Counters by interface: its `<Link#N>` row counts everything, the others are parts of it."""
    return records(_interface, "netstat", text, "statistics", "interface").map(dict)


def _interface(row: dict[str, Any]) -> tuple[str, Traffic] | None:
    def count(name: str, default: int | None = None) -> int:
        return whole("netstat", row.get(name, default))

    name = string("netstat", row.get("name"))
    if not string("netstat", row.get("network")).startswith("<Link#"):
        return None
    return name, Traffic(
        count("received-bytes"),
        count("sent-bytes"),
        count("received-errors", 0) + count("send-errors", 0),
        count("received-packets", 0),
        count("sent-packets", 0),
        count("dropped-packets", 0),
    )


def routes(text: str) -> Parsed[tuple[Route, ...]]:
    """`netstat [-j NAME] -rn --libxo=json` (recording 04 line 32)."""
    path = ("statistics", "route-information", "route-table", "rt-family")
    families = records(_family, "netstat", text, *path)
    entries = [entry for family in families.value for entry in family]
    parsed = each(_route, entries)
    return Parsed(parsed.value, (*families.unread, *parsed.unread))


def _family(row: dict[str, Any]) -> list[tuple[int, object]]:
    """Its entries, each with the family as a number."""
    number = 6 if row.get("address-family") == "Internet6" else 4
    entries = row.get("rt-entry")
    if not isinstance(entries, list):
        wrong("netstat", "no routes")
    return [(number, entry) for entry in entries]


def _route(entry: tuple[int, object]) -> Route:
    family, row = entry
    if not isinstance(row, dict):
        wrong("netstat", "no route", row)
    return Route(
        family,
        string("netstat", row.get("destination")),
        string("netstat", row.get("gateway")),
        string("netstat", row.get("interface-name", "")),
        string("netstat", row.get("flags", "")),
    )


def gateway(routes: tuple[Route, ...]) -> str:
    """The default gateway, IPv4 before IPv6, or ""."""
    ways = [route for route in routes if route.destination == "default"]
    return min(ways, key=lambda route: route.family).gateway if ways else ""


_HEAD = re.compile(
    r"^(?P<name>[^\s:]+): flags=[0-9a-f]+(?:<(?P<flags>[^>]*)>)?(?=\s|$)"
    r".*?(?: mtu (?P<mtu>\d{1,9}))?$"
)
"""Without any flag there are no brackets either: `pflog0: flags=0 metric 0 mtu 33152` (13)."""
_OTHER_HEAD = re.compile(r"^[^\s:]+: ")
_VLAN = re.compile(r"(?P<tag>[0-9]{1,4}) .*parent interface: (?P<parent>\S+)\Z")


def interfaces(text: str) -> Parsed[tuple[Interface, ...]]:
    """`ifconfig -a`, `ifconfig NAME`, `ifconfig -j NAME`, with `-f inet:cidr,inet6:cidr`,
    `inet:dotted` or none of them (recordings 04, 08 and 13). Link-local addresses are there too.

    What an interface says of itself in a line whose first word is not known is left out: every
    release adds such words. The lines below an interface that cannot be read are left out too.
    """  # noqa: D205 - the forms are the sentence
    values: list[Interface] = []
    unread: list[str] = []
    inside = False
    for line in lines(text):
        try:
            if not line.startswith(("\t", " ")):
                inside = _HEAD.match(line) is not None or (inside and not _OTHER_HEAD.match(line))
                values.append(_interface_block(line))
            elif not values and not unread:
                wrong("ifconfig", "no interface", line)
            elif inside:
                values[-1] = _with(values[-1], line.strip())
        except ParseError as error:
            unread.append(error.message)
    return parsed(tuple(values), unread, anything=bool(values))


def _interface_block(line: str) -> Interface:
    head = matched(_HEAD, line, "ifconfig", "no interface")
    flags = (head["flags"] or "").split(",")
    return Interface(head["name"], up="UP" in flags, mtu=int(head["mtu"] or 0))


def _with(card: Interface, line: str) -> Interface:
    """The interface with what one more of its lines says."""
    word, _, rest = line.partition(" ")
    if word in ("inet", "inet6"):
        return replace(card, addresses=(*card.addresses, address(rest.split(), card.name)))
    if word == "ether":
        return replace(card, mac=_mac(rest.strip()))
    if word in ("member:", "laggport:"):  # not recorded: laggport
        return replace(card, members=(*card.members, rest.split(" ", 1)[0]))
    if word == "groups:":
        return replace(card, groups=tuple(rest.split()))
    if word == "vlan:":
        return _vlan(card, rest)
    status = rest if word == "status:" else card.status
    description = rest if word == "description:" else card.description
    return replace(card, status=status, description=description)


def _mac(text: str) -> str:
    if not re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", text):
        wrong("ifconfig", "no hardware address", text)
    return text


def _vlan(card: Interface, rest: str) -> Interface:
    """`vlan: 10 vlanproto: 802.1q vlanpcp: 0 parent interface: vtnet0` (13).

    `<none>` comes before it has a parent  # not recorded
    """
    parts = matched(_VLAN, rest.strip(), "ifconfig", "no VLAN")
    if parts["parent"] == "<none>":
        return card
    return replace(card, vlan=int(parts["tag"]), parent=parts["parent"])


def address(words: list[str], interface: str) -> Address:
    """The words after `inet` or `inet6`: as ifconfig prints them, and as it takes them."""
    if not words:
        wrong("ifconfig", "no address")
    number, _, bits = words[0].partition("/")
    number = number.partition("%")[0]
    try:
        ipaddress.ip_address(number)
    except ValueError:
        wrong("ifconfig", "no address", words[0])
    return Address(number, _prefix(bits, words), interface)


def _prefix(bits: str, words: list[str]) -> int | None:
    """From `/24`, `netmask 0xffffff00`, `netmask 255.255.255.0` or `prefixlen 64`."""
    for key in ("prefixlen", "netmask"):
        if not bits and key in words[:-1]:
            bits = words[words.index(key) + 1]
    if not bits:
        return None
    if re.fullmatch(r"\d{1,3}", bits, re.ASCII) and int(bits) <= 128:
        return int(bits)
    if re.fullmatch(r"0x[0-9a-f]{8}", bits):
        return int(bits, 16).bit_count()
    try:
        return ipaddress.IPv4Network(f"0.0.0.0/{bits}").prefixlen
    except ValueError:
        wrong("ifconfig", "no prefix", bits)
