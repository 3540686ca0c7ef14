"""Open the screen: everything that has to be decided before textual is imported.

Open the screen on several hosts.
"""

from __future__ import annotations

import gc
import locale
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from jailer_core import settings
from jailer_core.errors import HostError, Refused
from jailer_core.host import Host
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import command
from jailer_core.host.ssh.connect import Link, connect
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.host.ssh.keeper import Keeper
from jailer_core.settings import choices
from jailer_tui import __version__, chosen_keys, host_selection, terminal_options
from jailer_tui.app import JailerApp
from jailer_tui.cli.commands import PROGRAM, Flags
from jailer_tui.presenters.hosts import tone_of
from jailer_tui.shutdown import run_and_end
from jailer_tui.state import HostMarks
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import Member
from jailer_tui.stores.preferences import Preferences
from jailer_tui.stores.session import HostSession
from jailer_tui.terminal_options import Options


def launch(flags: Flags) -> int:
    """Open the host and run the screen. Raises Refused if there is no screen or host."""
    why = terminal_options.unfit(
        os.environ, stdin_tty=sys.stdin.isatty(), stdout_tty=sys.stdout.isatty()
    )
    if not why and not sys.stderr.isatty():
        why = "the screen is drawn on standard error, which is not a terminal"
    if why:
        raise Refused(why, f"The command line works without one: {PROGRAM} list, {PROGRAM} help.")
    own = settings.load(os.environ)
    fitting = _fitting(flags, own)
    chosen_keys.use(choices.apply(own, os.environ))
    gc.disable()  # until the first table is on the screen: see shutdown.tidy
    if flags.hosts:
        return _on_hosts(flags, fitting, own)
    scenario, banner = where(flags.demo)
    choice = host_selection.Choice(scenario, flags.state)
    host = host_selection.open_host(choice, live=True)
    terminal_options.prepare(fitting)
    from jailer_tui.app import JailerApp  # noqa: PLC0415 - reads the settings when imported
    from jailer_tui.shutdown import run_and_end  # noqa: PLC0415
    from jailer_tui.stores.preferences import Preferences  # noqa: PLC0415

    app = JailerApp(
        host,
        banner=banner,
        read_only=flags.read_only,
        options=fitting,
        preferences=Preferences(own, os.environ),
    )
    try:
        return run_and_end(app)
    finally:
        host_selection.keep(host, choice)


def _fitting(flags: Flags, own: settings.Settings) -> terminal_options.Options:
    """What the terminal can show, subject to the options and the settings."""
    fitting = terminal_options.detect(
        os.environ,
        encoding(),
        mouse=flags.mouse and own.mouse,
        low_bandwidth=flags.low_bandwidth,
        interval=own.refresh,
    )
    if flags.ascii:
        fitting = replace(fitting, ascii=True)
    if own.theme == "auto" and fitting.colour == terminal_options.FULL:
        background = terminal_options.ask(os.environ)
        fitting = replace(fitting, light=background.light, typed=background.typed)
    return fitting


def _on_hosts(flags: Flags, fitting: terminal_options.Options, own: settings.Settings) -> int:
    terminal_options.prepare(fitting)
    from jailer_tui.stores.preferences import Preferences  # noqa: PLC0415

    return run(flags, fitting, Preferences(own, os.environ))


def where(demo: str) -> tuple[str, str]:
    """The scenario ("" for this machine) and the banner about it."""
    if demo:
        return demo, demo_banner(demo)
    if host_selection.is_freebsd():
        return "", ""
    return host_selection.DEFAULT, (
        f"This is {host_selection.system()}, not FreeBSD: you see a simulated host. "
        "Nothing here is real."
    )


def demo_banner(scenario: str) -> str:
    """The line that says that a host is simulated."""
    return f"Demo: a simulated host ({scenario}). Nothing here is real."


def encoding() -> str:
    """The encoding of the user's locale.

    In the C locale Python switches itself to UTF-8 (PEP 540), which says nothing of the terminal.
    """
    if sys.flags.utf8_mode and os.environ.get("PYTHONUTF8") != "1":
        return "ascii"
    return locale.getpreferredencoding(do_setlocale=False)


def run(flags: Flags, options: Options, preferences: Preferences) -> int:
    """Run the screen on the hosts of --host. Returns the exit status. Raises UsageError."""
    app = opened(host_selection.chosen(flags.hosts).entries, flags, options, preferences)
    return run_and_end(app)


def opened(
    entries: tuple[HostEntry, ...], flags: Flags, options: Options, preferences: Preferences
) -> JailerApp:
    """The program for these hosts; it connects when it runs. Raises Refused."""
    hosts = [_host(entry) for entry in entries]
    app = JailerApp(hosts[0], options=options, preferences=preferences)
    members = []
    for entry, host in zip(entries, hosts, strict=True):
        banner = demo_banner(entry.demo) if entry.demo else ""
        session = app.new_session(
            host, entry.name, banner=banner, read_only=flags.read_only or entry.read_only
        )
        _mark(session, entry)
        keeper = Keeper(host, partial(_connect, entry)) if isinstance(host, RemoteHost) else None
        members.append(Member(entry, session, keeper))
    app.use_fleet(Fleet(app, members))
    return app


def _host(entry: HostEntry) -> Host:
    if entry.remote:
        host = RemoteHost(entry.name)
        host.terminal = partial(command.terminal, entry, os.environ)
        return host
    return host_selection.open_host(host_selection.Choice(entry.demo), live=True)


def _mark(session: HostSession, entry: HostEntry) -> None:
    marks = HostMarks(
        entry.name,
        tone_of(entry.colour, production=entry.production),
        production=entry.production,
        remote=entry.remote,
    )
    session.view = replace(session.view, marks=marks)


async def _connect(entry: HostEntry, shared: bool, lost: Callable[[HostError], None]) -> Link:
    return await connect(entry, __version__, shared=shared, lost=lost)
