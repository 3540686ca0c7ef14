"""`fstat -f PATH`: which processes use a file system."""

from __future__ import annotations

import re

from jailer_core.model import OpenFile
from jailer_core.parse.base import Parsed, below, each, matched

_ROW = re.compile(
    r"^(?P<user>\S+) +(?P<command>.+?) +(?P<pid>\d{1,9})"
    r" +(?P<what>text|wd|root|jail|ctty|tr|mmap|\d{1,9})(?P<star>\*?) (?P<rest>.*)$",
    re.ASCII,
)
_REST = re.compile(r"^(?P<mount>/.*?) +(?P<inode>\d+) (?P<mode>[-a-z?][-rwxsStT]{9}) ", re.ASCII)


def holders(text: str) -> Parsed[tuple[OpenFile, ...]]:
    """One line for each thing held (recordings 08 line 36, 09 line 36); sockets hold no mount.

    `what` is wd, root, jail, text, mmap, ctty, tr or the number of a descriptor. Commands and
    mount points may hold spaces.
    """
    return each(_holder, below("fstat", "USER ", text))


def _holder(line: str) -> OpenFile:
    parts = matched(_ROW, line, "fstat", "no open file")
    place = _REST.match(parts["rest"])
    mount = place["mount"] if place else ""
    return OpenFile(int(parts["pid"]), parts["user"], parts["command"], parts["what"], mount)
