"""The tab of images: what is fetched, what the mirror has, and which is which."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.screens.snapshots import ImagesScreen
from jailer_tui.terminal_options import Options
from tests.tui.harness import Stage, opened
from tests.tui.setup_parts import listed


async def images(it: Stage) -> ImagesScreen:
    await it.press("2")
    await listed(it)
    screen = it.app.screen
    assert isinstance(screen, ImagesScreen)
    return screen


async def test_fetched_and_remote_in_one_table() -> None:
    async with opened("busy") as it:
        screen = await images(it)
        states = {one.version: one.state for one in screen.pane.items.values()}
        assert states["15.1-RELEASE"] == "fetched"
        assert states["15.2-RELEASE"] == "too new"
        assert states["14.3-RELEASE"] == "to fetch"
        it.sees("ended 2026-06-30", "app0, app1, db01")
        await it.compare_sizes("images")


async def test_the_keys_1_and_2_go_to_and_fro() -> None:
    async with opened("busy") as it:
        await it.go_to("shop")
        it.sees("[1 Jails] 2 Images")
        await images(it)
        it.sees(" 1 Jails [2 Images]")
        await it.press("2")
        assert len(it.app.screen_stack) == 2
        await it.press("1")
        assert it.dialog == "JailsScreen"
        assert it.main.pane.grid.key == "shop"
        await it.press("2", "escape")
        assert it.dialog == "JailsScreen"


async def test_tabs_can_be_clicked() -> None:
    async with opened("busy") as it:
        tabs = it.text.splitlines()[1]
        await it.pilot.click("#tabs", offset=(tabs.index("Images"), 0))
        await it.settle()
        assert it.dialog == "ImagesScreen"
        await it.pilot.click("#tabs", offset=(tabs.index("Jails"), 0))
        await it.settle()
        assert it.dialog == "JailsScreen"
        await it.pilot.click("#tabs", offset=(3, 0))
        await it.settle()
        assert it.dialog == "OverviewScreen"


async def test_filter_and_back() -> None:
    async with opened("busy") as it:
        screen = await images(it)
        count = len(screen.pane.grid.rows)
        await it.press("slash")
        await it.type("ended")
        assert [row.key for row in screen.pane.grid.rows] == ["14.3-RELEASE", "13.5-RELEASE"]
        await it.press("enter")
        it.sees(f"2 of {count}", "/ended")
        await it.press("escape")
        assert len(screen.pane.grid.rows) == count
        assert it.dialog == "ImagesScreen"


async def test_the_mirror_is_asked_only_when_looked_at() -> None:
    async with opened("busy") as it:
        await it.refresh()
        asked = [argv for argv in it.host.log if argv[0] == "fetch"]
        assert not asked
        await images(it)
        await it.refresh()
        await it.refresh()
        asked = [argv for argv in it.host.log if argv[0] == "fetch"]
        assert len(asked) == 1
        await it.press("f5")
        await listed(it)
        assert len([argv for argv in it.host.log if argv[0] == "fetch"]) == 2


async def test_a_mirror_that_does_not_answer_is_a_line() -> None:
    def unreachable(machine: Machine) -> None:
        machine.state.mirror.clear()

    async with opened("busy", change=unreachable) as it:
        screen = await images(it)
        it.sees("The mirror's list could not be read", "15.1-RELEASE")
        assert [row.key for row in screen.pane.grid.rows] == ["15.1-RELEASE"]
        it.compare("images-no-mirror")
        await it.press("1")
        assert "mirror" not in it.text


async def test_in_ascii() -> None:
    async with opened("busy", options=Options(interval=1e6, ascii=True)) as it:
        await images(it)
        assert it.text.isascii(), [one for one in it.text if not one.isascii()]


async def test_a_narrow_screen() -> None:
    async with opened("busy", (60, 16)) as it:
        await images(it)
        it.compare("images-60")


async def test_hostile_names_of_images() -> None:
    def change(machine: Machine) -> None:
        for name in ("a b", "-rf", "x:y_z"):
            machine.now_run(("zfs", "create", f"zroot/jails/image/{name}"))

    async with opened("busy", change=change) as it:
        screen = await images(it)
        assert {"a b", "-rf", "x:y_z"} <= {row.key for row in screen.pane.grid.rows}
        for row in tuple(screen.pane.grid.rows):
            screen.pane.grid.move_to_key(row.key)
            await it.press("enter", "c", "d")
            await it.until(lambda: it.dialog != "ImagesScreen" or bool(it.app._notifications))
            while it.dialog != "ImagesScreen":
                await it.press("escape")
            it.app.clear_notifications()
