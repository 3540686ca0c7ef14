"""The catalog of limits: their names for users, for rctl(8) and for ZFS, and their values.

Actions: rctl(8) can only throttle input and output; `deny` of memoryuse makes the kernel page out
memory beyond it, `deny` of vmemoryuse lets the allocation fail (sys/kern/kern_rctl.c).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from jailer_core.errors import UsageError
from jailer_core.parse import jail_settings
from jailer_core.text import human_bytes, sanitize


class Unit(StrEnum):
    """The unit of an amount."""

    BYTES = "bytes"
    RATE = "bytes a second"
    PERCENT = "percent"
    COUNT = "number"
    OPERATIONS = "a second"
    CPUS = "CPUs"
    ALGORITHM = "algorithm"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `resource` and `action` are those of rctl(8), `zfs` the property of ZFS.

    `label` has at most 14 characters; `help` says what happens at the limit.
    """

    word: str
    label: str
    unit: Unit
    help: str
    resource: str = ""
    action: str = "deny"
    zfs: str = ""

    @property
    def example(self) -> str:
        """An example value of that kind."""
        return _EXAMPLES[self.unit]

    def rule(self, amount: str) -> str:
        """As rctl(8) takes it after the jail's name: `memoryuse:deny=512M`."""
        return f"{self.resource}:{self.action}={amount}"


_EXAMPLES = {
    Unit.BYTES: "512M",
    Unit.RATE: "20M",
    Unit.PERCENT: "50",
    Unit.COUNT: "100",
    Unit.OPERATIONS: "500",
    Unit.CPUS: "0-1",
    Unit.ALGORITHM: "lz4",
}

WORDS = (Unit.CPUS, Unit.ALGORITHM)
"""Units whose amounts are no numbers."""

LIMITS: tuple[Limit, ...] = (
    Limit(
        "memory",
        "Memory",
        Unit.BYTES,
        "Memory of its processes; memory beyond the limit is paged out.",
        "memoryuse",
    ),
    Limit(
        "vmemory",
        "Virtual memory",
        Unit.BYTES,
        "Address space of its processes; beyond the limit, allocations fail.",
        "vmemoryuse",
    ),
    Limit("swap", "Swap", Unit.BYTES, "Swap space that its processes may reserve.", "swapuse"),
    Limit(
        "cpu",
        "CPU",
        Unit.PERCENT,
        "Percent of one core: 200 is two cores. Beyond the limit, its processes wait.",
        "pcpu",
    ),
    Limit(
        "processes",
        "Processes",
        Unit.COUNT,
        "Beyond the limit, no process can be started.",
        "maxproc",
    ),
    Limit("threads", "Threads", Unit.COUNT, "Beyond the limit, no thread can be started.", "nthr"),
    Limit(
        "files", "Open files", Unit.COUNT, "Beyond the limit, no file can be opened.", "openfiles"
    ),
    Limit(
        "read",
        "Reads",
        Unit.RATE,
        "Bytes read per second; faster reads are slowed down. Reads from the cache of ZFS count "
        "too.",
        "readbps",
        "throttle",
    ),
    Limit(
        "write",
        "Writes",
        Unit.RATE,
        "Bytes written per second; faster writes are slowed down.",
        "writebps",
        "throttle",
    ),
    Limit(
        "readops",
        "Read calls",
        Unit.OPERATIONS,
        "Read operations per second; more are slowed down.",
        "readiops",
        "throttle",
    ),
    Limit(
        "writeops",
        "Write calls",
        Unit.OPERATIONS,
        "Write operations per second; more are slowed down.",
        "writeiops",
        "throttle",
    ),
    Limit("cpuset", "CPUs", Unit.CPUS, "The CPUs that it may use, such as 0-1 or 0,2."),
    Limit(
        "quota",
        "Quota",
        Unit.BYTES,
        "Disk space of its dataset, with snapshots and datasets below it.",
        zfs="quota",
    ),
    Limit(
        "reservation",
        "Reservation",
        Unit.BYTES,
        "Disk space of the pool that is kept free for it.",
        zfs="reservation",
    ),
    Limit(
        "compression",
        "Compression",
        Unit.ALGORITHM,
        "How new files are compressed: lz4, zstd, gzip, off.",
        zfs="compression",
    ),
)
BY_WORD: Mapping[str, Limit] = {limit.word: limit for limit in LIMITS}
BY_RULE = {(limit.resource, limit.action): limit for limit in LIMITS if limit.resource}
"""By resource and action of rctl(8)."""
_RESOURCES = {limit.resource: limit for limit in LIMITS if limit.resource}
_LIFTS = ("", "none", "unlimited", "-")

_SIZE = re.compile(r"(\d{1,12})(?:\.(\d{1,3}))?([KMGTP]?)B?", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_ALGORITHM = re.compile(
    r"on|off|lz4|lzjb|zle|gzip(-[1-9])?|zstd(-(1\d|[1-9]))?"
    r"|zstd-fast(-([1-9]|[1-9]0|100|500|1000))?",
    re.ASCII,
)
_UNITS = " KMGTP"


# --- from words --------------------------------------------------------------------------------


def parse(words: Sequence[str], cpus: int | None = None) -> dict[Limit, str]:
    """What `memory=512M cpu=none` asks for; "" lifts a limit. `cpus` are those of the host.

    Raises UsageError.
    """
    amounts: dict[Limit, str] = {}
    if not words:
        raise UsageError("no limit is given", "For example: memory=512M cpu=50")
    for word in words:
        name, equals, value = word.partition("=")
        limit = of(name)
        if not equals:
            raise UsageError(
                f"{limit.word} has no value", f"For example: {limit.word}={limit.example}"
            )
        if limit in amounts:
            raise UsageError(f"{limit.word} is given twice", "Give each limit once.")
        amounts[limit] = amount(limit, value, cpus)
    return amounts


def of(name: str) -> Limit:
    """The limit of that word, or of rctl(8)'s own name. Raises UsageError."""
    plain = name.strip().lower()
    limit = BY_WORD.get(plain) or _RESOURCES.get(plain)
    if limit is None:
        close = get_close_matches(plain, BY_WORD, 1)
        hint = f"Did you mean {close[0]}?" if close else f"Limits: {', '.join(BY_WORD)}."
        raise UsageError(f"there is no limit '{sanitize(name)}'", hint)
    return limit


def amount(limit: Limit, value: str, cpus: int | None = None) -> str:
    """The value as written in files and commands; "" removes the limit. Raises UsageError."""
    text = value.strip()
    if text.lower() in _LIFTS:
        return ""
    match limit.unit:
        case Unit.BYTES | Unit.RATE:
            return _size(limit, text)
        case Unit.CPUS:
            return _cpus(text, cpus)
        case Unit.ALGORITHM:
            if not _ALGORITHM.fullmatch(text.lower()):
                raise _wrong(limit, text, "is not a ZFS compression algorithm")
            return text.lower()
    text = text.removesuffix("%") if limit.unit is Unit.PERCENT else text
    if not _COUNT.fullmatch(text):
        raise _wrong(limit, text, "is not a positive number")
    return text


def _wrong(limit: Limit, text: str, why: str) -> UsageError:
    return UsageError(
        f"{limit.word} '{sanitize(text)}' {why}", f"For example: {limit.word}={limit.example}"
    )


def _size(limit: Limit, text: str) -> str:
    match = _SIZE.fullmatch(text)
    if match is None or not number(text):
        raise _wrong(limit, text, "is not a size")
    if match[2] is None:
        return f"{match[1]}{match[3].upper()}"
    return compact(str(number(text)))


def number(text: str) -> int:
    """The number of a size or plain number: 1.5G -> 1610612736; 0 for anything else."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return 0
    factor = 1024 ** _UNITS.index(match[3].upper() or " ")
    return (
        int(float(f"{match[1]}.{match[2] or 0}") * factor) if match[2] else int(match[1]) * factor
    )


def compact(text: str) -> str:
    """A size in its largest exact unit: 536870912 -> 512M; other values unchanged."""
    size, power = number(text), 0
    while size and not size % 1024 and power < len(_UNITS) - 1:
        size, power = size // 1024, power + 1
    return f"{size}{_UNITS[power].strip()}" if size else text


def _cpus(text: str, cpus: int | None) -> str:
    """Normalise a list of CPUs: 0-2,1,5 -> 0-2,5."""
    chosen: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part, re.ASCII)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise _wrong(BY_WORD["cpuset"], text, "is not a list of CPUs")
        chosen.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    if cpus is not None and max(chosen) >= cpus:
        hint = f"It has the CPUs 0 to {cpus - 1}." if cpus > 1 else "It has only the CPU 0."
        raise UsageError(f"this host has no CPU {max(chosen)}", hint)
    return jail_settings.cpu_ranges(tuple(chosen))


# --- to words ----------------------------------------------------------------------------------


_SUFFIXES = {Unit.PERCENT: "%", Unit.RATE: "/s", Unit.OPERATIONS: "/s"}


def shown(limit: Limit, amount: str | int | None) -> str:
    """An amount for people: 512M, 50%, 20M/s; "-" for none, "?" for unknown."""
    if amount is None or amount == "":
        return "?" if amount is None else "-"
    if limit.unit in WORDS:
        return str(amount)
    size = amount if isinstance(amount, int) else number(amount)
    text = human_bytes(size) if limit.unit in (Unit.BYTES, Unit.RATE) else str(size)
    return f"{text}{_SUFFIXES.get(limit.unit, '')}"
