"""`netstat -ibn --libxo=json`: bytes and packets by interface."""

from __future__ import annotations

from typing import Any

from jailer_core.model.network import Traffic
from jailer_core.parse.base import Parsed, records, string, whole


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
