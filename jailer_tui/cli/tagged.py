"""`@TAG` on the command line: all jails that have that tag."""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.operations.jails.requests import Destroy, Stop
from jailer_core.operations.spec import Kind, spec_of
from jailer_core.request import Request
from jailer_tui.cli.parser import DASHES

SIGN = "@"


def has_tags(request: type[Request] | None, operands: tuple[str, ...]) -> bool:
    """Whether the command takes the names of several jails, and one of them is a @TAG."""
    if request is None or not any(word.startswith(SIGN) for word in _own(operands)):
        return False
    fields = spec_of(request).operands
    several = any(field.each or field.many for field in fields)
    return several and fields[0].kind is Kind.JAIL


def expanded(
    inventory: Inventory, request: type[Request], operands: tuple[str, ...]
) -> tuple[str, ...]:
    """The operands with names of jails in place of @TAG. Raises Refused."""
    own = _own(operands)
    words: dict[str, None] = {}
    for word in own:
        names = _names(inventory, request, word[1:]) if word.startswith(SIGN) else [word]
        words |= dict.fromkeys(names)
    return (*words, *operands[len(own) :])


def _own(operands: tuple[str, ...]) -> tuple[str, ...]:
    """Those that do not belong to another program."""
    return operands[: operands.index(DASHES)] if DASHES in operands else operands


def _names(inventory: Inventory, request: type[Request], tag: str) -> list[str]:
    """In the order in which they start at boot, those that do not last; to stop them, reversed."""
    from jailer_core.operations.jails import boot, tags  # noqa: PLC0415 - only with a tag

    order = {jail.name: index for index, jail in enumerate(boot.in_order(inventory))}
    names = sorted(
        {jail.name for jail in tags.with_tag(inventory, tag)},
        key=lambda name: (order.get(name, len(order)), name),
    )
    return names[::-1] if request in (Stop, Destroy) else names
