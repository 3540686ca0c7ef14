"""Mount safely: mount(8) follows links, so a mount that ended up elsewhere is removed at once.

A jail's root user can put a link in the place of a directory after it was looked at. FreeBSD has
no way to mount on a directory that is held open, so what was mounted is looked at afterwards.
Bastille's own command runs mount(8) as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jailer_core.errors import HostError
from jailer_core.host import Host, Result
from jailer_core.model import Mount
from jailer_core.model.paths import normal
from jailer_core.parse import jls, mount
from jailer_core.text import sanitize

LIST = ("mount", "-p")
JAILS = ("jls", "-d", "--libxo=json", "jid", "name", "path", "dying")
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """What to mount where; `hint` is for when it was mounted elsewhere."""

    fstype: str
    source: str
    path: str
    hint: str = "Something in the jail has changed it in the meantime: find out what."


def mounts(argv: tuple[str, ...]) -> bool:
    """Whether that command mounts something that this program names."""
    return argv[:2] in (("mount", "-t"), ("bastille", "mount"))


async def run(
    host: Host, argv: tuple[str, ...], command: Callable[[], Awaitable[Result]]
) -> Result:
    """Run `mount -t TYPE … SOURCE PATH` or `bastille mount JAIL SOURCE TARGET TYPE …`.

    However it ends: raises HostError where it went to another path.
    """
    target = await _target(host, argv)
    before = Counter(await _mounts(host))
    try:
        return await command()
    finally:
        made = Counter(await _mounts(host)) - before
        await _check(host, target, list(made))


async def _target(host: Host, argv: tuple[str, ...]) -> Target:
    if argv[0] == "mount":
        return Target(argv[2], argv[-2], argv[-1])
    _, _, name, source, path, fstype = argv[:6]
    jails = jls.jails((await host.run(JAILS, timeout=TIMEOUT)).output()).entire()
    root = next((jail.path for jail in jails if jail.name == name and not jail.dying), None)
    if root is None:
        raise HostError(f"{sanitize(name)} does not run any more", "Start it first.")
    hint = f"Bastille has recorded it: remove that line from the fstab of {sanitize(name)}."
    return Target(fstype, source, normal(f"{root}/{path}"), hint)


async def _check(host: Host, target: Target, made: list[Mount]) -> None:
    elsewhere = [
        entry
        for entry in made
        if entry.fstype == target.fstype
        and entry.device in (target.source, target.fstype)
        and entry.path != target.path
    ]
    if not elsewhere or any(entry.path == target.path for entry in made):
        return
    done = await host.run(("umount", elsewhere[-1].path), timeout=TIMEOUT)
    where, path = sanitize(elsewhere[-1].path), sanitize(target.path)
    if not done.ok:
        raise HostError(
            f"{path} has become a symbolic link to {where}, where it is mounted now",
            f"Unmount it: umount {where}",
        )
    raise HostError(
        f"{path} has become a symbolic link to {where}: nothing stays mounted there", target.hint
    )


async def _mounts(host: Host) -> tuple[Mount, ...]:
    return mount.mounts((await host.run(LIST, timeout=TIMEOUT)).output()).entire()
