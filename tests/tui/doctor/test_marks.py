"""Which fixes are done: the marked ones as one plan, or one alone."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.operations.setup.requests import EnableJails, Init
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.kernel.machine import Fault, Machine
from tests.tui.harness import opened
from tests.tui.setup_parts import doctor, examined, last, outcome, run_shown


async def test_one_alone() -> None:
    async with opened("fresh") as it:
        screen = await doctor(it)
        screen.grid.move_to_key("enable")
        await it.press("x")
        assert (await run_shown(it)).ok
        assert last(it).plan.request == EnableJails()
        await examined(it)
        checks = {one.id: one for one in screen.checks}
        assert checks["enable"].good
        assert not checks["dataset"].good
        assert "enable" not in screen.grid.marks
        assert "dataset" in screen.grid.marks


async def test_space_unmarks_and_enter_does_the_rest() -> None:
    async with opened("fresh") as it:
        screen = await doctor(it)
        screen.grid.move_to_key("dhcp")
        await it.press("space")
        assert "dhcp" not in screen.grid.marks
        assert screen.grid.key == "devfs"
        await it.press("enter")
        assert (await run_shown(it)).ok
        assert isinstance(last(it).plan.request, Init)
        await examined(it)
        states = {one.id: one.state for one in screen.checks}
        assert states["dhcp"] == "missing"
        assert states["bridge"] == "ok"


async def test_mark_all_and_none() -> None:
    async with opened("fresh") as it:
        screen = await doctor(it)
        every = {one.id for one in screen.checks if one.fix is not None}
        assert screen.grid.marks == every
        await it.press("a")
        assert not screen.grid.marks
        await it.press("a")
        assert screen.grid.marks == every
        await it.press("a")
        screen.grid.move_to_key("zfs")
        await it.press("enter")
        assert it.dialog == "SetupScreen"
        assert any("o fix is marked" in one.message for one in it.app._notifications)


async def test_what_fails_is_taken_back_and_looked_at_again() -> None:
    def change(machine: Machine) -> None:
        fails = Fault("fail", lambda argv: argv == ("sysrc", "jail_enable=YES"), message="full")
        machine.faults.append(replace(fails, times=9))

    async with opened("fresh", change=change) as it:
        screen = await doctor(it)
        before = {one.id: one.state for one in screen.checks}
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        assert outcome(it).status is OutcomeStatus.FAILED
        it.sees("full", "has been undone")
        await it.press("escape")
        await examined(it)
        assert {one.id: one.state for one in screen.checks} == before
        assert it.inventory.layout.dataset == ""
