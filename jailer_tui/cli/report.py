"""`report`: what a bug report needs to say about this program and its host, without secrets.

`settings`: what is set, where, and what is wrong with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from jailer_core import journal, journal_peek, settings
from jailer_core.errors import JailerError, Refused
from jailer_core.facts import Reader
from jailer_core.host import Host
from jailer_core.model import Inventory
from jailer_core.settings import Settings, schema
from jailer_core.text import redacted, sanitize
from jailer_tui import __version__, chosen_keys, crash, host_selection
from jailer_tui.cli.commands import Flags
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal
from jailer_tui.terminal_options import detect

PACKAGES = ("textual", "rich", "jinja2", "markupsafe", "bittty", "pyzfs")
VARIABLES = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY", "EDITOR")
SECRETIVE = ("notify", "command", "host", "mirror")
"""Settings that may hold addresses, names or passwords: only that they are set is said."""
FAILURES = 5
LATEST = 50


Open = Callable[[], Awaitable[Host]]


def show(invocation: Invocation, terminal: Terminal) -> int:
    """Run `report`: it needs no host, and says which one could not be read.

    Raises Refused when the file cannot be made, or on a no.
    """
    return asyncio.run(_show(invocation, terminal))


async def _show(invocation: Invocation, terminal: Terminal) -> int:
    text = "".join(f"{line}\n" for line in redacted(await _lines(invocation.flags)))
    text = crash.redacted(text)
    terminal.out(text.rstrip("\n"))
    if invocation.operands:
        await _write(terminal, invocation.operands[0], text, asked=invocation.flags.yes)
    return 0


async def _write(terminal: Terminal, path: str, text: str, *, asked: bool) -> None:
    name = sanitize(path)
    if not asked:
        if not terminal.can_ask:
            raise Refused("not confirmed: no terminal to ask on", "-y writes without asking.")
        if not await terminal.agrees(f"Write this to {name}? [y/N] "):
            raise Refused("not confirmed: nothing was written")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise Refused(f"{name}: {error.strerror}", "Name a file that does not exist yet.") from None
    terminal.out(f"Written to {name}.")


async def _lines(flags: Flags) -> list[str]:
    lines = ["Program", *_program(), "", "Terminal", *_terminal(), "", "Settings", *_settings()]
    lines += ["", "Crash logs"]  # what they say is for the user to read first
    lines += [f"  {sanitize(path)}" for path in crash.logs()[:FAILURES] or ("none",)]
    try:
        hosts = _hosts(flags)
    except JailerError as error:
        return [*lines, "", "Host", _unread(error)]
    for title, opened in hosts:
        lines += ["", title, *await _of_host(opened)]
    return lines


def _hosts(flags: Flags) -> Sequence[tuple[str, Open]]:
    """The hosts that are meant, each with its title. Raises UsageError."""
    if flags.hosts:
        return [
            (f"Host {sanitize(entry.name)}", partial(host_selection.open_entry, entry))
            for entry in host_selection.chosen(flags.hosts).entries
        ]

    async def this() -> Host:
        return host_selection.open_host(host_selection.Choice(flags.demo, flags.state))

    return [("Host", this)]


async def _of_host(opened: Open) -> list[str]:
    """What a host says, or why it says nothing: a report is needed most where that is so."""
    try:
        host = await opened()
        try:
            inventory = await Reader(host).gather()
            lines = [*_host(inventory), "", "What could not be read", *_problems(inventory)]
            return [*lines, "", "Changes that failed", *await _failures(host, inventory)]
        finally:
            await host.close()
    except JailerError as error:
        return [_unread(error)]
    except Exception as error:  # noqa: BLE001 - what fails is what the report is about
        return [_line("unread", crash.report(error))]


def _unread(error: JailerError) -> str:
    return f"  could not be read: {sanitize(error.message)}"


def _program() -> Iterator[str]:
    yield _line("jailer-tui", __version__)
    yield _line("Python", f"{platform.python_version()} ({sys.implementation.name})")
    yield _line("system", f"{platform.system()} {platform.release()} {platform.machine()}")
    for package in PACKAGES:
        try:
            yield _line(package, version(package))
        except PackageNotFoundError:
            yield _line(package, "-")


def _terminal() -> Iterator[str]:
    for variable in VARIABLES:
        if variable in os.environ:
            yield _line(variable, os.environ[variable])
    try:
        size = os.get_terminal_size(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        yield _line("size", f"{size.columns}x{size.lines}")
    except OSError:
        yield _line("size", "no terminal")
    encoding = sys.stdout.encoding or "-"
    options = detect(os.environ, encoding)
    yield _line("encoding", f"{encoding}, colours: {options.colour}")


def _settings() -> Iterator[str]:
    loaded = settings.load(os.environ)
    chosen_keys.use(loaded)
    from jailer_tui.setting_checks import mistakes  # noqa: PLC0415 - imports textual

    for path in dict.fromkeys(path for path, _ in loaded.places.values()):
        yield _line("file", path)
    for name in dict.fromkeys(place[0] for place in loaded.places):
        setting = schema.BY_NAME.get(name)
        secret = setting is None or setting.risky or name in SECRETIVE
        yield _line(name, "set" if secret else f"{getattr(loaded, name, 'set')}")
    wrong = mistakes(loaded)
    for mistake in wrong:
        yield _line("mistake", str(mistake))
    if not loaded.places and not wrong:
        yield "  none"


def _host(inventory: Inventory) -> Iterator[str]:
    host, jails = inventory.host, inventory.jails
    yield _line("release", host.release or "unknown")
    yield _line("architecture", host.arch or "unknown")
    yield _line("user", "root" if host.root else "not root")
    running = sum(jail.jid is not None for jail in jails)
    yield _line("jails", f"{len(jails)}, {running} of them running")
    owners = sorted({str(jail.owner) for jail in jails})
    yield _line("managers", ", ".join(owners) or "-")


def _problems(inventory: Inventory) -> Iterator[str]:
    for problem in inventory.problems:
        yield f"  {problem.source}: {sanitize(problem.message)}"
    if not inventory.problems:
        yield "  nothing"


async def _failures(host: Host, inventory: Inventory) -> list[str]:
    """The latest changes that ended badly: what they were, never what they wrote."""
    try:
        paths = await journal_peek.names(host, inventory.layout)
        entries = [await journal.read_path(host, path) for path in paths[:LATEST]]
    except JailerError as error:
        return [_unread(error)]
    failed = [entry for entry in entries if entry is not None and entry.state != "done"][:FAILURES]
    lines = []
    for entry in failed:
        lines.append(f"  {entry.id} {entry.state}: {sanitize(entry.title)}")
        if entry.message:
            lines.append(f"    {sanitize(entry.message)}")
    return lines or ["  none"]


def _line(name: str, value: str) -> str:
    return f"  {name:<12} {sanitize(value)}"


def show_settings(invocation: Invocation, terminal: Terminal) -> int:
    """Run `settings`, which needs no host. Returns 1 if there is a mistake."""
    loaded = settings.load(os.environ)
    chosen_keys.use(loaded)
    from jailer_tui.setting_checks import mistakes  # noqa: PLC0415 - imports textual

    wrong = mistakes(loaded)
    if invocation.flags.json:
        values = asdict(loaded) | {"mistakes": [asdict(mistake) for mistake in wrong]}
        values["files"] = [str(path) for path in settings.places(os.environ)]
        shown = {name: value for name, value in values.items() if name != "places"}
        terminal.json(shown)
        return 1 if wrong else 0
    for path in settings.places(os.environ):
        terminal.out(f"# {sanitize(str(path))}{'' if path.exists() else ' (does not exist)'}")
    for row in _rows(loaded):
        terminal.out(row)
    for mistake in wrong:
        terminal.fail(sanitize(str(mistake)), sanitize(mistake.hint))
    return 1 if wrong else 0


def _rows(loaded: Settings) -> list[str]:
    """Each setting that is set, with its place."""
    rows = []
    for path, (file, line) in loaded.places.items():
        if path[0] == "command":
            shown = next(own.label for own in loaded.commands if own.key == path[1])
        elif path[0] == "host":
            shown = "{…}"
        else:
            value = getattr(loaded, path[0])
            shown = json.dumps(value[path[1]] if len(path) > 1 else value, ensure_ascii=False)
        rows.append(
            f"{'.'.join(map(sanitize, path))} = {sanitize(shown)}  # {sanitize(file)}:{line}"
        )
    return rows
