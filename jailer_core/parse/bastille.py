"""Bastille: `bastille list -j`. Never run as a probe: two at once collide (jail-managers.md)."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.parse.base import dash, records, string, whole


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


def jails(text: str) -> tuple[BastilleJail, ...]:
    """`bastille list -j` (recording 08 line 45): every value is text."""
    command = "bastille list"
    found = []
    for one in records(command, text):
        jid = dash(string(command, one.get("JID")))
        found.append(
            BastilleJail(
                name=string(command, one.get("NAME")),
                jid=whole(command, jid) if jid else None,
                boot=one.get("BOOT") == "on",
                up=one.get("STATE") == "Up",
                kind=string(command, one.get("TYPE")),
                address=dash(string(command, one.get("IP ADDRESS"))),
                release=dash(string(command, one.get("RELEASE"))),
            )
        )
    return tuple(found)
