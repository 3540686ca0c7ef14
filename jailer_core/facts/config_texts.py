"""Texts of configuration files: read once per change, and many of them with one call.

Texts of configuration files: found, read once per change, inspected without parsing them.

Files that are read again only when they changed.

Read many files with one jail(8) call, where each holds one plain block and nothing else.

The blocks go to one `jail -f - -e` on its standard input (recording 17 line 5). What it prints is
only believed when it is one jail a block, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from types import MappingProxyType
from typing import Generic, TypeVar

from jailer_core.errors import FileFailed, HostError, ParseError
from jailer_core.facts.probes import TIMEOUT, side_by_side
from jailer_core.host import FILE_LIMIT, Host, Result
from jailer_core.model import FileStamp, Problem
from jailer_core.needs import PARSE_JAIL_CONF
from jailer_core.parse.jailconf import Params, includes, jails, sole_block

MAIN = "/etc/jail.conf"
DIRECTORY = "/etc/jail.conf.d"

_BLOCK = re.compile(r"^[ \t]*(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'{}=;#$+]+))\s*\{", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A file's text with what can be seen in it from afar.

    `blocks` are the names before opening braces, in order: only good for telling in which of
    several files a jail stands; what a file means only jail(8) says. `sole` is the name of the
    block when the file holds that plain block and nothing else. `read_at` is the host's time.
    """

    stamp: FileStamp
    text: str
    read_at: float
    includes: tuple[str, ...]
    blocks: tuple[str, ...]
    sole: str = ""
    problem: Problem | None = None

    @property
    def settled(self) -> bool:
        """Whether an equal stamp proves an equal text."""
        return self.stamp.proves(self.read_at)


def look(stamp: FileStamp, text: str, now: float) -> ConfigText:
    """The cache entry of a text that was just read."""
    places = includes(text).found
    patterns = tuple(pattern for include in places for pattern in include.patterns)
    blocks = tuple(next(filter(None, names)) for names in _BLOCK.findall(text))
    return ConfigText(stamp, text, now, patterns, blocks, sole_block(text))


def called(path: str) -> str:
    """The jail that a file is named after (NAME.conf, jail.NAME.conf, NAME/jail.conf), or ""."""
    if path == MAIN:
        return ""
    directory, _, base = path.rpartition("/")
    if base == "jail.conf":
        return directory.rpartition("/")[2]
    return base.removesuffix(".conf").removeprefix("jail." if directory == "/etc" else "")


@dataclass(slots=True)
class ConfigTexts:
    """All relevant texts by path; `problems` are directories that cannot be listed."""

    known: dict[str, ConfigText] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _before: dict[str, ConfigText] = field(default_factory=dict)

    async def candidates(self, host: Host, main: str, bastille: str) -> list[str]:
        """Files that may configure jails: rc.d's places (docs/jail-managers.md) and Bastille's."""
        self.problems.clear()
        etc = [f"/etc/{name}" for name in await self._names(host, "/etc", "jail.*.conf")]
        own = [f"{DIRECTORY}/{name}" for name in await self._names(host, DIRECTORY, "*.conf")]
        theirs = [f"{bastille}/{name}/jail.conf" for name in await self._names(host, bastille, "*")]
        return [main, *(path for path in etc if path != main), *own, *theirs]

    async def _names(self, host: Host, directory: str, pattern: str) -> list[str]:
        """Names as sh(1) and jail(8) expand them: none that begins with a dot."""
        if not directory:
            return []
        try:
            names = await host.listdir(directory)
        except FileFailed as error:
            self.problems.append(Problem(directory, error.message))
            return []
        return [name for name in names if not name.startswith(".") and fnmatchcase(name, pattern)]

    async def read(self, host: Host, stamps: dict[str, FileStamp]) -> None:
        """Read what is new or changed among these; forget what is gone."""
        self._before = self.known
        self.known = {}
        await self._take(host, stamps)

    async def _take(self, host: Host, stamps: dict[str, FileStamp]) -> None:
        """Keep what has not changed, read the rest."""
        for path, stamp in stamps.items():
            before = self._before.get(path)
            if before is not None and before.stamp == stamp and before.settled:
                self.known[path] = before
        stale = [path for path in stamps if path not in self.known]
        await side_by_side(partial(self._read, host, path, stamps[path]) for path in stale)

    async def _read(self, host: Host, path: str, stamp: FileStamp) -> None:
        now = host.clock()
        try:
            text = await host.read(path)
        except FileFailed as error:
            problem = Problem(path, error.message)
            self.known[path] = ConfigText(stamp, "", now, (), (), problem=problem)
            return
        self.known[path] = look(stamp, text, now)

    async def included(self, host: Host, path: str) -> tuple[str, ...]:
        """Files that this one includes, and those that they include."""
        files: dict[str, None] = {}
        waiting = [path]
        while waiting:
            outer = waiting.pop(0)
            config_text = self.known.get(outer)
            for pattern in config_text.includes if config_text else ():
                # a relative one lies beside the including file
                place = f"{outer.rpartition('/')[0]}/" if not pattern.startswith("/") else ""
                directory, _, base = f"{place}{pattern}".rpartition("/")
                names = await self._names(host, directory, base)
                new = [f"{directory}/{name}" for name in names]
                new = [name for name in new if name not in files and name != path]
                unknown = [name for name in new if name not in self.known]
                if unknown:
                    await self._take(host, await stamps_of(host, unknown))
                files |= dict.fromkeys(new)
                waiting += new
        return tuple(files)


async def stamps_of(host: Host, paths: list[str]) -> dict[str, FileStamp]:
    """Stamps of the files that exist; {} if that cannot be determined."""
    try:
        return await host.stat(paths)
    except HostError:
        return {}


T = TypeVar("T")


class FileCache(Generic[T]):
    """What was made of texts, kept while a stamp is the same and older than the second of reading.

    Nothing beyond `limit` bytes is read.
    """

    def __init__(self, make: Callable[[str], T], limit: int = FILE_LIMIT) -> None:
        self._make = make
        self._limit = limit
        self._known: dict[str, tuple[FileStamp, float, T | None]] = {}

    async def read(
        self,
        host: Host,
        paths: Iterable[str],
        stamps: dict[str, FileStamp] | None = None,
        *,
        beneath: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, T]:
        """By path, of those that exist and can be read.

        `beneath` are directories below which no link is followed on the way to a path.
        """
        asked = tuple(paths)
        if not asked:
            return {}
        stamps = await stamps_of(host, list(asked)) if stamps is None else stamps
        existing = [path for path in asked if path in stamps]
        stale = [path for path in existing if not self._fresh(path, stamps[path])]
        await side_by_side(
            partial(self._read, host, path, stamps[path], beneath.get(path, "")) for path in stale
        )
        return {path: made for path in existing if (made := self._known[path][2]) is not None}

    def _fresh(self, path: str, stamp: FileStamp) -> bool:
        known = self._known.get(path)
        return known is not None and known[0] == stamp and stamp.proves(known[1])

    async def _read(self, host: Host, path: str, stamp: FileStamp, beneath: str) -> None:
        now = host.clock()
        try:
            made = self._make(await host.read(path, beneath=beneath, limit=self._limit))
        except FileFailed:
            made = None
        self._known[path] = (stamp, now, made)


_WARNING = re.compile(r"jail: ([A-Za-z0-9_-]+): .*", re.ASCII)


BlockRead = tuple[Params, str]
"""The parameters of a block, and what jail(8) complained about ("" for nothing)."""


async def read_blocks(host: Host, texts: Mapping[str, str]) -> dict[str, BlockRead]:
    """What jail(8) reads in blocks, by their names; `texts` are the whole files. Raises HostError.

    When it refuses them, both halves are tried: the blocks that it refuses alone are left out.
    """
    if len(texts) < 2:
        return {}
    text = "\n".join(texts.values()) + "\n"
    result = await host.run(PARSE_JAIL_CONF, stdin=text, timeout=TIMEOUT)
    block_reads = _one_each(result, list(texts))
    if block_reads is not None:
        return block_reads
    blocks, half = list(texts.items()), len(texts) // 2
    first, second = dict(blocks[:half]), dict(blocks[half:])
    return await read_blocks(host, first) | await read_blocks(host, second)


def _one_each(result: Result, names: Sequence[str]) -> dict[str, BlockRead] | None:
    """One jail a name, in that order; None when anything else was printed."""
    warnings: dict[str, str] = {}
    for line in result.stderr.splitlines():
        warning = _WARNING.fullmatch(line)
        if warning is None:
            return None
        warnings.setdefault(warning[1], line)
    if not result.ok or not warnings.keys() <= set(names):
        return None
    try:
        blocks = jails(result.stdout).entire()
    except ParseError:
        return None
    if [name for name, _ in blocks] != list(names):
        return None
    return {name: (params, warnings.get(name, "")) for name, params in blocks}
