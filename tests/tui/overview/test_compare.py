"""Two jails beside each other."""

from __future__ import annotations

from jailer_tui.presenters.comparison import Extra, Pair, compare
from jailer_tui.screens.compare import CompareScreen
from tests.tui.harness import Stage, opened


async def compared(it: Stage, left: str, right: str) -> CompareScreen:
    for name in (left, right):
        await it.go_to(name)
        await it.press("space")
    await it.press("equals_sign")
    screen = it.app.screen
    assert isinstance(screen, CompareScreen)
    await it.until(lambda: screen.pane.pairs is not None)
    return screen


async def test_what_differs_and_everything() -> None:
    async with opened() as it:
        screen = await compared(it, "app0", "app1")
        it.compare("compare-80")
        keys = {row.key for row in screen.pane.grid.rows}
        assert "rc.conf\0ifconfig_epair1b" in keys
        assert "general\0state" not in keys
        screen.pane.grid.move_to_key("configuration\0exec.prestart")
        await it.press("enter")  # a value that is cut in the table, as a whole
        it.sees("configuration: exec.prestart", "addm epair1a up")
        await it.press("q")
        await it.press("asterisk")
        assert "general\0state" in {row.key for row in screen.pane.grid.rows}
        screen.typed("datasets")
        assert {row.cells[0][0] for row in screen.pane.grid.rows} == {"datasets"}


async def test_two_must_be_marked() -> None:
    async with opened() as it:
        await it.press("equals_sign")
        assert it.dialog == "JailsScreen"
        assert any("mark two jails" in str(note.message) for note in it.app._notifications)


async def test_what_cannot_be_read_is_unknown() -> None:
    async with opened() as it:
        inventory = it.app.view.inventory
        assert inventory is not None
        pair = (it.jail("app0"), it.jail("db01"))
        rows = compare(inventory, pair, (Extra(rc={"a": "1"}), Extra()))
        assert Pair("rc.conf", "a", "1", None) in rows
        assert Pair("packages", "could not be read", None, None) in rows
        assert not any(row.same for row in rows if row.right is None)
        same = compare(
            inventory, (pair[0], pair[0]), (Extra({"a": "1"}, {}), Extra({"a": "1"}, {}))
        )
        assert all(row.same for row in same)
