"""From request to outcome on the simulated host: lock, rebuild, failing hooks, lost interfaces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import execute, finish, prepare
from jailer_core.facts import Reader
from jailer_core.journal import entries
from jailer_core.model import JailState
from jailer_core.operations.jails.requests import (
    Destroy,
    Edit,
    Restart,
    Start,
    StartAll,
    Stop,
    StopAll,
    TrashRestore,
)
from jailer_core.operations.registry import expand
from jailer_core.plan import Event, OutcomeStatus, StepStarted
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.kernel.state import SimJail
from jailer_core.simulator.persist import dump, same
from tests.core.changing.plancases import PLANS as ROOT, load
from tests.core.changing.workbench import Bench

# --- before the first step -------------------------------------------------------------------


async def test_a_plan_that_no_longer_fits_is_shown_again() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Stop("www0"))
    bench.run_now("service", "jail", "restart", "www0")
    before = dump(bench.machine)
    outcome = await bench.carry_out(plan)
    assert outcome.status is OutcomeStatus.CHANGED
    assert same(before, dump(bench.machine)) == ()
    assert outcome.plan.steps != plan.steps
    assert (await bench.carry_out(outcome.plan)).ok
    assert "www0" not in bench.running()


@pytest.mark.parametrize(("line", "told"), [("exec.prestart", False), ("exec.poststart", True)])
async def test_the_console_log_of_another_day_explains_nothing(line: str, told: bool) -> None:
    bench = Bench()
    bench.hook(f'  {line} = "/usr/bin/false";')
    bench.write("/var/log/jail/hook.log", "goodbye\n")
    outcome = await bench.do(Start("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert ("goodbye" in outcome.notes) is told


async def test_a_busy_host_does_not_change_a_plan() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Destroy("www0", "S"))
    bench.machine.state.now += 3600
    bench.run_now("touch", "/usr/local/jails/www0/root/new")
    bench.run_now("touch", "/usr/local/jails/app0/root/new")
    bench.run_now("jail", "-c", "name=other", "path=/", "persist")
    assert (await bench.carry_out(plan)).ok


async def test_a_request_that_is_not_possible_any_more() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Stop("www0"))
    bench.run_now("service", "jail", "stop", "www0")
    outcome = await bench.carry_out(plan)
    assert outcome.status is OutcomeStatus.NOTHING
    assert outcome.message == "www0 is already stopped"


async def test_one_change_at_a_time() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Stop("www0"))
    async with bench.host.lock():
        outcome = await bench.carry_out(plan)
    assert outcome.status is OutcomeStatus.REFUSED
    assert "www0" in bench.running()


async def test_only_root() -> None:
    bench = Bench(user="nobody")
    outcome = await bench.do(Stop("www0"))
    assert outcome.status is OutcomeStatus.REFUSED
    assert "root" in outcome.message
    assert "www0" in bench.running()


async def test_nothing_to_do() -> None:
    bench = Bench()
    outcome = await bench.do(Edit("www0", bench.text("/etc/jail.conf.d/www0.conf")))
    assert outcome.status is OutcomeStatus.NOTHING
    assert outcome.ok
    assert not bench.machine.files.exists("/var/db/jailer-tui")


async def test_no_journal_no_change() -> None:
    bench = Bench()
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == "<append>"))
    outcome = await bench.do(Stop("www0"))
    assert outcome.status is OutcomeStatus.FAILED
    assert "nothing was changed" in outcome.message
    assert "www0" in bench.running()


async def test_a_host_that_cannot_be_read() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Stop("www0"))
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == "jls", times=99))
    outcome = await bench.carry_out(plan)
    assert not outcome.ok
    assert outcome.message
    assert "www0" in bench.running()


# --- hooks that fail (recording 12) ----------------------------------------------------------


EPAIR = 'vnet; vnet.interface = "epair9b"; exec.prestart = "ifconfig epair9 create up";'


@pytest.mark.parametrize(
    "lines",
    [
        f'{EPAIR} exec.prestart += "ifconfig nosuch0 addm epair9a up";',
        f'{EPAIR} exec.poststart = "/usr/bin/false";',
        f'{EPAIR} exec.start = "/bin/sh -c false";',
        f"{EPAIR} no.such.param = 1;",
    ],
)
async def test_a_start_that_fails_leaves_nothing(lines: str) -> None:
    bench = Bench()
    bench.hook(lines)
    before = dump(bench.machine)
    outcome = await bench.do(Start("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert "hook" in outcome.message
    assert outcome.undone
    assert same(before, dump(bench.machine)) == ()


async def test_the_reason_of_a_failed_start_is_the_hooks_own() -> None:
    bench = Bench()
    bench.hook(f'{EPAIR} exec.prestart += "ifconfig bridge9 addm epair9a up";')
    outcome = await bench.do(Start("hook"))
    assert "interface bridge9 does not exist" in outcome.message


async def test_a_failed_start_shows_the_end_of_the_console_log() -> None:
    bench = Bench()
    bench.hook("exec.start = \"/bin/sh -c 'echo no database here; exit 3'\";")
    outcome = await bench.do(Start("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert "no database here" in outcome.notes


@pytest.mark.parametrize("hook", ["exec.prestop", "exec.stop"])
async def test_a_stop_that_is_refused_by_a_hook_keeps_it_running(hook: str) -> None:
    bench = Bench()
    bench.hook(f'{hook} = "/bin/sh -c false";')
    assert (await bench.do(Start("hook"))).ok
    outcome = await bench.do(Stop("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.message.endswith("failed")
    assert "hook" in bench.running()


async def test_a_failing_poststop_is_a_stop_with_a_remark() -> None:
    bench = Bench()
    bench.hook('exec.poststop = "/usr/bin/false";')
    assert (await bench.do(Start("hook"))).ok
    outcome = await bench.do(Stop("hook"))
    assert outcome.status is OutcomeStatus.DONE
    assert "/usr/bin/false: failed" in outcome.notes[0]
    assert "hook" not in bench.running()


async def test_a_restart_that_cannot_start_says_that_it_is_down() -> None:
    bench = Bench()
    bench.hook('exec.start = "/bin/sh -c true";')
    assert (await bench.do(Start("hook"))).ok
    path = "/etc/jail.conf.d/hook.conf"
    broken = bench.text(path).replace("true", "false")
    bench.write(path, broken)
    outcome = await bench.do(Restart("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert not outcome.undone
    assert any("Start hook again" in line for line in outcome.leftovers)


async def test_a_restart_goes_back_to_the_file_it_ran_by() -> None:
    """Edited to something that does not start: undo starts it with the text it was started with."""
    bench = Bench()
    bench.hook('exec.start = "/bin/sh -c true";')
    assert (await bench.do(Start("hook"))).ok
    text = bench.text("/etc/jail.conf.d/hook.conf")
    assert (await bench.do(Edit("hook", text.replace("true", "false")))).ok
    outcome = await bench.do(Restart("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert "hook" in bench.running()
    assert outcome.undone


SHARED = 'interface = vtnet0; ip4.addr = "10.0.2.77/32"; mount.devfs; exec.prestop = "false";'


@pytest.mark.parametrize("lines", [SHARED, f'{EPAIR} mount.devfs; exec.prestop = "false";'])
async def test_a_start_that_hangs_and_cannot_be_stopped(lines: str) -> None:
    """Its stop commands fail: it is removed without them, and what they would do is done."""
    bench = Bench()
    bench.hook(lines.replace("ip4 = inherit;", ""))
    text = bench.text("/etc/jail.conf.d/hook.conf").replace("ip4 = inherit; ", "")
    bench.write("/etc/jail.conf.d/hook.conf", text)
    before = dump(bench.machine)
    bench.machine.faults.append(Fault("stuck", lambda argv: "-c" in argv))
    plan = await prepare(bench.reader, Start("hook"))
    outcome = await execute(
        bench.reader, plan, when_started(0, bench.abort.set), bench.abort, pause=0
    )
    assert outcome.status is OutcomeStatus.ABORTED
    assert ("jail", "-R", "hook") in bench.host.log
    assert same(before, dump(bench.machine)) == ()
    assert outcome.undone
    assert len(outcome.leftovers) == 1
    assert "has written to" in outcome.leftovers[0]


async def test_a_dying_jail_of_that_name_hinders_nothing() -> None:
    bench = Bench()
    assert (await bench.do(Stop("www0"))).ok
    ghost = SimJail(900, "www0", "/usr/local/jails/www0", dying=True)
    bench.machine.state.jails[900] = ghost
    plan = await prepare(bench.reader, Start("www0"))
    assert "still dying" in plan.notes[0]
    assert (await bench.carry_out(plan)).ok
    assert (await bench.do(Stop("www0"))).ok
    assert bench.running() == {"99d6c13c", "fd1dafdc", "app0"}


# --- whole stories ---------------------------------------------------------------------------


async def test_destroyed_and_brought_back_as_it_was() -> None:
    bench = Bench()
    bench.run_now("zfs", "create", "zroot/jails/www0/data")
    bench.run_now("zfs", "create", "-o", "mountpoint=/srv/db", "zroot/jails/www0/db")
    bench.run_now("zfs", "set", "quota=500M", "zroot/jails/www0")
    bench.run_now("chmod", "0640", "/etc/jail.conf.d/www0.conf")
    bench.run_now("sysrc", "jail_list=99d6c13c www0 app0")
    before = dump(bench.machine)
    assert (await bench.do(Destroy("www0", "S"))).ok
    assert "www0" not in bench.running()
    assert not bench.machine.files.exists("/usr/local/jails/www0/bin")
    assert (await bench.do(TrashRestore("www0"))).ok
    differences = [line for line in same(before, dump(bench.machine)) if ".trash" not in line]
    assert differences == []


async def test_all_stopped_and_started_by_their_own_files() -> None:
    bench = Bench()
    bench.run_now("jail", "-c", "name=hand", "path=/", "persist")
    bench.run_now("sysrc", "jail_list=www0 app0")
    before = dump(bench.machine)
    inventory = await bench.reader.gather()
    requests = expand(inventory, StopAll())
    assert requests == tuple(map(Stop, ("fd1dafdc", "99d6c13c", "app0", "www0")))
    for request in requests:
        assert (await bench.do(request)).ok
    assert bench.running() == {"hand"}
    assert not [name for name in bench.machine.state.interfaces if name.startswith("epair")]
    requests = expand(await bench.reader.gather(), StartAll())
    assert requests == tuple(map(Start, ("www0", "app0", "99d6c13c", "fd1dafdc")))
    for request in requests:
        assert (await bench.do(request)).ok
    assert same(before, dump(bench.machine)) == ()


async def test_edited_while_running_then_stopped_by_the_old_text() -> None:
    bench = Bench()
    path = "/etc/jail.conf.d/app0.conf"
    assert (await bench.do(Edit("app0", bench.text(path).replace("epair", "epair9")))).ok
    assert (await bench.do(Stop("app0"))).ok
    assert "epair4a" not in bench.machine.state.interfaces
    assert bench.machine.files.listdir("/var/db/jailer-tui/running") == []


async def test_a_text_that_jail8_cannot_read_changes_nothing() -> None:
    bench = Bench()
    before = dump(bench.machine)
    with pytest.raises(Refused, match="syntax error"):
        await bench.do(Edit("app0", "app0 {\n  path = /\n  persist;\n}\n"))
    assert same(before, dump(bench.machine)) == ()


async def test_what_is_unmounted_by_hand_meanwhile_is_not_touched() -> None:
    """Between the look and the rename someone mounts something inside."""
    bench = Bench()
    plan = await prepare(bench.reader, Destroy("www0", "S"))
    bench.run_now("mkdir", "/usr/local/jails/www0/mnt/x")
    bench.run_now("mount", "-t", "nullfs", "/etc", "/usr/local/jails/www0/mnt/x")
    outcome = await bench.carry_out(plan)
    assert outcome.status is OutcomeStatus.REFUSED
    assert "/usr/local/jails/www0/mnt/x" in outcome.message
    assert "www0" in bench.running()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "stop").glob("name-*.json")), ids=lambda path: path.stem
)
async def test_hostile_names_are_stopped_and_started(path: object) -> None:
    case = load(ROOT / "stop" / f"{getattr(path, 'name', '')}")
    bench = Bench()
    bench.machine = case.machine()
    bench.host = SimulatedHost(bench.machine)
    bench.reader = Reader(bench.host)
    name = case.data["request"]["name"]
    others = bench.running() - {name}
    assert (await bench.do(Stop(name))).ok
    assert bench.running() == others
    assert (await bench.do(Start(name))).ok
    assert bench.running() == others | {name}
    assert (await bench.do(Destroy(name, "S"))).ok
    assert (await bench.do(TrashRestore("odd-S"))).ok
    assert bench.running() == others | {name}


# --- faces that go ---------------------------------------------------------------------------


def when_started(index: int, then: Callable[[], None]) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if isinstance(event, StepStarted) and event.index == index and not event.undoing:
            asyncio.get_running_loop().call_soon(then)

    return hear


async def test_the_plan_goes_on_when_its_face_is_gone() -> None:
    bench = Bench()
    plan = await prepare(bench.reader, Restart("app0"))

    def leave() -> None:
        task.cancel()

    hear = when_started(0, leave)
    task = asyncio.create_task(execute(bench.reader, plan, hear, bench.abort, pause=0))
    with pytest.raises(asyncio.CancelledError):
        await task
    await finish()
    assert "app0" in bench.running()
    (entry,) = await entries(bench.host, (await bench.reader.gather()).layout)
    assert entry.ending == "done"
    assert (entry.begun, entry.done) == ((0, 1), (0, 1))


async def test_abort_of_a_start_that_hangs() -> None:
    bench = Bench()
    assert (await bench.do(Stop("app0"))).ok
    before = dump(bench.machine)
    bench.machine.faults.append(Fault("hang", lambda argv: "/etc/rc" in argv))
    bench.machine.faults.append(Fault("hang", lambda argv: argv[:3] == ("jail", "-v", "-f")))
    plan = await prepare(bench.reader, Start("app0"))
    hear = when_started(0, bench.abort.set)
    outcome = await execute(bench.reader, plan, hear, bench.abort, pause=0)
    assert outcome.status is OutcomeStatus.ABORTED
    assert outcome.undone
    assert same(before, dump(bench.machine)) == ()


async def test_the_time_of_a_plan_is_told() -> None:
    bench = Bench()
    bench.machine.faults.append(Fault("slow", lambda argv: "-r" in argv, seconds=7))
    outcome = await bench.do(Stop("www0"))
    assert outcome.ok
    assert outcome.seconds >= 7


async def test_a_refusal_is_an_exception_only_from_prepare() -> None:
    bench = Bench()
    with pytest.raises(Refused):
        await prepare(bench.reader, Start("nosuch"))
    jail = (await bench.reader.gather()).jail("www0")
    assert jail is not None
    assert jail.state is JailState.RUNNING


async def test_who_is_not_known_to_be_root_changes_nothing() -> None:
    bench = Bench(user="guest")  # a user that the host does not know: id fails
    outcome = await bench.do(Stop("www0"))
    assert outcome.status is OutcomeStatus.REFUSED
    assert "could not be determined" in outcome.message
    assert "www0" in bench.running()
