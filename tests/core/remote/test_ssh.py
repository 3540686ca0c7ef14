"""Agents over a real OpenSSH server on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from jailer_core.errors import HostError
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import archive, command
from jailer_core.host.ssh.connect import ConnectFailed, Trouble, connect, why
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.host.ssh.keeper import Keeper, SingleHost
from jailer_core.host.ssh.link_state import LinkState, LinkStatus
from jailer_core.operations.jails.requests import Stop
from jailer_core.plan import Event, OutcomeStatus, StepStarted
from jailer_tui import __version__
from tests.core.remote.proxy import Proxy
from tests.core.remote.sshd import PROGRAMS, Server, server

__all__ = ["server"]
pytestmark = pytest.mark.processes(*PROGRAMS)
ALONE = {"XDG_RUNTIME_DIR": "/dev/null"}
"""No connection is shared: there is no directory for its socket."""


@pytest.fixture
async def proxy(server: Server) -> AsyncIterator[Proxy]:
    made = await Proxy.start(server.port)
    yield made
    await made.stop()


async def test_a_simulated_host_over_ssh(server: Server) -> None:
    link = await connect(server.entry(), __version__, environ=ALONE)
    host = RemoteHost("web1")
    await host.attach(link.channel)
    assert host.simulated
    inventory = await Reader(host).gather(quick=True)
    assert inventory.jails
    assert not inventory.problems
    await link.close()


async def test_what_is_not_there_is_sent_once_and_checked_each_time(server: Server) -> None:
    entry = server.entry(demo="")
    kept = server.cache / f"agent-{archive.build().name}.zip"
    for spoil in (
        lambda: None,
        lambda: kept.write_bytes(b"PK\3\4spoilt"),
        lambda: kept.chmod(0o666),
    ):
        spoil()
        link = await connect(entry, __version__, environ=ALONE)
        host = RemoteHost("web1")
        await host.attach(link.channel)
        assert host.uid == os.geteuid()
        assert not host.simulated
        assert (await host.read("/proc/self/cmdline")).startswith("/")
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.read_bytes() == archive.build().data
        await link.close()
    assert [path.name for path in server.cache.iterdir()] == [kept.name]


def _without(server: Server, name: str, text: str) -> HostEntry:
    config = server.folder / name
    old = (server.folder / "config").read_text()
    config.write_text(text + old)
    return replace(server.entry(), config=str(config))


async def test_an_unknown_host_key_is_an_error_that_says_what_to_run(server: Server) -> None:
    entry = _without(server, "no-keys", "Host *\n UserKnownHostsFile /dev/null\n")
    with pytest.raises(ConnectFailed, match="host key of web1 is not known") as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.trouble is Trouble.NOT_TRUSTED
    assert f"ssh -F {entry.config} -p {server.port}" in error.value.hint


async def test_a_changed_host_key_is_another_error(server: Server) -> None:
    other = (server.folder / "user_key.pub").read_text()
    (server.folder / "other_hosts").write_text(f"* {other}")
    entry = _without(
        server, "other-keys", f"Host *\n UserKnownHostsFile {server.folder}/other_hosts\n"
    )
    with pytest.raises(ConnectFailed, match="has changed") as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.trouble is Trouble.NOT_TRUSTED


async def test_a_login_that_needs_a_password_is_an_error(server: Server) -> None:
    entry = _without(server, "no-key", "Host *\n IdentityFile /dev/null\n")
    config = Path(entry.config)
    config.write_text(config.read_text().replace("user_key\n", "no_such_key\n"))
    with pytest.raises(ConnectFailed, match="none of the keys") as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.trouble is Trouble.NO_ACCESS


async def test_a_key_with_a_passphrase_needs_an_agent(server: Server) -> None:
    key = server.folder / "locked_key"
    making = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key))
    await (await asyncio.create_subprocess_exec(*making)).wait()
    keys = server.folder / "authorized_keys"
    keys.write_text(keys.read_text() + key.with_suffix(".pub").read_text())
    entry = _without(server, "locked", "")
    config = Path(entry.config)
    config.write_text(config.read_text().replace("/user_key\n", "/locked_key\n"))
    with pytest.raises(ConnectFailed, match="none of the keys that need no password") as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.hint.startswith("Run ssh-add")


async def test_a_login_becomes_root_or_it_is_said_how_it_would(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for doas, and an `id` that says that the login is another user."""
    monkeypatch.setattr(command, "_PATH", f"{tmp_path}:/usr/bin:/bin")
    entry = replace(server.entry(demo=""), become="doas")
    _program(tmp_path / "id", "echo 1001")
    if not any(Path(folder, "doas").exists() for folder in ("/usr/bin", "/bin")):
        with pytest.raises(ConnectFailed, match="doas is not installed on web1") as error:
            await connect(entry, __version__, environ=ALONE)
        assert "pkg install doas" in error.value.hint
    _program(tmp_path / "doas", f'echo "{SAID["doas"][0]}" >&2; exit 1')
    with pytest.raises(ConnectFailed, match=SAID["doas"][0]) as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.hint.endswith(f"doas.conf: permit nopass {entry.user}")
    becomes = 'test "$1 $2" = "-n --" || exit 9; shift 2'
    _program(tmp_path / "doas", f'{becomes}; echo "$@" >{tmp_path}/argv; exec "$@"')
    link = await connect(entry, __version__, environ=ALONE)
    await link.close()
    assert (tmp_path / "argv").read_text().startswith("/")


SAID = {
    "doas": ("doas: Authorization required", "doas: Operation not permitted"),
    "sudo": (
        "sudo: a password is required",
        "admin is not in the sudoers file.",
        "Sorry, user admin is not allowed to execute 'python3.11' as root on web1.",
    ),
}
"""What they print that ask for a password with -n, or do not allow it."""


@pytest.mark.parametrize(("become", "said"), [(name, said) for name in SAID for said in SAID[name]])
def test_why_a_login_does_not_become_root(become: str, said: str) -> None:
    entry = HostEntry("web1", ssh="web1", user="admin", become=become)
    warning = "sudo: unable to resolve host web1: Name or service not known\n"
    failure = why(entry, f"{warning}{said}\n", 1, EOFError())
    assert (failure.trouble, failure.message) == (Trouble.NO_ACCESS, f"web1: {said}")
    assert "permit nopass admin" in failure.hint or "admin ALL=(root) NOPASSWD" in failure.hint
    assert why(entry, f"tcsh: {become}: Command not found.", 1, EOFError()).message == (
        f"{become} is not installed on web1"
    )
    assert why(entry, warning, 1, EOFError()).trouble is Trouble.UNREACHABLE


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_host_without_python_says_what_to_install(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PYTHONS", ("python3.99",))
    with pytest.raises(ConnectFailed, match=r"no Python 3\.11 or newer") as error:
        await connect(replace(server.entry(demo=""), become="sudo"), __version__, environ=ALONE)
    assert error.value.trouble is Trouble.NO_PYTHON
    assert error.value.hint.endswith("sudo pkg install python311")


async def test_nothing_listens(server: Server) -> None:
    entry = replace(server.entry(), port=1)
    with pytest.raises(ConnectFailed, match="Connection refused") as error:
        await connect(entry, __version__, environ=ALONE)
    assert error.value.trouble is Trouble.UNREACHABLE


async def test_another_version_is_an_error(server: Server) -> None:
    with pytest.raises(ConnectFailed, match="is of version") as error:
        await connect(server.entry(), "9.9", environ=ALONE)
    assert error.value.trouble is Trouble.VERSION


async def test_a_program_that_is_none_is_an_error(server: Server) -> None:
    entry = replace(server.entry(), agent=("echo", "hello"))
    with pytest.raises(ConnectFailed):
        await connect(entry, __version__, environ=ALONE)


async def test_a_connection_can_be_shared(server: Server, tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(server.folder)}
    first = await connect(server.entry(), __version__, environ=environ)
    sockets = list((server.folder / "jailer-tui").iterdir())
    assert len(sockets) == 1
    second = await connect(server.entry(), __version__, environ=environ)
    await first.close(kill=True)  # who made it can end, however that comes about
    host = RemoteHost("web1")
    await host.attach(second.channel)
    assert (await host.run(("jls",))).ok
    await second.close()
    ending = ("ssh", "-F", server.entry().config, "-O", "exit", f"-oControlPath={sockets[0]}", "x")
    await (await asyncio.create_subprocess_exec(*ending, stderr=asyncio.subprocess.DEVNULL)).wait()


class Watched:
    """A host with its keeper, and the states that it went through."""

    def __init__(self, entry: HostEntry, dead: float = 15.0) -> None:
        self.host = RemoteHost(entry.name)
        self.seen: list[LinkState] = []
        self.news = asyncio.Event()
        self.keeper = Keeper(
            self.host,
            lambda shared, lost: connect(
                entry, __version__, environ=ALONE, shared=shared, lost=lost
            ),
            self._changed,
            dead=dead,
        )
        self.task = asyncio.create_task(self.keeper.run())

    def _changed(self, state: LinkState) -> None:
        self.seen.append(state)
        self.news.set()

    async def until(self, status: LinkStatus) -> LinkState:
        async with asyncio.timeout(20):
            while self.keeper.state.status is not status:
                self.news.clear()
                await self.news.wait()
        return self.keeper.state

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def test_a_plan_outlives_its_connection_and_the_host_comes_back(
    server: Server, proxy: Proxy, tmp_path: Path
) -> None:
    entry = server.entry(port=proxy.port)
    state = tmp_path / "state.json"
    watched = Watched(replace(entry, agent=(*entry.agent, f"--state={state}")))
    await watched.until(LinkStatus.UP)
    reader = Reader(watched.host)
    name = next(jail.name for jail in (await reader.gather(quick=True)).jails if jail.running)
    plan = await prepare(reader, Stop(name))

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted):
            proxy.cut()

    outcome = await execute(reader, plan, emit, asyncio.Event())
    assert outcome.status is OutcomeStatus.UNKNOWN
    down = await watched.until(LinkStatus.DOWN)
    assert down.trouble is Trouble.UNREACHABLE
    assert down.next_try is not None
    async with asyncio.timeout(20):
        while not state.exists():  # noqa: ASYNC110 - written when the agent over there has ended
            await asyncio.sleep(0.02)
    watched.keeper.wake()
    await watched.until(LinkStatus.UP)
    jail = (await reader.gather(quick=True)).jail(name)
    assert jail is not None
    assert not jail.running
    await watched.end()


async def test_a_host_that_hangs_is_given_up_and_delays_no_other(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jailer_core.host.ssh.keeper.PING", 0.05)
    hanging = Watched(server.entry("web1", port=proxy.port), dead=1.0)
    other = Watched(server.entry("web2"))
    await other.until(LinkStatus.UP)
    await hanging.until(LinkStatus.UP)
    proxy.hold = True
    asked = asyncio.create_task(hanging.host.run(("jls",)))
    assert (await other.host.run(("jls",))).ok
    await hanging.until(LinkStatus.DOWN)
    with pytest.raises(Exception, match=r"no answer|closed"):
        await asked
    proxy.hold = False
    hanging.keeper.wake()
    await hanging.until(LinkStatus.UP)
    await hanging.end()
    await other.end()


async def test_a_command_does_not_wait_for_a_program_over_there_that_hangs(server: Server) -> None:
    """It is stopped with SIGSTOP: its ssh and the network are alive."""
    link = await connect(server.entry(demo=""), __version__, environ=ALONE)
    host = await SingleHost.opened("web1", link, dead=0.5)
    pid = int((await host.run(("sh", "-c", "echo $PPID"))).stdout)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(HostError, match=r"web1: no answer for 0\.5 s|^no answer for 0\.5 s"):
            await host.run(("true",))
        with pytest.raises(HostError, match="web1: no answer"):
            await host.run(("true",))
    finally:
        os.kill(pid, signal.SIGKILL)
        await host.close()


async def test_a_slow_link_is_called_slow(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jailer_core.host.ssh.keeper.SLOW", 0.05)
    monkeypatch.setattr("jailer_core.host.ssh.keeper.PING", 0.01)
    watched = Watched(server.entry(port=proxy.port))
    await watched.until(LinkStatus.UP)
    proxy.delay = 0.1
    slow = await watched.until(LinkStatus.SLOW)
    assert slow.latency is not None
    assert slow.latency >= 0.05
    await watched.end()
