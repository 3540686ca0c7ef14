"""Twenty hosts with fifty jails each: time until all are shown, cost of a refresh, and memory.

python -m tests.bench.hosts ARCHIVE FILE     the screen on twenty agents that repeat what FILE says
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from jailer_core.errors import HostError
from jailer_core.facts import Reader
from jailer_core.facts.probes import InSight
from jailer_core.host.remote.channel import Channel
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import archive
from jailer_core.host.ssh.connect import Link
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.host.ssh.keeper import Keeper
from tests.bench.figures import Figure
from tests.bench.screen import resident

HOSTS, JAILS = 20, 50
FIRST, QUIET, HERE, THERE = 2.0, 1024, 120.0, 25.0
AGENT = Path(__file__).with_name("canned_agent.py")


async def connected(
    files: tuple[str, str], lost: Callable[[HostError], None] = lambda _error: None
) -> Link:
    """An agent of its own, over pipes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-B", str(AGENT), *files),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    channel = Channel(process.stdout, process.stdin, lost)
    await channel.hello()
    return Link(channel, process, asyncio.create_task(_nothing()))


async def _nothing() -> str:
    return ""


async def _measure(files: tuple[str, str]) -> list[Figure]:
    links = await asyncio.gather(*(connected(files) for _ in range(HOSTS)))
    hosts = [RemoteHost(f"web{number}") for number in range(HOSTS)]
    for host, link in zip(hosts, links, strict=True):
        await host.attach(link.channel)
    readers = [Reader(host) for host in hosts]
    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(reader.gather(quick=True) for reader in readers))
    first, used = time.perf_counter() - began, time.process_time() - used
    began = time.perf_counter()
    found = await asyncio.gather(*(reader.gather() for reader in readers))
    whole = time.perf_counter() - began
    figures = [
        Figure("20 hosts: first table of all", first, "s", FIRST, "once connections stand"),
        Figure(
            "20 hosts: processor time of that", used, "s", note="here; the agents are beside it"
        ),
        Figure("20 hosts: everything of all", whole, "s"),
        Figure("20 hosts: jails in them", sum(len(inventory.jails) for inventory in found), ""),
    ]
    for name in ("what is due", "everything"):
        await _once(readers[0], name)
        channel = links[0].channel
        before = channel.received + channel.outbox.sent
        await _once(readers[0], name)
        size = channel.received + channel.outbox.sent - before
        figures.append(Figure(f"quiet refresh of a host, {name}", size, "B", QUIET))
    for _ in range(20):
        await readers[0].gather()
    pid = links[0]._process.pid
    figures.append(Figure("memory of an agent", resident(pid), "MB", THERE))
    for link in links:
        await link.close()
    return figures


async def _once(reader: Reader, name: str) -> None:
    if name == "everything":
        await reader.gather()
    else:
        await reader.refresh(InSight())


def hosts() -> Iterator[Figure]:
    """See the module."""
    from tests.bench.canned import record_host  # noqa: PLC0415 - not in the child
    from tests.bench.refresh import machine_of  # noqa: PLC0415
    from tests.bench.screen import SETTLING  # noqa: PLC0415
    from tests.tui.terminal import Terminal  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        files = (f"{folder}/agent.zip", f"{folder}/host.json")
        Path(files[0]).write_bytes(archive.build().data)
        record_host(machine_of(JAILS), Path(files[1]))
        yield from asyncio.run(_measure(files))
        with Terminal(*files, module="tests.bench.hosts") as it:
            it.until(b"running")
            it.watch(10 * SETTLING)
            yield Figure("memory: the screen on 20 hosts", resident(it.process.pid), "MB", HERE)


def screen(files: tuple[str, str]) -> int:
    """The screen on twenty agents; its exit status."""
    from jailer_tui.app import JailerApp  # noqa: PLC0415 - only in the child
    from jailer_tui.shutdown import run_and_end  # noqa: PLC0415
    from jailer_tui.state import HostMarks  # noqa: PLC0415
    from jailer_tui.stores.fleet import Fleet  # noqa: PLC0415
    from jailer_tui.stores.fleet_member import Member  # noqa: PLC0415

    remotes = [RemoteHost(f"web{number}") for number in range(HOSTS)]
    app = JailerApp(remotes[0])
    members = []
    for host in remotes:
        session = app.new_session(host, host.name)
        session.view = replace(session.view, marks=HostMarks(host.name))
        keeper = Keeper(host, lambda _shared, lost: connected(files, lost))
        members.append(Member(HostEntry(host.name, ssh=host.name), session, keeper))
    app.use_fleet(Fleet(app, members))
    return run_and_end(app)


if __name__ == "__main__":
    sys.exit(screen((sys.argv[1], sys.argv[2])))
