"""Fields that several operations have, and their values from text.

Fields that several operations have: declared once, with the same flags everywhere.

Parse text into the value of a field, for the command line and for forms.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from jailer_core.errors import UsageError
from jailer_core.operations.spec import FieldSpec, Kind, option, switch
from jailer_core.text import sanitize

_NO_START = "Do not start it."


def address(help_text: str, *flags: str, default: Any = "") -> Any:
    """An IPv4 address."""
    flags = flags or ("-a", "--address")
    return option("IPv4", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR", default=default)


def address6(help_text: str, *flags: str, default: Any = "") -> Any:
    """An IPv6 address."""
    flags = flags or ("--address6",)
    return option("IPv6", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR", default=default)


def gateway() -> Any:
    """The IPv4 default route."""
    help_text = "Default route (default: the bridge's address)."
    flags = ("-g", "--gateway")
    return option("Gateway", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR")


def gateway6() -> Any:
    """The default route of IPv6."""
    label, help_text = "Gateway 6", "IPv6 default route."
    return option(label, help_text, "--gateway6", kind=Kind.ADDRESS, metavar="ADDR")


def netmask() -> Any:
    """The netmask of the IPv4 address."""
    help_text = "255.255.255.0 or 24 (default: the bridge's)."
    return option("Netmask", help_text, "-m", "--netmask", metavar="MASK")


def interface(help_text: str) -> Any:
    """An interface of the host."""
    flags = ("-i", "--interface")
    return option("Interface", help_text, *flags, kind=Kind.INTERFACE, metavar="IF")


def bridge() -> Any:
    """What a jail's network is connected to."""
    help_text = "The bridge, or the interface of a jail without its own network."
    flags = ("-b", "--bridge")
    return option("Bridge", help_text, *flags, kind=Kind.INTERFACE, metavar="IF")


def start_now() -> Any:
    """Whether a new jail is started at once."""
    return switch("Start now", "", default=True, off=("--no-start",), off_help=_NO_START)


def start_again() -> Any:
    """Whether a jail is started afterwards; by default if it ran before."""
    help_text = "Start it afterwards, whether it ran before or not."
    off = ("--no-start",)
    return switch("Start", help_text, "--start", default=None, off=off, off_help=_NO_START)


def also_below() -> Any:
    """Whether the datasets below the jail's are included."""
    help_text = "Only the jail's own dataset, not those below it."
    return switch("Child datasets", "", default=True, off=("-1", "--alone"), off_help=help_text)


def time_limit() -> Any:
    """The time limit of a command in a jail, 0 for none."""
    label, help_text = (
        "Time limit",
        "Stop it after this many seconds in each jail (default: no limit).",
    )
    flags = ("-t", "--time")
    return option(label, help_text, *flags, kind=Kind.SECONDS, metavar="SECONDS", default=0.0)


def at_once(usual: int) -> Any:
    """In how many jails a command runs at the same time."""
    help_text = f"Run in N jails at the same time (default {usual})."
    flags = ("-n", "--at-once")
    return option("In parallel", help_text, *flags, kind=Kind.COUNT, metavar="N", default=usual)


_NUMBERS: Mapping[Kind, tuple[float, str]] = {
    Kind.NUMBER: (0, "is not a number of at least 0"),
    Kind.COUNT: (1, "is not a positive number"),
    Kind.SECONDS: (0.001, "is not a number of seconds"),
}

_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def size(text: str) -> int:
    """Bytes of `20G`, `1.5T`, `800M`. Raises UsageError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{sanitize(text)}" is not a size', "Use a size such as 20G.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def value(field: FieldSpec, given: str | bool) -> Any:
    """The value of a field. Raises UsageError for an invalid word."""
    word = (field.flags or field.off or (field.metavar,))[-1]
    if field.kind is Kind.SWITCH:
        return bool(given)
    if field.kind is Kind.FAMILY:
        return 6 if given else 0
    text = str(given)
    if field.kind is Kind.SIZE:
        return size(text)
    if field.kind in _NUMBERS:
        return _number(word, field.kind, text)
    if field.kind is Kind.WORDS:
        return _words(text)
    return tuple(text.replace(",", " ").split()) if field.many else text


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        if "quotation" in str(error):
            raise UsageError("a quote is not closed", "Close it, or escape it with \\.") from error
        raise UsageError("trailing \\", "Add the character to escape after it.") from error


def _number(word: str, kind: Kind, text: str) -> float:
    least, complaint = _NUMBERS[kind]
    try:
        number = float(text) if kind is Kind.SECONDS else int(text.strip().lstrip("#"))
    except ValueError:
        number = -1
    if not least <= number < 1e7 or not text.isascii():
        raise UsageError(f'{word}: "{sanitize(text)}" {complaint}', "For example: -n 4, -t 60.")
    return number
