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

    name: str
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


COLUMNS = {
    column.name: column
    for column in (
        Column("name", "NAME", lambda jail: jail.name),
        Column("state", "STATE", _state),
        Column("jid", "JID", lambda jail: jail.jid, _words("jid")),
        Column("hostname", "HOSTNAME", _words("hostname")),
        Column("ipv4", "IPv4", _words("ipv4")),
        Column("gw", "GW", _words("gateway")),
        Column("owner", "OWNER", lambda jail: jail.owner.value),
        Column("ipv6", "IPv6", lambda jail: json_output.first_address(jail, 6)),
        Column("network", "NETWORK", lambda jail: jail.network.words),
        Column("release", "RELEASE", lambda jail: jail.release, quick=False),
        Column("userland", "USERLAND", lambda jail: jail.userland, quick=False),
        Column("parent", "PARENT", lambda jail: jail.parent),
        Column("path", "PATH", lambda jail: jail.path),
        Column("dataset", "DATASET", lambda jail: jail.dataset, quick=False),
        Column("tags", "TAGS", lambda jail: None if jail.tags is None else " ".join(jail.tags)),
        Column(
            "boots", "BOOT", lambda jail: jail.boots, lambda jail: YES_NO[jail.boots], quick=False
        ),
        Column(
            "cpu", "CPU", lambda jail: jail.cpu, lambda jail: _running(jail, percent), quick=False
        ),
        Column(
            "memory",
            "MEMORY",
            lambda jail: jail.memory,
            lambda jail: _running(jail, lambda jail: human_bytes(jail.memory)),
            quick=False,
        ),
        Column(
            "disk",
            "DISK",
            lambda jail: jail.disk,
            lambda jail: human_bytes(jail.disk) if jail.dataset else NONE,
            quick=False,
        ),
        Column("processes", "PROCESSES", lambda jail: jail.processes, quick=False),
        Column(
            "uptime", "UP", lambda jail: jail.age, lambda jail: human_age(jail.age), quick=False
        ),
    )
}
USUAL = ("name", "state", "jid", "hostname", "ipv4", "gw", "owner")


def _running(jail: Jail, text: Callable[[Jail], str]) -> str:
    return NONE if jail.state is JailState.STOPPED else text(jail)


def percent(jail: Jail) -> str:
    """How much of a processor it uses."""
    return UNKNOWN if jail.cpu is None else f"{jail.cpu:.1f}%"


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
