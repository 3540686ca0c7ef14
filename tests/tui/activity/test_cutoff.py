"""An interrupted change is reported at the start, and handled by keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from jailer_core.operations.jails.requests import Destroy
from jailer_core.simulator import scenarios
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.dialogs import confirm
from tests.core.changing.dying import AFTER, BEFORE, LATER, NEVER, Death, deaths
from tests.mould import clone
from tests.tui.harness import Stage, opened


@cache
def died() -> tuple[Death, ...]:
    machine = clone(scenarios.build("busy"))
    moments = frozenset({BEFORE, AFTER, LATER, NEVER})
    return tuple(deaths(machine, Destroy("app1", "20261124T001500"), moments)[2])


@pytest.fixture(scope="module", autouse=True)
def _once() -> None:
    died()  # outside of any event loop


def left_by(moment: str) -> Callable[[Machine], None]:
    """Make a machine the one on which moving app1 into the trash was cut off."""
    (one,) = [one for one in died() if one.moment == moment and one.step == 8]

    def change(machine: Machine) -> None:
        there = one.machine()
        machine.state, machine.files = there.state, there.files

    return change


async def asked(it: Stage) -> None:
    await it.until(lambda: it.dialog == "InterruptedChangeDialog", "the question")
    await it.until(lambda: "Undo" in it.text or "still running" in it.text, "what runs")


async def test_it_is_said_at_the_start() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        it.sees("Destroy app1 was interrupted", "Move zroot/jails/app1 to the trash")
        await it.compare_sizes("cut-off")


async def test_undone() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Destroy app1")
        await it.press("y")
        await it.at_rest()
        assert it.jail("app1").running
        await it.press("escape")
        assert "Interrupted" not in it.text


async def test_gone_on_with() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        await it.press("tab", "enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Resume: Destroy app1", "Remove /etc/jail.conf.d/app1.conf")
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        assert it.inventory.jail("app1") is None
        assert it.inventory.trash


async def test_left_as_it_is() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        await it.press("tab", "tab", "enter")
        await it.until(lambda: it.dialog == "ConfirmDialog", "the question")
        await it.press("y")
        await it.until(lambda: not it.app.view.cut_off, "its end")
        assert "Interrupted" not in it.text


async def test_later_means_that_nothing_else_is_changed() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        await it.press("escape")
        it.sees("Interrupted: Destroy app1", "z resolves it")
        await it.go_to("app0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        it.sees("an earlier change was interrupted")
        await it.press("escape", "z")
        await asked(it)


async def test_a_command_that_still_runs_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "LOOK", 0.01)
    async with opened("busy", change=left_by(LATER)) as it:
        await asked(it)
        it.sees("One of its commands is still running:", "zfs rename", "[ Later ]")
        it.machine.state.now += 60
        await it.until(lambda: "Resume" in it.text, "its end")
        assert it.dialog == "InterruptedChangeDialog"


async def test_or_ended() -> None:
    async with opened("busy", change=left_by(NEVER)) as it:
        await asked(it)
        await it.press("tab", "enter")
        await it.until(lambda: "Undo: undo what" in it.text, "its end")
        assert not [
            one for one in it.machine.state.processes.values() if "zfs rename" in one.command
        ]


async def test_who_only_looks_is_not_asked() -> None:
    async with opened("busy", change=left_by(AFTER), read_only=True) as it:
        await it.settle()
        assert it.dialog == "JailsScreen"
        it.sees("Interrupted: Destroy app1")


async def test_the_activity_tab_leads_there() -> None:
    async with opened("busy", change=left_by(AFTER)) as it:
        await asked(it)
        await it.press("escape", "6")
        await it.until(lambda: it.app.view.changes.entries is not None, "the journal")
        it.sees("interrupted")
        await it.press("z")
        await asked(it)
