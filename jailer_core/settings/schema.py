"""Every setting, declared once: its name, form, default, and documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_DAYS = 36500
MOST_WORDS = 64
COLOUR_NAMES = (
    *("primary", "secondary", "accent", "foreground", "background", "surface", "panel"),
    *("success", "warning", "error", "dim", "strong", "cursor", "edge"),
)
"""What `[colours]` can set."""
WHERE = ("jail", "host")
"""Where an own command runs."""
FIELDS = ("jail", "host", "what", "message")
"""What `notify` fills in."""

Read = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `read` checks a value of the file and returns it; it raises ValueError.

    `entries` marks a table: each of its values is read separately, and a mistake in one leaves the
    others. `risky` marks what root would run, fetch or remove: it is only taken from a file that
    no other user can write.
    """

    name: str
    form: str
    help: str
    read: Read
    example: str = ""
    entries: bool = False
    risky: bool = False


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command of the user's own: `argv` may contain `{jail}`."""

    key: str
    label: str
    argv: tuple[str, ...]
    where: str = "host"
    confirm: bool = True


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")  # noqa: TRY004 - as all of them
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise ValueError("must not contain control characters")
    return value


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - as all of them
    return value


def _days(value: object) -> object:
    if type(value) is not int or not 0 <= value <= MOST_DAYS:
        raise ValueError("must be a number of days, 0 for no limit")
    return value


def _seconds(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 60:
        raise ValueError("must be a number of seconds from 1 to 60")
    return float(value)


def _words(value: object) -> object:
    if not isinstance(value, list) or len(value) > MOST_WORDS:
        raise ValueError('must be a list of text: ["…", "…"]')
    return tuple(str(_text(word)) for word in value)


def _some_words(value: object) -> object:
    words = _words(value)
    if not words:
        raise ValueError("must not be empty")
    return words


def _keys(value: object) -> object:
    words = (value,) if isinstance(value, str) else value
    keys = _words(list(words) if isinstance(words, list | tuple) else words)
    assert isinstance(keys, tuple)  # noqa: S101 - _words returns one
    if not all(keys):
        raise ValueError("must be a key or a list of keys")
    return keys


def _notify(value: object) -> object:
    words = _words(value)
    assert isinstance(words, tuple)  # noqa: S101 - _words returns one
    for name in _fields_of(words):
        if name not in FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            raise ValueError(f"has no field {{{name}}}; use {known}")
    return words


_HOUR = r"([01]\d|2[0-3]):[0-5]\d"


def _matching(pattern: str, otherwise: str) -> Read:
    def read(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(otherwise)
        return value

    return read


def _host(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("must be a table: [host.NAME]")  # noqa: TRY004 - as all of them
    from jailer_core.host.ssh.definitions import of_table  # noqa: PLC0415 - only where hosts are set

    of_table("name", value)
    return value


def _fields_of(words: tuple[str, ...]) -> list[str]:
    return [name for word in words for name in re.findall(r"\{(\w*)\}", word)]


def command(value: Mapping[str, object]) -> OwnCommand:
    """One `[[command]]`. Raises ValueError."""
    for name in value:
        if name not in COMMAND:
            raise ValueError(f"has no part {name}; parts are {', '.join(COMMAND)}")
    parts: dict[str, Any] = {}
    for name in value:
        try:
            parts[name] = COMMAND[name][0](value[name])
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
    missing = [name for name in ("key", "label", "argv") if not parts.get(name)]
    if missing:
        raise ValueError(f"needs {missing[0]}")
    own = OwnCommand(**parts)
    for name in _fields_of(own.argv):
        if name not in ("jail", "host"):
            raise ValueError(f"argv has no field {{{name}}}; use {{jail}} or {{host}}")
    if own.where not in WHERE:
        raise ValueError('where must be "jail" or "host"')
    return own


COMMAND: Mapping[str, tuple[Read, str]] = {
    "key": (_text, "the key that runs it"),
    "label": (_text, "what the preview, the palette and the help call it"),
    "argv": (_some_words, "the command and its arguments; `{jail}` is the selected jail's name"),
    "where": (_text, '`"host"` (default), or `"jail"`: inside the selected jail'),
    "confirm": (_flag, "whether it is shown and confirmed first; default true"),
}
"""The parts of a `[[command]]`."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "mirror",
        "text",
        "Where images are fetched from. Empty: FreeBSD's own mirror.",
        _text,
        '"https://mirror.example.org"',
        risky=True,
    ),
    Setting(
        "trash_days",
        "days",
        "Entries of the trash older than this are marked as old, and offered for removal. "
        "Nothing is removed automatically. 0: no limit.",
        _days,
        risky=True,
    ),
    Setting(
        "journal_days",
        "days",
        "Records of changes older than this are removed by `activity prune`. 0: no limit.",
        _days,
        risky=True,
    ),
    Setting(
        "theme",
        "text",
        "`auto`, `dark`, `light`, `terminal` (the terminal's own 16 colours), or the name of one "
        "of Textual's themes, such as `nord`.",
        _text,
        '"light"',
    ),
    Setting("refresh", "seconds", "How often the host is read, from 1 to 60.", _seconds, "5"),
    Setting("mouse", "true or false", "Whether the mouse is used.", _flag),
    Setting("bell", "true or false", "Whether a notice rings the terminal's bell.", _flag),
    Setting(
        "notices",
        "true or false",
        "Whether a jail that dies, a start that fails and a pool that degrades are announced.",
        _flag,
    ),
    Setting(
        "quiet_hours",
        "hours",
        "No bell, no terminal notification and no `notify` command between these times.",
        _matching(rf"({_HOUR}-{_HOUR})?", 'must look like "22:00-07:00"'),
        '"22:00-07:00"',
    ),
    Setting(
        "notify",
        "list of text",
        "A command that is run for each notice. Fields: `{what}` (died, failed, pool…), "
        "`{jail}`, `{host}`, `{message}`. It is run without a shell.",
        _notify,
        '["/usr/local/bin/notify", "{host}", "{message}"]',
        risky=True,
    ),
    Setting(
        "keys",
        "table",
        "Other keys for actions: the action's name, and a key or a list of keys. "
        "docs/keys.md lists the names.",
        _keys,
        example='snap = "ctrl+t"',
        entries=True,
    ),
    Setting(
        "columns",
        "table",
        "The columns of a table, in their order.",
        _some_words,
        example='jails = ["name", "state", "cpu", "memory"]',
        entries=True,
    ),
    Setting(
        "sort",
        "table",
        "The column by which a table is sorted; with `-` before it, in reverse.",
        _text,
        example='jails = "cpu"',
        entries=True,
    ),
    Setting(
        "filters",
        "table",
        "Named filters: `/=NAME` uses one.",
        _text,
        example='web = "www !stopped"',
        entries=True,
    ),
    Setting(
        "colours",
        "table",
        f"Custom colours, which override those of the theme: {', '.join(COLOUR_NAMES)}.",
        _matching(
            r"#[0-9A-Fa-f]{6}|ansi_[a-z_]{3,20}",
            'must be a colour like "#7aa2c9", or "ansi_blue"',
        ),
        example='accent = "#6fb7b7"',
        entries=True,
    ),
    Setting(
        "host",
        "tables",
        "Other hosts, one table each.",
        _host,
        example='ssh = "root@web1"',
        entries=True,
        risky=True,
    ),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
