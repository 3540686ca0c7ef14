"""Routes: `netstat -rn --libxo=json` and `route -n get`."""

from __future__ import annotations

from jailer_core.model.network import Route
from jailer_core.parse.base import lines, records, string, wrong


def routes(text: str) -> tuple[Route, ...]:
    """`netstat [-j NAME] -rn --libxo=json` (recording 04 line 32)."""
    path = ("statistics", "route-information", "route-table", "rt-family")
    found = []
    for family in records("netstat", text, *path):
        number = 6 if family.get("address-family") == "Internet6" else 4
        entries = family.get("rt-entry")
        if not isinstance(entries, list):
            wrong("netstat", "no routes")
        for one in entries:
            if not isinstance(one, dict):
                wrong("netstat", "no route", one)
            found.append(
                Route(
                    number,
                    string("netstat", one.get("destination")),
                    string("netstat", one.get("gateway")),
                    string("netstat", one.get("interface-name", "")),
                    string("netstat", one.get("flags", "")),
                )
            )
    return tuple(found)


def gateway(found: tuple[Route, ...]) -> str:
    """The default gateway, IPv4 before IPv6, or "" when there is none."""
    ways = [one for one in found if one.destination == "default"]
    return min(ways, key=lambda one: one.family).gateway if ways else ""


def route(text: str) -> dict[str, str]:
    """`route -n get ADDRESS`: its `key: value` lines (recording 01 line 34)."""
    pairs = [line.partition(": ") for line in lines(text)]
    found = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    if "interface" not in found:
        wrong("route", "no interface")
    return found
