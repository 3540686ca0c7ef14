"""Moving about, and what every screen knows."""

from __future__ import annotations

from jailer_tui.actions.action import Action

EVERYWHERE = (
    # --- moving
    Action("move:up", ("up", "k"), "Up", "Move one line up.", ("list", "text")),
    Action("move:down", ("down", "j"), "Down", "Move one line down.", ("list", "text")),
    Action("move:page_up", ("pageup", "ctrl+b"), "Page up", "Move one page up.", ("list", "text")),
    Action(
        "move:page_down",
        ("pagedown", "ctrl+f"),
        "Page down",
        "Move one page down.",
        ("list", "text"),
    ),
    Action("move:top", ("home", "g"), "Top", "Go to the first line.", ("list", "text")),
    Action("move:bottom", ("end", "G"), "Bottom", "Go to the last line.", ("list", "text")),
    Action(
        "find",
        ("slash",),
        "Search",
        "Search what is shown; n and N go to the next and previous match.",
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
        "List all actions by name, with the reason if one is not available.",
        ("all",),
        footer=11,
    ),
    Action(
        "help",
        ("question_mark", "f1"),
        "Help",
        "Show the keys that work here.",
        ("all", "quiet"),
        footer=12,
    ),
    Action(
        "theme",
        (),
        "Theme",
        "Choose a theme: dark, light, the terminal's own, or one of Textual's.",
        ("all",),
    ),
    Action(
        "elevate",
        (),
        "Restart as root",
        "Restart the program as root, with doas or sudo.",
        ("all",),
    ),
    Action(
        "redraw",
        ("ctrl+l",),
        "Redraw",
        "Redraw the screen and read the host again.",
        ("all", "quiet"),
    ),
    Action(
        "suspend_process",
        ("ctrl+z",),
        "Suspend",
        "Suspend to the shell; `fg` returns.",
        ("all", "quiet"),
    ),
    Action(
        "leave",
        ("q",),
        "Quit",
        "Quit (asks first while anything runs), or in another tab go back to the jails.",
        ("tabs",),
        footer=13,
    ),
    Action(
        "interrupt",
        ("ctrl+c",),
        "Quit",
        "Press twice to quit (asks first while anything runs); in another tab: back to the jails.",
        ("tabs",),
    ),
)
