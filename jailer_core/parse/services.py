"""/etc/services: pfctl prints the port of a `to` by its name there (recording 06)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.parse.base import Parsed, each, lines, matched

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

_LINE = re.compile(r"([^\s#]+)\s+(\d+)/(\w+)([^#]*)(?:#.*)?\Z")
_NOTHING = re.compile(r"\s*(?:#.*)?")


def ports(text: str) -> Parsed[dict[str, int]]:
    """Port by name, aliases too; the first line of a name counts, as in getservbyname(3)."""
    return each(_service, lines(text)).map(
        lambda rows: {name: port for names, port in reversed(rows) for name in names}
    )


def _service(line: str) -> tuple[tuple[str, ...], int] | None:
    if _NOTHING.fullmatch(line):
        return None
    parts = matched(_LINE, line, "/etc/services", "no service")
    name, port, _protocol, aliases = parts.groups()
    return (name, *aliases.split()), int(port)
