"""`create` and `clone`: fill in what the user did not give; -D in jailer's order."""

from __future__ import annotations

import os
from collections.abc import Iterator

from jailer_core.operations.jails.create_defaults import free_name
from jailer_core.operations.jails.requests import Clone, Create
from jailer_core.operations.shared.addresses import free_mac
from jailer_core.plan import Plan, SetRc, Step, WriteFile
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.operations import mirror
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session

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
    return await carry_out(session, [(name, request)], shown=in_order)


def in_order(plan: Plan) -> Iterator[str]:
    """The plan under the headings of jailer's -D; safe to print."""
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
