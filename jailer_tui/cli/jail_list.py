"""`list` and `info`."""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.errors import JailerError
from jailer_core.facts import jail_details
from jailer_core.model import Inventory, Jail, JailState
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.cli import columns, json_output, selection
from jailer_tui.cli.session import Session
from jailer_tui.cli.table import table


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `list`. Raises UsageError for an unknown column, Refused for an unknown jail."""
    flags = session.flags
    shown = columns.chosen(flags.text("columns"))
    order = [columns.named(word) for word in flags.text("sort").split(",") if word]
    quick = not flags.json and all(column.quick for column in (*shown, *order))
    inventory = await (session.inventory(quick=True) if quick else session.listed())
    jails = selection.chosen(session, inventory.jails, operands)
    for column in reversed(order):
        jails.sort(key=column.sort_key, reverse=flags.on("reverse"))
    if flags.json:
        session.json([json_output.of_jail(jail) for jail in jails])
    elif flags.on("quiet"):
        session.table(("NAME",), [(sanitize(jail.name),) for jail in jails], script=True)
    else:
        header = tuple(column.heading for column in shown)
        rows = [tuple(column.cell(jail) for column in shown) for jail in jails]
        session.table(header, rows, script=flags.on("script"))
    session.warn(inventory.problems)
    await session.warn_cut_off(inventory)
    return 0


async def info(session: Session, operands: tuple[str, ...]) -> int:
    """Run `info`. Raises Refused when there is no such jail."""
    from jailer_core.operations.guards import require_jail  # noqa: PLC0415 - list does without

    inventory = await session.inventory()
    jail = require_jail(inventory, operands[0])
    note = await _note(session, jail)
    lines = [*facts(jail, inventory), *([("Note", note)] if note else [])]
    rows = [(f"{label}:", sanitize(text)) for label, text in lines]
    session.show(json_output.info(jail) | {"note": note}, table(rows))
    session.warn(inventory.problems)
    await session.warn_cut_off(inventory)
    return 0


async def _note(session: Session, jail: Jail) -> str:
    """What is kept with its dataset, "" for nothing and where it cannot be read."""
    try:
        return await jail_details.note(session.reader.host, jail)
    except JailerError:
        return ""


def facts(jail: Jail, inventory: Inventory) -> Iterator[tuple[str, str]]:
    """What is known of a jail, by label."""
    words = json_output.original(jail)
    yield "Name", jail.name
    yield "State", jail.state.value
    yield "JID", words["jid"]
    yield "Hostname", words["hostname"]
    yield "IPv4", words["ipv4"]
    yield "Netmask", json_output.netmask(jail)
    yield "Gateway", words["gateway"]
    yield "IPv6", json_output.first_address(jail, 6)
    for more in (jail.addresses or ())[1:]:
        yield "Address", str(more)
    yield "Network", jail.network.words
    yield "Owner", jail.owner.value
    yield "Parent", jail.parent or "-"
    yield "Release", jail.release or "?"
    yield "Userland", jail.userland or "?"
    yield "Path", jail.path or "-"
    yield "Dataset", jail.dataset or "-"
    yield "Config", (jail.config.source or jail.config.path) if jail.config else "-"
    yield "Tags", "?" if jail.tags is None else " ".join(jail.tags) or "-"
    depends = jail.config.depends if jail.config is not None else ()
    yield "Depends on", ", ".join(depends) or "-"
    yield "At boot", columns.YES_NO[jail.boots]
    yield "Disk", columns.disk(jail)
    if jail.state is not JailState.STOPPED:
        yield "CPU", columns.percent(jail)
        yield "Memory", human_bytes(jail.memory)
        yield "Processes", "?" if jail.processes is None else str(jail.processes)
        yield "Up", human_age(jail.age)
    dataset = inventory.dataset(jail.dataset)
    if dataset is not None and dataset.origin:
        yield "Clone of", dataset.origin
    for problem in jail.problems:
        yield "Problem", f"{problem.source}: {problem.message}"
