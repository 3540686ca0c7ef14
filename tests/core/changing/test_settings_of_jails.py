"""Limits and parameters over the life of a jail: stops, failed starts, undo after other changes."""

from __future__ import annotations

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.operations.jails.requests import Restart, Start, Stop
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import OutcomeStatus, Request, Step
from jailer_core.simulator.kernel.machine import Fault
from tests.core.changing.prepared import everything
from tests.core.changing.workbench import STAMP, Bench

RULE = "jail:www0:memoryuse:deny=1073741824"


async def limited() -> Bench:
    bench = Bench(scenario="busy")
    assert (await bench.do(SetLimits("www0", ("memory=1G",)))).ok
    assert bench.machine.state.rctl == [RULE]
    return bench


async def undo(bench: Bench) -> bool:
    return (await bench.do(UndoChange(bench.journal()[-1], STAMP))).ok


async def test_a_stop_takes_the_limits_away_and_a_start_sets_them_again() -> None:
    bench = await limited()
    assert (await bench.do(Stop("www0"))).ok
    assert bench.machine.state.rctl == []
    assert (await bench.do(Start("www0"))).ok
    assert bench.machine.state.rctl == [RULE]
    assert (await bench.do(Restart("www0"))).ok
    assert bench.machine.state.rctl == [RULE]


async def test_a_start_that_fails_late_leaves_no_limits() -> None:
    bench = Bench(scenario="busy")
    bench.hook(
        '  exec.created = "rctl -a jail:${name}:maxproc:deny=9 || true";\n'
        "  exec.start = \"/bin/sh -c 'exit 3'\";\n"
        '  exec.poststop = "rctl -r jail:${name} || true";'
    )
    outcome = await bench.do(Start("hook"))
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.undone
    assert bench.machine.state.rctl == []


async def test_limits_are_undone_after_the_jail_was_stopped() -> None:
    bench = await limited()
    changed = bench.journal()[-1]
    assert (await bench.do(Stop("www0"))).ok
    assert (await bench.do(UndoChange(changed, STAMP))).ok
    assert "rctl" not in bench.text("/etc/jail.conf.d/www0.conf")
    assert bench.machine.state.rctl == []


async def test_a_limit_that_was_changed_since_is_left_alone() -> None:
    bench = await limited()
    bench.run_now("rctl", "-a", "jail:www0:memoryuse:deny=2G")
    with pytest.raises(Refused, match="limit on memoryuse of www0 has changed"):
        await undo(bench)


async def test_the_next_change_of_a_limit_takes_the_place_of_the_last() -> None:
    bench = await limited()
    assert (await bench.do(SetLimits("www0", ("memory=2G",)))).ok
    assert bench.machine.state.rctl == ["jail:www0:memoryuse:deny=2147483648"]
    assert bench.text("/etc/jail.conf.d/www0.conf").count("memoryuse") == 1
    assert await undo(bench)
    assert bench.machine.state.rctl == [RULE]


async def test_a_parameter_outlasts_a_restart_and_is_undone() -> None:
    bench = Bench(scenario="busy")
    before = bench.text("/etc/jail.conf.d/www0.conf")
    assert (await bench.do(SetParameters("www0", ("allow.mlock=yes",)))).ok
    changed = bench.journal()[-1]
    assert (await bench.do(Restart("www0"))).ok
    assert (await bench.do(UndoChange(changed, STAMP))).ok
    assert bench.text("/etc/jail.conf.d/www0.conf") == before
    jail = bench.machine.jail_named("www0")
    assert jail is not None
    assert jail.params["allow.mlock"] == ["false"]


async def test_what_the_kernel_refuses_leaves_the_file_as_it_was() -> None:
    bench = Bench(scenario="busy")
    before = bench.text("/etc/jail.conf.d/www0.conf")
    bench.machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("jail", "-m")))
    outcome = await bench.do(SetParameters("www0", ("allow.mlock=yes",)))
    assert not outcome.ok
    assert bench.text("/etc/jail.conf.d/www0.conf") == before


@pytest.mark.parametrize(
    "request_",
    [
        SetLimits("www0", ("memory=1G", "cpuset=0", "quota=1G", "compression=zstd")),
        SetParameters("www0", ("allow.mlock=yes", "children.max=3")),
        SetParameters("shop", ("allow.mlock=yes",)),
    ],
    ids=("limits", "parameters", "bastille"),
)
async def test_an_undo_is_undone(request_: Request) -> None:
    bench = Bench(scenario="busy")
    assert (await bench.do(request_)).ok
    made = everything(bench.machine)
    assert await undo(bench)
    assert not any(step.irreversible_because for step in await steps_of(bench))
    assert await undo(bench)
    assert everything(bench.machine) == made


async def steps_of(bench: Bench) -> tuple[Step, ...]:
    """The steps that would undo the last change."""
    return (await prepare(bench.reader, UndoChange(bench.journal()[-1], STAMP))).steps
