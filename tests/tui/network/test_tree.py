"""The tree of the network on the screen, and everything about the row under the cursor."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.terminal_options import Options
from tests.tui.harness import WIDE, Stage, opened
from tests.tui.network.parts import network, tab


async def test_the_tree_of_recording_08() -> None:
    async with opened("busy") as it:
        await tab(it)
        await it.compare_sizes("network-tree")


async def test_a_host_with_much_to_see() -> None:
    async with opened("wired") as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/bridge0/epair1a")
        await it.settle()
        await it.compare_sizes("network-wired")


async def test_a_narrow_screen_wraps_nothing() -> None:
    async with opened("wired", (60, 16)) as it:
        await tab(it)
        it.compare("network-wired-60")


async def test_ascii_signs_where_the_terminal_does_not_speak_utf8() -> None:
    async with opened("wired", options=Options(interval=1e6, ascii=True)) as it:
        await tab(it)
        assert it.text.isascii(), [one for one in it.text if not one.isascii()]
        it.sees("| |-epair1a = web", "`-git")


async def test_enter_shows_everything_about_a_row_and_escape_goes_back() -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("slash", *"cache", "enter")
        it.sees("epair3a ↔ cache", "bridge0")
        assert "epair2a" not in it.text
        await it.press("enter")
        it.compare("network-epair")
        await it.press("escape")
        assert it.dialog == "NetworkScreen"
        await it.press("escape")
        it.sees("vtnet0", "mail", "epair2a ↔ db")
        await it.press("escape")
        assert it.dialog == "JailsScreen"


async def test_an_opened_row_follows_the_host() -> None:
    async with opened("wired") as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/bridge0/epair3a")
        await it.press("enter")
        it.sees("nothing reaches cache")
        it.machine.now_run(("ifconfig", "epair3a", "up"))
        await it.refresh()
        it.sees("epair3a  epair  up")
        assert "nothing reaches" not in it.text


async def test_the_jail_of_an_epair_opens_from_here() -> None:
    async with opened("wired") as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/bridge0/epair2a")
        await it.settle()
        assert network(it).current is it.jail("db")
        await it.press("g", "j")
        assert it.dialog == "JailScreen"
        it.sees("db.example.org")


async def test_a_row_without_a_jail_says_so() -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("g", "j")
        assert it.dialog == "GoToDialog", "there is no jail to go to"
        assert "Jail" not in [row.cells[1][0] for row in it.app.screen.grid.rows]  # type: ignore[attr-defined]


async def test_every_problem_with_what_to_do() -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("exclamation_mark")
        it.compare("network-problems")
        await it.press("escape")
        assert it.dialog == "NetworkScreen"


async def test_many_problems_leave_room_for_the_table() -> None:
    def more(machine: Machine) -> None:
        for name in ("epair1a", "epair2a", "epair4a"):
            machine.now_run(("ifconfig", name, "down"))

    async with opened("wired", change=more) as it:
        await tab(it)
        it.sees("3 more network problems: ! shows all")
        assert it.text.count(" ! ") < 12


async def test_the_cursor_stays_on_its_row() -> None:
    async with opened("wired") as it:
        await tab(it)
        grid = network(it).pane.grid
        grid.move_to_key("host/bridge0/epair2a")
        await it.settle()
        it.machine.now_run(("ifconfig", "epair9a", "destroy"))
        it.machine.now_run(("jail", "-f", "/etc/jail.conf.d/web.conf", "-r", "web"))
        await it.refresh()
        assert grid.key == "host/bridge0/epair2a"
        it.sees("! │ └─web ", "epair2a ↔ db")


async def test_only_changed_cells_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("wired") as it:
        await tab(it)
        for _ in range(3):
            it.machine.state.now += 2
            await it.refresh()
        drawn: list[object] = []
        grid = network(it).pane.grid
        refresh = grid.refresh

        def note(*regions: object, **options: bool) -> object:
            drawn.extend(regions or ["all"])
            return refresh(*regions, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(grid, "refresh", note)
        it.machine.state.now += 2
        await it.refresh()
        assert drawn == []
        it.machine.state.interfaces["vtnet1"].received += 5000
        it.machine.state.now += 2
        await it.refresh()
        assert len(drawn) == 1
        it.sees("2.44K")


async def test_traffic_comes_out_of_two_readings() -> None:
    async with opened("wired", WIDE) as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/vtnet1")
        await it.settle()
        it.sees("?/s")
        for more in (4000, 2000, 8000):
            it.machine.state.interfaces["vtnet1"].received += more
            it.machine.state.now += 2
            await it.refresh()
        it.sees("3.91K", "IN   3.91K/s", "▅▃█")
        it.machine.state.now += 2
        await it.refresh()
        assert "3.91K" not in it.text
        it.machine.state.now += 600
        await it.refresh()
        it.sees("?/s")


async def test_it_is_read_only_while_it_is_in_sight() -> None:
    def asked(it: Stage) -> bool:
        found = any(argv[0] == "pfctl" or "-ibn" in argv for argv in it.host.log)
        it.host.log.clear()
        return found

    async with opened("wired") as it:
        await it.refresh()
        assert not asked(it)
        await tab(it)
        await it.refresh()
        assert asked(it)
        await it.press("enter")
        await it.refresh()
        assert asked(it)
        await it.press("escape", "1")
        await it.refresh()
        it.host.log.clear()
        await it.refresh()
        assert not asked(it)
        assert it.inventory.connections is None


async def test_what_cannot_be_read_is_said_where_it_would_be() -> None:
    async with opened("busy") as it:
        await tab(it)
        it.machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("ifconfig", "-a")))
        await it.refresh()
        it.sees("! ifconfig", "app1")
        await it.refresh()
        it.sees("epair2a ↔ app1")


async def test_an_interface_tells_whose_its_addresses_are() -> None:
    async with opened("busy") as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/vtnet0")
        await it.press("enter")
        it.sees("10.0.2.15/24\n", "10.0.2.31/32  thick1", "fd00::21/128  www0")


async def test_whether_a_jail_was_heard_lately_and_whether_it_was_that_jail() -> None:
    def another(machine: Machine) -> None:
        """Two jails with one address: the host has heard one of them."""
        machine.now_run(("ifconfig", "-j", "db", "epair2b", "inet", "10.0.0.11/24", "alias"))

    async with opened("wired", change=another) as it:
        await tab(it)
        for name, said in (
            ("epair1a", "10.0.0.11: "),
            ("epair2a", "10.0.0.12: seen recently"),
            ("epair3a", "10.0.0.13: not seen recently"),
        ):
            network(it).pane.grid.move_to_key(f"host/bridge0/{name}")
            await it.press("enter")
            it.sees(said)
            await it.press("escape")
        answers = []
        for name in ("epair1a", "epair2a"):
            network(it).pane.grid.move_to_key(f"host/bridge0/{name}")
            await it.press("enter")
            answers.append("answered by" in it.text)
            await it.press("escape")
        assert sorted(answers) == [False, True]
