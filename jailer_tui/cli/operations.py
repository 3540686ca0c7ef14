"""Commands derived from their operation: turn the arguments into requests, and run them."""

from __future__ import annotations

import os
from typing import Any

from jailer_core import settings
from jailer_core.operations.spec import Kind, Role, spec_of
from jailer_core.plan import Request
from jailer_tui.cli import snapshots
from jailer_tui.cli.derive import assigned, fill, names_come_first
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session


async def run(session: Session, operands: tuple[str, ...]) -> int:
    """Run the command of an operation, once for each operand."""
    kind = session.request
    given = provided(session, kind)
    jails = await _jails(session, kind, operands)
    sets = [await _resolved(session, kind, values) for values in assigned(kind, operands, jails)]
    work = [
        (_label(kind, values, operands), fill(kind, session.flags, **given, **values))
        for values in sets
    ]
    return await carry_out(session, work)


async def _jails(
    session: Session, kind: type[Request], operands: tuple[str, ...]
) -> frozenset[str]:
    """The names of all jails, where it depends on them what the words mean."""
    if not names_come_first(kind) or len(operands) < 2 or "=" in operands[1]:
        return frozenset()
    inventory = await session.inventory(quick=True)
    return frozenset(jail.name for jail in inventory.jails)


def provided(session: Session, kind: type[Request]) -> dict[str, Any]:
    """The values that the program fills in."""
    makers = {"stamp": lambda: stamp(session), "mirror": lambda: mirror(session)}
    return {
        field.name: makers[field.name]()
        for field in spec_of(kind).fields
        if field.name == "mirror" or (field.role is Role.PROVIDED and field.name in makers)
    }


def mirror(session: Session) -> str:
    """The mirror: from the option, jailer's variable, the settings, or FreeBSD's own."""
    return settings.mirror(os.environ, session.flags.text("mirror"))


async def _resolved(
    session: Session, kind: type[Request], values: dict[str, Any]
) -> dict[str, Any]:
    """Snapshots by their full names."""
    fields = [field for field in spec_of(kind).operands if field.kind is Kind.SNAPSHOT]
    for field in fields:
        values[field.name] = await snapshots.full_names(session, values[field.name])
    return values


def _label(kind: type[Request], values: dict[str, Any], operands: tuple[str, ...]) -> str:
    """What the result is called: what is named last, or the jail to which words are given.

    The command, where nothing is named.
    """
    fields = spec_of(kind).operands
    if not operands:
        return spec_of(kind).command
    if fields and fields[0].kind is Kind.JAIL and fields[-1].kind is not Kind.NEW_NAME:
        return str(values[fields[0].name])
    last = next(reversed(values.values()), "")
    return last if isinstance(last, str) else values.get("name", ", ".join(operands))
