"""`netstat -ibn --libxo=json`: bytes and packets by interface."""

from __future__ import annotations

from typing import Any

from jailer_core.model.network import Traffic
from jailer_core.parse.base import records, string, whole


def traffic(text: str) -> dict[str, Traffic]:
    """Counters by interface: its `<Link#N>` row counts everything, the others are parts of it."""
    return {
        string("netstat", one.get("name")): _counters(one)
        for one in records("netstat", text, "statistics", "interface")
        if string("netstat", one.get("network")).startswith("<Link#")
    }


def _counters(one: dict[str, Any]) -> Traffic:
    def count(name: str, default: int | None = None) -> int:
        return whole("netstat", one.get(name, default))

    return Traffic(
        count("received-bytes"),
        count("sent-bytes"),
        count("received-errors", 0) + count("send-errors", 0),
        count("received-packets", 0),
        count("sent-packets", 0),
        count("dropped-packets", 0),
    )
