"""mount(8) follows links: what it mounted elsewhere than it was told is unmounted at once.

A jail's root user can put a link in the place of a directory after it was looked at. FreeBSD has
no way to mount on a directory that is held open, so what was mounted is looked at afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from jailer_core.errors import CommandFailed, HostError
from jailer_core.host import Host, Result
from jailer_core.model import Mount
from jailer_core.parse import mount
from jailer_core.text import sanitize

LIST = ("mount", "-p")
TIMEOUT = 30.0


async def run(
    host: Host, argv: tuple[str, ...], command: Callable[[], Awaitable[Result]]
) -> Result:
    """Run `mount -t TYPE … SOURCE PATH`. Raises HostError where it went to another path."""
    before = Counter(await _mounts(host))
    result = await command()
    made = Counter(await _mounts(host)) - before
    kind, source, path = argv[2], argv[-2], argv[-1]
    elsewhere = [
        entry
        for entry in made
        if entry.fstype == kind and entry.device in (source, kind) and entry.path != path
    ]
    if elsewhere and not any(entry.path == path for entry in made):
        await _unmount(host, elsewhere[-1], path)
    return result


async def _unmount(host: Host, entry: Mount, path: str) -> None:
    done = await host.run(("umount", entry.path), timeout=TIMEOUT)
    where = sanitize(entry.path)
    if not done.ok:
        raise HostError(
            f"{sanitize(path)} has become a symbolic link to {where}, where it is mounted now",
            f"Unmount it: umount {where}",
        )
    raise HostError(
        f"{sanitize(path)} has become a symbolic link to {where}: nothing stays mounted there",
        "The jail changed it meanwhile: look who did.",
    )


async def _mounts(host: Host) -> tuple[Mount, ...]:
    result = await host.run(LIST, timeout=TIMEOUT)
    if not result.ok:
        raise CommandFailed(result.argv, result.status, result.stderr)
    return mount.mounts(result.stdout).entire()
