"""docs/settings.md, made from the schema."""

from __future__ import annotations

from jailer_core.settings import Settings, choices, files
from jailer_core.settings.schema import COMMAND, SETTINGS, Setting

_START = f"""# Settings

Settings are read from two TOML files: `{files.HOST}`, for all users of
the host, and `~/.config/jailer-tui/settings.toml` (below `$XDG_CONFIG_HOME` when that is set), your
own. Your own file takes precedence; tables are merged entry by entry. Options of the command line
and environment variables take precedence over both.

A mistake is shown with its file and line when the program starts, and by `jailer-tui settings`.
Only the setting with the mistake is ignored.

Under sudo and doas, `$HOME` may still be yours. What root would run, fetch or remove (marked †
below) is then only taken from a file that no other user can write, in directories that no other
user can write.

Theme, columns, order and keys that you choose inside the program are kept in `{choices.NAME}`,
beside your settings. A choice holds until you give the setting another value in the file. Edit
settings, in the palette, opens your own file in your editor and uses it at once.

| setting | type | default | |
|---|---|---|---|
"""

_COMMANDS = """
## Own commands

Each `[[command]]` † adds a key. The command is shown in the same preview as every other change
before it runs, unless `confirm` is false, and recorded in the journal. It runs without a shell.

```toml
[[command]]
key = "ctrl+u"
label = "Update packages"
argv = ["pkg", "-j", "{jail}", "upgrade", "-y"]
```

| part | |
|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = [_row(setting) for setting in SETTINGS]
    parts = [f"| `{name}` | {help_text} |" for name, (_, help_text) in COMMAND.items()]
    tables = [_table(setting) for setting in SETTINGS if setting.entries]
    return "\n".join(
        (_START + "\n".join(rows), "", *tables, _COMMANDS.strip("\n"), "\n".join(parts), "")
    )


def _row(setting: Setting) -> str:
    default = "" if setting.entries else f"`{_written(getattr(Settings(), setting.name))}`"
    mark = " †" if setting.risky else ""
    return f"| `{setting.name}`{mark} | {setting.form} | {default} | {setting.help} |"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:g}"
    return "[]" if value == () else str(value)


def _table(setting: Setting) -> str:
    name = "host.web1" if setting.name == "host" else setting.name
    return f"```toml\n[{name}]\n{setting.example}\n```\n"
