"""Files that are read again only when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Generic, TypeVar

from jailer_core.errors import FileFailed
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import side_by_side
from jailer_core.host import FILE_LIMIT, Host
from jailer_core.model import FileStamp

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
