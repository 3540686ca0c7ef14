r"""Lines of fstab(5): of the file of `mount.fstab`, and of `mount` in a configuration.

Blanks in a field are written as `\040` (strunvis(3); jail(8) decodes the first two fields).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from jailer_core.model.paths import normal

_OCTAL = re.compile(r"\\([0-7]{3})")
_ROW = re.compile(r"[^\n]*\n|[^\n]+\Z")
_FIELD = re.compile(r"[^ \t\r\n\f\v]+")
_SPECIAL = re.compile(r"[ \t\n\\#]")


@dataclass(frozen=True, slots=True)
class FstabLine:
    """What is mounted, and where: `target` is a plain path of the host.

    `start` and `end` are the places of the whole line in the text, with its line feed.
    """

    source: str
    target: str
    fstype: str
    options: tuple[str, ...]
    start: int = 0
    end: int = 0

    @property
    def read_only(self) -> bool:
        """Whether it is mounted read-only."""
        return "ro" in self.options


def unescaped(field: str) -> str:
    r"""A field as it is meant: `\040` is a blank."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def escaped(field: str) -> str:
    """A field as an fstab has it."""
    return _SPECIAL.sub(lambda match: f"\\{ord(match[0]):03o}", field)


def line(text: str) -> FstabLine | None:
    """One line; None for a comment, and for a line that mounts nothing."""
    fields = _FIELD.findall(text.partition("#")[0])
    if len(fields) < 3:
        return None
    source, target, fstype = unescaped(fields[0]), unescaped(fields[1]), fields[2]
    options = tuple(fields[3].split(",")) if len(fields) > 3 else ()
    return FstabLine(source, normal(target), fstype, options)


def lines(text: str) -> tuple[FstabLine, ...]:
    """All lines of a file that mount something."""
    rows = ((line(match[0]), match.span()) for match in _ROW.finditer(text))
    return tuple(
        replace(entry, start=start, end=end) for entry, (start, end) in rows if entry is not None
    )


def printed(entry: FstabLine, target: str = "") -> str:
    """The line as it is written; `target` is its second field where that is not the path."""
    options = ",".join(entry.options) or "rw"
    place = target or escaped(entry.target)
    return f"{escaped(entry.source)} {place} {entry.fstype} {options} 0 0"
