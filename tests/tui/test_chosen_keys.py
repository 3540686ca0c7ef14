"""Other keys for actions, and own commands: used, or refused with the reason."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from pathlib import Path

import pytest

from jailer_core.settings.schema import BY_NAME, OwnCommand
from jailer_tui.actions import ACTIONS, key_name
from jailer_tui.actions.chosen import key_of, with_chosen
from jailer_tui.chosen_keys import Chosen


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("s", "s"),
        ("S", "S"),
        ("/", "slash"),
        ("=", "equals_sign"),
        ("f7", "f7"),
        ("F7", "f7"),
        ("esc", "escape"),
        ("ctrl-t", "ctrl+t"),
        ("ctrl+t", "ctrl+t"),
        ("shift+f3", "shift+f3"),
        ("ctrl+shift+left", "ctrl+shift+left"),
        ("", ""),
        ("f99", ""),
        ("hyper+x", ""),
        ("ctrl+nonsense", ""),
    ],
)
def test_names_of_keys(text: str, key: str) -> None:
    assert key_of(text) == key


@pytest.mark.parametrize("character", string.punctuation)
def test_a_key_that_prints_is_called_by_what_it_prints(character: str) -> None:
    assert key_name(key_of(character)) == character


def keys(chosen: Chosen) -> dict[str, tuple[str, ...]]:
    return {action.id: action.keys for action in with_chosen(ACTIONS, chosen)}


def test_another_key() -> None:
    chosen = Chosen({"start": ("f7", "ctrl-g")})
    assert keys(chosen)["start"] == ("f7", "ctrl+g")
    assert chosen.wrong == {}


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("start", "S", "the key S already means Stop (stop)"),
        ("start", "?", "the key ? already means"),
        ("start", "/", "the key / already means"),
        ("start", "ctrl-p", "the key ctrl-p already means"),
        ("start", "esc", "the key esc already means"),
        ("start", "k", "the key k already means Up"),
        ("start", "nokey", "there is no key nokey"),
        ("overview_tab", "1", "the key 1 already means Jails"),
    ],
)
def test_a_clash_keeps_the_default(name: str, key: str, said: str) -> None:
    chosen = Chosen({name: (key,)})
    assert keys(chosen)[name] == keys(Chosen())[name]
    assert said in chosen.wrong["keys", name]


def test_the_example_of_the_settings_is_right() -> None:
    name, _, key = BY_NAME["keys"].example.partition(" = ")
    chosen = Chosen({name: (key.strip('"'),)})
    assert keys(chosen)[name] == ("ctrl+t",)
    assert chosen.wrong == {}


def test_the_same_key_on_another_screen_is_no_clash() -> None:
    chosen = Chosen({"zoom_in": ("F",)})
    assert keys(chosen)["zoom_in"] == ("F",)


def test_own_commands() -> None:
    update = OwnCommand("f6", "Update", ("pkg", "-j", "{jail}", "upgrade"))
    disks = OwnCommand("ctrl+g", "Disks", ("gstat", "-b"))
    bad = OwnCommand("s", "Bad", ("true",), where="jail")
    chosen = Chosen(commands=(update, disks, bad))
    table = {action.id: action for action in with_chosen(ACTIONS, chosen)}
    assert (table["own_command_0"].keys, list(table["own_command_0"].where)) == (("f6",), ["jails"])
    assert list(table["own_command_1"].where) == ["tabs"]
    assert "already means Start" in chosen.wrong["command", "s"]
    assert "own_command_2" not in table


PROGRAM = """
import asyncio, json, sys
from jailer_core import settings
from jailer_tui import chosen_keys
import os
loaded = settings.load(os.environ)
chosen_keys.use(loaded)
from jailer_tui.stores.preferences import Preferences
from tests.tui.harness import opened

async def main():
    async with opened(preferences=Preferences(loaded, os.environ)) as it:
        said = [str(wrong) for wrong in it.app.view.mistakes]
        await it.go_to("www0")
        await it.press("f7")
        await it.until(lambda: it.dialog == "PreviewDialog")
        stop = it.text
        await it.press("escape", "f6")
        await it.until(lambda: it.dialog == "PreviewDialog")
        print(json.dumps([said, stop, it.text]))

asyncio.run(main())
"""


@pytest.mark.processes("python")
def test_keys_and_commands_of_a_settings_file(tmp_path: Path) -> None:
    folder = tmp_path / "jailer-tui"
    folder.mkdir(mode=0o700)
    path = folder / "settings.toml"
    path.write_text(
        '[keys]\nstop = "f7"\nstart = "?"\n'
        '[[command]]\nkey = "f6"\nlabel = "Update"\nargv = ["pkg", "-j", "{jail}", "upgrade"]\n'
    )
    path.chmod(0o600)
    root = Path(__file__).parents[2]
    environ = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    mistakes, stop, update = json.loads(done.stdout)
    assert mistakes == [
        f"{path}:3: the key ? already means Help (help)",
    ]
    assert "Stop www0" in stop
    assert "f7" in stop or "Stop" in stop
    assert "pkg -j www0 upgrade" in update
