"""The releases of jails and images, read from bin/freebsd-version without running it.

A running jail's kernel parameter osrelease is the host's release unless it was set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from jailer_core.facts.file_cache import FileCache
from jailer_core.host import Host

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
        self._files = FileCache(version, limit=65536)
        self.latest: dict[str, str] = {}
        """What was read last."""

    async def read(self, host: Host, roots: Iterable[str]) -> dict[str, str]:
        """The release by root directory; where it cannot be read there is none.

        While nothing changes, the result is the same object.
        """
        paths = {f"{root.rstrip('/')}/{FILE}": root for root in roots if root not in ("", "/")}
        releases = await self._files.read(host, paths, beneath=paths)
        values = {paths[path]: release for path, release in releases.items() if release}
        if values != self.latest:
            self.latest = values
        return self.latest
