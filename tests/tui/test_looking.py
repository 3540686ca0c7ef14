"""Palette, help, themes, the editor: finding and using what is there."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from textual._compositor import LayoutUpdate

from jailer_core.simulator.kernel.machine import Fault
from jailer_tui.controllers import console as editing
from tests.tui.harness import HOME, WIDE, Stage, opened


@pytest.mark.parametrize("size", [HOME, WIDE])
async def test_help_for_the_table(size: tuple[int, int]) -> None:
    async with opened(size=size) as it:
        await it.press("question_mark")
        it.compare(f"help-{size[0]}")
        await it.press("G", "escape")
        assert it.dialog == "JailsScreen"


async def test_help_for_what_is_in_front() -> None:
    async with opened() as it:
        await it.go_to("app1")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("f1")
        it.sees("Run the plan exactly as shown")
        assert "Mark every jail" not in it.text
        await it.press("escape", "escape")
        assert it.dialog == "JailsScreen"


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_does_what_a_key_does(key: str) -> None:
    async with opened() as it:
        await it.press(key)
        await it.type("unmark")
        it.sees("Clear all marks")
        await it.press("escape", "space", key)
        await it.type("unmark")
        await it.press("enter")
        assert it.dialog == "JailsScreen"
        assert not it.main.pane.grid.marks


async def test_the_palette_says_why_not() -> None:
    async with opened(read_only=True) as it:
        await it.press("colon")
        it.compare("palette-read-only")
        await it.press("enter")
        assert it.dialog == "JailsScreen"
        assert any("read-only" in one.message for one in it.app._notifications)


async def test_the_palette_moves_while_one_types() -> None:
    async with opened() as it:
        await it.press("colon")
        await it.type("all")
        await it.press("down", "down", "up")
        assert it.dialog == "PaletteDialog"
        await it.type("zzz")
        it.sees("No match")
        await it.press("enter", "escape")
        assert it.dialog == "JailsScreen"


async def test_everything_is_drawn_again_after_a_suspension(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as it:
        drawn = it.watch(monkeypatch)
        it.app.app_resume_signal.publish(it.app)
        await it.settle()
        assert any(isinstance(one, LayoutUpdate) for one in drawn)


class Editor:
    """Stands in for the user's editor: `edited` gives these texts, one after the other."""

    def __init__(self, it: Stage, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
        self.texts = list(texts)
        self.given: list[str] = []
        monkeypatch.setattr(it.app, "in_terminal", lambda work: work())
        monkeypatch.setattr(editing, "edited", self.edit)

    def edit(self, text: str) -> str:
        self.given.append(text)
        return self.texts.pop(0)


async def test_edit_shows_the_difference_and_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        old = await it.host.read("/etc/jail.conf.d/app1.conf")
        new = old.replace("devfs_ruleset = 61", "devfs_ruleset = 4")
        Editor(it, monkeypatch, new)
        await it.go_to("app1")
        await it.press("e")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("f3", "G")
        it.sees("-  devfs_ruleset = 61;", "+  devfs_ruleset = 4;")
        await it.press("y")
        await it.at_rest()
        assert await it.host.read("/etc/jail.conf.d/app1.conf") == new


async def test_a_text_that_jail_refuses_is_edited_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        old = await it.host.read("/etc/jail.conf.d/app1.conf")
        broken, mended = old.rstrip("}\n"), old + "# seen\n"
        editor = Editor(it, monkeypatch, broken, mended)
        await it.go_to("app1")
        await it.press("e")
        await it.until(lambda: it.dialog == "ConfirmDialog")
        it.sees("This cannot be saved", "STDIN: unexpected", "y Edit again")
        await it.press("y")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert editor.given == [old, broken]
        await it.press("y")
        await it.at_rest()
        assert await it.host.read("/etc/jail.conf.d/app1.conf") == mended


async def test_a_text_that_could_not_be_written_is_edited_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as it:
        path = "/etc/jail.conf.d/app1.conf"
        new = await it.host.read(path) + "# seen\n"
        editor = Editor(it, monkeypatch, new, new)
        it.machine.faults.append(Fault("fail", lambda argv: argv == ("<write>", path)))
        await it.go_to("app1")
        await it.press("e")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("y")
        await it.until(lambda: it.dialog == "ConfirmDialog")
        it.sees("It was not saved", "y Edit again")
        await it.press("y")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert editor.given[1] == new
        await it.press("y")
        await it.at_rest()
        assert await it.host.read(path) == new


async def test_a_text_that_was_not_wanted_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        old = await it.host.read("/etc/jail.conf.d/app1.conf")
        editor = Editor(it, monkeypatch, old + "# one\n", old)
        await it.go_to("app1")
        await it.press("e")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("escape")
        await it.until(lambda: it.dialog == "ConfirmDialog")
        await it.press("y")
        await it.until(lambda: len(editor.given) == 2)
        assert editor.given[1] == old + "# one\n"


async def test_nothing_edited_is_nothing_done(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        Editor(it, monkeypatch, await it.host.read("/etc/jail.conf.d/app1.conf"))
        await it.go_to("app1")
        await it.press("e")
        await it.until(lambda: bool(it.app._notifications))
        assert it.dialog == "JailsScreen"


def test_the_editor_gets_a_private_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_options: object) -> Done:
        copy = Path(command[-1])
        seen.append((copy.read_text(), stat.S_IMODE(copy.stat().st_mode)))
        copy.write_text("new")
        return Done()

    monkeypatch.setenv("VISUAL", f"{sys.executable} -x")
    monkeypatch.setattr(subprocess, "run", run)
    assert editing.edited("old") == "new"
    assert seen == [("old", 0o600)]


def test_an_editor_that_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        returncode = 1

    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: Failed())
    with pytest.raises(ValueError, match="nothing was changed"):
        editing.edited("old")


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, ["vi"]),
        ({"EDITOR": "ee"}, ["ee"]),
        ({"EDITOR": "ee", "VISUAL": "vim -n"}, ["vim", "-n"]),
        ({"EDITOR": "ee", "VISUAL": "'broken"}, ["ee"]),
    ],
)
def test_which_editor(environ: dict[str, str], command: list[str]) -> None:
    assert editing.editor_command(environ) == command
