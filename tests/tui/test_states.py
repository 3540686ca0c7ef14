"""What the screen says when the host, the user or the terminal has limitations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jailer_core.model import Inventory
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui import theme
from jailer_tui.actions import guards
from jailer_tui.controllers import app
from jailer_tui.shutdown import root_command
from jailer_tui.terminal_options import NONE, TERMINAL, Options
from tests.tui.harness import HOME, opened

CHANGING = ("s", "r", "d", "e", "S")


@pytest.mark.parametrize("key", CHANGING)
async def test_read_only(key: str) -> None:
    async with opened(read_only=True) as it:
        it.sees("Read-only")
        await it.press(key)
        assert it.dialog == "JailsScreen"
        assert any("read-only" in one.message for one in it.app._notifications)


@pytest.mark.parametrize("key", CHANGING)
async def test_not_root(key: str) -> None:
    async with opened(user="nobody") as it:
        it.sees("Not root")
        await it.press(key)
        assert it.dialog == "JailsScreen"
        assert any("root" in one.message for one in it.app._notifications)


async def test_not_root_is_offered_to_become_root(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (app, guards):
        monkeypatch.setattr(module, "elevator", lambda: "/usr/local/bin/doas")
    async with opened(user="nobody") as it:
        await it.press("colon")
        await it.type("as root")
        await it.press("enter")
        assert it.app._exit
        assert it.app.elevate_with == "/usr/local/bin/doas"


def test_the_program_is_started_again_as_it_was() -> None:
    command = root_command("/bin/doas", ["/nowhere/__main__.py", "--read-only"])
    assert command[0] == "/bin/doas"
    assert command[2:] == ["-m", "jailer_tui", "--read-only"]


async def test_root_is_not_offered_to_become_root() -> None:
    async with opened() as it:
        await it.press("colon")
        assert "Restart as root" not in it.text


def lose(machine: Machine, program: str) -> None:
    machine.faults.append(Fault("fail", lambda argv: argv[0] == program, times=10**6))


async def test_a_failing_probe_is_a_line_and_its_cells_are_unknown() -> None:
    async with opened(change=lambda machine: lose(machine, "ps")) as it:
        it.compare("ps-fails")


async def test_jails_stay_and_grow_old_when_they_cannot_be_read() -> None:
    async with opened() as it:
        lose(it.machine, "jls")
        it.app.session.live.last -= 4e6
        await it.refresh()
        assert len(it.main.pane.grid.rows) == 8
        it.sees("jls: ", "46d 7h old")
        await it.press("S")
        assert it.dialog == "JailsScreen"
        it.machine.faults.clear()
        await it.refresh()
        assert "jls: " not in it.text
        assert " old" not in it.text


async def test_no_jails_because_of_an_error_is_not_an_empty_host() -> None:
    async with opened(change=lambda machine: lose(machine, "jls")) as it:
        it.sees("could not be read")
        assert "No jails on this host" not in it.text


async def test_the_age_shows_only_when_it_is_old() -> None:
    async with opened() as it:
        assert " old" not in it.text
        it.app.session.live.last -= 4e6
        it.app._grow_old()
        await it.settle()
        it.sees("46d 7h old")
        await it.refresh()
        assert " old" not in it.text


async def test_a_reader_that_breaks_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:

        async def broken(*_args: object, **_options: object) -> None:
            raise OSError("the line is dead")

        monkeypatch.setattr(it.app.reader, "gather", broken)
        await it.refresh()
        it.sees("the line is dead")
        assert len(it.main.pane.grid.rows) == 8


@pytest.mark.parametrize("colour", [TERMINAL, NONE])
async def test_without_colours_of_our_own(colour: str) -> None:
    async with opened(options=Options(interval=1e6, colour=colour)) as it:
        assert it.app.theme == theme.TERMINAL.name
        it.compare("first-busy-terminal")
        grid = it.main.pane.grid  # turned round, colours would make a row of patches
        assert grid.tone("ok", "cursor") == grid.tone("text", "cursor")


async def test_no_color_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(options=Options(interval=1e6, colour=NONE)) as it:
        await it.go_to("app1")
        colours = {
            (segment.style.color, segment.style.bgcolor)
            for strip in it.app.screen._compositor.render_strips()
            for segment in strip.apply_filter(
                it.app._filters[-1], it.app.screen.background_colors[1]
            )
            if segment.style is not None
        }
        assert all(one is None or one.is_default for pair in colours for one in pair), colours
        cursor = it.main.pane.grid.tone("text", "cursor")
        assert cursor.reverse


async def test_themes_go_round() -> None:
    async with opened() as it:
        for name, own in (
            ("light", theme.LIGHT),
            ("terminal", theme.TERMINAL),
            ("dark", theme.DARK),
        ):
            await it.press("colon")
            await it.type("colours")
            await it.press("enter")
            await it.until(lambda: it.dialog == "ThemeDialog", "the themes")
            it.app.screen.grid.move_to_key(name)  # type: ignore[attr-defined]
            await it.press("enter")
            assert it.app.theme == own.name


async def test_resizing_keeps_the_cursor() -> None:
    async with opened(size=HOME) as it:
        await it.go_to("shop")
        await it.pilot.resize_terminal(160, 40)
        await it.until(lambda: it.main.side.display)
        it.sees("Snap", "bastille")
        await it.pilot.resize_terminal(60, 10)
        await it.until(lambda: not it.main.side.display)
        assert it.main.pane.grid.key == "shop"
        it.sees("shop")


async def test_many_problems_leave_room_for_the_jails() -> None:
    def lose_all(machine: Machine) -> None:
        for program in ("ps", "zpool", "mount", "sysctl", "ifconfig"):
            lose(machine, program)

    async with opened(change=lose_all) as it:
        it.sees("more problems", "www0")


async def test_our_own_mistakes_are_said_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened() as it:

        async def broken() -> None:
            raise KeyError("a mistake")

        it.app.start_task(broken(), "broken")
        await it.until(lambda: bool(it.app._notifications))
        assert any("KeyError" in one.message for one in it.app._notifications)
        assert list((tmp_path / "jailer-tui").iterdir())
        await it.press("down")
        assert it.main.pane.grid.key == "app1"


async def test_reading_goes_on_after_a_mistake_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened() as it:
        refresh, calls = it.app.reader.refresh, []

        async def once_broken(*args: Any, **options: Any) -> Inventory:
            calls.append(args)
            if len(calls) == 1:
                raise RuntimeError("a mistake")
            return await refresh(*args, **options)

        monkeypatch.setattr(it.app.reader, "refresh", once_broken)
        it.app.session.live.interval = 1e-3
        it.app.session.live.wake()
        await it.until(lambda: len(calls) > 2)
