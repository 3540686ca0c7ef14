"""`stat -f`: times and sizes of files."""

from __future__ import annotations

from jailer_core.parse.base import Parsed, each, lines, whole, wrong


def stamps(text: str) -> Parsed[dict[str, tuple[int, int]]]:
    """`stat -f %m:%z:%N FILES…`: time and size by path (recording 08 line 27).

    Files that do not exist are missing, and complained about on standard error.
    """
    return each(_stamp, lines(text)).map(dict)


def _stamp(line: str) -> tuple[str, tuple[int, int]]:
    parts = line.split(":", 2)
    if len(parts) != 3:
        wrong("stat", "no stamp", line)
    return parts[2], (whole("stat", parts[0]), whole("stat", parts[1]))


def size(text: str) -> int:
    """`stat -f %z FILE`, `fetch -s URL`: one number (recordings 02 lines 29 and 36)."""
    return whole("stat", text.removesuffix("\n"))
