"""The processes of all jails in one table."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.model import Process
from jailer_tui.presenters.processes import as_tree, in_order, matches
from jailer_tui.screens.processes import ProcessesScreen
from tests.tui.harness import Stage, opened


def process(pid: int, parent: int = 1, jid: int = 1, cpu: float = 0.0) -> Process:
    return Process(pid, parent, jid, cpu, 1024, "S", 1, "root", f"command {pid}")


async def all_processes(it: Stage) -> ProcessesScreen:
    await it.press("0", "P")
    await it.until(lambda: "Processes of all jails" in it.text)
    screen = it.app.screen
    assert isinstance(screen, ProcessesScreen)
    await it.until(lambda: bool(screen.pane.grid.rows))
    return screen


async def test_pictures() -> None:
    async with opened() as it:
        await all_processes(it)
        await it.compare_sizes("all-processes")


async def test_filter_by_jail_tree_and_signal() -> None:
    async with opened() as it:
        screen = await all_processes(it)
        screen.typed("shop !cron")
        assert {row.cells[0][0] for row in screen.pane.grid.rows} == {"shop"}
        screen.typed("")
        await it.press("tab")
        assert "tree" in it.text
        await it.press("X")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert screen.current is not None


async def test_one_command_whatever_the_number_of_jails() -> None:
    async with opened() as it:
        screen = await all_processes(it)
        it.host.log.clear()
        await screen.read()
        assert [argv[0] for argv in it.host.log] == ["ps"]


async def test_the_cursor_follows_or_stays() -> None:
    async with opened() as it:
        screen = await all_processes(it)
        pane = screen.pane
        await it.press("down", "down")
        before = pane.grid.key
        last = next(found for found in pane.found or () if str(found.pid) == pane.grid.rows[-1].key)
        busy = replace(last, cpu=99.0)
        others = tuple(found for found in pane.found or () if found.pid != last.pid)
        pane.fill((*others, busy), names=pane.names)
        assert pane.grid.key == before
        await it.press("f")
        pane.fill((*others, last), names=pane.names)
        assert pane.grid.place() == 3
        assert pane.grid.key != before


def test_a_tree() -> None:
    found = [process(9, 3), process(3), process(5, 3), process(7, 9), process(2, 2)]
    assert [(one.pid, depth) for one, depth in as_tree(found)] == [
        (3, 0),
        (9, 1),
        (7, 2),
        (5, 1),
        (2, 0),
    ]
    circle = [process(2, 3), process(3, 2)]
    assert {one.pid for one, _ in as_tree(circle)} == {2, 3}


def test_order_and_filter_by_jail() -> None:
    found = [process(1, jid=2), process(2, jid=1)]
    names = {1: "app", 2: "web"}
    assert [one.pid for one in in_order(found, "jail", reverse=False, names=names)] == [2, 1]
    assert matches(found[0], "web command", "web")
    assert not matches(found[1], "web", "app")
