"""An agent that serves a simulated host: readings, plans, cut connections, garbage."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core import journal, journal_peek
from jailer_core.agent.serve import AT_ONCE, Agent
from jailer_core.errors import Busy, HostError
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.host.remote.channel import WINDOW, Channel, ConnectionLost
from jailer_core.host.remote.host import EVENTS
from jailer_core.host.remote.messages import PAYLOAD, Encoder, Frame, Kind, ProtocolError
from jailer_core.host.remote.values import dumps
from jailer_core.operations.jails.requests import Rename, Stop
from jailer_core.plan import Event, OutcomeStatus, Run, StepStarted
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from tests.core.remote.pipes import Joined, Writer, joined


@pytest.fixture
async def both() -> AsyncIterator[Joined]:
    pair = await joined(SimulatedHost(scenarios.build("small")))
    yield pair
    await pair.end()


async def test_the_same_is_read_through_an_agent(both: Joined) -> None:
    near = await Reader(SimulatedHost(scenarios.build("small"))).gather()
    far = await Reader(both.client).gather()
    assert not far.problems
    taken = {"taken": 0.0, "read_at": {}, "connections": None}
    assert replace(far, **taken) == replace(near, **taken)  # type: ignore[arg-type]


async def test_a_quiet_refresh_is_small(both: Joined) -> None:
    reader = Reader(both.client)
    for _ in range(3):
        before = both.up.written + both.down.written
        await reader.gather()
    assert both.up.written + both.down.written - before < 1024


async def test_a_plan_is_carried_out_over_there(both: Joined) -> None:
    reader, heard = Reader(both.client), list[Event]()
    name = next(jail.name for jail in (await reader.gather(quick=True)).jails if jail.running)
    plan = await prepare(reader, Stop(name))
    outcome = await execute(reader, plan, heard.append, asyncio.Event())
    assert outcome.status is OutcomeStatus.DONE
    assert outcome.plan == plan
    assert sum(isinstance(event, StepStarted) for event in heard) == len(plan.steps)
    again = await Reader(both.served).gather(quick=True)
    jail = again.jail(name)
    assert jail is not None
    assert not jail.running


async def test_a_plan_goes_on_when_the_connection_breaks(both: Joined) -> None:
    reader = Reader(both.client)
    name = next(jail.name for jail in (await reader.gather(quick=True)).jails if jail.running)
    plan = await prepare(reader, Stop(name))

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted):
            both.cut()

    outcome = await execute(reader, plan, emit, asyncio.Event())
    assert outcome.status is OutcomeStatus.UNKNOWN
    assert "continues there" in outcome.message
    await asyncio.wait({both.serving})  # the agent ends after its plan
    later = await joined(both.served)
    jail = (await Reader(later.client).gather(quick=True)).jail(name)
    assert jail is not None
    assert not jail.running
    assert not await later.client.changing()
    await later.end()


async def test_a_plan_that_fails_after_the_connection_broke_unwinds_over_there(
    both: Joined,
) -> None:
    """Its journal tells so after the next connection."""
    reader = Reader(both.client)
    plan = await prepare(reader, Rename("www0", "www9"))
    last = plan.steps[-1].action
    assert isinstance(last, Run)
    cast("SimulatedHost", both.served).machine.faults.append(
        Fault("fail", lambda argv: argv == last.argv)
    )

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted) and event.index == 1:
            both.cut()

    outcome = await execute(reader, plan, emit, asyncio.Event())
    assert outcome.status is OutcomeStatus.UNKNOWN
    await asyncio.wait({both.serving})
    later = await joined(both.served)
    inventory = await Reader(later.client).gather(quick=True)
    assert inventory.jail("www0") is not None
    assert inventory.jail("www9") is None
    (path,) = await journal_peek.names(later.client, inventory.layout)
    entry = await journal.read_path(later.client, path)
    assert entry is not None
    assert (entry.ending, entry.taken_back) == ("failed", True)
    await later.end()


async def test_an_abort_is_told_and_it_unwinds_over_there(both: Joined) -> None:
    reader, abort = Reader(both.client), asyncio.Event()
    name = next(jail.name for jail in (await reader.gather(quick=True)).jails if jail.running)
    plan = await prepare(reader, Stop(name))
    outcome = await execute(reader, plan, lambda _event: abort.set(), abort)
    assert outcome.status in (OutcomeStatus.ABORTED, OutcomeStatus.DONE)


async def test_without_a_connection_the_reason_is_told(both: Joined) -> None:
    both.client.detach(HostError("No route to host", "Check the network."))
    with pytest.raises(ConnectionLost, match="No route to host") as error:
        await both.client.run(("jls",))
    assert error.value.hint == "Check the network."


async def test_a_lock_is_let_go_of_when_the_connection_breaks(both: Joined) -> None:
    second = await joined(both.served)
    async with second.client.lock():
        with pytest.raises(Busy):
            async with both.client.lock():
                pass
        second.cut()
        await asyncio.wait({second.serving})
        async with both.client.lock():
            pass
    await second.end()


async def test_one_who_does_not_read_a_terminal_holds_up_nobody(both: Joined) -> None:
    pty = await both.client.open_pty(("yes",), (80, 24), "xterm")
    for _ in range(200):
        await asyncio.sleep(0)
    result = await both.client.run(("jls",))
    assert result.ok
    assert both.down.written < 2 * WINDOW
    await pty.close()


async def test_one_who_asks_and_does_not_read_gets_no_more_than_a_few_answers() -> None:
    """As many files as may be asked for at once, and a pipe in which nothing moves."""
    host = SimulatedHost(scenarios.build("small"))
    reads: list[str] = []
    read = host.read

    async def counted(path: str, **options: Any) -> str:
        reads.append(path)
        return await read(path, **options) + "x" * PAYLOAD

    host.read = counted  # type: ignore[method-assign]
    reader, back = asyncio.StreamReader(), asyncio.StreamReader()
    writer, full = Writer(back), asyncio.Event()
    writer.drain = full.wait  # type: ignore[method-assign,assignment]
    agent = Agent(host, reader, cast("Any", writer), version="", uid=0)
    serving = asyncio.create_task(agent.serve())
    asked = dumps({"do": "read", "path": "/etc/rc.conf", "beneath": "", "limit": 1 << 20})
    frames = [Frame(call, Kind.CALL, b"\xff" * 4 + asked) for call in range(1, 500)]
    reader.feed_data(Encoder().encode(frames))
    for _ in range(200):
        await asyncio.sleep(0)
    assert 0 < len(reads) <= AT_ONCE["read"]
    full.set()
    reader.feed_eof()
    await serving


async def test_a_request_of_the_wrong_kind_ends_only_itself(both: Joined) -> None:
    for do, arguments in (
        ("run", {"argv": "jls"}),
        ("run", {"argv": []}),
        ("read", {"path": 7}),
        ("execute", {"plan": {"kind": "Plan"}, "pause": 0}),
        ("execute", {"plan": {"kind": "Stop", "name": "x"}, "pause": 0}),
        ("pty", {"argv": ["sh"], "size": [0, 0], "term": "x"}),
        ("no such thing", {}),
    ):
        with pytest.raises(HostError):
            await both.channel.ask(do, **arguments)
    assert (await both.client.run(("jls",))).ok


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Frame,
            st.integers(0, 3),
            st.sampled_from(list(Kind)),
            st.binary(max_size=20) | st.just(b"\xff\xff\xff\xff" + dumps({"do": "changing"})),
        ),
        max_size=10,
    )
)
def test_an_agent_survives_any_frames(sent: list[Frame]) -> None:
    async def play() -> None:
        reader, back = asyncio.StreamReader(), asyncio.StreamReader()
        host = SimulatedHost(_MACHINE)
        agent = Agent(host, reader, cast("Any", Writer(back)), version="", uid=0)
        reader.feed_data(Encoder().encode(sent))
        reader.feed_eof()
        await agent.serve()

    asyncio.run(play())


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Frame,
            st.integers(0, 3),
            st.sampled_from(list(Kind)),
            st.binary(max_size=20) | st.just(b"\0\0\0\0\0{}"),
        ),
        max_size=10,
    )
)
def test_a_client_survives_any_frames(sent: list[Frame]) -> None:
    async def play() -> None:
        reader, there = asyncio.StreamReader(), asyncio.StreamReader()
        channel = Channel(reader, cast("Any", Writer(there)))
        calls = [await channel.start("watch", lambda _data: None) for _ in range(2)]
        reader.feed_data(Encoder().encode(sent))
        reader.feed_eof()
        for call in calls:
            with contextlib.suppress(HostError):
                await call.fields()
        await channel.close()

    asyncio.run(play())


async def test_results_in_parts_have_one_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jailer_core.host.remote.channel.MESSAGE", 1000)
    reader, there = asyncio.StreamReader(), asyncio.StreamReader()
    channel = Channel(reader, cast("Any", Writer(there)))
    calls = [await channel.start("watch") for _ in range(20)]
    parts = [Frame(call.number, Kind.PART, b"x" * 90) for call in calls]
    reader.feed_data(Encoder().encode(parts))
    with pytest.raises(ProtocolError, match="too long"):
        await calls[0].result()
    await channel.close()


async def test_a_flood_of_kernel_events_is_not_kept() -> None:
    both = await joined(SimulatedHost(scenarios.build("small")))
    events = both.client.watch()
    assert events is not None
    first = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await both.client.run(("jls",))  # the agent has heard of the watch by now
    (number,) = [number for number, call in both.channel._calls.items() if call._data]
    event = Frame(number, Kind.DATA, dumps({"what": "created", "jid": 7}))
    for _ in range(1000):
        both.channel._heard(event)
    assert (await first).jid == 7
    assert events.ag_frame.f_locals["events"].qsize() <= EVENTS  # type: ignore[attr-defined]
    await events.aclose()  # type: ignore[attr-defined]
    await both.end()


async def test_another_version_is_an_error() -> None:
    reader, there = asyncio.StreamReader(), asyncio.StreamReader()
    channel = Channel(reader, cast("Any", Writer(there)))
    reader.feed_data(b"Welcome!\njailer-tui agent 2\n")
    with pytest.raises(ProtocolError, match="another version"):
        await channel.hello()
    await channel.close()


_MACHINE = scenarios.build("fresh")
