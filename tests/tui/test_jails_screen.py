"""The table of jails: what it shows, and that the cursor's row stays in place."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.presenters.jails import COLUMNS
from jailer_tui.terminal_options import Options
from tests.tui.harness import WIDE, opened

DEMO = "Demo: a simulated host (busy). Nothing here is real."


@pytest.mark.parametrize("width", range(71, 76))
async def test_columns_are_whole_or_not_there(width: int) -> None:
    async with opened(size=(width, 24)) as it:
        (header,) = [line for line in it.text.splitlines() if "NAME" in line]
        shown = {one.label for one in COLUMNS if one.label}
        assert {word.rstrip("▲") for word in header.split()} <= shown


@pytest.mark.parametrize("scenario", ["fresh", "small", "busy"])
async def test_the_first_screen(scenario: str) -> None:
    async with opened(scenario, banner=DEMO) as it:
        if scenario == "fresh":
            await it.press("escape")
        await it.compare_sizes(f"first-{scenario}")


async def test_a_narrow_screen_drops_columns_and_wraps_nothing() -> None:
    async with opened(size=(50, 12)) as it:
        it.compare("first-busy-50")


async def test_ascii_signs_where_the_terminal_does_not_speak_utf8() -> None:
    async with opened(options=Options(interval=1e6, ascii=True)) as it:
        await it.go_to("app1")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert it.text.isascii(), [one for one in it.text if not one.isascii()]
        it.compare("ascii-preview")


async def test_ascii_signs_beside_the_tables_of_wide_screens() -> None:
    async with opened("busy", size=WIDE, options=Options(interval=1e6, ascii=True)) as it:
        for key in "012346":
            await it.press(key)
            assert it.text.isascii(), (key, [one for one in it.text if not one.isascii()])


async def test_the_cursor_stays_on_its_jail() -> None:
    async with opened() as it:
        await it.go_to("shop")
        await it.press("space", "up")
        del it.machine.state.jails[it.jail("app0").jid or 0]
        await it.refresh()
        assert it.main.current is not None
        assert it.main.current.name == "shop"
        assert it.main.pane.grid.marks == {"shop"}


@pytest.mark.usefixtures("hundred")
async def test_scroll_stays_when_jails_come_before() -> None:
    async with opened("large") as it:
        await it.press("end", "up", "up")
        grid = it.main.pane.grid
        top, name = grid.scroll_offset.y, grid.key
        await it.refresh()
        assert (grid.scroll_offset.y, grid.key) == (top, name)


async def test_filter_while_typing() -> None:
    async with opened() as it:
        await it.press("slash")
        await it.type("app")
        assert [row.key for row in it.main.pane.grid.rows] == ["app0", "app1"]
        await it.press("down")
        assert it.main.pane.grid.key == "app1"
        await it.press("enter")
        it.sees("2 of 8", "/app")
        assert it.app.focused is it.main.pane.grid
        await it.press("escape")
        assert len(it.main.pane.grid.rows) == 8
        assert it.main.pane.grid.key == "app1"


async def test_escape_while_typing_shows_all() -> None:
    async with opened() as it:
        await it.press("slash")
        await it.type("q!zz")
        it.sees("No jail matches")
        await it.press("escape")
        assert len(it.main.pane.grid.rows) == 8
        assert it.dialog == "JailsScreen"


async def test_sort_by_any_column_and_back() -> None:
    async with opened() as it:
        names = [row.key for row in it.main.pane.grid.rows]
        await it.go_to("shop")
        await it.press("o")
        assert it.dialog == "ChoiceDialog"
        await it.press("down", "down", "enter")
        assert it.main.pane.sorted_by == ("jid", False)
        jids = [one.jid for one in map(it.jail, (row.key for row in it.main.pane.grid.rows))]
        known = [one for one in jids if one is not None]
        assert known == sorted(known)
        assert jids[-1] is None
        it.sees("by JID")
        assert it.main.pane.grid.key == "shop"
        await it.press("O")
        jids = [one.jid for one in map(it.jail, (row.key for row in it.main.pane.grid.rows))]
        assert jids[:-1] == known[::-1]
        assert jids[-1] is None
        await it.press("o", "home", "enter")
        assert [row.key for row in it.main.pane.grid.rows] == names


async def test_marks() -> None:
    async with opened() as it:
        await it.press("space", "space")
        assert it.main.pane.grid.marks == {"app0", "app1"}
        it.sees("2 marked")
        await it.press("i")
        assert len(it.main.pane.grid.marks) == 6
        await it.press("a")
        assert len(it.main.pane.grid.marks) == 8
        await it.press("u")
        assert not it.main.pane.grid.marks
        await it.press("space", "escape")
        assert not it.main.pane.grid.marks


async def test_enter_opens_the_jail_and_escape_goes_back() -> None:
    async with opened() as it:
        await it.go_to("shop")
        await it.press("enter")
        assert it.dialog == "JailScreen"
        it.compare("opened-summary")
        for part in ("config", "processes", "mounts", "", "", "snapshots", "log"):
            await it.press("right")
            await it.until(lambda: "Reading" not in it.text)
            if part:  # limits and parameters have tests of their own
                it.compare(f"opened-{part}")
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        assert it.main.pane.grid.key == "shop"


async def test_the_panel_beside_the_table_follows_the_cursor() -> None:
    async with opened(size=WIDE) as it:
        await it.press("down")
        it.sees("/usr/local/jails/app1")
        await it.press("l")
        await it.until(lambda: "vnet.interface" in it.text)
        await it.press("tab")
        assert it.app.focused is it.main.side.body
        await it.press("G", "tab")
        assert it.main.pane.grid.has_focus


HOSTILE = ("[bold red]x[/]", "a b", "$(id)", "-rf", "tab\there", "esc\x1b[31mred", "\u202ertl")


async def test_hostile_names_are_shown_and_break_nothing() -> None:
    def name_them(machine: Machine) -> None:
        jails = sorted(machine.state.jails.values(), key=lambda one: one.jid)
        for jail, name in zip(jails, HOSTILE, strict=False):
            jail.name = name

    async with opened(size=WIDE, change=name_them) as it:
        it.sees("[bold red]x[/]", "$(id)", "-rf", "tab^Ihere", "esc^[[31mred", "\\u202ertl")
        assert "\x1b" not in it.text
        for row in tuple(it.main.pane.grid.rows):
            await it.go_to(row.key)
            await it.press("enter", "escape", "S")
            await it.until(lambda: it.dialog != "JailsScreen" or bool(it.app._notifications))
            while it.dialog != "JailsScreen":
                await it.press("escape")
            it.app.clear_notifications()


async def test_quick_names_come_before_everything_is_read() -> None:
    async with opened() as it:
        commands = [argv[0] for argv in it.host.log]
        assert commands.index("jls") < commands.index("ps")


async def test_only_changed_cells_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        grid = it.main.pane.grid
        drawn: list[object] = []
        refresh = grid.refresh

        def note(*regions: object, **options: bool) -> object:
            drawn.extend(regions or ["all"])
            return refresh(*regions, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(grid, "refresh", note)
        await it.refresh()
        assert drawn == []
        it.machine.state.processes[min(it.machine.state.processes)].cpu = 9.5
        jail = next(one for one in it.machine.state.processes.values() if one.jid)
        jail.cpu = 7.5
        await it.refresh()
        assert len(drawn) == 1
