"""`limits`: what jails use of what they are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jailer_core.model import Inventory, Jail
from jailer_core.operations.guards import require_jail
from jailer_core.operations.jails.limits import OFF
from jailer_core.operations.settings import usage
from jailer_core.operations.settings.limit_catalog import WORDS, number, shown
from jailer_core.operations.settings.usage import Usage
from jailer_core.text import sanitize
from jailer_tui.cli.selection import is_name, selected
from jailer_tui.cli.session import Session
from jailer_tui.cli.table import table

_HEADS = ("NAME", "STATE", "MEMORY", "CPU", "PROCESSES", "DISK", "OTHER LIMITS")


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `limits`."""
    inventory = await session.inventory()
    if len(operands) == 1 and is_name(operands[0]):
        return await _one(session, inventory, require_jail(inventory, operands[0]))
    inventory = await session.inventory(needs=usage.needs_of_all(inventory))
    every = usage.of_all(inventory)
    jails = selected(session, inventory.jails, operands)
    if session.flags.json:
        session.json([{"name": jail.name, "limits": _listed(every[jail.name])} for jail in jails])
    else:
        session.terminal.out(table([_HEADS, *(_row(jail, every[jail.name]) for jail in jails)]))
        _said(session, inventory)
    session.warn(inventory.problems)
    return 0


async def _one(session: Session, inventory: Inventory, jail: Jail) -> int:
    inventory = await session.inventory(needs=usage.needs(inventory, jail))
    jail = require_jail(inventory, jail.name)
    found = usage.of(inventory, jail)
    if session.flags.json:
        session.json({"name": jail.name, "limits": _listed(found)})
    else:
        rows: list[tuple[str, ...]] = [("LIMIT", "USED", "ALLOWED", "SHARE", "AT START")]
        rows += [_cells(one) for one in found]
        session.terminal.out(table(rows))
        _said(session, inventory)
    session.warn(inventory.problems)
    return 0


def _said(session: Session, inventory: Inventory) -> None:
    if inventory.host.racct is False:
        session.terminal.err(f"{OFF[0]}; {OFF[1][:1].lower()}{OFF[1][1:]}")


def _cells(one: Usage) -> tuple[str, ...]:
    return (
        one.limit.word,
        "-" if one.used is None else shown(one.limit, one.used),
        shown(one.limit, one.allowed),
        _share(one),
        shown(one.limit, one.at_start),
    )


def _share(one: Usage) -> str:
    return "-" if one.share is None else f"{one.share:.0%}"


def _row(jail: Jail, found: Sequence[Usage]) -> tuple[str, ...]:
    by_word = {one.limit.word: one for one in found}
    others = [one for one in found if one.limit.word not in usage.COMMON]
    return (
        sanitize(jail.name),
        jail.state.value,
        *(_used(by_word[word]) for word in usage.COMMON),
        " ".join(
            f"{one.limit.word}={shown(one.limit, one.allowed or one.at_start)}" for one in others
        ),
    )


def _used(one: Usage) -> str:
    used = "-" if one.used is None else shown(one.limit, one.used)
    return used if one.allowed == "" else f"{used} of {shown(one.limit, one.allowed)}"


def _listed(found: Sequence[Usage]) -> dict[str, Any]:
    """By the word of the limit; amounts are numbers, null is no limit or not known."""
    return {
        one.limit.word: {
            "used": one.used,
            "allowed": _amount(one, one.allowed),
            "at_start": _amount(one, one.at_start),
            "known": one.allowed is not None,
        }
        for one in found
    }


def _amount(one: Usage, text: str | None) -> int | str | None:
    if not text:
        return None
    return text if one.limit.unit in WORDS else number(text)
