"""Check what may be mounted where: a source on the host, a target inside a jail."""

from __future__ import annotations

import re
from itertools import accumulate

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Jail
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.shared import jail_mounts
from jailer_core.text import sanitize

_OPTION = re.compile(r"[a-z][a-z0-9_]*(?:=[A-Za-z0-9_.:/%+-]+)?")
_OURS = ("ro", "rw", "ruleset")


def target(jail: Jail, text: str) -> str:
    """A target as a plain path inside the jail; one that names the host's path is understood.

    Raises UsageError.
    """
    path, root = checks.path(text), normal(jail.path)
    if root not in ("", "/") and jail_mounts.inside(path, root):
        path = path[len(root) :] or "/"
    if path == "/":
        raise UsageError("the root of a jail cannot be mounted over", "For example: /mnt/data")
    return path


def options(text: str) -> tuple[str, ...]:
    """More options of mount(8). Raises UsageError."""
    words = tuple(word for word in text.replace(" ", "").split(",") if word)
    for word in words:
        if not _OPTION.fullmatch(word):
            raise UsageError(
                f"mount option '{sanitize(word)}' is not supported", "For example: size=64m,noexec"
            )
        if word.partition("=")[0] in _OURS:
            raise UsageError(
                f"the mount option {sanitize(word)} is set by Jailer TUI", "Use --read-only."
            )
    return words


def chain(base: str, path: str) -> tuple[str, ...]:
    """Every path between a directory and another one below it, the topmost first."""
    parts = [part for part in path.removeprefix(base.rstrip("/")).split("/") if part]
    paths = list(accumulate(parts, lambda above, part: f"{above}/{part}", initial=base.rstrip("/")))
    return tuple(paths[1:])


def missing(inventory: Inventory, jail: Jail, path: str) -> list[str]:
    """Directories to create for a target, the topmost first. Raises Refused.

    `path` is that of the host. Links below the jail's root are not followed: the root user of
    the jail decides where they lead.
    """
    for below in chain(normal(jail.path), path):
        stamp = inventory.file_stats.get(below)
        if stamp is None:
            continue
        if stamp.is_link:
            raise Refused(
                f"{sanitize(below)} is a symbolic link, which the jail can change",
                "Name the directory that it leads to.",
            )
        if not stamp.is_dir:
            raise Refused(f"{sanitize(below)} is not a directory", "Choose another target.")
    return [below for below in chain(normal(jail.path), path) if below not in inventory.file_stats]


def no_links(inventory: Inventory, jail: Jail) -> None:
    """Raises Refused where the way to a jail's root leads over a symbolic link.

    mount(8) resolves it, so that the mount would be on another path than its record says.
    """
    for above in chain("/", normal(jail.path)):
        stamp = inventory.file_stats.get(above)
        if stamp is not None and stamp.is_link:
            raise Refused(
                f"the path of {sanitize(jail.name)} leads over a symbolic link: {sanitize(above)}",
                "Give its real path in its configuration: edit.",
            )


def may_create(inventory: Inventory, jail: Jail, directories: list[str]) -> None:
    """Raises Refused if a directory would be created inside another mount."""
    if not directories:
        return
    above = directories[0].rpartition("/")[0]
    over = [
        mount
        for mount in inventory.mounts or ()
        if jail_mounts.inside(above, mount.path)
        and jail_mounts.inside(mount.path, normal(jail.path))
    ]
    innermost = max(over, key=lambda mount: len(mount.path), default=None)
    if innermost is not None and innermost.fstype != "zfs":
        raise Refused(
            f"{sanitize(directories[0])} does not exist, and {sanitize(innermost.path)} is a mount",
            f"Create the directory in {sanitize(innermost.device)} first.",
        )


def free(inventory: Inventory, jail: Jail, path: str) -> None:
    """Raises Refused if something is mounted on that path, or below it."""
    for mount in guards.require_mounts(inventory):
        if mount.path == path:
            raise Refused(
                f"{sanitize(mount.device)} is already mounted on {sanitize(path)}",
                "Choose another target, or remove that mount first.",
            )
        if jail_mounts.inside(mount.path, path):
            raise Refused(
                f"it would hide {sanitize(mount.path)}, where {sanitize(mount.device)} is mounted",
                "Choose another target.",
            )
    for other in inventory.jails:
        root = normal(other.path)
        if other.name != jail.name and root not in ("", "/", normal(jail.path)):
            if jail_mounts.inside(path, root) and jail_mounts.inside(root, normal(jail.path)):
                raise Refused(
                    f"{sanitize(path)} belongs to the jail {sanitize(other.name)}",
                    f"Mount it into {sanitize(other.name)}.",
                )
            if jail_mounts.inside(root, path):
                raise Refused(
                    f"it would hide the jail {sanitize(other.name)} in {sanitize(root)}",
                    "Choose another target.",
                )


def directory(inventory: Inventory, path: str) -> None:
    """Raises Refused for a directory that no jail may have (see the messages)."""
    for above in chain("/", path):
        stamp = inventory.file_stats.get(above)
        if stamp is None:
            raise Refused(
                f"{sanitize(above)} does not exist", "Create it first, or check the path."
            )
        if stamp.is_link:
            raise Refused(
                f"{sanitize(above)} is a symbolic link", "Name the directory that it leads to."
            )
        if not stamp.is_dir:
            raise Refused(f"{sanitize(above)} is not a directory", "nullfs mounts directories.")
    for jail in inventory.jails:
        root = normal(jail.path)
        if root in ("", "/"):
            continue
        if jail_mounts.inside(path, root):
            raise Refused(
                f"{sanitize(path)} is inside the jail {sanitize(jail.name)}",
                "Use a directory outside of all jails for both.",
            )
        if jail_mounts.inside(root, path):
            raise Refused(
                f"{sanitize(path)} contains the jail {sanitize(jail.name)}",
                "A jail must not see itself or another jail: choose a directory without jails.",
            )


def dataset(inventory: Inventory, name: str) -> None:
    """Raises Refused for a dataset that cannot be mounted into a jail."""
    guards.require_datasets(inventory)
    dataset = inventory.dataset(name)
    if dataset is None:
        raise Refused(f"there is no dataset {sanitize(name)}", "See all: zfs list.")
    if dataset.jailed:
        raise Refused(
            f"{sanitize(name)} is delegated to a jail (jailed=on)", "Revoke it first: dataset take"
        )
    if dataset.mounted:
        raise Refused(
            f"{sanitize(name)} is already mounted on "
            f"{sanitize(dataset.mountpoint or 'another path')}",
            "Mount that directory (nullfs), or unmount the dataset first: zfs unmount",
        )
