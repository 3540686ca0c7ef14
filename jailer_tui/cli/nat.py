"""`nat` and `rdr`: source NAT and redirects of jails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.facts.firewall_rules import counters
from jailer_core.model.firewall import NAT, RDR, Firewall
from jailer_core.operations.network.translations.listing import ORIGINAL, Row, rows
from jailer_core.operations.network.translations.requests import RedirectRemove
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session
from jailer_tui.cli.table import table

NATS = ("JAIL", "FROM", "ON", "AS", "PACKETS", "BYTES", "STATE")
RDRS = ("#", "JAIL", "ON", "INCOMING", "GOES TO", "PACKETS", "BYTES", "STATE")


async def nat_list(session: Session, names: tuple[str, ...]) -> int:
    """Run `nat list`."""
    return await _list(session, names, NAT, NATS, _nat)


async def rdr_list(session: Session, names: tuple[str, ...]) -> int:
    """Run `rdr list`."""
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
            raise Refused(f"there is no jail {sanitize(names[0])}", "See all jails: list")
    firewall, problems = await counters(session.host)
    found = [one for one in rows(firewall) if one.kind == kind and (not names or one.jail in names)]
    if session.flags.json:
        session.json([as_json(one) for one in found])
    elif found:
        session.terminal.out(table([header, *map(row, found)]))
        for line in _remarks(firewall, found):
            session.terminal.out(line)
    else:
        session.terminal.out(f"no jail has {'NAT' if kind == NAT else 'redirects'}")
    session.warn(problems)
    return 0


def _remarks(firewall: Firewall, found: list[Row]) -> list[str]:
    """What must be said of a list besides."""
    said = []
    if firewall.enabled is False:
        said.append("The packet filter is off, so none of this has any effect.")
    if any(row.state == ORIGINAL for row in found):
        said.append("Some are in jailer's shared files: nat takeover imports them.")
    return said


def _nat(one: Row) -> tuple[str, ...]:
    translation = one.translation
    if translation is None:
        return (sanitize(one.jail), sanitize(one.text), "", "", *_counts(one))
    outside = translation.outside or f"{sanitize(translation.interface)}'s own"
    return (
        sanitize(one.jail),
        translation.inside,
        sanitize(translation.interface),
        outside,
        *_counts(one),
    )


def _rdr(one: Row) -> tuple[str, ...]:
    translation = one.translation
    index = str(one.index or "-")
    if translation is None:
        return (index, sanitize(one.jail), "", sanitize(one.text), "", *_counts(one))
    outside, inside = translation.outside, translation.inside
    if translation.port:
        outside = f"{outside} {translation.protocol} {translation.port}".lstrip()
        inside = f"{inside} port {translation.inside_port}"
    return (
        index,
        sanitize(one.jail),
        sanitize(translation.interface),
        outside,
        inside,
        *_counts(one),
    )


def _counts(one: Row) -> tuple[str, str, str]:
    loaded = one.loaded
    if loaded is None or loaded.packets is None or loaded.bytes is None:
        return "-", "-", one.state
    return str(loaded.packets), human_bytes(loaded.bytes), one.state


def as_json(one: Row) -> dict[str, Any]:
    """A rule of `nat list -j` and `rdr list -j`; null where it is not known."""
    translation, loaded = one.translation, one.loaded
    return {
        "jail": one.jail,
        "kind": one.kind,
        "index": one.index or None,
        "state": one.state,
        "interface": translation.interface if translation else None,
        "family": translation.family if translation else None,
        "address": translation.inside if translation else None,
        "outside": translation.outside if translation else None,
        "protocol": translation.protocol if translation else None,
        "port": translation.port or None if translation else None,
        "jail_port": translation.inside_port or None if translation else None,
        "packets": loaded.packets if loaded else None,
        "bytes": loaded.bytes if loaded else None,
        "states": loaded.states if loaded else None,
        "rule": one.text,
    }


async def rdr_destroy(session: Session, operands: tuple[str, ...]) -> int:
    """Run `rdr destroy`. Raises UsageError for an index and --all together."""
    if session.flags.text("index") and session.flags.on("every"):
        raise UsageError("either an index or -f", "-f removes all redirects of the jail.")
    request = fill(RedirectRemove, session.flags, name=operands[0])
    return await carry_out(session, [(operands[0], request)])
