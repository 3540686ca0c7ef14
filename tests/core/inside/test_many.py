"""One command in many jails: fifty with failures, hangs and floods; nothing is left running."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut, JailRun, RunStatus
from jailer_core.facts import Reader
from jailer_core.journal import entries
from jailer_core.operations.in_jail.requests import Command, Exec, Packages, Services
from jailer_core.plan import Plan, decode, encode
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import build

COUNT = 50


def host(scenario: str = "busy", user: str = "root") -> SimulatedHost:
    return SimulatedHost(build(scenario), user=user)


def running(one: SimulatedHost, count: int = COUNT) -> tuple[str, ...]:
    jails = one.machine.state.jails.values()
    return tuple(sorted(jail.name for jail in jails if not jail.dying)[:count])


def of(one: SimulatedHost, name: str) -> Callable[[tuple[str, ...]], bool]:
    jail = one.machine.jail_named(name)
    assert jail is not None
    return lambda argv: argv[0] == "jexec" and str(jail.jid) in argv


async def ready(one: SimulatedHost, request: Command) -> FanOut:
    reader = Reader(one)
    return FanOut(reader, await prepare(reader, request))


async def until(true: Callable[[], bool]) -> None:
    for _ in range(5000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


def stands(many: FanOut) -> Counter[RunStatus]:
    return Counter(turn.run_status for turn in many.turns)


@pytest.mark.usefixtures("hundred")
async def test_fifty_jails_with_failures_hangs_and_floods() -> None:
    one = host("large")
    names = running(one)
    assert len(names) == COUNT
    faults = {"fail": names[3:7], "hang": names[10:12], "flood": names[20:22], "die": names[30:31]}
    for kind, where in faults.items():
        one.machine.faults += [Fault(kind, of(one, name), message="y" * 70) for name in where]
    many = await ready(one, Exec(names, ("hostname",), at_once=8))
    most = 0

    def look(_turn: JailRun | None) -> None:
        nonlocal most
        most = max(most, len(one.attended))

    many.listeners.append(look)
    run = asyncio.create_task(many.run())
    never = {*faults["hang"], *faults["flood"]}
    by_name = {turn.name: turn for turn in many.turns}
    await until(lambda: all(turn.over or turn.name in never for turn in many.turns))
    await until(lambda: all(by_name[name].output.lost for name in faults["flood"]))
    assert stands(many) == {RunStatus.DONE: 41, RunStatus.FAILED: 5, RunStatus.RUNNING: 4}
    assert 4 < most <= 8
    good = by_name[names[0]]
    assert (good.status, good.output.last) == (0, f"{names[0]}.example.org")
    assert by_name[names[3]].message == "exit status 1"
    assert by_name[names[30]].message == "killed by signal 9"
    first, *others = sorted(never)
    many.end(by_name[first])
    await until(lambda: by_name[first].over)
    assert by_name[first].run_status is RunStatus.ENDED
    assert all(by_name[name].run_status is RunStatus.RUNNING for name in others)
    many.end_all()
    await run
    assert stands(many) == {RunStatus.DONE: 41, RunStatus.FAILED: 5, RunStatus.ENDED: 4}
    assert not one.attended
    assert not many.good
    flooded = by_name[faults["flood"][0]].output
    assert len(flooded.text(error=False)) < 200_000 < flooded.total


@pytest.mark.usefixtures("hundred")
async def test_what_has_not_begun_is_left_out_when_all_is_ended() -> None:
    one = host("large")
    names = running(one)
    one.machine.faults += [Fault("hang", of(one, name)) for name in names[:4]]
    many = await ready(one, Exec(names, ("hostname",)))
    run = asyncio.create_task(many.run())
    await until(lambda: len(one.attended) == 4)
    many.end_all()
    await run
    assert stands(many) == {RunStatus.ENDED: 4, RunStatus.LEFT_OUT: COUNT - 4}
    assert not one.attended


async def test_cancelling_the_whole_leaves_nothing_running() -> None:
    one = host()
    one.machine.faults.append(Fault("hang", of(one, "www0")))
    many = await ready(one, Exec(("www0", "app0"), ("hostname",), at_once=1))
    run = asyncio.create_task(many.run())
    await until(lambda: bool(one.attended))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert stands(many) == {RunStatus.ENDED: 1, RunStatus.LEFT_OUT: 1}
    assert not one.attended
    assert many.over


async def test_time_is_up_in_each_for_itself() -> None:
    one = host()
    one.machine.faults.append(Fault("hang", of(one, "www0")))
    many = await ready(one, Exec(("www0", "app0"), ("hostname",), seconds=30))
    await many.run()
    assert {turn.name: turn.run_status for turn in many.turns} == {
        "www0": RunStatus.LATE,
        "app0": RunStatus.DONE,
    }
    assert many.turns[0].message == "not finished after 30 s, and stopped"


async def test_a_jail_that_does_not_run_says_so_and_the_others_go_on() -> None:
    many = await ready(host(), Exec(("www0", "db01", "nosuch"), ("id", "-u")))
    await many.run()
    assert [(turn.name, turn.run_status) for turn in many.turns] == [
        ("www0", RunStatus.DONE),
        ("db01", RunStatus.REFUSED),
        ("nosuch", RunStatus.REFUSED),
    ]
    assert many.turns[1].message == "db01 is not running"
    assert many.turns[2].message == "there is no jail nosuch"
    assert not many.good


async def test_the_journal_tells_what_ran_where() -> None:
    one = host()
    many = await ready(one, Exec(("www0", "app0"), ("sh", "-c", "exit 3")))
    await many.run()
    inventory = await many.reader.gather(quick=True)
    (entry,) = await entries(one, inventory.layout)
    assert entry.plan == many.plan
    assert (entry.begun, entry.done, entry.failed) == ((0, 1), (), (0, 1))
    assert entry.ending == "failed"
    assert entry.message == "not done in 2 of 2 jails: www0, app0"


async def test_what_only_looks_is_in_no_journal() -> None:
    one = host()
    many = await ready(one, Services(("www0",)))
    await many.run()
    assert many.good
    assert many.turns[0].output.last == "/etc/rc.d/cron"
    inventory = await many.reader.gather(quick=True)
    assert await entries(one, inventory.layout) == ()


async def test_not_root_runs_nothing() -> None:
    many = await ready(host(user="nobody"), Exec(("www0",), ("id",)))
    with pytest.raises(Refused, match="only root may enter jails"):
        await many.run()
    assert many.over
    assert stands(many) == {RunStatus.LEFT_OUT: 1}


async def test_a_service_that_is_not_enabled_is_no_success() -> None:
    """rc.subr says `Cannot 'start' sshd…` and ends with 0 (recording 06, there pf)."""
    many = await ready(host(), Services(("www0",), "sshd", "start"))
    await many.run()
    (turn,) = many.turns
    assert (turn.status, turn.run_status) == (0, RunStatus.FAILED)
    assert turn.message == "the service is not enabled in the jail's rc.conf"


# --- what runs -------------------------------------------------------------------------------


async def argvs(request: Command, change: Callable[[Machine], None] = lambda _: None) -> list[str]:
    one = host()
    change(one.machine)
    plan: Plan = await prepare(Reader(one), request)
    return [" ".join(turn.argv) for turn in FanOut(Reader(one), plan).turns]


async def test_jails_are_named_by_their_jid() -> None:
    assert await argvs(Exec(("www0",), ("uname", "-a"))) == ["jexec -l 75 uname -a"]
    assert await argvs(Exec(("www0",), ("id",), user="www")) == [
        "env -i /usr/sbin/jexec -U www 75 id"
    ]
    assert await argvs(Services(("www0",), "cron", "restart")) == ["service -j 75 cron restart"]
    assert await argvs(Services(("www0",))) == ["service -j 75 -e"]


async def test_pkg_of_the_host_or_else_of_the_jail() -> None:
    install = Packages(("www0",), "install", ("nginx",))
    assert await argvs(install) == ["pkg -j 75 install -y nginx"]
    assert await argvs(install, lambda machine: machine.state.packages.clear()) == [
        "jexec -l 75 env ASSUME_ALWAYS_YES=yes pkg install -y nginx"
    ]
    assert await argvs(Packages(("www0",), "upgrade", ("-n",))) == ["pkg -j 75 upgrade -n"]
    assert await argvs(Packages(("www0",), "audit")) == ["pkg -j 75 audit"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Exec(("www0",), ()), "no command given"),
        (Exec(("www0",), ("a\0b",)), "a command cannot contain a NUL byte"),
        (Exec(("www0",), ("id",), user="-x"), "-x is not a user name"),
        (Exec(("www0",), ("id",), at_once=0), "jails at a time: must be at least 1"),
        (Exec(("db01",), ("id",)), "db01 is not running"),
        (Exec(("db01", "nosuch"), ("id",)), "none of these jails is running"),
        (Packages(("www0",), "install"), "no packages to install given"),
        (Packages(("www0",), "-j"), "pkg has no command '-j'"),
        (Services(("www0",), "-x", "start"), "'-x' is not a service name"),
        (Services(("www0",), "cron", "start;id"), "unknown service action 'start;id'"),
    ],
)
async def test_what_is_no_command_is_refused(request_: Command, said: str) -> None:
    with pytest.raises(Refused) as caught:
        await prepare(Reader(host()), request_)
    assert caught.value.message == said


async def test_the_plan_survives_being_written_down() -> None:

    plan = await prepare(Reader(host()), Exec(("www0",), ("printf", "", "ö")))
    assert decode(json.loads(json.dumps(encode(plan)))) == plan
