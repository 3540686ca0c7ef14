"""A reader of rc.conf-like files that hold nothing but plain settings; a shell's work it refuses.

It spares `sysrc`, which takes 0.6 s and more on the recorded host (freebsd.md, Reading).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_PLAIN = re.compile(
    r"""^\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
        (?:"(?P<double>[^"$`\\]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'$`\\;&|<>()*?\[\]{}~\#]*))
        \s*(?:;\s*)?(?:\#.*)?$""",
    re.VERBOSE,
)
_NOTHING = re.compile(r"^\s*(?:#.*)?$")


def settings(text: str) -> dict[str, str] | None:
    """`name="value"` lines, the last of a name counting; None where a shell would be needed.

    A shell is needed for `$`, backticks, backslashes, quotes over several lines, `if`, `.` …
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if _NOTHING.match(line):
            continue
        plain = _PLAIN.match(line)
        if plain is None:
            return None
        value = next(one for one in plain.group("double", "single", "bare") if one is not None)
        found[plain["name"]] = value
    return found


def plain_settings(text: str) -> dict[str, str]:
    """Those settings of a file that are plain; the others are left out.

    For files whose other lines are known not to matter (Bastille's own configuration).
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        found |= (settings(line) or {}) if "=" in line else {}
    return found


_NAME = re.compile(r"^\s*([A-Za-z_][A-Za-z0-9_]*)=")
_QUOTED = re.compile(
    r"""^\s*[A-Za-z_][A-Za-z0-9_]*=(?:"[^"]*"|'[^']*'|[^\s"']*)\s*(?:;\s*)?(?:\#.*)?$"""
)


def with_settings(text: str, values: Mapping[str, str], drop: Sequence[str] = ()) -> str:
    """The text with these variables set, as sysrc(8) does: in their place, or at the end.

    `drop` are beginnings of names of variables that are taken out before. A setting that goes
    on over several lines, or shares its line with more, is left as it is and set again at the
    end: the last one counts.
    """
    lines, left = [], dict(values)
    for line in text.splitlines():
        found = _NAME.match(line) if _QUOTED.match(line) else None
        name = found[1] if found else ""
        if name in left:
            lines.append(f'{name}="{left.pop(name)}"')
        elif not (name and (name in values or name.startswith(tuple(drop)))):
            lines.append(line)
    lines += [f'{name}="{value}"' for name, value in left.items()]
    return "".join(f"{line}\n" for line in lines)
