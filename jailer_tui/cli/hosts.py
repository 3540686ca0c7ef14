"""`hosts` and `hosts check`: the hosts of the settings, and whether they can be reached.

`agent`: serves the host over the standard streams to another jailer-tui.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from jailer_core import settings
from jailer_core.agent import serve
from jailer_core.errors import JailerError, UsageError
from jailer_core.facts import Reader
from jailer_core.host.ssh import definitions
from jailer_core.host.ssh.connect import ConnectFailed
from jailer_core.host.ssh.definitions import DEMO, HostEntry
from jailer_core.text import sanitize
from jailer_tui import __version__, host_selection
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal, table

HEADER = ("NAME", "ADDRESS", "BECOME", "TAGS", "MARKS")
CHECKED = ("NAME", "STATE", "LATENCY", "RELEASE", "RUNNING", "JAILS", "REASON")

NONE = "no hosts in the settings; docs/hosts.md says how to add one"


def show(invocation: Invocation, terminal: Terminal) -> int:
    """List the named hosts, or all hosts of the settings."""
    entries = _entries(invocation)
    if invocation.flags.json:
        terminal.json(list(map(_as_json, entries)))
    else:
        terminal.out(table([HEADER, *map(_row, entries)]) if entries else NONE)
    return 0


def check(invocation: Invocation, terminal: Terminal) -> int:
    """Connect to each host. Returns 1 if one cannot be reached."""
    results = asyncio.run(_check_all(_entries(invocation)))
    if invocation.flags.json:
        terminal.json(results)
    else:
        terminal.out(table([CHECKED, *map(_checked, results)]) if results else NONE)
        for result in results:
            if result["hint"]:
                terminal.err(f"{sanitize(result['name'])}: {sanitize(result['hint'])}")
    return 0 if all(result["state"] == "up" for result in results) else 1


def _entries(invocation: Invocation) -> tuple[HostEntry, ...]:
    words = (*invocation.flags.hosts, *invocation.operands) or (definitions.ALL,)
    known = definitions.known(settings.require(os.environ, "host").hosts)
    if words == (definitions.ALL,) and not known:
        return ()
    return definitions.choose(words, known, host_selection.SCENARIOS).entries


def _row(entry: HostEntry) -> tuple[str, ...]:
    marks = [("production", entry.production), ("read-only", entry.read_only)]
    return (
        entry.name,
        _address(entry),
        entry.become or "-",
        " ".join(entry.tags) or "-",
        " ".join(word for word, on in marks if on) or "-",
    )


def _address(entry: HostEntry) -> str:
    if not entry.remote:
        return DEMO + entry.demo if entry.demo else "this machine"
    user = f"{entry.user}@" if entry.user else ""
    return f"{user}{entry.ssh}{f':{entry.port}' if entry.port else ''}"


def _as_json(entry: HostEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "address": _address(entry),
        "become": entry.become or None,
        "tags": list(entry.tags),
        "colour": entry.colour or None,
        "production": entry.production,
        "read_only": entry.read_only,
    }


async def _check_all(entries: Sequence[HostEntry]) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*map(_check, entries)))


async def _check(entry: HostEntry) -> dict[str, Any]:
    result: dict[str, Any] = dict.fromkeys(("latency", "release", "running", "jails"))
    result = {"name": entry.name, "state": "up"} | result | {"reason": "", "hint": ""}
    try:
        host = await host_selection.open_entry(entry)
    except JailerError as error:
        trouble = error.trouble.value if isinstance(error, ConnectFailed) else "unreachable"
        return result | {"state": trouble, "reason": error.message, "hint": error.hint}
    try:
        began = time.monotonic()
        await host.changing()
        result["latency"] = round(time.monotonic() - began, 4)
        inventory = await Reader(host).gather()
    except JailerError as error:
        return result | {"state": "unreadable", "reason": error.message, "hint": error.hint}
    finally:
        await host.close()
    unread = next((problem for problem in inventory.problems if problem.source == "jls"), None)
    if unread is not None:
        return result | {"state": "unreadable", "reason": unread.message, "hint": unread.hint}
    result["release"] = inventory.host.release or None
    result["jails"] = len(inventory.jails)
    result["running"] = sum(jail.running for jail in inventory.jails)
    return result


def _checked(result: dict[str, Any]) -> tuple[str, ...]:
    latency = result["latency"]
    return (
        sanitize(result["name"]),
        result["state"],
        "-" if latency is None else f"{latency * 1000:.0f} ms",
        *(
            "-" if result[key] is None else sanitize(str(result[key]))
            for key in ("release", "running", "jails")
        ),
        sanitize(result["reason"]) or "-",
    )


def run(invocation: Invocation, _terminal: Terminal) -> int:
    """Run `agent`. Raises UsageError on a terminal, Refused on a machine without jails."""
    if sys.stdin.isatty() or sys.stdout.isatty():
        raise UsageError("agent speaks to a program, not to a terminal", "Use --host instead.")
    flags = invocation.flags
    choice = host_selection.Choice(flags.demo, flags.state)
    host = host_selection.open_host(choice, live=True)
    try:
        return serve.run(host, __version__)
    finally:
        host_selection.keep(host, choice)
