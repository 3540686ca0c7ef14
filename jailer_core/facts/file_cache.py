"""Small files that are read again only when they changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from jailer_core.errors import FileFailed
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import side_by_side
from jailer_core.host import Host
from jailer_core.model import FileStamp


class FileCache:
    """Texts by path, kept while the stamp is the same and older than the second of reading."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[FileStamp, float, str | None]] = {}

    async def read(
        self, host: Host, paths: Iterable[str], stamps: dict[str, FileStamp] | None = None
    ) -> dict[str, str]:
        """Texts of those that exist and can be read."""
        asked = tuple(paths)
        if not asked:
            return {}
        stamps = await stamps_of(host, list(asked)) if stamps is None else stamps
        existing = [path for path in asked if path in stamps]
        stale = [path for path in existing if not self._fresh(path, stamps[path])]
        await side_by_side(partial(self._read, host, path, stamps[path]) for path in stale)
        return {path: text for path in existing if (text := self._known[path][2]) is not None}

    def _fresh(self, path: str, stamp: FileStamp) -> bool:
        known = self._known.get(path)
        return known is not None and known[0] == stamp and stamp.proves(known[1])

    async def _read(self, host: Host, path: str, stamp: FileStamp) -> None:
        now = host.clock()
        try:
            text: str | None = await host.read(path)
        except FileFailed:
            text = None
        self._known[path] = (stamp, now, text)
