r"""`jail -f FILE -e SEPARATOR`: FreeBSD's own reading of its configuration files."""

from __future__ import annotations

import re

from jailer_core.parse.base import wrong

SEPARATOR = "\x1f"

Params = dict[str, tuple[str, ...]]


def jails(text: str, separator: str = SEPARATOR) -> tuple[tuple[str, Params], ...]:
    """Each configured jail with its parameters in order, variables expanded (recording 08).

    One line a jail, `name=` first, or `jid=` for a block whose name is a number (config.c of
    jail(8); # not recorded). A list is separated by commas; a value in quotes may hold
    anything, with a backslash before the quote itself  # not recorded: backslashes
    A parameter without a value has an empty tuple.
    """
    found = []
    for record in re.split(r"\n(?=(?:name|jid)=)", text.removesuffix("\n")) if text else ():
        params: Params = {}
        for part in record.split(separator):
            name, equals, values = part.partition("=")
            if not name:
                wrong("jail -e", "a value without a name", part)
            params[name] = _values(values) if equals else ()
        first = record.partition("=")[0]
        called = params.pop(first, ())
        if first not in ("name", "jid") or not called:
            wrong("jail -e", "a jail without a name", record)
        # a name is no list, and its commas are not quoted
        found.append((",".join(called), params))
    return tuple(found)


def _values(text: str) -> tuple[str, ...]:
    """Values between commas; quotes and backslashes as jail(8) writes them."""
    values, current, quote, index = [], "", "", 0
    while index < len(text):
        one = text[index]
        if one == "\\" and index + 1 < len(text):
            index += 1
            current += text[index]
        elif quote:
            if one == quote:
                quote = ""
            else:
                current += one
        elif one in "\"'" and not current:
            quote = one
        elif one == ",":
            values.append(current)
            current = ""
        else:
            current += one
        index += 1
    if quote:
        wrong("jail -e", "a quote that does not end", text)
    return (*values, current)
