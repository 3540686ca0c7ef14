"""`@TAG` on the command line: all jails that have that tag."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.model import Inventory
from jailer_core.operations.in_jail.requests import Packages, Services
from jailer_core.operations.jails.identity_requests import JailTags
from jailer_core.operations.jails.requests import Destroy, Stop
from jailer_core.operations.spec import Kind, spec_of
from jailer_core.request import Request
from jailer_tui.cli.parser import DASHES

SIGN = "@"
CHANGES = ("+", "-")
"""Prefixes of arguments that change a tag."""


def has_tags(request: type[Request] | None, operands: tuple[str, ...]) -> bool:
    """Whether the command takes the names of several jails, and one of them is a @TAG."""
    if request is None or not any(word.startswith(SIGN) for word in split(operands)[0]):
        return False
    fields = spec_of(request).operands
    return bool(fields) and (fields[0].each or fields[0].many) and fields[0].kind is Kind.JAIL


def expanded(
    inventory: Inventory,
    request: type[Request],
    operands: tuple[str, ...],
    warn: Callable[[str], None],
) -> tuple[str, ...]:
    """The operands with names of jails in place of @TAG. Raises Refused.

    `warn` is told of jails whose tags are not known, where the command only looks.
    """
    from jailer_core.operations.jails import tags  # noqa: PLC0415 - only with a tag

    own, _ = split(operands)
    looks = _only_looks(request, operands)
    words: dict[str, None] = {}
    for word in own:
        names = (
            _names(inventory, request, word[1:], looks=looks) if word.startswith(SIGN) else [word]
        )
        words |= dict.fromkeys(names)
    unread = tags.unread(inventory)
    if unread:
        warn(tags.unread_message(unread))
    return (*words, *operands[len(own) :])


def _only_looks(request: type[Request], operands: tuple[str, ...]) -> bool:
    """Whether the command is known to change nothing, with these words."""
    from jailer_core.operations.in_jail import commands  # noqa: PLC0415 - only with a tag

    own, handed_on = split(operands)
    if request is JailTags:
        return not any(word.startswith(CHANGES) for word in own)
    if request is Packages and handed_on:
        return commands.only_looks(Packages(own, handed_on[0], handed_on[1:]))
    if request is Services and len(handed_on) == 2:
        return commands.only_looks(Services(own, *handed_on))
    if request is Services:  # the words of one jail may follow its name
        action = own[2] if len(own) == 3 and not handed_on else ""
        return commands.only_looks(Services(own[:1], action=action))
    return False


def split(operands: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The operands of the command itself, and those after -- that belong to another program."""
    own = operands[: operands.index(DASHES)] if DASHES in operands else operands
    return own, operands[len(own) + 1 :]


def _names(inventory: Inventory, request: type[Request], tag: str, *, looks: bool) -> list[str]:
    """In the order in which they start at boot, those that do not last; to stop them, reversed."""
    from jailer_core.operations.jails import boot, tags  # noqa: PLC0415 - only with a tag

    order = {jail.name: index for index, jail in enumerate(boot.in_order(inventory))}
    names = sorted(
        {jail.name for jail in tags.with_tag(inventory, tag, only_looks=looks)},
        key=lambda name: (order.get(name, len(order)), name),
    )
    return names[::-1] if request in (Stop, Destroy) else names
