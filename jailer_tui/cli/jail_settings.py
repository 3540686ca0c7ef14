"""`limits`, `get` and `mount list`: what a jail has and may use.

`limits`: the limits of jails, and how much of them is used.

`get`: the parameters of a jail.

`mount list`: what is mounted inside jails, and what their configuration mounts there.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from jailer_core.errors import Refused
from jailer_core.model import Jail
from jailer_core.operations.guards import require_jail
from jailer_core.operations.jails.limits import OFF
from jailer_core.operations.mounts import entries
from jailer_core.operations.mounts.entries import Entry
from jailer_core.operations.settings import parameter_state, usage
from jailer_core.operations.settings.limit_catalog import WORDS, number, shown
from jailer_core.operations.settings.parameter_catalog import is_live
from jailer_core.operations.settings.parameter_state import Value, must_be_known, shown_value
from jailer_core.operations.settings.usage import Usage
from jailer_core.parse.jailconf import affirmed
from jailer_core.text import sanitize
from jailer_tui.cli.jail_list import is_name, selected
from jailer_tui.cli.session import Session
from jailer_tui.cli.terminal import table

_HEADS = ("NAME", "STATE", "MEMORY", "CPU", "PROCESSES", "DISK", "OTHER LIMITS")
_HEADS_OF_ONE = ("LIMIT", "USED", "ALLOWED", "SHARE", "AT START")


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `limits`."""
    inventory = await session.inventory()
    if len(operands) == 1 and is_name(operands[0]):
        jail = require_jail(inventory, operands[0])
        inventory = await session.inventory(needs=usage.needs(inventory, jail))
        jail = require_jail(inventory, jail.name)
        usages = usage.of(inventory, jail)
        if session.flags.json:
            session.json(_as_json(jail, usages))
        else:
            session.table(_HEADS_OF_ONE, map(_cells, usages))
    else:
        inventory = await session.inventory(needs=usage.needs_of_all(inventory))
        every = usage.of_all(inventory)
        jails = selected(session, inventory.jails, operands)
        session.listing(
            _HEADS,
            jails,
            lambda jail: _row(jail, every[jail.name]),
            lambda jail: _as_json(jail, every[jail.name]),
        )
    if inventory.host.racct is False and not session.flags.json:
        session.terminal.err(f"{OFF[0]}; {OFF[1][:1].lower()}{OFF[1][1:]}")
    return session.warn(inventory.problems)


def _cells(usage: Usage) -> tuple[str, ...]:
    return (
        usage.limit.word,
        "-" if usage.used is None else shown(usage.limit, usage.used),
        shown(usage.limit, usage.allowed),
        "-" if usage.share is None else f"{usage.share:.0%}",
        shown(usage.limit, usage.at_start),
    )


def _row(jail: Jail, usages: Sequence[Usage]) -> tuple[str, ...]:
    by_word = {usage.limit.word: usage for usage in usages}
    others = [row for row in usages if row.limit.word not in usage.COMMON]
    return (
        sanitize(jail.name),
        jail.state.value,
        *(_used(by_word[word]) for word in usage.COMMON),
        " ".join(
            f"{row.limit.word}={shown(row.limit, row.allowed or row.at_start)}" for row in others
        ),
    )


def _used(usage: Usage) -> str:
    used = "-" if usage.used is None else shown(usage.limit, usage.used)
    return used if usage.allowed == "" else f"{used} of {shown(usage.limit, usage.allowed)}"


def _as_json(jail: Jail, usages: Sequence[Usage]) -> dict[str, Any]:
    """By the name of the limit; amounts are numbers, null is no limit or unknown."""
    by_word = {
        usage.limit.word: {
            "used": usage.used,
            "allowed": _amount(usage, usage.allowed),
            "at_start": _amount(usage, usage.at_start),
            "known": usage.allowed is not None,
        }
        for usage in usages
    }
    return {"name": jail.name, "limits": by_word}


def _amount(usage: Usage, text: str | None) -> int | str | None:
    if not text:
        return None
    return text if usage.limit.unit in WORDS else number(text)


_PARAMETER_HEADS = ("PARAMETER", "CONFIGURED", "RUNNING", "DEFAULT")


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
        session.show(_parameters_as_json(value, known), "\n".join(_one(jail, value)))
    else:
        session.show(
            [_parameters_as_json(value, known) for value in values], "\n".join(_table(values))
        )
    return session.warn(inventory.problems)


def _table(values: tuple[Value, ...]) -> list[str]:
    """One table, with the groups as headings."""
    lines = table([_PARAMETER_HEADS, *map(_parameter_cells, values)]).splitlines()
    lines_out = [lines[0]]
    last = ""
    for value, line in zip(values, lines[1:], strict=True):
        if value.parameter.group != last:
            last = value.parameter.group
            lines_out += ["", f"{last}:"]
        lines_out.append(line)
    return lines_out


def _parameter_cells(value: Value) -> tuple[str, ...]:
    running = sanitize(shown_value(value.running))
    return (
        value.parameter.name,
        sanitize(shown_value(value.configured)),
        f"{running} until restarted" if value.waits else running,
        _default(value),
    )


def _default(value: Value) -> str:
    default = value.parameter.default
    return "?" if default is None else shown_value(default)


def _one(jail: Jail, value: Value) -> Iterator[str]:
    parameter, live = value.parameter, is_live(value.parameter.name)
    rows = [
        ("Parameter:", parameter.name),
        ("Jail:", sanitize(jail.name)),
        ("Configured:", sanitize(shown_value(value.configured))),
        ("Running:", sanitize(shown_value(value.running))),
        ("Default:", _default(value)),
        ("Values:", ", ".join(parameter.choices) or parameter.kind.value),
        ("Changes:", parameter.instead or ("at once" if live else "when the jail is restarted")),
    ]
    yield table(rows)
    for text in (parameter.allows, f"Risk: {parameter.risk}" if parameter.risk else ""):
        if text:
            yield "\n" + textwrap.fill(sanitize(text), 78)


def _parameters_as_json(value: Value, known: dict[str, str]) -> dict[str, Any]:
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


HEADER = ("JAIL", "TARGET", "SOURCE", "TYPE", "OPTIONS", "STATE")


async def listing(session: Session, operands: tuple[str, ...]) -> int:
    """Run `mount list`. Raises Refused when there is no such jail."""
    first = await session.inventory()
    jails = selected(session, first.jails, operands)
    inventory = await session.inventory(needs=entries.needs(jails))
    for jail in jails:
        path = entries.unread(inventory, jail)
        if path:
            session.terminal.failed(
                Refused(f"{sanitize(path)}, its fstab, could not be read"), jail.name
            )
    rows = [(jail, entry) for jail in jails for entry in entries.entries(inventory, jail)]
    return session.listing(HEADER, rows, _mount_row, as_json)


def _mount_row(row: tuple[Jail, Entry]) -> tuple[str, ...]:
    jail, entry = row
    words = (jail.name, entry.target, entry.source, entry.fstype, entry.options, entry.state.value)
    return tuple(map(sanitize, words))


def as_json(row: tuple[Jail, Entry]) -> dict[str, Any]:
    """A mount in JSON."""
    jail, entry = row
    return {
        "jail": jail.name,
        "target": entry.target,
        "path": entry.path,
        "source": entry.source,
        "type": entry.fstype,
        "options": entry.options,
        "read_only": entry.read_only,
        "configured": entry.place.value
        if entry.place not in (entries.Place.DATASET, entries.Place.NOWHERE)
        else None,
        "mounted": entry.mounted,
        "state": entry.state.value,
    }
