"""Moving about, and what every screen knows."""

from __future__ import annotations

from jailer_tui.actions.action import Action

EVERYWHERE = (
    # --- moving
    Action("move:up", ("up", "k"), "Up", "One line up.", ("list", "text")),
    Action("move:down", ("down", "j"), "Down", "One line down.", ("list", "text")),
    Action("move:page_up", ("pageup", "ctrl+b"), "Page up", "One page up.", ("list", "text")),
    Action("move:page_down", ("pagedown", "ctrl+f"), "Page down", "A page down.", ("list", "text")),
    Action("move:top", ("home", "g"), "Top", "To the first line.", ("list", "text")),
    Action("move:bottom", ("end", "G"), "Bottom", "To the last line.", ("list", "text")),
    Action(
        "find",
        ("slash",),
        "Search",
        "Find words in what is shown; then n and N go to the next and the previous place.",
        (
            "detail",
            "doctor",
            "diff",
            "node",
            "preview",
            "confirm",
            "progress",
            "help",
            "trash",
            "choice",
            "batch",
            "order",
            "many",
            "output",
            "goback",
            "change",
            "cut_off",
        ),
    ),
    # --- everywhere
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "Commands",
        "Every action by its name, with the reason when one is not possible now.",
        ("all",),
        footer=11,
    ),
    Action("help", ("question_mark", "f1"), "Help", "This page.", ("all", "quiet"), footer=12),
    Action("theme", (), "Colours", "The next theme: dark, light, the terminal's own.", ("all",)),
    Action(
        "elevate",
        (),
        "Restart as root",
        "Leave, and start the whole program again through doas or sudo.",
        ("all",),
    ),
    Action("redraw", ("ctrl+l",), "Redraw", "Draw the screen anew, read again.", ("all", "quiet")),
    Action(
        "suspend_process",
        ("ctrl+z",),
        "Suspend",
        "Back to the shell for a while; `fg` returns.",
        ("all", "quiet"),
    ),
    Action(
        "leave",
        ("q",),
        "Quit",
        "Leave; asks first while anything runs. In another tab: back to the jails.",
        ("tabs",),
        footer=13,
    ),
    Action(
        "interrupt",
        ("ctrl+c",),
        "Quit",
        "Pressed twice: leave; asks first while anything runs. In another tab: back to the jails.",
        ("tabs",),
    ),
)
