"""rc.conf: as text that holds nothing but settings, and as rc evaluates it.

Read rc.conf-like files that hold nothing but plain settings; anything else is refused.

It spares `sysrc`, which takes 0.6 s and more on the recorded host (docs/freebsd-facts.md, Reading).

`sysrc`: rc.conf as rc itself evaluates it (slow: never on the refresh path).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from jailer_core.parse.base import Parsed, each, lines, matched

_SETTING = re.compile(
    r"""[ \t]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
        (?P<value>(?:"(?:[^"$`\\]|\\["$`\\\n])*"|'[^']*'|[^\s"'$`\\;&|<>()*?\[\]{}~\#])*)
        (?:[ \t]*;)?(?:[ \t]+\#[^\n]*|[ \t]*)(?:\n|\Z)""",
    re.VERBOSE,
)
_NOTHING = re.compile(r"[ \t\r\f\v]*(?:#[^\n]*)?(?:\n|\Z)")
_PIECE = re.compile(r"""\"((?:[^"\\]|\\.)*)"|'([^']*)'|([^"']+)""", re.DOTALL)

_ESCAPED = re.compile(r"""\\(?:(["$`\\])|\n)""")


def settings(text: str) -> dict[str, str] | None:
    """`name="value"` settings, the last of a name counting; None where a shell would be needed.

    Values in quotes may go over several lines (recording 15). A shell is needed for `$`,
    backticks, backslashes outside of quotes, `if`, `.` …
    """
    variables: dict[str, str] = {}
    at = 0
    while at < len(text):
        line = _NOTHING.match(text, at) or _SETTING.match(text, at)
        if line is None:
            return None
        if line.re is _SETTING:
            variables[line["name"]] = _value(line["value"])
        at = line.end()
    return variables


def _value(quoted: str) -> str:
    """What a shell makes of a word of plain and quoted pieces."""
    return "".join(
        _ESCAPED.sub(lambda escaped: escaped[1] or "", double) + single + bare
        for double, single, bare in _PIECE.findall(quoted)
    )


def plain_settings(text: str) -> dict[str, str]:
    """Those settings of a file that are plain; the others are left out.

    For files whose other lines are known not to matter (Bastille's own configuration).
    """
    variables: dict[str, str] = {}
    for line in text.split("\n"):
        variables |= (settings(line) or {}) if "=" in line else {}
    return variables


def with_settings(text: str, values: Mapping[str, str], drop: Sequence[str] = ()) -> str:
    """The text with these variables set, as sysrc(8) does: in their place, or at the end.

    `drop` are beginnings of names of variables that are taken out before. A setting that needs
    a shell, or shares its line with more, stays, and is set again at the end: the last
    one counts.
    """
    kept, left = "", dict(values)
    at = 0
    while at < len(text):
        setting = _SETTING.match(text, at)
        name = setting["name"] if setting is not None else ""
        end = setting.end() if setting is not None else text.find("\n", at) + 1 or len(text)
        if name in left:
            kept += f'{name}="{left.pop(name)}"\n'
        elif not (name and (name in values or name.startswith(tuple(drop)))):
            kept += text[at:end]
        at = end
    kept += "" if not kept or kept.endswith("\n") else "\n"
    return kept + "".join(f'{name}="{value}"\n' for name, value in left.items())


_BEGINS = re.compile(r'^(?=[A-Za-z_]\w*=")', re.MULTILINE | re.ASCII)

_SYSRC_SETTING = re.compile(r'(\w+)="(.*)"\Z', re.ASCII | re.DOTALL)


def variables(text: str) -> Parsed[dict[str, str]]:
    """`sysrc -ae` and `sysrc -e NAMES…`: `name="value"` (recordings 08 line 26 and 15 line 24).

    Values are printed raw, with the quotes and line feeds that are in them: one begins at the
    begin of a line and ends at the last quote before the next one.
    """
    return each(_setting, _pieces(text)).map(dict)


def _pieces(text: str) -> Iterator[str]:
    """The settings, and the lines around them that belong to none."""
    for piece in filter(None, _BEGINS.split(text)):
        rows = lines(piece)
        last = max((index for index, row in enumerate(rows) if row.endswith('"')), default=-1)
        if last >= 0 and _BEGINS.match(piece):
            yield "\n".join(rows[: last + 1])
            rows = rows[last + 1 :]
        yield from rows


def _setting(piece: str) -> tuple[str, str]:
    parts = matched(_SYSRC_SETTING, piece, "sysrc", "no setting")
    return parts[1], parts[2]
