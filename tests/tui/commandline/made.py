"""Files of docs/ made from the program; `python -m tests.tui.commandline.made` writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from jailer_tui.actions import ACTIONS, key_names
from jailer_tui.cli.commands import COMMANDS
from jailer_tui.cli.help_text import GLOBAL, of_command, overview
from tests.tui.commandline import manpage, settings_page

DOCS = Path(__file__).parents[3] / "docs"


def keys() -> str:
    """The page of keys."""
    about = (
        "What each key does. `?` shows the keys of the current screen. To bind an action to other\n"
        "keys, use its name from the last column in the settings.\n"
    )
    rows = ["| key | does | | name |", "|---|---|---|---|"]
    for action in ACTIONS:
        shown = " ".join(f"`{name}`" for name in key_names(action).split()) or "(palette)"
        rows.append(f"| {shown} | {action.label} | {action.help} | `{action.id}` |")
    return "\n".join(["# Keys", "", about, *rows, ""])


def commands() -> str:
    """The page of commands: the help of each, without the options that all of them have."""
    pages = ["# Commands\n", f"```text\n{overview()}\n```\n"]
    for command in COMMANDS:
        pages += [
            f"## {shown.name}\n\n```text\n{of_command(shown).partition(GLOBAL)[0].rstrip()}\n```\n"
            for shown in (command, *command.below)
        ]
    return "\n".join(pages)


MADE: Mapping[str, Callable[[], str]] = {
    "keys.md": keys,
    "commands.md": commands,
    "jailer-tui.8": manpage.page,
    "settings.md": settings_page.page,
}

if __name__ == "__main__":
    for name, make in MADE.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
