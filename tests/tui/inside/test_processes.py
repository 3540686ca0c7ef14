"""The processes of a jail by keys alone: sorted, filtered, signalled."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.model import Process
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.kernel.state import SimProcess
from jailer_tui.presenters.processes import COLUMNS, cells, columns_for, in_order, matches
from jailer_tui.screens.processes import ProcessesScreen
from tests.tui.harness import Stage, opened

HOSTILE = "evil\x1b[2J\u202edaemon"


def more(machine: Machine) -> None:
    machine.spawn(
        SimProcess(30001, 18498, 75, "nginx: worker process (nginx)", "www", 12.5, 91000, state="R")
    )
    machine.spawn(SimProcess(30002, 1, 75, HOSTILE, "nobody", 0.2, 700))
    machine.spawn(SimProcess(30003, 1, 76, "of another jail"))


def screen(stage: Stage) -> ProcessesScreen:
    found = stage.app.screen
    assert isinstance(found, ProcessesScreen)
    return found


async def shown(stage: Stage, name: str = "www0") -> None:
    await stage.go_to(name)
    await stage.press("P")
    await stage.until(lambda: "COMMAND" in stage.text and "Reading" not in stage.text, "the table")


async def test_a_table_that_sorts_and_filters() -> None:
    async with opened("busy", change=more) as stage:
        await shown(stage)
        await stage.compare_sizes("processes")
        assert "\x1b" not in stage.text
        await stage.press("O")
        assert screen(stage).pane.grid.rows[-1].key == "30001"
        await stage.press("o", "down", "enter")
        assert screen(stage).pane.sorted_by == ("memory", False)
        assert [row.key for row in screen(stage).pane.grid.rows][:2] == ["30001", "18493"]
        await stage.press("slash")
        await stage.type("www !nobody")
        await stage.press("enter")
        assert [row.key for row in screen(stage).pane.grid.rows] == ["30001"]
        stage.sees("1 of 6 processes", "/www !nobody")
        await stage.press("escape")
        assert len(screen(stage).pane.grid.rows) == 6
        await stage.press("right_square_bracket")  # after the last one comes the first that runs
        await stage.until(lambda: "Processes of app0" in stage.text, "the next jail")
        stage.sees("of another jail")
        await stage.press("left_square_bracket")
        await stage.until(lambda: "Processes of www0" in stage.text, "the jail before")
        await stage.press("escape")
        assert stage.dialog == "JailsScreen"


async def test_the_cursor_stays_with_its_process() -> None:
    async with opened(change=more) as stage:
        await shown(stage)
        await stage.press("end")
        key = screen(stage).pane.grid.key
        stage.machine.spawn(SimProcess(20000, 1, 75, "busy one", cpu=50.0))
        await stage.refresh()
        assert screen(stage).pane.grid.rows[0].key == "20000"
        assert screen(stage).pane.grid.key == key


async def test_it_is_asked_to_end_and_is_gone() -> None:
    async with opened(change=more) as stage:
        await shown(stage)
        await stage.press("X")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees("$ kill -TERM 30001", "cannot be undone")
        await stage.press("y")
        await stage.at_rest()
        await stage.press("escape")
        assert 30001 not in stage.machine.state.processes
        stage.sees("5 processes")


async def test_what_ignores_term_says_so_and_kill_ends_it() -> None:
    def stubborn(machine: Machine) -> None:
        more(machine)
        machine.state.processes[30001].stubborn = True

    async with opened(change=stubborn) as stage:
        await shown(stage)
        await stage.press("enter")
        stage.compare("processes-signals")
        await stage.press("down", "down", "enter")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees("$ kill -HUP 30001", "makes daemons reload their configuration")
        await stage.press("escape")
        assert stage.dialog == "ChoiceDialog"
        await stage.press("up", "enter")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        await stage.press("y")
        await stage.at_rest()
        assert 30001 not in stage.machine.state.processes


async def test_it_is_gone_before_the_signal_comes() -> None:
    async with opened(change=more) as stage:
        await shown(stage)
        del stage.machine.state.processes[30001]
        await stage.press("X")
        await stage.until(lambda: bool(stage.app._notifications), "the reason")
        assert any("is not running in www0" in one.message for one in stage.app._notifications)


async def test_a_jail_that_stops_and_a_ps_that_fails_say_so() -> None:
    async with opened(change=more) as stage:
        await shown(stage)
        stage.machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("ps", "-J"), times=1))
        await stage.refresh()
        await stage.until(lambda: "injected fault" in stage.text, "the failure")
        await stage.refresh()
        await stage.until(lambda: "6 processes" in stage.text, "the processes again")
        stage.machine.now_run(("jail", "-f", "/etc/jail.conf.d/www0.conf", "-r", "www0"))
        await stage.refresh()
        await stage.until(lambda: "www0 is not running." in stage.text, "that it stopped")


async def test_only_what_is_in_front_asks_for_processes() -> None:
    async with opened(change=more) as stage:
        await shown(stage)
        asked = readings(stage)
        await stage.refresh()
        assert readings(stage) == asked + 1
        await stage.press("question_mark", "escape")
        stage.app.set_view(replace(stage.app.view, reading=True))
        await stage.settle()
        assert readings(stage) == asked + 1
        await stage.press("escape")
        asked = readings(stage)
        await stage.refresh()
        assert readings(stage) == asked


def readings(stage: Stage) -> int:
    """How often processes were read."""
    return len([argv for argv in stage.host.log if argv[:2] == ("ps", "-J")])


async def test_from_the_opened_jail_by_enter() -> None:
    async with opened(change=more) as stage:
        await stage.go_to("www0")
        await stage.press("enter", "right", "right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ProcessesScreen), "the screen")
        await stage.press("escape")
        assert stage.dialog == "JailScreen"
        await stage.press("left", "enter")
        assert stage.dialog == "JailScreen"


def test_columns_go_as_it_gets_narrow() -> None:
    assert [one.key for one in columns_for(45)] == ["pid", "cpu", "command"]
    assert len(columns_for(160)) == len(COLUMNS)
    for width in range(40, 200):
        columns = columns_for(width)
        assert sum(one.width for one in columns) + len(columns) <= width


def test_order_and_choice() -> None:
    one = Process(2, 1, 5, 0.5, 100, "SsJ", 10, "root", "b2")
    other = Process(1, 1, 5, 0.0, 300, "TJ", 90, "www", "b10")
    both = (one, other)
    assert [p.pid for p in in_order(both, "pid", reverse=False)] == [1, 2]
    assert [p.pid for p in in_order(both, "cpu", reverse=False)] == [2, 1]
    assert [p.pid for p in in_order(both, "command", reverse=False)] == [2, 1]
    assert [p.pid for p in in_order(both, "memory", reverse=True)] == [2, 1]
    assert matches(one, "B2 root")
    assert not matches(one, "!root")
    assert cells(other, COLUMNS)[5] == ("TJ", "warn")
