"""Select the jails that a command lists: by names, patterns, tags and states.

Jails as JSON: the keys and values of `jailer`, and our own in addition.

The columns of `list`: their contents and sort keys.

`list` and `info`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from jailer_core import checks
from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.facts import on_demand
from jailer_core.model import Address, Inventory, Jail, JailState, Problem, TrashEntry
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.cli.session import Session
from jailer_tui.cli.terminal import table

WILDCARDS = frozenset("*?[")


def chosen_jails(session: Session, jails: Iterable[Jail], words: Sequence[str]) -> list[Jail]:
    """The jails in `selected` with a state that the options name."""
    return [jail for jail in selected(session, jails, words) if _in_state(session, jail)]


def selected(session: Session, jails: Iterable[Jail], words: Sequence[str]) -> list[Jail]:
    """The jails that any of the words names, all without words; sorted by name.

    Raises Refused for a name that no jail has, UsageError for what is no tag.
    """
    ordered = sorted(jails, key=lambda jail: (jail.name, jail.jid or 0))
    meant = matching(session, ordered, words, (jail.name for jail in ordered))
    return [jail for jail in ordered if not words or jail.name in meant]


def is_name(word: str) -> bool:
    """Whether the word is a name, neither a pattern nor a tag."""
    return not word.startswith("@") and not WILDCARDS & set(word)


def matching(
    session: Session,
    jails: Sequence[Jail],
    words: Sequence[str],
    names: Iterable[str],
    *,
    things: str = "jail",
) -> set[str]:
    """The names that are given, match a pattern, or are of jails with a tag that is given.

    A name must exist; a pattern may match nothing. Raises Refused, and UsageError for what is no
    tag.
    """
    known = set(names)
    tags = {checks.tag(word[1:]) for word in words if word.startswith("@")}
    patterns = [word for word in words if not word.startswith("@")]
    for pattern in patterns:
        if not pattern:
            usage = f"Usage: {session.command.name} [NAME|PATTERN|@TAG...]"
            raise UsageError(f"{session.command.name}: a name is empty", usage)
        if is_name(pattern) and pattern not in known:
            raise Refused(f"there is no {things} {sanitize(pattern)}", "See all jails: list")
    tagged = _tagged(session, jails, tags) if tags else set()
    return tagged | {
        name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _tagged(session: Session, jails: Sequence[Jail], tags: set[str]) -> set[str]:
    from jailer_core.operations.jails.tags import unread_message  # noqa: PLC0415 - with a tag

    unknown = tuple(jail.name for jail in jails if jail.tags is None)
    if unknown:
        session.terminal.fail(unread_message(unknown))
    return {jail.name for jail in jails if tags & set(jail.tags or ())}


def _in_state(session: Session, jail: Jail) -> bool:
    flags, running = session.flags, jail.state is JailState.RUNNING
    if flags.on("running") == flags.on("stopped"):
        return True
    return running if flags.on("running") else not running


JSON_NONE, JSON_UNKNOWN = "-", "?"

WORDS = {
    JailState.RUNNING: "Active",
    JailState.DYING: "Stopped",
    JailState.STOPPED: "Stopped",
}
"""`jailer` knows two states; to it a dying jail has stopped."""


def first_address(jail: Jail, family: int) -> str:
    """The first address of a family without its prefix; "-" for none, "?" for unknown."""
    if jail.addresses is None:
        return JSON_UNKNOWN
    address = _first(jail, family)
    return address.address if address is not None else JSON_NONE


def _first(jail: Jail, family: int) -> Address | None:
    return next((address for address in jail.addresses or () if address.family == family), None)


def netmask(jail: Jail) -> str:
    """The netmask of the first IPv4 address, such as 255.255.255.0."""
    if jail.addresses is None:
        return JSON_UNKNOWN
    address = _first(jail, 4)
    if address is None:
        return JSON_NONE
    if address.prefix is None:
        return JSON_UNKNOWN
    return str(ipaddress.IPv4Network((0, address.prefix)).netmask)


def gateway(jail: Jail) -> str:
    """Its default route; "-" for none, "?" for unknown."""
    return JSON_UNKNOWN if jail.gateway is None else jail.gateway or JSON_NONE


def original(jail: Jail) -> dict[str, str]:
    """A jail as in `jailer list -j`."""
    return {
        "name": jail.name,
        "state": WORDS[jail.state],
        "jid": JSON_NONE if jail.jid is None else str(jail.jid),
        "hostname": jail.hostname or JSON_NONE,
        "ipv4": first_address(jail, 4),
        "gateway": gateway(jail),
    }


def of_jail(jail: Jail) -> dict[str, Any]:
    """A jail of `list -j`."""
    return original(jail) | {
        "status": jail.state.value,
        "owner": jail.owner.value,
        "release": jail.release or None,
        "userland": jail.userland or None,
        "network": jail.network.value,
        "ipv6": first_address(jail, 6),
        "addresses": None if jail.addresses is None else list(map(str, jail.addresses)),
        "parent": jail.parent,
        "path": jail.path,
        "dataset": jail.dataset,
        "config": jail.config.source or jail.config.path if jail.config else "",
        "cpu": None if jail.cpu is None else round(jail.cpu, 1),
        "memory": jail.memory,
        "disk": jail.disk,
        "processes": jail.processes,
        "uptime": jail.age,
        "boots": jail.boots,
        "depends": list(jail.config.depends) if jail.config is not None else None,
        "tags": None if jail.tags is None else list(jail.tags),
        "problems": [problem(reported) for reported in jail.problems],
    }


def info_json(jail: Jail) -> dict[str, Any]:
    """The jail of `info -j`: with its netmask after the gateway."""
    rest = of_jail(jail)
    mine = original(jail) | {"netmask": netmask(jail)}
    return mine | {key: value for key, value in rest.items() if key not in mine}


def problem(problem: Problem) -> dict[str, str]:
    """A problem as JSON."""
    return {"source": problem.source, "message": problem.message, "hint": problem.hint}


def entry(trash_entry: TrashEntry, inventory: Inventory) -> dict[str, Any]:
    """An entry of the trash as JSON."""
    dataset = inventory.dataset(trash_entry.dataset)
    return {
        "entry": trash_entry.id,
        "name": trash_entry.name,
        "destroyed": trash_entry.stamp,
        "dataset": trash_entry.dataset,
        "used": trash_entry.used,
        "origin": dataset.origin if dataset is not None else None,
        "complete": bool(trash_entry.meta),
        "because": str(trash_entry.meta.get("because", "")),
    }


YES_NO = {True: "yes", False: "no", None: JSON_UNKNOWN}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `value` is what it is sorted by, None for unknown; `text` what it shows.

    `quick`: it needs nothing but what a `list` without options reads.
    """

    heading: str
    value: Callable[[Jail], Any]
    text: Callable[[Jail], str] | None = None
    quick: bool = True

    def cell(self, jail: Jail) -> str:
        """The cell of a jail in this column."""
        if self.text is not None:
            return sanitize(self.text(jail))
        value = self.value(jail)
        return sanitize(JSON_UNKNOWN if value is None else str(value) or JSON_NONE)

    def sort_key(self, jail: Jail) -> tuple[bool, Any]:
        """The sort key of a jail; unknown values come last."""
        value = self.value(jail)
        return (value is None, 0 if value is None else value)


def _state(jail: Jail) -> str:
    return "Dying" if jail.state is JailState.DYING else original(jail)["state"]


def _words(name: str) -> Callable[[Jail], str]:
    return lambda jail: original(jail)[name]


def _running(text: Callable[[Jail], str]) -> Callable[[Jail], str]:
    return lambda jail: JSON_NONE if jail.state is JailState.STOPPED else text(jail)


def percent(jail: Jail) -> str:
    """How much of a processor it uses."""
    return JSON_UNKNOWN if jail.cpu is None else f"{jail.cpu:.1f}%"


def _memory(jail: Jail) -> str:
    return human_bytes(jail.memory)


def disk(jail: Jail) -> str:
    """How much space its dataset uses."""
    return human_bytes(jail.disk) if jail.dataset else JSON_NONE


COLUMNS = {
    "name": Column("NAME", lambda jail: jail.name),
    "state": Column("STATE", _state),
    "jid": Column("JID", lambda jail: jail.jid, _words("jid")),
    "hostname": Column("HOSTNAME", _words("hostname")),
    "ipv4": Column("IPv4", _words("ipv4")),
    "gw": Column("GW", _words("gateway")),
    "owner": Column("OWNER", lambda jail: jail.owner.value),
    "ipv6": Column("IPv6", lambda jail: first_address(jail, 6)),
    "network": Column(
        "NETWORK", lambda jail: jail.network.value
    ),  # as -t takes it; scripts read it
    "release": Column("RELEASE", lambda jail: jail.release, quick=False),
    "userland": Column("USERLAND", lambda jail: jail.userland, quick=False),
    "parent": Column("PARENT", lambda jail: jail.parent),
    "path": Column("PATH", lambda jail: jail.path),
    "dataset": Column("DATASET", lambda jail: jail.dataset, quick=False),
    "tags": Column("TAGS", lambda jail: None if jail.tags is None else " ".join(jail.tags)),
    "boots": Column("BOOT", lambda jail: jail.boots, lambda jail: YES_NO[jail.boots], quick=False),
    "cpu": Column("CPU", lambda jail: jail.cpu, _running(percent), quick=False),
    "memory": Column("MEMORY", lambda jail: jail.memory, _running(_memory), quick=False),
    "disk": Column("DISK", lambda jail: jail.disk, disk, quick=False),
    "processes": Column("PROCESSES", lambda jail: jail.processes, quick=False),
    "uptime": Column("UP", lambda jail: jail.age, lambda jail: human_age(jail.age), quick=False),
}
USUAL = ("name", "state", "jid", "hostname", "ipv4", "gw", "owner")


def chosen(words: str) -> list[Column]:
    """The columns of `-o`, or the default ones. Raises UsageError for an unknown one."""
    return [named(word) for word in (words.split(",") if words else USUAL)]


def named(word: str) -> Column:
    """The column of that name. Raises UsageError."""
    column = COLUMNS.get(word.strip().lower())
    if column is None:
        raise UsageError(
            f'there is no column "{sanitize(word)}"', f"Columns: {', '.join(COLUMNS)}."
        )
    return column


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `list`. Raises UsageError for an unknown column, Refused for an unknown jail."""
    flags = session.flags
    shown = chosen(flags.text("columns"))
    order = [named(word) for word in flags.text("sort").split(",") if word]
    quick = not flags.json and all(column.quick for column in (*shown, *order))
    inventory = await (session.inventory(quick=True) if quick else session.listed())
    jails = chosen_jails(session, inventory.jails, operands)
    for column in reversed(order):
        jails.sort(key=column.sort_key, reverse=flags.on("reverse"))
    if flags.json:
        session.json([of_jail(jail) for jail in jails])
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
    session.show(info_json(jail) | {"note": note}, table(rows))
    session.warn(inventory.problems)
    await session.warn_cut_off(inventory)
    return 0


async def _note(session: Session, jail: Jail) -> str:
    """What is kept with its dataset, "" for nothing and where it cannot be read."""
    try:
        return await on_demand.note(session.reader.host, jail)
    except JailerError:
        return ""


def facts(jail: Jail, inventory: Inventory) -> Iterator[tuple[str, str]]:
    """What is known of a jail, by label."""
    words = original(jail)
    yield "Name", jail.name
    yield "State", jail.state.value
    yield "JID", words["jid"]
    yield "Hostname", words["hostname"]
    yield "IPv4", words["ipv4"]
    yield "Netmask", netmask(jail)
    yield "Gateway", words["gateway"]
    yield "IPv6", first_address(jail, 6)
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
    yield "At boot", YES_NO[jail.boots]
    yield "Disk", disk(jail)
    if jail.state is not JailState.STOPPED:
        yield "CPU", percent(jail)
        yield "Memory", human_bytes(jail.memory)
        yield "Processes", "?" if jail.processes is None else str(jail.processes)
        yield "Up", human_age(jail.age)
    dataset = inventory.dataset(jail.dataset)
    if dataset is not None and dataset.origin:
        yield "Clone of", dataset.origin
    for problem in jail.problems:
        yield "Problem", f"{problem.source}: {problem.message}"
