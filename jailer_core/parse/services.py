"""/etc/services: pfctl prints the port of a `to` by its name there (recording 06)."""

from __future__ import annotations

import re
from collections.abc import Mapping

USUAL: Mapping[str, int] = {
    "ftp": 21,
    "ssh": 22,
    "smtp": 25,
    "domain": 53,
    "http": 80,
    "pop3": 110,
    "ntp": 123,
    "imap": 143,
    "https": 443,
    "submission": 587,
    "imaps": 993,
    "pop3s": 995,
    "mysql": 3306,
    "postgresql": 5432,
    "http-alt": 8080,
}
"""Where the file itself cannot be read."""

_LINE = re.compile(r"^([^\s#]+)\s+(\d+)/(\w+)([^#\n]*)", re.MULTILINE)


def ports(text: str) -> dict[str, int]:
    """Port by name, aliases too; the first line of a name counts, as in getservbyname(3)."""
    found: dict[str, int] = {}
    for name, port, _protocol, aliases in _LINE.findall(text):
        for one in (name, *aliases.split()):
            found.setdefault(one, int(port))
    return found
