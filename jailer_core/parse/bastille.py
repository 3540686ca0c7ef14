"""Bastille: `bastille list -j`; never run to look, two at once collide (docs/jail-managers.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jailer_core.parse.base import Parsed, dash, records, string, whole


@dataclass(frozen=True, slots=True)
class BastilleJail:
    """A jail as Bastille tells it; `jid` None while it is down."""

    name: str
    jid: int | None
    boot: bool
    up: bool
    kind: str
    address: str
    release: str


_COMMAND = "bastille list"


def jails(text: str) -> Parsed[tuple[BastilleJail, ...]]:
    """`bastille list -j` (recording 08 line 45): every value is text."""
    return records(_jail, _COMMAND, text)


def _jail(row: dict[str, Any]) -> BastilleJail:
    jid = dash(string(_COMMAND, row.get("JID")))
    return BastilleJail(
        name=string(_COMMAND, row.get("NAME")),
        jid=whole(_COMMAND, jid) if jid else None,
        boot=row.get("BOOT") == "on",
        up=row.get("STATE") == "Up",
        kind=string(_COMMAND, row.get("TYPE")),
        address=dash(string(_COMMAND, row.get("IP ADDRESS"))),
        release=dash(string(_COMMAND, row.get("RELEASE"))),
    )
