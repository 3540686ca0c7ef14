"""Settings on the screen: what is set holds, what is chosen is kept, mistakes are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jailer_core import settings
from jailer_core.settings import Settings, choices
from jailer_tui import theme
from jailer_tui.actions import use_keys
from jailer_tui.app import JailerApp
from jailer_tui.presenters.jails import columns_for
from jailer_tui.screens.processes import ProcessesScreen
from jailer_tui.stores.preferences import Preferences
from jailer_tui.widgets.grid import Grid
from tests.tui.harness import opened


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config" / "jailer-tui").mkdir(mode=0o700, parents=True)
    (tmp_path / "config").chmod(0o700)
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def started(environ: dict[str, str], text: str = "", **more: Any) -> Any:
    """The program with this settings file, as one start of several."""
    if text:
        path = Path(environ["XDG_CONFIG_HOME"]) / "jailer-tui/settings.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    return opened(preferences=Preferences(settings.load(environ), environ), **more)


def header(text: str) -> list[str]:
    """The names of the columns."""
    return next(line for line in text.splitlines() if "STATE" in line or "CPU" in line).split()


async def test_columns_chosen_inside_are_there_after_a_restart(environ: dict[str, str]) -> None:
    async with started(environ, size=(110, 24)) as it:
        before = header(it.text)
        await it.app.dispatcher.perform("columns")
        await it.until(lambda: it.dialog == "ColumnsDialog")
        await it.press("down", "space")
        await it.press("slash", *"hostn", "enter")
        assert it.app.screen.query_one(Grid).key == "hostname"
        await it.press("space", *"KKKKKKKKKKK", "enter")
        await it.until(lambda: it.dialog != "ColumnsDialog")
        chosen = header(it.text)
        assert before[1] not in chosen
        assert "HOSTNAME" in chosen[:-1]
    async with started(environ, size=(110, 24)) as it:
        assert header(it.text) == chosen
        await it.app.dispatcher.perform("columns")
        await it.until(lambda: it.dialog == "ColumnsDialog")
        await it.press("u")
        await it.until(lambda: header(it.text) == before)


async def test_the_order_is_there_after_a_restart(environ: dict[str, str]) -> None:
    async with started(environ) as it:
        it.main._sort("jid")
        it.main._sort("jid")
        order = [row.key for row in it.main.pane.grid.rows]
    async with started(environ) as it:
        assert [row.key for row in it.main.pane.grid.rows] == order


async def test_what_the_file_says_holds(environ: dict[str, str]) -> None:
    text = '[columns]\njails = ["cpu", "name", "state"]\n[sort]\njails = "-name"\n'
    async with started(environ, text) as it:
        assert header(it.text)[:2] == ["CPU", "NAME▼"]
        names = [row.key for row in it.main.pane.grid.rows]
        assert names[0] > names[-1]


async def test_a_filter_with_a_name(environ: dict[str, str]) -> None:
    async with started(environ, '[filters]\nup = "running !shop"\n') as it:
        it.main.typed("=up")
        jails = [it.jail(row.key) for row in it.main.pane.grid.rows]
        assert jails
        assert all(jail.running and jail.name != "shop" for jail in jails)
        it.main.typed("=down")
        assert not it.main.pane.grid.rows


async def test_a_theme_is_shown_under_the_cursor_and_kept_with_enter(
    environ: dict[str, str],
) -> None:
    async with started(environ) as it:
        await it.app.dispatcher.perform("theme")
        await it.until(lambda: it.dialog == "ThemeDialog")
        await it.press("down")
        assert it.app.theme == "jailer-light"
        await it.press("escape")
        assert it.app.theme == "jailer-dark"
        await it.app.dispatcher.perform("theme")
        await it.until(lambda: it.dialog == "ThemeDialog")
        await it.press("end", "enter")
        kept = it.app.theme
        assert kept == "tokyo-night"
    async with started(environ) as it:
        assert it.app.theme == kept


async def test_own_colours(environ: dict[str, str]) -> None:
    text = 'theme = "nord"\n[colours]\naccent = "#123456"\ndim = "#654321"\n'
    async with started(environ, text) as it:
        assert it.app.theme == "nord"
        assert it.app.theme_variables["accent"].lower() == "#123456"
        assert it.app.theme_variables["tone-dim"] == "#654321"


async def test_a_mistake_is_named_above_the_table(environ: dict[str, str]) -> None:
    async with started(environ, '\n[sort]\njails = "cpuu"\n', size=(160, 24)) as it:  # a long path
        (line,) = [line for line in it.text.splitlines() if "settings.toml" in line]
        assert "settings.toml:3: there is no column cpuu" in line


async def test_every_mistake_of_names(environ: dict[str, str]) -> None:
    text = (
        'theme = "nordd"\n[sort]\njail = "cpu"\n[columns]\njails = ["state", "cup"]\n'
        'imges = ["x"]\n'
        '[keys]\nstrat = "f7"\n'
    )
    async with started(environ, text) as it:
        assert [(wrong.line, wrong.message) for wrong in it.app.view.mistakes] == [
            (1, "there is no theme nordd"),
            (5, "there is no column cup"),
            (6, "there is no table imges"),
            (3, "there is no table jail"),
            (8, "there is no action strat"),
        ]
        assert it.app.view.mistakes[4].hint.startswith("Did you mean start or ")


@pytest.mark.parametrize("width", [20, 40, 80, 160])
def test_chosen_columns_keep_their_order_and_fit(width: int) -> None:
    wanted = ("hostname", "cpu", "name", "state", "nonsense", "cpu")
    keys = [column.key for column in columns_for(width, 12, wanted)]
    order = [key for key in ("glyph", "hostname", "cpu", "name", "state") if key in keys]
    assert keys == order
    assert {"glyph", "name"} <= set(keys)
    assert sum(column.width + 2 for column in columns_for(width, 12, wanted)) <= max(width, 20) + 2


async def test_nothing_is_kept_where_no_place_is_given() -> None:
    async with opened(preferences=Preferences(Settings(theme="light"))) as it:
        assert it.app.theme == "jailer-light"
        it.app.preferences.choose("theme", "", "dark")
        assert it.app.view.settings.theme == "dark"


@pytest.mark.parametrize(
    ("key", "table", "columns"),
    [
        ("2", "images", ["state", "version"]),
        ("3", "snapshots", ["name", "jail", "used"]),
        ("6", "activity", ["when", "title"]),
    ],
)
async def test_columns_of_every_table(
    environ: dict[str, str], key: str, table: str, columns: list[str]
) -> None:
    text = f"[columns]\n{table} = {json.dumps(columns)}\n"
    async with started(environ, text) as it:
        await it.press(key)
        await it.settle()
        grid = it.app.screen.query_one(Grid)
        assert [column.key for column in grid.columns if column.label] == columns
        assert it.app.view.mistakes == ()
        await it.app.dispatcher.perform("columns")
        await it.until(lambda: it.dialog == "ColumnsDialog")
        await it.press("u")
        await it.until(lambda: [c.key for c in grid.columns if c.label] != columns)


async def test_columns_and_order_of_processes(environ: dict[str, str]) -> None:
    text = '[columns]\nprocesses = ["command", "pid"]\n[sort]\nprocesses = "-pid"\n'
    async with started(environ, text) as it:
        await it.go_to("shop")
        await it.press("P")
        screen = it.app.screen
        assert isinstance(screen, ProcessesScreen)
        await it.until(lambda: bool(screen.pane.grid.rows))
        assert [column.key for column in screen.pane.grid.columns] == ["command", "pid"]
        pids = [int(row.key) for row in screen.pane.grid.rows]
        assert pids == sorted(pids, reverse=True)
        await it.press("O")
    async with started(environ) as it:
        assert it.app.view.settings.sort["processes"] == "pid"


@pytest.fixture
def usual_keys() -> Iterator[None]:
    """The table of keys is one for all tests of a worker."""
    yield
    use_keys({})


@pytest.mark.usefixtures("usual_keys")
async def test_a_key_chosen_inside_works_at_once_and_after_a_restart(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(environ) as it:
        await it.press("colon", *"bind", "enter")
        await it.until(lambda: it.dialog == "KeysDialog", "the list of keys")
        it.app.screen.query_one(Grid).move_to_key("start")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PressDialog")
        await it.press("S")
        await it.until(lambda: "S already means Stop" in it.text)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PressDialog")
        await it.press("f7")
        await it.until(lambda: "yours" in it.text)
        it.app.screen.query_one(Grid).move_to_key("theme")  # it has no key
        await it.press("plus")
        await it.until(lambda: it.dialog == "PressDialog")
        await it.press("f6")
        await it.settle()
        await it.press("escape", "escape")
        await it.until(lambda: it.dialog == "JailsScreen")
        await it.go_to("db01")
        assert "f7 Start" in it.text
        await it.press("s")
        await it.settle()
        assert it.dialog == "JailsScreen"
        await it.press("f7")
        await it.until(lambda: it.dialog == "PreviewDialog", "the plan")
        await it.press("escape", "f6")
        await it.until(lambda: it.dialog == "ThemeDialog")
    kept = choices.apply(settings.load(environ), environ)
    assert kept.keys == {"start": ("f7",), "theme": ("f6",)}
    async with started(environ) as it:
        await it.app.dispatcher.perform("bind_keys")
        await it.until(lambda: it.dialog == "KeysDialog")
        it.app.screen.query_one(Grid).move_to_key("start")
        await it.press("u")
        await it.until(lambda: "f7" not in it.text)
        await it.press("escape")
        await it.go_to("db01")
        await it.press("s")
        await it.until(lambda: it.dialog == "PreviewDialog", "the plan")
    assert choices.apply(settings.load(environ), environ).keys == {"theme": ("f6",)}


@pytest.mark.usefixtures("usual_keys")
async def test_settings_are_edited_inside_and_used_at_once(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(environ["XDG_CONFIG_HOME"]) / "jailer-tui/settings.toml"
    texts: list[str] = []

    def editor(self: object, work: object) -> str:
        texts.append(path.read_text(encoding="utf-8") if path.exists() else "")
        return '# mine\nkeys = { start = "f7" }\ntheme = "light"\nrefresh = "often"\n'

    monkeypatch.setattr(JailerApp, "in_terminal", editor)
    async with started(environ) as it:
        await it.app.dispatcher.perform("edit_settings")
        await it.until(lambda: "4: refresh must be" in it.text, "the mistake")
        assert it.app.theme == theme.SHORT["light"]
        await it.press("escape", "escape")
        await it.go_to("db01")
        await it.until(lambda: "f7 Start" in it.text)
    assert path.read_text(encoding="utf-8").startswith("# mine")
    assert path.stat().st_mode & 0o777 == 0o600
    assert texts == [""]
