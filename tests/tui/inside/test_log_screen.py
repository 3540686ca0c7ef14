"""A log of a jail by keys alone: followed, searched, filtered; a giant as a small one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len

from jailer_core import logs
from jailer_core.logs import LogLine
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.presenters.logs import Look, Stamps, rows
from jailer_tui.screens import log as screen_module
from jailer_tui.screens.log import LogScreen
from jailer_tui.stores.merged_logs import stamp_of
from jailer_tui.theme import UNICODE
from jailer_tui.widgets.logview import HELD
from tests.tui.harness import WIDE, Stage, opened

MESSAGES = "/usr/local/jails/www0/var/log/messages"
HOSTILE = b"\x1b]0;owned\x07\xff\xfe\x00 binary \xe2\x80\xae junk\n"


@pytest.fixture(autouse=True)
def _no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "PERIOD", 1e6)


def text(count: int, start: int = 0) -> bytes:
    return b"".join(
        b"Nov 24 %02d:%02d:%02d www0 app[7]: line %d%s\n"
        % (n // 3600 % 24, n // 60 % 60, n % 60, n, b" ERROR" if n % 500 == 3 else b"")
        for n in range(start, start + count)
    )


def holding(data: bytes) -> Callable[[Machine], None]:
    def change(machine: Machine) -> None:
        machine.files.mkdir(MESSAGES.rpartition("/")[0], parents=True)
        machine.files.write(MESSAGES, data)

    return change


def screen(stage: Stage) -> LogScreen:
    found = stage.app.screen
    assert isinstance(found, LogScreen)
    return found


async def rested(stage: Stage) -> None:
    await stage.until(
        lambda: not screen(stage).scanning and not screen(stage)._turn.locked(), "the end of it"
    )


async def shown(stage: Stage) -> None:
    await stage.go_to("www0")
    await stage.press("L")
    await stage.until(lambda: "Starting cron" in stage.text, "the console log")
    await stage.press("L")
    await stage.until(lambda: stage.dialog == "ChoiceDialog", "the choice")
    await stage.press("end", "enter")
    await stage.until(lambda: "messages" in stage.text, "the log")
    await rested(stage)


async def grown(stage: Stage, data: bytes) -> None:
    files = stage.machine.files
    files.write(MESSAGES, files.read(MESSAGES) + data)
    screen(stage)._tick()
    await stage.settle()
    await rested(stage)


async def test_it_opens_at_its_end_and_follows() -> None:
    data = text(3000) + HOSTILE + b"x" * 200 + b"\n" + text(2, 3000)
    async with opened("busy", change=holding(data)) as stage:
        await shown(stage)
        await stage.compare_sizes("log")
        assert "\x1b" not in stage.text
        assert "\u202e" not in stage.text
        await grown(stage, text(1, 5000) + b"not whole")
        stage.sees("line 5000", "not whole", "follows")
        await grown(stage, b", but now\nnext\n")
        stage.sees("not whole, but now", "next")
        assert stage.text.count("not whole") == 1
        # who reads what was before stays there
        await stage.press("pageup")
        above = stage.text.splitlines()[2:10]
        await grown(stage, text(5, 6000))
        assert stage.text.splitlines()[2:10] == above
        await stage.press("f")
        await rested(stage)
        stage.sees("line 6004", "follows")


async def test_moving_reads_what_is_wanted_and_holds_no_more_than_it_may() -> None:
    async with opened(change=holding(text(9000))) as stage:
        await shown(stage)
        view = screen(stage).log_view
        await stage.press("home")
        await rested(stage)
        stage.sees("line 0\n", "0%")
        for _ in range(130):
            view.scroll_rows(60)
            await stage.settle()
            await rested(stage)
            assert len(view.lines) <= HELD
        stage.sees("line 7")
        for _ in range(60):
            view.scroll_rows(-60)
            await stage.settle()
            await rested(stage)
        assert len(view.lines) <= HELD
        offsets = [one.offset for one in view.lines]
        assert offsets == sorted(set(offsets))
        assert all(a.end == b.offset for a, b in zip(view.lines, view.lines[1:], strict=False))
        await stage.press("end")
        await rested(stage)
        stage.sees("line 8999")


async def test_a_giant_is_read_only_in_pieces() -> None:
    def giant(machine: Machine) -> None:
        holding(b"")(machine)
        tree, inner = machine.files.place(MESSAGES)
        tree[inner] = replace(tree[inner], size=1 << 30)

    asked: list[int] = []
    async with opened(change=giant) as stage:
        window = stage.host.window

        async def counted(path: str, offset: int, size: int, **more: str) -> object:
            asked.append(size)
            return await window(path, offset, size, **more)

        stage.host.window = counted  # type: ignore[method-assign, assignment]
        await shown(stage)
        stage.sees("^@^@^@", "follows", "1G")
        assert sum(asked) < 4 << 20
        before = sum(asked)
        await stage.press("pageup", "pageup", "home")
        await rested(stage)
        assert sum(asked) - before < 8 << 20


async def test_words_are_found_towards_both_ends() -> None:
    async with opened(change=holding(text(3000))) as stage:
        await shown(stage)
        await stage.press("slash")
        await stage.type("error")
        await stage.press("enter")
        await rested(stage)
        view = screen(stage).log_view
        stage.sees("line 2503 ERROR", "/error")
        assert view.here is not None
        await stage.press("n", "n")
        await rested(stage)
        stage.sees("line 1503 ERROR")
        stage.compare("log-search")
        await stage.press("N")
        await rested(stage)
        stage.sees("line 2003 ERROR")
        await stage.press("N", "N")
        await rested(stage)
        assert any(
            "no more matches for error towards the end" in one.message
            for one in stage.app._notifications
        )
        await stage.press("escape", "escape")
        assert "/error" not in stage.text
        await stage.press("escape")
        assert stage.dialog == "JailsScreen"


async def test_only_lines_with_words() -> None:
    async with opened(change=holding(text(3000))) as stage:
        await shown(stage)
        await stage.press("ampersand")
        await stage.type("ERROR")
        await stage.press("enter")
        await rested(stage)
        view = screen(stage).log_view
        assert [one.text.split()[6] for one in view.lines] == [
            "3",
            "503",
            "1003",
            "1503",
            "2003",
            "2503",
        ]
        stage.compare("log-filter")
        stage.sees("esc Clear")
        await grown(stage, text(600, 3000))
        stage.sees("line 3503 ERROR")
        await stage.press("slash")
        await stage.type("line 10")
        await stage.press("enter")
        await rested(stage)
        assert view.here == next(one.offset for one in view.lines if "1003" in one.text)
        await stage.press("escape")
        await rested(stage)
        stage.sees("line 3599")
        await stage.press("ampersand")
        await stage.type("nowhere")
        await stage.press("enter")
        await rested(stage)
        stage.sees("No line contains nowhere.")


async def test_a_long_search_tells_how_far_it_is_and_ends_on_escape() -> None:
    async with opened(change=holding(text(3000))) as stage:
        await shown(stage)
        host, window = stage.host, stage.host.window
        hold = True

        async def slow(path: str, offset: int, size: int, **more: str) -> object:
            found = await window(path, offset, size, **more)
            while hold and size > logs.CHUNK:
                await stage.pilot.pause()
            return found

        host.window = slow  # type: ignore[method-assign, assignment]
        await stage.press("slash")
        await stage.type("nowhere")
        await stage.press("enter")
        assert screen(stage).scanning
        screen(stage)._tell(1000)
        stage.sees("searching, at 0% of", "esc stops it", "esc Stop")
        await stage.press("escape")
        hold = False
        await stage.until(lambda: not screen(stage).scanning, "its end")
        host.window = window  # type: ignore[method-assign]
        await stage.press("end")
        stage.sees("line 2999")


async def test_rotated_cut_and_gone() -> None:
    async with opened(change=holding(text(100))) as stage:
        await shown(stage)
        files = stage.machine.files
        files.write(MESSAGES, text(3, 9000))
        screen(stage)._tick()
        await stage.settle()
        await rested(stage)
        stage.sees("rotated or truncated", "line 9002")
        assert "line 99" not in stage.text
        files.remove(MESSAGES)
        screen(stage)._tick()
        await stage.settle()
        await rested(stage)
        stage.sees("No such file or directory", "line 9002")


async def test_a_link_that_was_planted_is_not_followed() -> None:
    def planted(machine: Machine) -> None:
        holding(b"")(machine)
        machine.files.write("/etc/secret", b"of the host\n")

    async with opened(change=planted) as stage:
        await shown(stage)
        stage.machine.files.remove(MESSAGES)
        stage.machine.files.link(MESSAGES, "/etc/secret")
        screen(stage)._tick()
        await stage.settle()
        await rested(stage)
        stage.sees("Too many levels of")
        assert "of the host" not in stage.text


async def test_help_tells_the_keys_of_a_log() -> None:
    async with opened("busy", WIDE, change=holding(text(5))) as stage:
        await shown(stage)
        await stage.press("question_mark")
        stage.sees("This log", "Next match", "towards the end", "Scroll unwrapped lines")


async def test_a_jail_whose_files_are_nowhere_has_no_log() -> None:
    async with opened("busy") as stage:
        await stage.go_to("byhand")
        jails = tuple(
            replace(one, path="", config=None) if one.name == "byhand" else one
            for one in stage.inventory.jails
        )
        stage.app.set_view(replace(stage.app.view, inventory=replace(stage.inventory, jails=jails)))
        await stage.press("L")
        stage.sees("the path of byhand is unknown")
        await stage.press(
            "home", "end", "pageup", "slash", "ampersand", "n", "f", "W", "number_sign"
        )
        assert any("no log is open" in one.message for one in stage.app._notifications)
        assert not stage.app.screen.has_class("asking")
        await stage.press("escape", "escape")
        assert stage.dialog == "JailsScreen"


async def test_times_and_wrapping() -> None:
    async with opened(change=holding(text(3) + b"y" * 150 + b"END\n")) as stage:
        await shown(stage)
        stage.sees("Nov 24 00:00:02 www0", "END")
        await stage.press("number_sign")
        assert "Nov 24" not in stage.text
        stage.sees("www0 app[7]: line 2", "times hidden")
        await stage.press("number_sign")
        await grown(stage, b"it came\n")
        line = next(one for one in stage.text.splitlines() if "it came" in one)
        assert line.strip().count(":") == 2
        await stage.press("number_sign", "W")
        assert "END" not in stage.text
        stage.sees("unwrapped", "…")
        await stage.press(*["right"] * 5)
        stage.sees("END", "◂")


async def test_from_the_opened_jail_by_enter_and_only_in_front_is_it_read() -> None:
    async with opened(change=holding(text(5))) as stage:
        await stage.go_to("www0")
        await stage.press("enter", "left", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, LogScreen), "the screen")
        await rested(stage)
        behind = screen(stage)
        await stage.press("question_mark")
        stage.machine.files.remove("/var/log/jail/www0.log")
        behind._tick()
        await stage.settle()
        await stage.press("escape")
        assert "No such file" not in stage.text
        await stage.press("left_square_bracket")
        await rested(stage)
        stage.sees(" thick1")
        await stage.press("right_square_bracket")
        await rested(stage)
        stage.sees(" www0")
        await stage.press("escape")
        assert stage.dialog == "JailScreen"


async def test_a_jail_without_any_log_says_so() -> None:
    async with opened() as stage:
        await stage.go_to("db01")
        await stage.press("L")
        await stage.until(lambda: "No such file" in stage.text, "the reason")
        await stage.press("L")
        await stage.until(
            lambda: stage.dialog == "ChoiceDialog" or bool(stage.app._notifications), "an answer"
        )


@pytest.mark.parametrize(
    ("line", "stamp"),
    [
        ("Nov 24 00:07:37 armbsd15 kernel: x", "Nov 24 00:07:37 "),
        ("Nov  4 00:07:37 a", "Nov  4 00:07:37 "),
        ("2026-11-24T00:07:37.123456+00:00 a", "2026-11-24T00:07:37.123456+00:00 "),
        ("2026-11-24 00:07:37,123 a", "2026-11-24 00:07:37,123 "),
        ("<13>1 2026-11-24T00:07:37Z a", "<13>1 2026-11-24T00:07:37Z "),
        ("[24/Nov/2026:00:07:37 +0000] a", "[24/Nov/2026:00:07:37 +0000] "),
        ("Tue Nov 24 00:07:37 UTC 2026", ""),
        ("starting", ""),
    ],
)
def test_what_is_a_time(line: str, stamp: str) -> None:
    assert stamp_of(line) == stamp


def test_rows_never_exceed_the_width() -> None:
    line = LogLine(0, 9, "Nov 24 00:07:37 größe 日本語 ".encode() * 9 + b"\n")
    for width in range(10, 90, 7):
        for shift in (0, 5, 33):
            for wrap in (True, False):
                look = Look(wrap=wrap, stamps=Stamps.ARRIVAL, words="ö", shift=shift)
                for row in rows(line, look, width, UNICODE, 0.0, current=True):
                    assert cell_len("".join(one for one, _ in row).rstrip()) <= width
