"""`fstat -f PATH`: who holds a file system."""

from __future__ import annotations

import re

from jailer_core.model import Holder
from jailer_core.parse.base import lines, wrong

_ROW = re.compile(
    r"^(?P<user>\S+) +(?P<command>.+?) +(?P<pid>\d{1,9})"
    r" +(?P<what>text|wd|root|jail|ctty|tr|mmap|\d{1,9})(?P<star>\*?) (?P<rest>.*)$",
    re.ASCII,
)
_REST = re.compile(r"^(?P<mount>/.*?) +(?P<inode>\d+) (?P<mode>[-a-z?][-rwxsStT]{9}) ", re.ASCII)


def holders(text: str) -> tuple[Holder, ...]:
    """One line for each thing held (recordings 08 line 36, 09 line 36); sockets hold no mount.

    `what` is wd, root, jail, text, mmap, ctty, tr or the number of a descriptor. Commands and
    mount points may hold spaces.
    """
    rows = lines(text)
    if not rows:
        return ()
    if not rows[0].startswith("USER "):
        wrong("fstat", "no heading", rows[0])
    found = []
    for row in rows[1:]:
        parts = _ROW.match(row)
        if parts is None:
            wrong("fstat", "no open file", row)
        place = _REST.match(parts["rest"])
        mount = place["mount"] if place else ""
        found.append(
            Holder(int(parts["pid"]), parts["user"], parts["command"], parts["what"], mount)
        )
    return tuple(found)
