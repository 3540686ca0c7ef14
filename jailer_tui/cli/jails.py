"""`create`, `clone`, `boot`, `trash` and `tag`.

`create` and `clone`: fill in what the user did not give; -D in jailer's order.

`boot list` and `boot order`: which jails start at boot, and in which order.

`trash list`, `trash restore` and `trash purge`.

`tag`: change the tags of several jails at once, or show them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from jailer_core import settings
from jailer_core.errors import UsageError
from jailer_core.model import Inventory, Jail, TrashEntry
from jailer_core.operations.jails.boot import RC_JAIL, starts_today, switched_off
from jailer_core.operations.jails.create_defaults import free_name
from jailer_core.operations.jails.dependencies import purge_order
from jailer_core.operations.jails.identity_requests import JailTags
from jailer_core.operations.jails.requests import BootOrder, Clone, Create, TrashPurge
from jailer_core.operations.shared.addresses import free_mac
from jailer_core.operations.shared.trash import is_old, since
from jailer_core.plan import Needs, Plan, SetRc, Step, WriteFile
from jailer_core.plan.preview import describe
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli import jail_list
from jailer_tui.cli.derive import fill
from jailer_tui.cli.jail_list import selected
from jailer_tui.cli.operations import mirror
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session
from jailer_tui.cli.tagged import CHANGES

HEADINGS = (
    "jail.conf file",
    "ZFS commands",
    "Resolver commands",
    "Network setup commands",
    "Post-Installation",
)
FIRST, LAST = "First", "Then"


async def create(session: Session, operands: tuple[str, ...]) -> int:
    """Run `create`."""
    session.may_change()
    inventory = await session.inventory()
    flags = session.flags
    name = operands[0] if operands else free_name(inventory, os.urandom(4))
    request = fill(
        Create,
        flags,
        name=name,
        boot=flags.on("boot") or bool(flags.text("before")),
        mac=free_mac(inventory, os.urandom(5)),
        mirror=mirror(session),
    )
    return await carry_out(session, [(name, request)], shown=creation_order)


def creation_order(plan: Plan) -> Iterator[str]:
    """The plan under the headings of jailer's -D, sanitized."""
    yield sanitize(plan.title)
    yield from (f"  {sanitize(note)}" for note in plan.notes)
    titled = [index for index, step in enumerate(plan.steps) if step.heading]
    parts: dict[str, list[Step]] = {heading: [] for heading in (FIRST, *HEADINGS, LAST)}
    for index, step in enumerate(plan.steps):
        early = bool(titled) and index < titled[0]
        parts[step.heading or (FIRST if early else LAST)].append(step)
    for heading, steps in parts.items():
        if steps:
            yield f"{heading} =>"
            for step in steps:
                yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    yield f"  {describe(step.action)}"
    match step.action:
        case WriteFile():
            yield from (f"    {sanitize(line)}".rstrip() for line in step.action.text.splitlines())
        case SetRc():
            yield from (f'    {name}="{sanitize(value)}"' for name, value in step.action.values)


async def clone(session: Session, operands: tuple[str, ...]) -> int:
    """Run `clone`; NAME@SNAP names the snapshot, as create -s of `jailer` does."""
    session.may_change()
    name, _, snapshot = operands[0].partition("@")
    mac = free_mac(await session.inventory(), os.urandom(5))
    request = fill(
        Clone,
        session.flags,
        name=name,
        new=operands[1],
        stamp=stamp(session),
        snapshot=snapshot,
        mac=mac,
    )
    return await carry_out(session, [(operands[1], request)])


async def boot_listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `boot list`."""
    await session.inventory()
    inventory = await session.reader.gather(Needs(files=(RC_JAIL,)))
    names = starts_today(inventory)
    if session.flags.json:
        session.json(list(names))
    else:
        for name in names:
            session.terminal.out(sanitize(name))
        if not names:
            session.terminal.err("no jail starts at boot; to choose some: boot order NAME...")
        for note in switched_off(inventory):
            session.terminal.err(sanitize(note))
    return session.warn(inventory.problems)


async def order(session: Session, operands: tuple[str, ...]) -> int:
    """Run `boot order`."""
    return await carry_out(session, [("boot order", BootOrder(operands))])


HEADER = ("ENTRY", "NAME", "DESTROYED", "USED", "NOTE")


async def trash_listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `trash list`."""
    inventory = await session.inventory(quick=True)
    old = {entry.id for entry in _old(inventory)}
    session.listing(
        HEADER,
        inventory.trash,
        lambda entry: _row(entry, old),
        lambda entry: jail_list.entry(entry, inventory) | {"old": entry.id in old},
        none="the trash is empty",
    )
    if old and not session.flags.json:
        session.terminal.out("old entries are kept until you run: trash purge --old")
    return session.warn(inventory.problems)


def _old(inventory: Inventory) -> list[TrashEntry]:
    """What lies there longer than `trash_days` of the settings. Raises UsageError."""
    days = settings.require(os.environ, "trash_days").trash_days
    return [entry for entry in inventory.trash if is_old(entry, inventory.taken, days)]


def _row(entry: TrashEntry, old: set[str]) -> tuple[str, ...]:
    notes = [str(entry.meta.get("because", "")), "old" if entry.id in old else ""]
    why = ", ".join(note for note in notes if note)
    when = since(entry)
    destroyed = when.strftime("%Y-%m-%d %H:%M:%S") if when is not None else "?"
    words = (entry.id, entry.name, destroyed, human_bytes(entry.used), why)
    return tuple(map(sanitize, words))


async def purge(session: Session, entries: tuple[str, ...]) -> int:
    """Run `trash purge`. Raises UsageError if no entries are given."""
    ids = dict.fromkeys(entries)
    if session.flags.on("old"):
        if entries:
            raise UsageError(
                "trash purge: entries and --old cannot be combined", "Omit one of them."
            )
        ids = dict.fromkeys(
            trash_entry.id for trash_entry in _old(await session.inventory(quick=True))
        )
        if not ids and not session.flags.json:
            session.terminal.out("there are no old entries in the trash")
    elif not entries:
        raise UsageError("trash purge: no entry given", "Name entries, or use --old.")
    requests = [fill(TrashPurge, session.flags, entry=entry) for entry in ids]
    ordered = purge_order(await session.inventory(quick=True), requests)
    return await carry_out(session, [(request.entry, request) for request in ordered])


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
        ("NAME", "TAGS"), jails, _tag_row, lambda jail: {"name": jail.name, "tags": jail.tags}
    )


def _tag_row(jail: Jail) -> tuple[str, ...]:
    tags = "?" if jail.tags is None else " ".join(jail.tags) or "-"
    return sanitize(jail.name), tags
