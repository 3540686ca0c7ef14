"""`nat` and `rdr`: source NAT and redirects of jails."""

from __future__ import annotations

from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.facts.firewall_rules import counters
from jailer_core.model.network import NAT, RDR
from jailer_core.operations.network.translations.requests import RedirectRemove
from jailer_core.operations.network.translations.rules import ORIGINAL, Row, rows
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

NATS = ("JAIL", "FROM", "ON", "AS", "PACKETS", "BYTES", "STATE")
RDRS = ("#", "JAIL", "ON", "INCOMING", "GOES TO", "PACKETS", "BYTES", "STATE")


async def listing(session: Session, names: tuple[str, ...]) -> int:
    """Run `nat list` or `rdr list`."""
    kind = session.command.name.split()[0]
    header, row = {NAT: (NATS, _nat), RDR: (RDRS, _rdr)}[kind]
    if names:
        inventory = await session.inventory(quick=True)
        if inventory.jail(names[0]) is None:
            raise Refused(f"there is no jail {sanitize(names[0])}", "See all jails: list")
    firewall, problems = await counters(session.host)
    chosen = [
        row for row in rows(firewall) if row.kind == kind and (not names or row.jail in names)
    ]
    nothing = f"no jail has {'NAT' if kind == NAT else 'redirects'}"
    session.listing(header, chosen, row, as_json, none=nothing)
    if chosen and not session.flags.json:
        if firewall.enabled is False:
            session.terminal.out("The packet filter is off, so none of this has any effect.")
        if any(row.state == ORIGINAL for row in chosen):
            session.terminal.out("Some are in jailer's shared files: nat takeover imports them.")
    return session.warn(problems)


def _nat(row: Row) -> tuple[str, ...]:
    translation = row.translation
    cells = (row.jail, row.text, "", "")
    if translation is not None:
        outside = translation.outside or f"{translation.interface}'s own"
        cells = (row.jail, translation.inside, translation.interface, outside)
    return (*map(sanitize, cells), *_counts(row))


def _rdr(row: Row) -> tuple[str, ...]:
    translation = row.translation
    cells = ("", row.text, "")
    if translation is not None:
        outside, inside = translation.outside, translation.inside
        if translation.port:
            outside = f"{outside} {translation.protocol} {translation.port}".lstrip()
            inside = f"{inside} port {translation.inside_port}"
        cells = (translation.interface, outside, inside)
    return (str(row.index or "-"), *map(sanitize, (row.jail, *cells)), *_counts(row))


def _counts(row: Row) -> tuple[str, str, str]:
    loaded = row.loaded
    if loaded is None or loaded.packets is None or loaded.bytes is None:
        return "-", "-", row.state
    return str(loaded.packets), human_bytes(loaded.bytes), row.state


def as_json(row: Row) -> dict[str, Any]:
    """A rule of `nat list -j` and `rdr list -j`; null for unknown values."""
    translation, loaded = row.translation, row.loaded
    return {
        "jail": row.jail,
        "kind": row.kind,
        "index": row.index or None,
        "state": row.state,
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
        "rule": row.text,
    }


async def rdr_destroy(session: Session, operands: tuple[str, ...]) -> int:
    """Run `rdr destroy`. Raises UsageError for an index and --all together."""
    if session.flags.text("index") and session.flags.on("every"):
        raise UsageError("give either an index or -f", "-f removes all redirects of the jail.")
    request = fill(RedirectRemove, session.flags, name=operands[0])
    return await carry_out(session, [(operands[0], request)])
