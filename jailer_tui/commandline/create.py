"""`create`: a name and a hardware address where none is given, and -D in the original's order."""

from __future__ import annotations

import os
from collections.abc import Iterator

from jailer_core import settings
from jailer_core.operations.requests import Create
from jailer_core.operations.suggest import free_mac, free_name
from jailer_core.plan import Plan, SetRc, Step, WriteFile
from jailer_core.preview import describe
from jailer_core.text import visible
from jailer_tui.commandline.changing import carry_out
from jailer_tui.commandline.session import Session

HEADINGS = (
    "jail.conf file",
    "ZFS commands",
    "Resolver commands",
    "Network setup commands",
    "Post-Installation",
)
FIRST, LAST = "First", "Then"


def mirror(session: Session) -> str:
    """The mirror: by option, by the original's variable, as set, or FreeBSD's own."""
    return settings.mirror(os.environ, session.flags.mirror)


async def create(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `create` out."""
    session.may_change()
    inventory = await session.inventory()
    flags = session.flags
    name = operands[0] if operands else free_name(inventory, os.urandom(4))
    request = Create(
        name=name,
        base=flags.base,
        copy=flags.copy,
        network=flags.network,
        bridge=flags.bridge,
        address=flags.address,
        gateway=flags.gateway,
        netmask=flags.netmask,
        address6=flags.address6,
        gateway6=flags.gateway6,
        domain=flags.domain,
        resolver=flags.resolver,
        quiet=flags.quiet,
        start=flags.start is not False,
        boot=flags.boot or bool(flags.before),
        before=flags.before,
        memory=flags.memory,
        cpu=flags.cpu,
        processes=flags.processes,
        note=flags.note,
        mac=free_mac(inventory, os.urandom(5)),
        mirror=mirror(session),
    )
    return await carry_out(session, [(name, request)], shown=in_order)


def in_order(plan: Plan) -> Iterator[str]:
    """The plan under the headings of the original's -D; safe to print."""
    yield visible(plan.title)
    yield from (f"  {visible(note)}" for note in plan.notes)
    titled = [index for index, step in enumerate(plan.steps) if step.heading]
    parts: dict[str, list[Step]] = {one: [] for one in (FIRST, *HEADINGS, LAST)}
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
            yield from (f"    {visible(line)}".rstrip() for line in step.action.text.splitlines())
        case SetRc():
            yield from (f'    {name}="{visible(value)}"' for name, value in step.action.values)
