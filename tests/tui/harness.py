"""A screen on a simulated host, driven by keys, without a clock."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from textual._compositor import LayoutUpdate
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from jailer_core.model import Inventory, Jail
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui import app as app_module
from jailer_tui.app import JailerApp
from jailer_tui.screens.jails import JailsScreen
from jailer_tui.stores import refresher
from jailer_tui.stores.jobs import Work
from jailer_tui.terminal_options import Options

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = "JAILER_TUI_RENEW"
"""Set this variable to rewrite the snapshots instead of comparing them."""

HOME, WIDE = (80, 24), (160, 50)
NEVER = Options(interval=1e6)


TURNS = 60
"""After so many turns of the loop the screen counts as idle, whatever still runs behind it."""


PAUSE = 0.005


async def _idle(*_args: object, **_options: object) -> bool:
    """Until nothing is ready to run; textual would watch the clock and ask every widget."""
    loop = asyncio.get_running_loop()
    for _ in range(TURNS):
        await asyncio.sleep(0)
        if not loop._ready:  # type: ignore[attr-defined]
            break
    return True


def draw(screen: Screen[Any]) -> None:
    """Draw what has changed."""
    if screen._compositor._dirty_regions:
        _DRAW(screen)


_DRAW = Screen._compositor_refresh


def _draw_later(screen: Screen[Any]) -> None:
    """Leave the drawing to `draw`: a key makes for five frames, and four are never seen."""
    if screen is screen.app.screen:
        screen._dirty_widgets.clear()
        screen.app._update_mouse_over(screen)
    else:
        _DRAW(screen)


@dataclass
class Stage:
    """An open screen: the app, its keys, its host.

    It is drawn when the test looks at it, and at the end; always while the test watches.
    """

    app: JailerApp
    pilot: Pilot[Any]
    host: SimulatedHost
    watched: bool = False
    _looked: tuple[object, str] = (None, "")

    @property
    def machine(self) -> Machine:
        return self.host.machine

    @property
    def main(self) -> JailsScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, JailsScreen)
        return screen

    @property
    def inventory(self) -> Inventory:
        assert self.app.view.inventory is not None
        return self.app.view.inventory

    def jail(self, name: str) -> Jail:
        found = self.inventory.jail(name)
        assert found is not None, f"no jail {name}"
        return found

    @property
    def dialog(self) -> str:
        """The kind of what is in front."""
        return type(self.app.screen).__name__

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Until all that a key began has happened."""
        for _ in range(3):
            await self.pilot.pause()
        if self.watched:
            draw(self.app.screen)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> list[object]:
        """What is sent to the terminal from now on."""
        draw(self.app.screen)
        sent: list[object] = []
        monkeypatch.setattr(self.app, "_display", lambda _screen, what: sent.append(what))
        self.watched = True
        return sent

    async def type(self, text: str) -> None:
        """Fill the field in front in one event, as a paste does; without one press the keys."""
        if isinstance(self.app.focused, Input):
            self.app.focused.post_message(Paste(text))
            await self.settle()
        else:
            await self.press(*text)

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        """Go on until it is so; fails when everything has come to rest before."""
        for turn in range(400):
            if true():
                await self.settle()
                return
            await self.pilot.pause()
            if turn > 2:  # a thread or a timer is waited for
                await asyncio.sleep(PAUSE)
        raise AssertionError(f"it never came: {what}\n{self.text}")

    async def at_rest(self, work: Work | None = None) -> None:
        """Until all work has ended and the host was read again."""
        await self.until(lambda: not self.app.jobs.running, "the end of all work")
        await self.refresh()

    async def refresh(self) -> None:
        """Read the host once more."""
        await self.app.session.live.once()
        await self.settle()

    async def go_to(self, name: str) -> None:
        self.main.pane.grid.move_to_key(name)
        await self.settle()

    @property
    def text(self) -> str:
        """The visible text, line by line."""
        if self.watched:
            draw(self.app.screen)
        compositor = self.app.screen._compositor
        key = (compositor, self.app.size)
        if compositor._dirty_regions or self._looked[0] != key:
            update = compositor.render_update(full=True, screen_stack=self.app._background_screens)
            assert isinstance(update, LayoutUpdate)
            lines = ["".join(strip.text for strip in line).rstrip() for line in update.strips]
            self._looked = key, "\n".join(lines[: self.app.size.height]) + "\n"
        return self._looked[1]

    def sees(self, *texts: str) -> None:
        screen = self.text
        for text in texts:
            assert text in screen, f"{text!r} is not on the screen:\n{screen}"

    async def compare_sizes(self, name: str) -> None:
        """The screen is as it was kept, at home and wide; it stays at home."""
        for size in (WIDE, HOME):
            await self.resize(size)
            self.compare(f"{name}-{size[0]}")

    async def resize(self, size: tuple[int, int]) -> None:
        """What lies under a dialog gets the size as well."""
        await self.pilot.resize_terminal(*size)
        screens = (self.app.screen, *self.app._background_screens)
        await self.until(
            lambda: {screen._compositor.size for screen in screens} == {size}, "the size"
        )

    def compare(self, name: str) -> None:
        """The screen is as it was kept under that name."""
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get(RENEW):
            path.write_text(self.text, encoding="utf-8")
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        assert self.text == kept, f"another picture than {path.name}; {RENEW}=1 keeps the new one"


@asynccontextmanager
async def opened(
    scenario: str = "busy",
    size: tuple[int, int] = HOME,
    *,
    change: Callable[[Machine], None] | None = None,
    user: str = "root",
    options: Options = NEVER,
    arrange: Callable[[JailerApp], None] | None = None,
    kind: type[SimulatedHost] = SimulatedHost,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """An app on a host of its own, read once; `change` makes the host different before.

    `arrange` prepares the app itself.
    """
    machine = scenarios.build(scenario)
    if change is not None:
        change(machine)
    host = kind(machine, pace=0, user=user)
    app = JailerApp(host, options=options, **settings)
    if arrange is not None:
        arrange(app)
    with (
        patch.object(refresher, "SETTLE", 0.0),
        patch.object(refresher, "CALM", 0.0),
        patch.object(app_module, "REST", 0.0),
        patch("textual.app.wait_for_idle", _idle),
        patch("textual.pilot.wait_for_idle", _idle),
        patch.object(Screen, "_compositor_refresh", _draw_later),
        patch.object(Pilot, "_wait_for_screen", _idle),
    ):
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, host)
            await stage.until(lambda: app.view.full or bool(app.view.failure), "the first reading")
            yield stage
            draw(app.screen)


def burst(it: Stage, *keys: str) -> None:
    """All of them at once, as a paste or a slow line brings them."""
    for key in keys:
        character = {"slash": "/", "enter": "\r"}.get(key, key if len(key) == 1 else None)
        it.app.post_message(Key(key, character).set_sender(it.app))
