"""`arp -an --libxo=json`: whom the host has heard lately (recording 04 line 34)."""

from __future__ import annotations

from jailer_core.model.network import Neighbour
from jailer_core.parse.base import records, string, truth


def neighbours(text: str) -> dict[str, Neighbour]:
    """By address. Who was asked for and did not answer has no hardware address: left out."""
    found = {}
    for one in records("arp", text, "arp", "arp-cache"):
        mac = one.get("mac-address")
        if not isinstance(mac, str) or mac.count(":") != 5:
            continue  # not recorded: an incomplete entry
        address = string("arp", one.get("ip-address"))
        found[address] = Neighbour(
            address,
            mac.lower(),
            string("arp", one.get("interface", "")),
            own=truth("arp", one.get("permanent", False)),
        )
    return found
