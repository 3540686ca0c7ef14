"""All colours: three themes, the tones that every text is painted in, and the common style."""

from __future__ import annotations

from textual.theme import Theme

TONES = ("text", "dim", "ok", "warn", "bad", "accent", "strong", "title", "key", "button")
"""What a span may be called; each is the component class `tone--NAME` of our widgets."""

TONE_CLASSES = {f"tone--{tone}" for tone in TONES} | {"tone--cursor", "tone--bar"}

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

CSS = """
.tone--text { color: $foreground; }
.tone--dim { color: $tone-dim; }
.tone--ok { color: $success; }
.tone--warn { color: $warning; }
.tone--bad { color: $error; }
.tone--accent { color: $accent; }
.tone--strong { color: $tone-strong; text-style: bold; }
.tone--title { color: $primary; text-style: bold; }
.tone--key { color: $accent; text-style: bold; }
.tone--button { background: $cursor-back; color: $tone-strong; text-style: bold; }
*:ansi > .tone--button { text-style: bold reverse; }
.tone--cursor { background: $cursor-blurred; }
.tone--bar { background: $panel; }
*:focus > .tone--button { background: $cursor-back; color: $tone-strong; text-style: bold; }
*:ansi > .tone--button { text-style: bold reverse; }
.tone--cursor { background: $cursor-back; }
*:ansi > .tone--cursor { text-style: underline; }
*:ansi:focus > .tone--cursor { text-style: reverse; }

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
Toast { background: $panel; }
.-ascii Toast { border: none; }
"""
