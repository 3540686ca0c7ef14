"""Open the screen on several hosts."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from jailer_core.errors import HostError
from jailer_core.host import Host
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import command
from jailer_core.host.ssh.connect import Link, connect
from jailer_core.host.ssh.entry import HostEntry
from jailer_core.host.ssh.keeper import Keeper
from jailer_tui import __version__, host_selection
from jailer_tui.app import JailerApp
from jailer_tui.cli.command import Flags
from jailer_tui.cli.launch import demo_banner
from jailer_tui.presenters.hosts import tone_of
from jailer_tui.shutdown import run_and_end
from jailer_tui.state import HostMarks
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import Member
from jailer_tui.stores.preferences import Preferences
from jailer_tui.stores.session import HostSession
from jailer_tui.terminal_options import Options


def run(flags: Flags, options: Options, preferences: Preferences) -> int:
    """Run the screen on the hosts that --host names; the exit status. Raises UsageError."""
    app = opened(host_selection.chosen(flags.hosts).entries, flags, options, preferences)
    return run_and_end(app)


def opened(
    entries: tuple[HostEntry, ...], flags: Flags, options: Options, preferences: Preferences
) -> JailerApp:
    """The program on these hosts; it connects when it runs. Raises Refused."""
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
