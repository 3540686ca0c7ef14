"""ZFS itself, and a pool to put jails on."""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import Inventory, SetupFacts
from jailer_core.operations.setup.plan_builder import (
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import LoadZfs, MakePool
from jailer_core.operations.shared import created
from jailer_core.operations.steps import reversible
from jailer_core.parse import mount_tables
from jailer_core.plan import (
    CommandSucceeds,
    DatasetExists,
    FileHasText,
    Needs,
    NotInUse,
    PathExists,
    Run,
    Step,
    Undo,
    WriteFile,
)
from jailer_core.text import human_bytes, sanitize

GIB = 1 << 30
SMALLEST = GIB
"""Bytes that a pool for jails needs at least: a base system and something to spare."""
RESERVE = GIB
"""Bytes of the host's file system that stay free beside the file."""
_RESERVED = re.compile(r"(mirror|raidz|draid|spare|log|c[0-9])", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,62}\Z", re.ASCII)


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether ZFS is loaded, now and after a reboot."""
    loaded = doctor.modules.get("zfs")
    if loaded is None:
        return Check("zfs", "ZFS", UNKNOWN, "whether ZFS is loaded could not be determined")
    if not loaded:
        return Check("zfs", "ZFS", MISSING, "the kernel module is not loaded", LoadZfs())
    if inventory.rc_value("zfs_enable") is None:
        return Check("zfs", "ZFS", UNKNOWN, "rc.conf could not be read")
    if not inventory.rc_on("zfs_enable"):
        detail = "loaded, but its datasets are not mounted at boot (zfs_enable)"
        return Check("zfs", "ZFS", WRONG, detail, LoadZfs())
    return Check("zfs", "ZFS", OK, "loaded, and mounted at boot")


def check_pool(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether there is a healthy pool."""
    if inventory.pools is None:
        return Check("pool", "Pool", UNKNOWN, "pools could not be listed")
    if not inventory.pools:
        room = next(iter(doctor.room.values()), None)
        size = usual_size(room)
        if not size:
            detail = (
                f"there is no pool, and {human_bytes(room)} of free space is too little for "
                "one in a file"
            )
            hint = "Give zpool create a disk or a partition."
            return Check("pool", "Pool", MISSING, detail, hint=hint)
        detail = f"there is no pool; one in a file of {human_bytes(size)} can be created"
        return Check("pool", "Pool", MISSING, detail, MakePool(size=size))
    sick = [pool for pool in inventory.pools if pool.health != "ONLINE"]
    if sick:
        message = ", ".join(f"{sanitize(pool.name)} is {pool.health}" for pool in sick)
        return Check("pool", "Pool", WRONG, message, hint="See zpool status -v.")
    names = ", ".join(
        f"{sanitize(pool.name)} ({human_bytes(pool.free)} free)" for pool in inventory.pools
    )
    return Check("pool", "Pool", OK, names)


def usual_size(room: int | None) -> int:
    """The default size of a pool's file: jailer's, or less if less is free."""
    if room is None:
        return 0
    size = min(MakePool().size, (room - RESERVE) >> 30 << 30)
    return size if size >= SMALLEST else 0


def load(draft: PlanBuilder) -> None:
    """Load ZFS now and at boot."""
    pools = tuple(pool.name for pool in draft.inventory.pools or ())
    unused = NotInUse("zfs", "zfs", pools)
    if draft.doctor.modules.get("zfs") is False:
        draft.steps.append(module("zfs", "Load ZFS", unused))
    draft.set_rc({"zfs_enable": "YES"}, "Mount ZFS file systems at boot", (unused,))


def module(name: str, title: str, unused: NotInUse) -> Step:
    """Load a kernel module; it is unloaded again only while nothing uses it."""
    loaded = CommandSucceeds(("kldstat", "-q", "-m", name))
    away = CommandSucceeds(("kldstat", "-q", "-m", name), succeeds=False)
    return reversible(
        (Run(("kldload", name)), title),
        (Run(("kldunload", name)), f"Unload {name}"),
        before=(away,),
        after=(loaded,),
        undo_if=(unused,),
    )


# --- a pool in a file ------------------------------------------------------------------------


def needs(request: MakePool) -> Needs:
    """Whether the file exists, and how much room there is around it."""
    folder = request.path.rpartition("/")[0] or "/"
    return Needs(setup=True, paths=(request.path, folder), commands=(("df", "-k", folder),))


def make_pool(draft: PlanBuilder, request: MakePool) -> None:
    """`truncate` and `zpool create`, as jailer's README does. Raises Refused."""
    path = checks.path(request.path)
    name = request.name
    if not _NAME.match(name) or _RESERVED.match(name):
        raise Refused(f"{sanitize(name)!r} is not a valid pool name", "For example: zroot")
    if draft.inventory.pools is None:
        raise Refused("pools could not be listed", "See zpool list.")
    if any(pool.name == name for pool in draft.inventory.pools):
        draft.notes.append(f"The pool {name} already exists.")
        return
    _check_room(draft, path, request.size)
    load(draft)
    draft.steps += [_file(path, name), _grow(path, request.size), _create(path, name)]
    draft.pool = name
    draft.notes.append(
        f"{path} takes space on the host only as the pool fills. A pool in a file is slower than "
        "one on a disk."
    )


def _check_room(draft: PlanBuilder, path: str, size: int) -> None:
    folder = path.rpartition("/")[0] or "/"
    if path in draft.inventory.file_stats:
        raise Refused(f"{path} already exists", "Choose another path for the pool's file.")
    if folder not in draft.inventory.file_stats:
        raise Refused(f"there is no directory {folder}", "Choose another path.")
    rooms = draft.inventory.parsed(("df", "-k", folder), mount_tables.available)
    if rooms is None or not rooms.value:
        raise Refused(f"the free space in {folder} could not be determined")
    if size < SMALLEST:
        raise Refused(f"{human_bytes(size)} is too small", f"Use at least {human_bytes(SMALLEST)}.")
    available = rooms.value[0]
    most = max(0, available - RESERVE)
    if size > most:
        raise Refused(
            f"{folder} has {human_bytes(available)} free, too little for {human_bytes(size)}",
            f"Use at most {human_bytes(most)}: a pool on a full file system stops working.",
        )


def _file(path: str, pool: str) -> Step:
    """`truncate` alone would overwrite a file that was made in between."""
    undo = created.no_file(path, DatasetExists(pool, exists=False))
    return Step(
        WriteFile(path, "", mode=0o600),
        f"Create the file {sanitize(path)}",
        undo=(replace(undo, created_if_output=""),),
        preconditions=(PathExists(path, exists=False),),
        postconditions=(FileHasText(path, ""),),
    )


def _grow(path: str, size: int) -> Step:
    return Step(
        Run(("truncate", "-s", str(size) if size % GIB else f"{size // GIB}G", path)),
        f"Set its size to {human_bytes(size)}",
        preconditions=(FileHasText(path, ""),),
        postconditions=(PathExists(path),),
    )


def _create(path: str, pool: str) -> Step:
    exists, away = DatasetExists(pool), DatasetExists(pool, exists=False)
    return Step(
        Run(("zpool", "create", pool, path)),
        f"Create the pool {pool} on it",
        undo=(
            Undo(
                Run(("zpool", "destroy", pool)),
                f"Destroy the pool {pool}, which is empty",
                preconditions=(
                    created.is_dataset(pool),
                    NotInUse("dataset", pool),
                    NotInUse("directory", f"/{pool}"),
                ),
                done_when=(away,),
                created_if_output="",
            ),
        ),
        preconditions=(away,),
        postconditions=(exists,),
    )
