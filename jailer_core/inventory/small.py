"""Small files that are read again only when they changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from jailer_core.errors import FileFailed
from jailer_core.host import Host
from jailer_core.inventory.conffiles import stamps_of
from jailer_core.inventory.probes import LIMIT, side_by_side
from jailer_core.model import FileStamp

_VERSION = 'USERLAND_VERSION="'
_REST = 300.0


class SmallFiles:
    """Texts by path, kept while the stamp is the same and older than the second of reading."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[FileStamp, float, str | None]] = {}

    async def read(
        self, host: Host, paths: Iterable[str], stamps: dict[str, FileStamp] | None = None
    ) -> dict[str, str]:
        """Texts of those that exist and can be read."""
        wanted = tuple(paths)
        if not wanted:
            return {}
        stamps = await stamps_of(host, list(wanted)) if stamps is None else stamps
        there = [path for path in wanted if path in stamps]
        stale = [path for path in there if not self._fresh(path, stamps[path])]
        await side_by_side(LIMIT, (partial(self._read, host, one, stamps[one]) for one in stale))
        return {path: text for path in there if (text := self._known[path][2]) is not None}

    def _fresh(self, path: str, stamp: FileStamp) -> bool:
        known = self._known.get(path)
        return known is not None and known[0] == stamp and stamp.mtime < known[1] - 1

    async def _read(self, host: Host, path: str, stamp: FileStamp) -> None:
        now = host.clock()
        try:
            text: str | None = await host.read(path)
        except FileFailed:
            text = None
        self._known[path] = (stamp, now, text)


class Releases:
    """Userland versions of stopped jails, read out of their freebsd-version, never run."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, str]] = {}

    async def read(self, host: Host, roots: Iterable[str]) -> dict[str, str]:
        """Versions by root directory; "" where none can be told. Looked at again rarely."""
        wanted = tuple(roots)
        now = host.clock()
        due = [
            root
            for root in wanted
            if root not in self._known or now - self._known[root][0] >= _REST
        ]
        await side_by_side(LIMIT, (partial(self._read, host, root, now) for root in due))
        return {root: self._known[root][1] for root in wanted}

    async def _read(self, host: Host, root: str, now: float) -> None:
        # what lies in a jail may be a link that leads out of it: hence beneath
        path = f"{root}/bin/freebsd-version"
        try:
            text = await host.read(path, beneath=root, limit=65536)
        except FileFailed:
            text = ""
        self._known[root] = (now, text.partition(_VERSION)[2].partition('"')[0][:64])
