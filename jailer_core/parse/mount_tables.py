r"""File systems: fstab, mount and df.

Lines of fstab(5): of the file of `mount.fstab`, and of `mount` in a configuration.

Blanks in a field are written as `\040` (strunvis(3); jail(8) decodes the first two fields).

`mount -p`: what is mounted, oldest first.

`df -k`: room on file systems, in bytes.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace

from jailer_core.model import Mount
from jailer_core.model.trees import normal
from jailer_core.parse.base import Parsed, below, each, joined, lines, matched, wrong

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


def fstab_unescaped(field: str) -> str:
    r"""A field as it is meant: `\040` is a blank."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def fstab_escaped(field: str) -> str:
    """A field escaped for an fstab."""
    return _SPECIAL.sub(lambda match: f"\\{ord(match[0]):03o}", field)


def fstab_line(text: str) -> FstabLine | None:
    """Parse one line; None for a comment or a line that mounts nothing."""
    fields = _FIELD.findall(text.partition("#")[0])
    if len(fields) < 3:
        return None
    source, target, fstype = fstab_unescaped(fields[0]), fstab_unescaped(fields[1]), fields[2]
    options = tuple(fields[3].split(",")) if len(fields) > 3 else ()
    return FstabLine(source, normal(target), fstype, options)


def fstab_lines(text: str) -> tuple[FstabLine, ...]:
    """All entries of a file."""
    rows = ((fstab_line(match[0]), match.span()) for match in _ROW.finditer(text))
    return tuple(
        replace(entry, start=start, end=end) for entry, (start, end) in rows if entry is not None
    )


def fstab_printed(entry: FstabLine, target: str = "") -> str:
    """The line as written; `target` is its second field if that differs from the path."""
    options = ",".join(entry.options) or "rw"
    place = target or fstab_escaped(entry.target)
    return f"{fstab_escaped(entry.source)} {place} {entry.fstype} {options} 0 0"


_TAIL = re.compile(
    r"^(?P<head>.*?\S)[ \t]+(?P<type>[^ \t]+)\t(?P<options>[^ \t]*)[ \t]+\d+ \d+$", re.DOTALL
)
_BEGINS = re.compile(r"/|\S.*?[ \t]+/")
"""How a mount begins: with a path, or with another device and the beginning of a path."""
_LONGEST = 4096
"""Device, path and options together: what is longer is no mount, but something else."""


def mounts(text: str) -> Parsed[tuple[Mount, ...]]:
    """Every mount. A path may hold spaces: the padding tells where one ends (recording 08).

    Columns are filled to 24 with tabs, and a longer one is followed by a single space. A jail that
    may mount inside can do so on a directory with line feeds in its name.
    """
    rows = joined(lines(text), lambda row: bool(_BEGINS.match(row)), _is_whole, again=False)
    return each(_mount, rows)


def _is_whole(record: str) -> bool:
    return _TAIL.match(record) is not None or len(record) > _LONGEST


def _mount(entry: str) -> Mount:
    parts = matched(_TAIL, entry, "mount -p", "no mount")
    device, path = _split(parts["head"])
    return Mount(*map(sys.intern, (device, path, parts["type"], parts["options"])))


def _split(head: str) -> tuple[str, str]:
    """Device and path: the first place where the padding is as wide as it must be there."""
    places = [
        (match.start(), match.group(), match.end()) for match in re.finditer(r"[ \t]+(?=/)", head)
    ]
    if not places:
        wrong("mount -p", "no path", head)
    fitting = (
        (start, padding, end)
        for start, padding, end in places
        if padding == ("\t" * (3 - start // 8) if start < 24 else " ")
    )
    start, _, end = next(fitting, places[0])
    return head[:start], head[end:]


_DF_ROW = re.compile(r"^.+? +\d+ +\d+ +(-?\d+) +\d+% +/.*$", re.ASCII)


def available(text: str) -> Parsed[tuple[int, ...]]:
    """`df -k PATH` (recording 01 line 63): 0 where more is used than users may."""
    return each(_available, below("df", "Filesystem", text))


def _available(line: str) -> int:
    return max(0, int(matched(_DF_ROW, line, "df", "no file system")[1])) * 1024
