"""Routes: `netstat -rn --libxo=json`."""

from __future__ import annotations

from typing import Any

from jailer_core.model.network import Route
from jailer_core.parse.base import Parsed, each, records, string, wrong


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
    """The default gateway, IPv4 before IPv6, or "" when there is none."""
    ways = [route for route in routes if route.destination == "default"]
    return min(ways, key=lambda route: route.family).gateway if ways else ""
