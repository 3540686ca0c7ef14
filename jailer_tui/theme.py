"""The symbols on the screen, and ASCII replacements for terminals without UTF-8.

All colours: three themes, the tones that texts are painted in, and the common style.

Tones are not component classes of textual: those are matched for each widget separately, which
takes a good part of the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import Theme


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One cell each; `spark` goes from low to high."""

    running: str
    dying: str
    stopped: str
    broken: str
    mark: str
    up: str
    down: str
    more: str
    done: str
    failed: str
    active: str
    waiting: str
    undone: str
    dot: str
    full: str
    empty: str
    before: str
    after: str
    spark: str
    branch: str
    corner: str
    pipe: str
    dash: str
    link: str

    @property
    def dots(self) -> str:
        """An ellipsis for what is still going on."""
        return "…" if self.more == "…" else "..."


UNICODE = Glyphs(
    running="●",
    dying="◐",
    stopped="○",
    broken="!",
    mark="+",
    up="▲",
    down="▼",
    more="…",
    done="✓",
    failed="✗",
    active="▸",
    waiting="·",
    undone="↶",
    dot="·",
    full="█",
    empty="░",
    before="◂",
    after="▸",
    spark="▁▂▃▄▅▆▇█",
    branch="├",
    corner="└",
    pipe="│",
    dash="─",
    link="↔",
)

ASCII = Glyphs(
    running="*",
    dying="~",
    stopped="o",
    broken="!",
    mark="+",
    up="^",
    down="v",
    more="~",
    done="+",
    failed="x",
    active=">",
    waiting=".",
    undone="<",
    dot="-",
    full="#",
    empty=".",
    before="<",
    after=">",
    spark="_.-=+*#@",
    branch="|",
    corner="`",
    pipe="|",
    dash="-",
    link="=",
)


TONES = {
    "text": ("foreground", False),
    "dim": ("tone-dim", False),
    "ok": ("success", False),
    "warn": ("warning", False),
    "bad": ("error", False),
    "accent": ("accent", False),
    "strong": ("tone-strong", True),
    "title": ("primary", True),
    "key": ("accent", True),
    "button": ("tone-strong", True),
}
"""What a span may be called: the variable of the theme that is its colour, and whether bold."""

DARK = Theme(
    name="jailer-dark",
    primary="#7aa2c9",
    secondary="#8fb8a8",
    accent="#6fb7b7",
    foreground="#c9d1d9",
    background="#12161c",
    surface="#161b22",
    panel="#1d242e",
    success="#86bd7d",
    warning="#d8a657",
    error="#e8706f",
    dark=True,
    variables={
        "tone-dim": "#77828f",
        "tone-strong": "#eef2f6",
        "cursor-back": "#2b3a4d",
        "cursor-blurred": "#222b37",
        "edge": "#38424f",
        "scroll": "#38424f",
    },
)

LIGHT = Theme(
    name="jailer-light",
    primary="#2f5f8f",
    secondary="#356b58",
    accent="#1f6f78",
    foreground="#30363d",
    background="#fbfbf9",
    surface="#f4f4f1",
    panel="#e9e9e4",
    success="#2f7a33",
    warning="#94600c",
    error="#b3261e",
    dark=False,
    variables={
        "tone-dim": "#747c85",
        "tone-strong": "#0d1117",
        "cursor-back": "#cfdcea",
        "cursor-blurred": "#e2e6ea",
        "edge": "#c4c8cc",
        "scroll": "#c4c8cc",
    },
)

TERMINAL = Theme(
    name="jailer-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    dark=True,
    variables={
        "tone-dim": "ansi_bright_black",
        "tone-strong": "ansi_default",
        "cursor-back": "ansi_default",
        "cursor-blurred": "ansi_default",
        "edge": "ansi_bright_black",
        "scroll": "ansi_bright_black",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-text-style": "none",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_white",
    },
)

THEMES = (DARK, LIGHT, TERMINAL)
AUTO = "auto"
SHORT = {"dark": DARK.name, "light": LIGHT.name, "terminal": TERMINAL.name}
"""What the settings call our own themes."""
_VARIABLES = {"dim": "tone-dim", "strong": "tone-strong", "cursor": "cursor-back", "edge": "edge"}
"""What `[colours]` calls variables of ours."""


def usual(*, full: bool, light: bool) -> Theme:
    """The default theme for the terminal."""
    if not full:
        return TERMINAL
    return LIGHT if light else DARK


def complete(theme: Theme, colours: Mapping[str, str]) -> Theme:
    """A theme with all variables of the program, and the user's colours."""
    own = {_VARIABLES[name]: colour for name, colour in colours.items() if name in _VARIABLES}
    main = {name: colour for name, colour in colours.items() if name not in _VARIABLES}
    base = replace(theme, **main)  # type: ignore[arg-type]
    return replace(base, variables={**_needed(base), **base.variables, **own})


def _needed(theme: Theme) -> Mapping[str, str]:
    """Variables that a theme of Textual's own lacks, mixed from its colours."""
    if theme.ansi:
        return TERMINAL.variables
    made = theme.to_color_system().generate()
    back, fore = (Color.parse(made[name]) for name in ("background", "foreground"))
    primary = Color.parse(made["primary"])
    edge = back.blend(fore, 0.25).hex
    return {
        "tone-dim": back.blend(fore, 0.55).hex,
        "tone-strong": fore.blend(Color.parse("white" if theme.dark else "black"), 0.5).hex,
        "cursor-back": back.blend(primary, 0.35).hex,
        "cursor-blurred": back.blend(primary, 0.18).hex,
        "edge": edge,
        "scroll": edge,
    }


def _inside(ground: str, text: str, colours: str) -> TerminalTheme:
    """What programs in a console mean by their sixteen colours."""
    triplets = [tuple(bytes.fromhex(colour)) for colour in (ground, text, *colours.split())]
    back, fore, *rest = triplets
    return TerminalTheme(back, fore, rest[:8], rest[8:])  # type: ignore[arg-type]


INSIDE_DARK = _inside(
    "12161c",
    "c9d1d9",
    "2e343c e8706f 86bd7d d8a657 7aa2c9 b48ec4 6fb7b7 c9d1d9 "
    "77828f ff8a88 a6da95 eec678 99bee6 d0aae0 94d5d5 eef2f6",
)
INSIDE_LIGHT = _inside(
    "fbfbf9",
    "30363d",
    "30363d b3261e 2f7a33 94600c 2f5f8f 7d3c8c 1f6f78 747c85 "
    "747c85 c83c32 3c9141 aa7319 3c73aa 9650a5 2d8791 0d1117",
)


def tone_style(variables: Mapping[str, str], tone: str) -> Style:
    """The style of a tone in the theme with these variables."""
    variable, bold = TONES[tone]
    style = Style.from_color(Color.parse(variables[variable]).rich_color)
    return style + Style(bold=True) if bold else style


def over_style(variables: Mapping[str, str], over: str, *, ansi: bool, focused: bool) -> Style:
    """What lies behind a whole line: `bar`, or the `cursor`; `button`: behind one span.

    With the terminal's own colours, which we do not know, cursor and button are in reverse video.
    """
    if over == "bar":
        return _behind(variables["panel"])
    if ansi:
        return Style(reverse=True) if focused else Style(underline=True)
    return _behind(variables["cursor-back" if focused else "cursor-blurred"])


def _behind(colour: str) -> Style:
    return Style.from_color(None, Color.parse(colour).rich_color)


CSS = """
Screen { background: $background; color: $foreground; layers: base above; }
Dialog { align: center middle; background: $background 60%; }
Dialog:ansi { background: ansi_default; }
.box {
    border: round $edge;
    border-title-color: $primary;
    border-title-style: bold;
    border-subtitle-color: $tone-dim;
    background: $surface;
    padding: 0 1;
    width: 100%;
    max-width: 110;
    height: auto;
    max-height: 100%;
}
.box.danger { border: round $error; border-title-color: $error; }
.-ascii .box { border: ascii $edge; }
.-ascii .box.danger { border: ascii $error; }
Input.line { border: none; height: 1; padding: 0; background: $panel; color: $foreground; }
Input.line:focus { border: none; background-tint: $foreground 0%; }
.split { border-top: solid $edge; padding: 0 1; }
.-ascii .split { border-top: ascii $edge; }
.-ascii .side { border-left: ascii $edge; }
.-ascii OverviewPane.wide > #graphs { border-left: ascii $edge; }
.-ascii LineWidget { scrollbar-size: 0 0; }
.-ascii Form { scrollbar-size: 0 0; }
"""
