"""`ifconfig`: interfaces of the host, or of a jail seen from outside (`-j NAME`)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from jailer_core.model import Address, Interface
from jailer_core.parse.base import lines, wrong

_HEAD = re.compile(
    r"^(?P<name>[^\s:]+): flags=[0-9a-f]+<(?P<flags>[^>]*)>.*?(?: mtu (?P<mtu>\d{1,9}))?$"
)

_VLAN = re.compile(r"(?P<tag>[0-9]{1,4}) .*parent interface: (?P<parent>\S+)")


def interfaces(text: str) -> tuple[Interface, ...]:
    """`ifconfig -a`, `ifconfig NAME`, `ifconfig -j NAME`, with `-f inet:cidr,inet6:cidr`,
    `inet:dotted` or none of them (recordings 04 and 08). Link-local addresses are there too.
    """  # noqa: D205 - the forms are the sentence
    found: list[dict[str, Any]] = []
    for line in lines(text):
        head = _HEAD.match(line)
        if head is not None:
            found.append(_new(head))
        elif not found or not line.startswith(("\t", " ")):
            wrong("ifconfig", "no interface", line)
        else:
            _detail(found[-1], line.strip())
    return tuple(Interface(**one) for one in found)


def _new(head: re.Match[str]) -> dict[str, Any]:
    return {
        "name": head["name"],
        "up": "UP" in head["flags"].split(","),
        "mtu": int(head["mtu"] or 0),
        "addresses": (),
        "members": (),
        "groups": (),
    }


def _detail(one: dict[str, Any], line: str) -> None:
    word, _, rest = line.partition(" ")
    if word in ("inet", "inet6"):
        one["addresses"] += (address(rest.split(), one["name"]),)
    elif word == "ether":
        one["mac"] = rest.strip()
    elif word in ("member:", "laggport:"):  # not recorded: laggport
        one["members"] += (rest.split(" ", 1)[0],)
    elif word == "groups:":
        one["groups"] = tuple(rest.split())
    elif word == "description:":
        one["description"] = rest
    elif word == "status:":
        one["status"] = rest
    elif word == "vlan:":
        _vlan(one, rest)


def _vlan(one: dict[str, Any], rest: str) -> None:
    """`vlan: 10 vlanproto: 802.1q vlanpcp: 0 parent interface: em0`; `<none>` before it has one.

    Not recorded: as FreeBSD 12 to 14 print it elsewhere. So what reads otherwise is no error.
    """
    found = _VLAN.fullmatch(rest.strip())
    if found is not None and found["parent"] != "<none>":
        one["vlan"], one["parent"] = int(found["tag"]), found["parent"]


def address(words: list[str], interface: str) -> Address:
    """The words behind `inet` or `inet6`: as ifconfig prints them, and as it takes them."""
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


def names(text: str) -> tuple[str, ...]:
    """`ifconfig -l` (one line) and `ifconfig -g GROUP` (one name a line)."""
    return tuple(text.split())
