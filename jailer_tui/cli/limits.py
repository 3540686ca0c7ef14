"""`limits`: the limits of jails, and how much of them is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jailer_core.model import Jail
from jailer_core.operations.guards import require_jail
from jailer_core.operations.jails.limits import OFF
from jailer_core.operations.settings import usage
from jailer_core.operations.settings.limit_catalog import WORDS, number, shown
from jailer_core.operations.settings.usage import Usage
from jailer_core.text import sanitize
from jailer_tui.cli.selection import is_name, selected
from jailer_tui.cli.session import Session

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
