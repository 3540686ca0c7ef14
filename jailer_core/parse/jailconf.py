r"""`jail -f FILE -e SEPARATOR`: FreeBSD's own reading of its configuration files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from jailer_core.parse.base import Parsed, each, lines, message, parsed, wrong

SEPARATOR = "\x1f"

Params = dict[str, tuple[str, ...]]


_BEGINS = re.compile(r"^(?=(?:name|jid)=)", re.MULTILINE)
_PARAMETER = re.compile(r"[^\s=]+")
_SPECIAL = re.compile(r"[\\\"'\n]")


def jails(text: str, separator: str = SEPARATOR) -> Parsed[tuple[tuple[str, Params], ...]]:
    """Each configured jail with its parameters in order, variables expanded (recording 08).

    One line a jail, `name=` first, or `jid=` for a block whose name is a number (config.c of
    jail(8); # not recorded). A list is separated by commas; a value in quotes may hold
    anything, with a backslash before a quote or a backslash (recording 17). A parameter without
    a value has an empty tuple; one that cannot be read is missing.
    """
    unread: list[str] = []
    blocks: list[tuple[str, Params]] = []
    parameter = cache(_parameter)  # most parameters are the same in all jails
    for record in filter(None, _BEGINS.split(text)):
        if not record.startswith(("name=", "jid=")):
            unread += [message("jail -e", "no jail", line) for line in lines(record)]
            continue
        params = each(parameter, _parts(record, separator, unread)).map(dict)
        unread += params.unread
        called = params.value.pop(record.partition("=")[0], ())
        if called:
            # a name is no list, and its commas are not quoted
            blocks.append((",".join(called), params.value))
    return parsed(tuple(blocks), unread, anything=bool(blocks))


def _parts(record: str, separator: str, unread: list[str]) -> Iterator[str]:
    """The parameters of a record; lines after one of them that are none go to `unread`."""
    for part in record.removesuffix("\n").split(separator):
        bare, _, rest = part.partition("\n")
        if rest and "=" not in bare:
            unread += [message("jail -e", "no parameter", line) for line in lines(rest)]
            yield bare
        else:
            yield part


def _parameter(part: str) -> tuple[str, tuple[str, ...]]:
    name, equals, values = part.partition("=")
    if not _PARAMETER.fullmatch(name):
        wrong("jail -e", "no parameter", part)
    return name, _values(values) if equals else ()


def _values(text: str) -> tuple[str, ...]:
    """Values between commas; quotes and backslashes as jail(8) writes them.

    A line feed outside of quotes is not part of a value: it looks like a further line.
    """
    if not _SPECIAL.search(text):
        return tuple(text.split(","))
    values, current, quote, index = [], "", "", 0
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            index += 1
            current += text[index]
        elif quote:
            if char == quote:
                quote = ""
            else:
                current += char
        elif char in "\"'" and not current:
            quote = char
        elif char == ",":
            values.append(current)
            current = ""
        elif char == "\n":
            wrong("jail -e", "a value that goes on outside of its quotes", text)
        else:
            current += char
        index += 1
    if quote:
        wrong("jail -e", "a quote that does not end", text)
    return (*values, current)


# --- spellings -----------------------------------------------------------------------------------

_NO = ("0", "false", "no")


def affirmed(param: str) -> str:
    """The parameter that `noX` or `some.noX` turns off, else the parameter itself."""
    head, dot, last = param.rpartition(".")
    return f"{head}{dot}{last[2:]}" if last.startswith("no") and len(last) > 2 else param


def plain(params: Mapping[str, tuple[str, ...]]) -> Params:
    """Parameters by one spelling: `allow.noX` is X with the value "false", X alone "true"."""
    result: Params = {}
    for param, values in params.items():
        name = affirmed(param)
        if name != param:
            result[name] = ("false",)
        elif name.startswith("allow.") or not values:
            off = values[-1:] != () and values[-1].lower() in _NO
            result[name] = ("false",) if off else ("true",)
        else:
            result[name] = values
    return result
