"""`jls`: the jails of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jailer_core.parse.base import Parsed, records, string, truth, whole, wrong

NAMES = (
    *("jid", "name", "parent", "path", "host.hostname", "ip4", "ip4.addr", "ip6", "ip6.addr"),
    *("vnet", "osrelease", "dying", "persist", "devfs_ruleset", "children.cur"),
    *("children.max", "cpuset.id", "securelevel"),
)
"""The parameters asked for by name (recording 08 line 9)."""


@dataclass(frozen=True, slots=True)
class KernelJail:
    """A jail as the kernel knows it; `parent` is a jid, 0 for the host.

    `ip4` and `ip6` say `disable` for a jail with addresses of its own and `inherit` for one
    with its own network stack: the addresses and `vnet` decide (docs/freebsd-facts.md, Reading).
    """

    jid: int
    name: str
    parent: int = 0
    path: str = ""
    hostname: str = ""
    ip4: str = ""
    ip6: str = ""
    addresses: tuple[str, ...] = ()
    vnet: bool = False
    release: str = ""
    dying: bool = False
    ruleset: int | None = None


def jails(text: str) -> Parsed[tuple[KernelJail, ...]]:
    """`jls -d --libxo=json NAMES…`, with `-n` (recording 08 line 7), or with fewer names.

    Numbers come as strings, `dying` as a boolean or as its name. Fields that are missing have
    their default. Without `name` (jls's short form) a jail is called by its jid.
    """
    return records(_jail, "jls", text, "jail-information", "jail")


def _jail(row: dict[str, Any]) -> KernelJail:
    jid, ruleset = whole("jls", row.get("jid")), str(row.get("devfs_ruleset"))
    return KernelJail(
        jid=jid,
        name=string("jls", row.get("name", str(jid))),
        parent=whole("jls", row.get("parent", 0)),
        path=string("jls", row.get("path", "")),
        hostname=string("jls", row.get("host.hostname", row.get("hostname", ""))),
        ip4=string("jls", row.get("ip4", "")),
        ip6=string("jls", row.get("ip6", "")),
        addresses=(*_addresses(row, "4"), *_addresses(row, "6")),
        vnet=row.get("vnet") == "new",
        release=string("jls", row.get("osrelease", "")),
        # without one, or without the parameter, it is no number
        ruleset=int(ruleset) if ruleset.isascii() and ruleset.isdigit() else None,
        dying=truth("jls", row.get("dying", row.get("state") == "DYING")),
    )


def _addresses(row: dict[str, Any], family: str) -> tuple[str, ...]:
    """`ip4.addr` of -n, `ipv4_addrs` of -v, `ipv4` of the short form."""
    value = row.get(f"ip{family}.addr", row.get(f"ipv{family}_addrs", row.get(f"ipv{family}", [])))
    if isinstance(value, str):
        return tuple(value.split(",")) if value else ()
    if not isinstance(value, list):
        wrong("jls", "no list of addresses", value)
    return tuple(string("jls", item) for item in value)
