"""The tab of consoles, by keys: from the table into a jail and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from jailer_core.errors import HostError
from jailer_core.host import Pty
from jailer_core.operations.jails.requests import Stop
from jailer_core.operations.registry import decide
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.console.consoles import Console
from jailer_tui.presenters.plan_steps import consoles_end, consoles_in_stopped
from jailer_tui.widgets.terminal import TerminalView
from tests.tui.console.tab import calm, console, shells, tab
from tests.tui.harness import HOME, WIDE, Stage, opened


def told(it: Stage, text: str) -> None:
    """A message that goes away on its own said so; then it is forgotten."""
    said = [one.message for one in it.app._notifications]
    assert any(text in one for one in said), said
    it.app.clear_notifications()


async def say(it: Stage, text: str) -> None:
    await it.pilot.press(*(" " if one == " " else one for one in text), "enter")
    await calm(it)


@pytest.mark.parametrize("size", [HOME, WIDE])
async def test_from_the_table_into_a_jail(size: tuple[int, int]) -> None:
    async with opened("busy", size) as it:
        await console(it)
        assert tab(it).inside
        it.sees("[www0]", "root@www0:~ #", "ctrl-] or f12 leaves")
        await say(it, "hostname; id")
        it.sees("www0.example.org", "uid=0(root)")
        await it.refresh()
        it.compare(f"console-{size[0]}")
        assert tab(it).terminal.size.height == size[1] - 4
        assert tab(it).consoles.all[0].size == (size[0], size[1] - 4)
        await it.press("f12")
        assert not tab(it).inside
        it.sees("enter goes in")
        await it.press("1", "5")
        it.sees("[www0]", "uid=0(root)")
        await it.press("enter", "ctrl+c", "escape", "q", "1", "colon", "question_mark")
        assert tab(it).inside
        assert it.dialog == "ConsoleScreen"


async def test_keys_are_the_programs() -> None:
    async with opened("busy") as it:
        await console(it)
        await say(it, "q1d/ :?")
        it.sees("q1d/: not found")
        await it.press("up", "up", "left", "tab", "ctrl+u")
        await say(it, "echo größe")
        it.sees("größe")
        await say(it, "top")
        it.sees("last pid", "COMMAND")
        assert tab(it).consoles.all[0].core.alternate
        await it.press("q")
        await calm(it)
        assert not tab(it).consoles.all[0].core.alternate
        await say(it, "sleep 100")
        await it.press("ctrl+c")
        await calm(it)
        await say(it, "exit")
        it.sees("www0: ended with status 0", "enter opens it again", "www0 ✗")
        assert shells(it) == 0


async def test_an_ended_one_is_opened_again_in_its_place() -> None:
    async with opened("busy") as it:
        await console(it)
        await it.press("ctrl+d")
        await calm(it)
        await it.press("x", "y")
        it.sees("ended with status 0")
        await it.press("enter")
        await calm(it)
        assert [one.label for one in tab(it).consoles.all] == ["www0"]
        assert shells(it) == 1
        assert tab(it).inside
        it.sees("root@www0:~ #")
        await it.press("ctrl+d")
        await calm(it)
        await it.press("f12", "1", "t")
        await calm(it)
        assert [one.label for one in tab(it).consoles.all] == ["www0"]
        assert shells(it) == 1
        await it.press("f12", "X")
        assert it.dialog == "ConfirmDialog"
        await it.press("y")
        await calm(it)
        assert shells(it) == 0
        assert tab(it).pane.choosing
        it.sees("7 running")


async def test_several_consoles_of_several_jails() -> None:
    async with opened("busy") as it:
        await it.press("5")
        it.compare("console-choose")
        it.sees("NAME", "CONSOLES", "www0")
        await it.press("enter")
        await calm(it)
        it.sees("[app0]", "root@app0")
        await it.press("f12", "c", "enter")
        await calm(it)
        it.sees(" app0 ", "[app0:2]")
        await it.press("f12", "c", "end", "enter")
        await calm(it)
        it.sees("[www0]", "root@www0")
        assert shells(it) == 3
        await it.press("f12", "tab")
        it.sees("[app0]")
        await it.press("left", "left")
        it.sees("[app0:2]", "root@app0")
        await it.press("c", "slash")
        await it.type("thick")
        await it.press("enter")
        it.sees("thick1")
        assert "byhand" not in it.text
        await it.press("escape", "escape")
        it.sees("[app0:2]")
        await it.press("1")
        await console(it, "www0")
        assert shells(it) == 3  # the one that is open
        it.sees("[www0]")


async def test_a_console_rings_while_another_is_looked_at() -> None:
    async with opened("busy") as it:
        await console(it, "app0")
        await it.press("f12", "c", "end", "enter")
        await calm(it)
        first = tab(it).consoles.all[0]
        first.write(b"ls /nosuch\t")
        await calm(it)
        it.sees("app0 !")
        await it.press("f12", "left")
        await calm(it)
        assert "app0 !" not in it.text


async def test_looking_back_searching_and_copying(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("busy") as it:
        copied: list[str] = []
        monkeypatch.setattr(it.app, "to_clipboard", copied.append)
        await console(it)
        for number in range(30):
            tab(it).consoles.all[0].core.feed(b"line %d of what was printed\r\n" % number)
        await calm(it)
        await it.press("shift+pageup")
        it.sees("scrolled back", "line 2 of")
        assert "line 29 " not in it.text
        tab(it).consoles.all[0].core.feed(b"more\r\n" * 5)
        await calm(it)
        it.sees("line 2 of")
        await it.press("slash")
        await it.type("LINE 7")
        await it.press("enter")
        it.sees("line 7 of")
        await it.press("space", "right", "right", "right", "right", "right", "y")
        assert copied == ["line 7"]
        it.sees("ctrl-] or f12 leaves", "line 29 of")
        await it.press("shift+pageup", "slash")
        await it.type("nowhere")
        await it.press("enter")
        told(it, "no match for nowhere")
        await it.press("home", "y")
        assert copied[-1].startswith("root@www0:~ #")
        await it.press("shift+pageup", "shift+pagedown", "shift+pagedown")
        assert tab(it).terminal.back is None
        await it.press("shift+pageup", "x", "f5", "escape")
        assert tab(it).terminal.back is None


async def test_a_jail_that_stops_closes_its_console_with_a_line() -> None:
    async with opened("busy") as it:
        await console(it)
        it.machine.now_run(("jail", "-f", "/etc/jail.conf.d/www0.conf", "-r", "www0"))
        await it.refresh()
        await calm(it)
        it.sees("www0: the jail has stopped")
        await it.press("enter")
        told(it, "the jail is not running")
        assert shells(it) == 0


async def test_leaving_asks_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("busy") as it:
        await console(it)
        await it.press("f12", "q", "q")
        it.sees("Leave?", "www0")
        await it.press("escape")
        assert shells(it) == 1
        left: list[object] = []
        monkeypatch.setattr(it.app, "exit", left.append)
        await it.press("q", "y")
        await it.until(lambda: left == [0], "the end")
        await it.app.session.consoles.close_all()
        assert shells(it) == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"read_only": True}, "this session is read-only"), ({"user": "nobody"}, "only root")],
)
async def test_who_may_not_change_gets_no_console(settings: dict[str, Any], said: str) -> None:
    async with opened("busy", **settings) as it:
        await it.go_to("www0")
        for key in ("t", "T"):
            await it.press(key)
            told(it, said)
        await it.press("5", "enter")
        told(it, said)
        assert shells(it) == 0


async def test_help_tells_of_the_keys_inside() -> None:
    async with opened("busy") as it:
        await it.press("5", "question_mark")
        it.sees("Inside a console", "ctrl-] f12")
        await it.press("pagedown")
        it.sees("shift-pgup")
        await it.press("escape")
        assert it.dialog == "ConsoleScreen"


async def test_a_stopped_jail_has_no_console() -> None:
    async with opened("busy") as it:
        await it.go_to("db01")
        await it.press("t")
        told(it, "db01 is not running")


class Strange(SimulatedHost):
    """A host on which a console cannot be opened."""

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        raise HostError("jexec: out of terminals")


async def test_one_that_cannot_be_opened_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("busy") as it:
        monkeypatch.setattr(SimulatedHost, "open_pty", Strange.open_pty)
        await it.go_to("www0")
        await it.press("t")
        await calm(it)
        it.sees("jexec: out of terminals")


async def test_a_jail_without_login_gets_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("busy") as it:
        open_pty = SimulatedHost.open_pty
        asked: list[tuple[str, ...]] = []

        async def without(
            self: SimulatedHost, argv: Sequence[str], size: tuple[int, int], term: str
        ) -> Pty:
            asked.append(tuple(argv))
            missing = ("jexec", "-l", argv[2], "/usr/bin/nosuch")
            pty = await open_pty(self, missing if "login" in argv[3] else argv, size, term)
            if "login" in argv[3]:
                read = pty.read

                async def said(most: int) -> bytes:
                    return (await read(most)).replace(b"nosuch", b"login")

                pty.read = said  # type: ignore[method-assign]
            return pty

        monkeypatch.setattr(SimulatedHost, "open_pty", without)
        await console(it)
        assert [one[3:] for one in asked] == [("/usr/bin/login", "-f", "root"), ("/bin/sh",)]
        it.sees("execvp: /usr/bin/login: No such file", "root@www0:")


async def test_an_emulator_that_fails_is_begun_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with opened("busy") as it:
        await console(it)
        broken = tab(it).consoles.all[0].core
        monkeypatch.setattr(broken, "feed", lambda _data: 1 / 0)
        await say(it, "hostname")
        await say(it, "hostname")
        it.sees("www0.example.org")
        assert tab(it).consoles.all[0].core is not broken


async def test_a_flood_leaves_the_keys_alone() -> None:
    async with opened("busy") as it:
        await console(it)
        await it.type("yes")
        await it.press("enter")
        await it.press("f12", "1")
        await it.go_to("app0")
        it.sees("app0")
        await console(it)
        await it.press("ctrl+c")
        await it.until(lambda: "^C" in it.text, "the end of yes")
        await calm(it)
        it.sees("root@www0:~ #")


async def test_another_size_is_told() -> None:
    async with opened("busy") as it:
        await console(it)
        await say(it, "top")
        await it.pilot.resize_terminal(100, 30)
        await it.until(lambda: tab(it).consoles.all[0].size == (100, 26), "the other size")
        await calm(it)
        assert tab(it).consoles.all[0].core.columns == 100
        it.sees("last pid")


async def test_what_is_pasted_and_pointed_at_goes_in_as_asked() -> None:
    async with opened("busy") as it:
        await console(it)
        view, found = tab(it).terminal, tab(it).consoles.all[0]
        typed: list[bytes] = []
        found.write = typed.append  # type: ignore[method-assign, assignment]
        from textual import events  # noqa: PLC0415

        view.post_message(events.Paste("a\nb\x1b[201~c"))
        await it.settle()
        found.core.feed(b"\x1b[?2004h\x1b[?1000h\x1b[?1006h")
        view.post_message(events.Paste("x\ty"))
        await it.pilot.click(TerminalView, offset=(4, 2))
        await it.settle()
        assert typed == [
            b"a\rb[201~c",
            b"\x1b[200~x\ty\x1b[201~",
            b"\x1b[<0;5;3M",
            b"\x1b[<0;5;3m",
        ]


async def test_the_mouse_selects_when_nobody_else_wants_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened("busy") as it:
        copied: list[str] = []
        monkeypatch.setattr(it.app, "to_clipboard", copied.append)
        await console(it)
        await it.pilot.mouse_down(TerminalView, offset=(0, 0))
        await it.pilot.hover(TerminalView, offset=(3, 0))
        await it.pilot.mouse_up(TerminalView, offset=(3, 0))
        await it.settle()
        assert copied == ["root"]
        assert tab(it).terminal.back is None
        await it.pilot.click(TerminalView, offset=(3, 1))
        assert copied == ["root"]


async def test_idle_means_no_timer() -> None:
    async with opened("busy") as it:
        await console(it)
        await calm(it)
        assert tab(it).terminal._due is None
        assert isinstance(tab(it).consoles.all[0], Console)
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [HOME, WIDE])
async def test_a_program_knows_the_size_of_its_widget_from_the_start(
    size: tuple[int, int],
) -> None:
    async with opened("busy", size) as it:
        given: list[tuple[int, int]] = []
        open_pty = it.host.open_pty

        async def counted(argv: Any, wanted: tuple[int, int], term: str) -> Any:
            given.append(wanted)
            assert tuple(tab(it).terminal.size) == wanted
            return await open_pty(argv, wanted, term)

        it.host.open_pty = counted  # type: ignore[method-assign, assignment]
        await console(it)
        assert given == [(size[0], size[1] - 4)]
        await it.press("f12", "c", "enter")
        await it.until(lambda: len(given) == 2, "other")
        assert given[1] == given[0]


@pytest.mark.parametrize("key", ["S", "r", "d"])
async def test_a_preview_names_the_consoles_that_end(key: str) -> None:
    async with opened("busy") as it:
        await console(it)
        await it.press("f12", "1")
        await it.go_to("www0")
        await it.press(key)
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("Ends the open console www0 and what runs in it.")


async def test_a_preview_names_no_consoles_of_other_jails() -> None:
    async with opened("busy") as it:
        await console(it)
        await it.press("f12", "1")
        await it.go_to("app0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert "open console" not in it.text


async def test_consoles_that_end_are_named_or_counted() -> None:
    async with opened("busy") as it:
        stop = decide(it.inventory, Stop("www0"))
    consoles = [("www0", f"www0:{number}") for number in range(1, 6)] + [("app0", "app0")]
    ends = consoles_in_stopped([stop], consoles)
    assert ends == ["www0:1", "www0:2", "www0:3", "www0:4", "www0:5"]
    assert consoles_end(ends) == "Ends 5 open consoles and what runs in them."
    assert consoles_end(ends[:2]) == "Ends the open consoles www0:1, www0:2 and what runs in them."
    assert not consoles_end(consoles_in_stopped([stop], consoles[-1:]))
