"""The releases of jails and images, read from bin/freebsd-version without running it.

A running jail's kernel parameter osrelease is the host's release unless it was set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from jailer_core.errors import FileFailed
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import side_by_side
from jailer_core.host import Host
from jailer_core.model import FileStamp

FILE = "bin/freebsd-version"
_VERSION = re.compile(r'^USERLAND_VERSION="([0-9A-Za-z.-]{1,64})"', re.MULTILINE)
"""Recorded: 17-jails-more, `read /bin/freebsd-version`."""


def version(text: str) -> str:
    """The release that freebsd-version prints for -u, "" when it is not plainly in its text."""
    match = _VERSION.search(text)
    return match[1] if match is not None else ""


class Userlands:
    """Reads them, and reads one again only when its file changed. No link is followed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[FileStamp, float, str]] = {}
        self._values: dict[str, str] = {}

    @property
    def latest(self) -> dict[str, str]:
        """What was read last."""
        return self._values

    async def read(self, host: Host, roots: Iterable[str]) -> dict[str, str]:
        """The release by root directory; where it cannot be read there is none.

        While nothing changes, the result is the same object.
        """
        roots_asked = dict.fromkeys(root for root in roots if root not in ("", "/"))
        paths = {f"{root.rstrip('/')}/{FILE}": root for root in roots_asked}
        stamps = await stamps_of(host, list(paths)) if paths else {}
        stale = [path for path, stamp in stamps.items() if not self._fresh(paths[path], stamp)]
        await side_by_side(partial(self._read, host, paths[path], stamps[path]) for path in stale)
        values = {
            paths[path]: release for path in stamps if (release := self._known[paths[path]][2])
        }
        if values != self._values:
            self._values = values
        self._known = {paths[path]: self._known[paths[path]] for path in stamps}
        return self._values

    def _fresh(self, root: str, stamp: FileStamp) -> bool:
        known = self._known.get(root)
        return known is not None and known[0] == stamp and stamp.proves(known[1])

    async def _read(self, host: Host, root: str, stamp: FileStamp) -> None:
        now, root_path = host.clock(), root.rstrip("/")
        try:
            text = await host.read(f"{root_path}/{FILE}", beneath=root_path, limit=65536)
        except FileFailed:
            text = ""
        self._known[root] = (stamp, now, version(text))
