"""`arp -an --libxo=json`: neighbours seen recently (recordings 04 line 34 and 13)."""

from __future__ import annotations

from typing import Any

from jailer_core.model.network import Neighbour
from jailer_core.parse.base import Parsed, records, string, truth


def neighbours(text: str) -> Parsed[dict[str, Neighbour]]:
    """By address. Who was asked for and did not answer has no hardware address: left out."""
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
