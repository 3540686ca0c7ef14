"""`netstat -ibn --libxo=json`: bytes and packets by interface."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.parse.base import records, string, whole


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counters of one interface since it came up, in bytes."""

    received: int
    sent: int
    errors: int


def traffic(text: str) -> dict[str, Traffic]:
    """Counters by interface: its `<Link#N>` row counts everything, the others are parts of it."""
    return {
        string("netstat", one.get("name")): Traffic(
            whole("netstat", one.get("received-bytes")),
            whole("netstat", one.get("sent-bytes")),
            whole("netstat", one.get("received-errors", 0))
            + whole("netstat", one.get("send-errors", 0)),
        )
        for one in records("netstat", text, "statistics", "interface")
        if string("netstat", one.get("network")).startswith("<Link#")
    }
