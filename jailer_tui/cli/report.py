"""`report`: what a bug report needs to say about this program and its host, without secrets."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from jailer_core import journal, settings
from jailer_core.errors import HostError, JailerError, Refused
from jailer_core.model import Inventory
from jailer_core.redact import redacted
from jailer_core.settings import schema
from jailer_core.text import sanitize
from jailer_tui import __version__, crash
from jailer_tui.cli.session import Session
from jailer_tui.terminal_options import detect

PACKAGES = ("textual", "rich", "jinja2", "markupsafe", "bittty", "pyzfs")
VARIABLES = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY", "EDITOR")
SECRETIVE = ("notify", "command", "host", "mirror")
"""Settings that may hold addresses, names or passwords: only that they are set is said."""
FAILURES = 5
LATEST = 50


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `report`. Raises Refused when the file cannot be made, or on a no."""
    text = "".join(f"{line}\n" for line in redacted(await _lines(session)))
    text = crash.redacted(text)
    session.terminal.out(text.rstrip("\n"))
    if operands:
        await _write(session, operands[0], text)
    return 0


async def _write(session: Session, path: str, text: str) -> None:
    name, terminal = sanitize(path), session.terminal
    if not session.flags.yes:
        if not terminal.can_ask:
            raise Refused("not confirmed: no terminal to ask on", "-y writes without asking.")
        answer = await terminal.ask(f"Write this to {name}? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            raise Refused("not confirmed: nothing was written")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Refused(f"{name}: {error.strerror}", "Name a file that does not exist yet.") from None
    session.terminal.out(f"Written to {name}.")


async def _lines(session: Session) -> list[str]:
    lines = ["Program", *_program(), "", "Terminal", *_terminal(), "", "Settings", *_settings()]
    try:
        inventory = await session.inventory()
    except JailerError as error:
        return [*lines, "", "Host", f"  could not be read: {error.message}"]
    lines += ["", "Host", *_host(inventory), "", "What could not be read", *_problems(inventory)]
    return [*lines, "", "Changes that failed", *await _failures(session, inventory)]


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
    for path in dict.fromkeys(path for path, _ in loaded.places.values()):
        yield _line("file", path)
    for name in dict.fromkeys(place[0] for place in loaded.places):
        setting = schema.BY_NAME.get(name)
        secret = setting is None or setting.risky or name in SECRETIVE
        yield _line(name, "set" if secret else f"{getattr(loaded, name, 'set')}")
    for mistake in loaded.mistakes:
        yield _line("mistake", str(mistake))
    if not loaded.places and not loaded.mistakes:
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


async def _failures(session: Session, inventory: Inventory) -> list[str]:
    """The latest changes that ended badly: what they were, never what they wrote."""
    try:
        paths = await journal.names(session.host, inventory.layout)
        entries = [await journal.read_path(session.host, path) for path in paths[:LATEST]]
    except HostError as error:
        return [f"  could not be read: {error.message}"]
    failed = [entry for entry in entries if entry is not None and entry.state != "done"][:FAILURES]
    lines = []
    for entry in failed:
        lines.append(f"  {entry.id} {entry.state}: {sanitize(entry.title)}")
        if entry.message:
            lines.append(f"    {sanitize(entry.message)}")
    return lines or ["  none"]


def _line(name: str, value: str) -> str:
    return f"  {name:<12} {sanitize(value)}"
