"""`get`: the parameters of a jail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from jailer_core.errors import Refused
from jailer_core.model import Jail
from jailer_core.operations.guards import require_jail
from jailer_core.operations.settings import parameter_state
from jailer_core.operations.settings.parameter_catalog import is_live
from jailer_core.operations.settings.parameter_state import Value
from jailer_core.operations.settings.parameter_values import must_be_known, shown
from jailer_core.parse.jailconf import affirmed
from jailer_core.text import sanitize
from jailer_tui.cli.session import Session
from jailer_tui.cli.table import table

_HEADS = ("PARAMETER", "CONFIGURED", "RUNNING", "DEFAULT")


async def get(session: Session, operands: tuple[str, ...]) -> int:
    """Run `get`."""
    inventory = await session.inventory()
    jail = require_jail(inventory, operands[0])
    inventory = await session.inventory(needs=parameter_state.needs(jail))
    jail = require_jail(inventory, operands[0])
    known = parameter_state.known(inventory)
    values = parameter_state.values(inventory, jail)
    if values is None or known is None:
        raise Refused("the parameters that the kernel knows could not be read")
    if len(operands) > 1:
        name = affirmed(operands[1])
        must_be_known(name, known)
        value = next(value for value in values if value.parameter.name == name)
        session.show(_as_json(value, known), "\n".join(_one(jail, value)))
    else:
        session.show([_as_json(value, known) for value in values], "\n".join(_table(values)))
    return session.warn(inventory.problems)


def _table(values: tuple[Value, ...]) -> list[str]:
    """One table, with the groups as headings."""
    lines = table([_HEADS, *map(_cells, values)]).splitlines()
    lines_out = [lines[0]]
    last = ""
    for value, line in zip(values, lines[1:], strict=True):
        if value.parameter.group != last:
            last = value.parameter.group
            lines_out += ["", f"{last}:"]
        lines_out.append(line)
    return lines_out


def _cells(value: Value) -> tuple[str, ...]:
    running = sanitize(shown(value.running))
    return (
        value.parameter.name,
        sanitize(shown(value.configured)),
        f"{running} until restarted" if value.waits else running,
        _default(value),
    )


def _default(value: Value) -> str:
    default = value.parameter.default
    return "?" if default is None else shown(default)


def _one(jail: Jail, value: Value) -> Iterator[str]:
    parameter, live = value.parameter, is_live(value.parameter.name)
    rows = [
        ("Parameter:", parameter.name),
        ("Jail:", sanitize(jail.name)),
        ("Configured:", sanitize(shown(value.configured))),
        ("Running:", sanitize(shown(value.running))),
        ("Default:", _default(value)),
        ("Values:", ", ".join(parameter.choices) or parameter.kind.value),
        ("Changes:", parameter.instead or ("at once" if live else "when the jail is restarted")),
    ]
    yield table(rows)
    for text in (parameter.allows, f"Risk: {parameter.risk}" if parameter.risk else ""):
        if text:
            yield "\n" + textwrap.fill(sanitize(text), 78)


def _as_json(value: Value, known: dict[str, str]) -> dict[str, Any]:
    parameter = value.parameter
    return {
        "name": parameter.name,
        "group": parameter.group.value,
        "configured": value.configured,
        "running": value.running,
        "default": parameter.default,
        "waits_for_restart": value.waits,
        "live": is_live(parameter.name),
        "allows": parameter.allows,
        "risk": parameter.risk,
        "description": known.get(parameter.name, ""),
    }
