"""Mounts inside jails: what can be asked for."""

from __future__ import annotations

from jailer_core.operations.spec import Kind, Scope, operand, operation, option, switch
from jailer_core.request import Request

TYPES = ("nullfs", "tmpfs", "zfs", "procfs", "fdescfs", "devfs", "linprocfs", "linsysfs")
PSEUDO = tuple(name for name in TYPES if name not in ("nullfs", "zfs"))
"""Types that have no source."""


@operation(
    "mount",
    command="mount add",
    summary="mount a directory, a dataset or a pseudo file system inside a jail",
    label="Add a mount",
    help="SOURCE is a directory of the host (nullfs) or a dataset (zfs); for other types it is\n"
    "the type, such as tmpfs. TARGET is a path inside the jail; missing directories are created.\n"
    "The mount is added to the jail's fstab or configuration and, if the jail is running, made\n"
    "at once.",
    scope=Scope.JAILS,
    plan="mounts.add:add",
    refusal="mounts.records:refusal",
    configures=True,
)
class MountAdd(Request):
    """Mount something inside a jail, now and at each start."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    source: str = operand(
        "Source", "A directory of the host, or a dataset.", kind=Kind.SOURCE, metavar="SOURCE"
    )
    target: str = operand(
        "Target", "Where it is mounted inside the jail.", kind=Kind.INSIDE, metavar="TARGET"
    )
    readonly: bool = switch("Read-only", "Mount it read-only.", "-r", "--read-only", default=False)
    type: str = option(
        "Type",
        "Type of file system (default: nullfs, zfs for a dataset).",
        "-t",
        "--type",
        metavar="TYPE",
        choices=TYPES,
    )
    options: str = option(
        "Options",
        "More mount options, such as size=64m or noexec.",
        "-o",
        "--options",
        metavar="OPTIONS",
    )


@operation(
    "remount",
    command="mount change",
    summary="change the options of a jail's mount",
    label="Change a mount",
    help=(
        "TARGET is the path inside the jail. If it is mounted, it is unmounted and mounted again; "
        "processes that use it are listed."
    ),
    scope=Scope.JAILS,
    plan="mounts.change:change",
    refusal="mounts.records:refusal",
    configures=True,
)
class MountChange(Request):
    """Mount something with other options, now and at each start; `readonly` None: unchanged."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    target: str = operand(
        "Target", "Where it is mounted inside the jail.", kind=Kind.INSIDE, metavar="TARGET"
    )
    readonly: bool | None = switch(
        "Read-only",
        "Mount it read-only.",
        "-r",
        "--read-only",
        default=None,
        off=("--read-write",),
        off_help="Mount it for reading and writing.",
    )
    options: str = option(
        "Options",
        "Replace the other mount options, such as noexec; - for none.",
        "-o",
        "--options",
        metavar="OPTIONS",
    )


@operation(
    "unmount",
    command="mount remove",
    summary="remove a mount from a jail",
    label="Remove a mount",
    help=(
        "TARGET is the path inside the jail. If it is mounted, it is unmounted at once; processes "
        "that use it are listed. What a tmpfs contains is lost."
    ),
    scope=Scope.JAILS,
    plan="mounts.remove:remove",
    refusal="mounts.records:refusal",
    configures=True,
)
class MountRemove(Request):
    """Unmount something inside a jail, and do not mount it again at the next start."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    target: str = operand(
        "Target", "Where it is mounted inside the jail.", kind=Kind.INSIDE, metavar="TARGET"
    )
    force: bool = switch(
        "Force", "Unmount it by force while processes use it.", "-f", "--force", default=False
    )
