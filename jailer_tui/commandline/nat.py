"""`nat` and `rdr`: source NAT and redirections of jails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.firewall import NAT, RDR, Firewall
from jailer_core.inventory.firewall import counters
from jailer_core.operations.firewall.listing import ORIGINAL, Row, rows
from jailer_core.operations.firewall.requests import (
    RdrDel,
)
from jailer_core.text import human_bytes, visible
from jailer_tui.commandline.changing import carry_out
from jailer_tui.commandline.derive import fill
from jailer_tui.commandline.session import Session
from jailer_tui.commandline.table import table

NATS = ("JAIL", "FROM", "ON", "AS", "PACKETS", "BYTES", "STATE")
RDRS = ("#", "JAIL", "ON", "WHAT COMES TO", "GOES TO", "PACKETS", "BYTES", "STATE")


async def nat_list(session: Session, names: tuple[str, ...]) -> int:
    """Carry `nat list` out."""
    return await _list(session, names, NAT, NATS, _nat)


async def rdr_list(session: Session, names: tuple[str, ...]) -> int:
    """Carry `rdr list` out."""
    return await _list(session, names, RDR, RDRS, _rdr)


async def _list(
    session: Session,
    names: tuple[str, ...],
    kind: str,
    header: tuple[str, ...],
    row: Callable[[Row], tuple[str, ...]],
) -> int:
    if names:
        inventory = await session.inventory(quick=True)
        if inventory.jail(names[0]) is None:
            raise Refused(f"there is no jail {visible(names[0])}", "The list shows all jails.")
    firewall, problems = await counters(session.host)
    found = [one for one in rows(firewall) if one.kind == kind and (not names or one.jail in names)]
    if session.flags.json:
        session.json([as_json(one) for one in found])
    elif found:
        session.terminal.out(table([header, *map(row, found)]))
        for line in _remarks(firewall, found):
            session.terminal.out(line)
    else:
        session.terminal.out(f"no jail has {'NAT' if kind == NAT else 'redirections'}")
    session.warn(problems)
    return 0


def _remarks(firewall: Firewall, found: list[Row]) -> list[str]:
    """What must be said of a list besides."""
    said = []
    if firewall.enabled is False:
        said.append("The packet filter is off: none of this has an effect.")
    if any(one.state == ORIGINAL for one in found):
        said.append("The original keeps some of them for all jails: nat takeover takes them over.")
    return said


def _nat(one: Row) -> tuple[str, ...]:
    known = one.translation
    if known is None:
        return (visible(one.jail), visible(one.text), "", "", *_counts(one))
    outside = known.outside or f"{visible(known.interface)}'s own"
    return (visible(one.jail), known.inside, visible(known.interface), outside, *_counts(one))


def _rdr(one: Row) -> tuple[str, ...]:
    known = one.translation
    index = str(one.index or "-")
    if known is None:
        return (index, visible(one.jail), "", visible(one.text), "", *_counts(one))
    outside, inside = known.outside, known.inside
    if known.port:
        outside = f"{outside} {known.protocol} {known.port}".lstrip()
        inside = f"{inside} port {known.inside_port}"
    return (index, visible(one.jail), visible(known.interface), outside, inside, *_counts(one))


def _counts(one: Row) -> tuple[str, str, str]:
    loaded = one.loaded
    if loaded is None or loaded.packets is None or loaded.bytes is None:
        return "-", "-", one.state
    return str(loaded.packets), human_bytes(loaded.bytes), one.state


def as_json(one: Row) -> dict[str, Any]:
    """A rule of `nat list -j` and `rdr list -j`; null where it is not known."""
    known, loaded = one.translation, one.loaded
    return {
        "jail": one.jail,
        "kind": one.kind,
        "index": one.index or None,
        "state": one.state,
        "interface": known.interface if known else None,
        "family": known.family if known else None,
        "address": known.inside if known else None,
        "outside": known.outside if known else None,
        "protocol": known.protocol if known else None,
        "port": known.port or None if known else None,
        "jail_port": known.inside_port or None if known else None,
        "packets": loaded.packets if loaded else None,
        "bytes": loaded.bytes if loaded else None,
        "states": loaded.states if loaded else None,
        "rule": one.text,
    }


async def rdr_del(session: Session, operands: tuple[str, ...]) -> int:
    """Run `rdr del`. Raises UsageError for an index and --all together."""
    if session.flags.text("index") and session.flags.on("every"):
        raise UsageError("either an index or -f", "-f removes all redirects of the jail.")
    request = fill(RdrDel, session.flags, name=operands[0])
    return await carry_out(session, [(operands[0], request)])
