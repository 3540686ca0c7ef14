"""`tag`: change the tags of several jails at once, or show them."""

from __future__ import annotations

from jailer_core.errors import UsageError
from jailer_core.model import Jail
from jailer_core.operations.jails.identity_requests import JailTags
from jailer_core.text import sanitize
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.selection import selected
from jailer_tui.cli.session import Session
from jailer_tui.cli.tagged import CHANGES


async def change(session: Session, operands: tuple[str, ...]) -> int:
    """Run `tag`: words with a sign are tags, all others jails."""
    names = tuple(dict.fromkeys(word for word in operands if not word.startswith(CHANGES)))
    changes = tuple(dict.fromkeys(word for word in operands if word.startswith(CHANGES)))
    if not names and changes:
        raise UsageError("tag needs a name", "For example: tag web01 +web -old")
    if not changes:
        return await _show(session, names)
    return await carry_out(session, [(name, JailTags(name, changes)) for name in names])


async def _show(session: Session, names: tuple[str, ...]) -> int:
    inventory = await session.inventory(quick=True)
    jails = selected(session, inventory.jails, names)
    return session.listing(
        ("NAME", "TAGS"), jails, _row, lambda jail: {"name": jail.name, "tags": jail.tags}
    )


def _row(jail: Jail) -> tuple[str, ...]:
    tags = "?" if jail.tags is None else " ".join(jail.tags) or "-"
    return sanitize(jail.name), tags
