"""The pictures of the README, from a simulated host: `python screenshots/make.py`.

Writes SVG, and PNG where cairosvg is installed (`pip install '.[pictures]'`).
"""

from __future__ import annotations

import asyncio
import html
import importlib
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build
from jailer_tui.app import JailerApp
from jailer_tui.terminal_options import Options

HERE = Path(__file__).parent
FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
CELL = 12.2
"""Width of a character in textual's pictures."""

SIZE = (132, 28)
HISTORY = 12
"""Refreshes before the picture: the sparklines show something then."""
OVERVIEW = 60
"""Refreshes of the overview: enough for the width of its graphs."""

PICTURES: dict[str, tuple[str, Sequence[str]]] = {
    "overview": ("trouble", ("0",)),
    "jails": ("busy", ("down",)),
    "preview": ("busy", ("down", "d")),
    "doctor": ("fresh", ()),
    "images": ("busy", ("2",)),
    "wizard": ("busy", ("c", "enter", "enter")),
    "form": ("busy", ("c", "f2")),
    "progress": ("busy", ("end", "d", *"www0", "enter")),
    "goback": ("small", ("3", "down", "down", "b")),
    "snapshots": ("busy", ("end", "B", "enter", "enter", "y", "enter", "3")),
    "storage": ("busy", ("0", "f4")),
    "network": ("wired", ("4", "down", "down")),
    "console": ("busy", ("down", "t", *"service -e", "enter", *"top", "enter")),
    "run": ("busy", ("down", "space", "end", "space", "x", *"uname -a", "f10", "y")),
    "limits": ("busy", ("end", "enter", "right", "right", "right", "right")),
    "activity": ("busy", ("end", "S", "y", "enter", "s", "y", "enter", "6")),
    "filter": ("large", ("slash", *"web !stopped", "enter", "down", "space", "space", "space")),
}
"""Name of the picture: the scenario, and the keys that lead to what it shows."""


async def shoot(name: str, scenario: str, keys: Sequence[str]) -> None:
    """Make one picture."""
    host = SimulatedHost(build(scenario))
    host.machine.live = True
    app = JailerApp(host, options=Options(interval=3600.0))
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(HISTORY):
            host.machine.state.now += 2.0
            await app.session.live.once()
        await pilot.pause()
        for key in keys:
            await pilot.press("space" if key == " " else "exclamation_mark" if key == "!" else key)
            await pilot.pause(0.1)
        for _ in range(OVERVIEW if name == "overview" else 0):
            host.machine.state.now += 9.0
            await app.session.live.once()
            await app.session.vitals.read()
        host.machine.state.now += 2.0
        await app.session.live.once()
        await pilot.pause(0.3)
        svg = own_fonts(app.export_screenshot(title="jailer-tui"))
    path = HERE / f"{name}.svg"
    path.write_text(svg, encoding="utf-8")
    if importlib.util.find_spec("cairosvg"):
        draw = importlib.import_module("cairosvg").svg2png
        draw(bytestring=placed(svg).encode(), write_to=str(path.with_suffix(".png")))


def placed(svg: str) -> str:
    """With a place of its own for every character: cairosvg rounds their widths."""

    def place(found: re.Match[str]) -> str:
        start, text = float(found["x"]), html.unescape(found["text"])
        places = " ".join(f"{start + CELL * number:.1f}" for number in range(len(text)))
        return f'{found["before"]}x="{places}"{found["middle"]}{found["text"]}'

    pattern = r'(?P<before><text [^>]*?)x="(?P<x>[\d.]+)"(?P<middle>[^>]*>)(?P<text>[^<]*)'
    return re.sub(pattern, place, re.sub(r' textLength="[^"]*"', "", svg))


def own_fonts(svg: str) -> str:
    """Without the fonts that would be fetched from elsewhere."""
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return re.sub(r"font-family:\s*[^;]*;", f"font-family: {FONT};", svg)


def main() -> None:
    """Make all pictures."""
    for name, (scenario, keys) in PICTURES.items():
        asyncio.run(shoot(name, scenario, keys))


if __name__ == "__main__":
    main()
