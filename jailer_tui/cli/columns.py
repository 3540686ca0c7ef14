"""The columns of `list`: their contents and sort keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jailer_core.errors import UsageError
from jailer_core.model import Jail, JailState
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.cli import json_output
from jailer_tui.cli.json_output import NONE, UNKNOWN

YES_NO = {True: "yes", False: "no", None: UNKNOWN}


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
        """What it shows of a jail."""
        if self.text is not None:
            return sanitize(self.text(jail))
        value = self.value(jail)
        return sanitize(UNKNOWN if value is None else str(value) or NONE)

    def sort_key(self, jail: Jail) -> tuple[bool, Any]:
        """The unknown comes after all that is known."""
        value = self.value(jail)
        return (value is None, 0 if value is None else value)


def _state(jail: Jail) -> str:
    return "Dying" if jail.state is JailState.DYING else json_output.original(jail)["state"]


def _words(name: str) -> Callable[[Jail], str]:
    return lambda jail: json_output.original(jail)[name]


def _running(text: Callable[[Jail], str]) -> Callable[[Jail], str]:
    return lambda jail: NONE if jail.state is JailState.STOPPED else text(jail)


def percent(jail: Jail) -> str:
    """How much of a processor it uses."""
    return UNKNOWN if jail.cpu is None else f"{jail.cpu:.1f}%"


def _memory(jail: Jail) -> str:
    return human_bytes(jail.memory)


def disk(jail: Jail) -> str:
    """How much space its dataset uses."""
    return human_bytes(jail.disk) if jail.dataset else NONE


COLUMNS = {
    "name": Column("NAME", lambda jail: jail.name),
    "state": Column("STATE", _state),
    "jid": Column("JID", lambda jail: jail.jid, _words("jid")),
    "hostname": Column("HOSTNAME", _words("hostname")),
    "ipv4": Column("IPv4", _words("ipv4")),
    "gw": Column("GW", _words("gateway")),
    "owner": Column("OWNER", lambda jail: jail.owner.value),
    "ipv6": Column("IPv6", lambda jail: json_output.first_address(jail, 6)),
    "network": Column("NETWORK", lambda jail: jail.network.words),
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
    """The columns of `-o`, the usual ones without it. Raises UsageError for an unknown one."""
    return [named(word) for word in (words.split(",") if words else USUAL)]


def named(word: str) -> Column:
    """The column of that name. Raises UsageError."""
    column = COLUMNS.get(word.strip().lower())
    if column is None:
        raise UsageError(
            f'there is no column "{sanitize(word)}"', f"Columns: {', '.join(COLUMNS)}."
        )
    return column
