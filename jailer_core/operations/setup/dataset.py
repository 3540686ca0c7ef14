"""The dataset that holds the jails, where it is mounted, and rc.conf's jailer_dir."""

from __future__ import annotations

from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Layout, SetupFacts
from jailer_core.model.trees import way_to
from jailer_core.operations.guards import word
from jailer_core.operations.setup.plan_builder import (
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import MakeDataset
from jailer_core.operations.shared import created
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import MountedAt, Needs, NotInUse
from jailer_core.text import sanitize

MOUNTPOINT = Layout().mountpoint
DIRECTORIES = (
    ("/etc/jail.conf.d", "one file for each jail"),
    ("/var/log/jail", "console output of jails while they start"),
)


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether jails have their dataset, mounted, and rc.conf names it."""
    title = "Dataset"
    if inventory.datasets is None or inventory.rc is None:
        return Check("dataset", title, UNKNOWN, "datasets or rc.conf could not be read")
    name = inventory.layout.dataset
    directory = inventory.rc.get("jailer_dir", "")
    dataset = inventory.dataset(name) if name else None
    if dataset is None:
        several = len(inventory.pools or ()) > 1
        hint = "There are several pools: choose one." if several else ""
        detail = (
            f"{sanitize(directory)} does not exist"
            if directory
            else "there is no dataset for jails yet"
        )
        return Check("dataset", title, MISSING, detail, MakeDataset(), hint)
    lacking = [path for path, _ in DIRECTORIES if path not in doctor.stamps]
    if directory != f"zfs:{name}":
        detail = f"{sanitize(name)} looks like it, but rc.conf does not name it (jailer_dir)"
    elif not dataset.mounted:
        detail = f"{sanitize(name)} is not mounted"
    elif lacking:
        detail = f"{sanitize(name)}; {' and '.join(lacking)} are missing"
    else:
        return Check("dataset", title, OK, f"{sanitize(name)} on {sanitize(dataset.mountpoint)}")
    return Check("dataset", title, WRONG, detail, MakeDataset(dataset=name))


def needs(request: MakeDataset) -> Needs:
    """What exists at the mount point and above it."""
    point = request.mountpoint or (MOUNTPOINT if request.defaults else "")
    return Needs(setup=True, paths=way_to(point)[::-1])


def make(draft: PlanBuilder, request: MakeDataset) -> None:
    """Create the dataset, or adopt an existing one. Raises Refused."""
    name = _name(draft, request)
    directory = draft.rc("jailer_dir")
    known = directory.removeprefix("zfs:")
    if directory and known != name and draft.inventory.dataset(known) is not None:
        raise Refused(
            f"there already is a dataset for jails: {sanitize(known)} (jailer_dir)",
            "Omit -d, -z and -m, or remove jailer_dir from rc.conf first.",
        )
    dataset = draft.inventory.dataset(name)
    if dataset is not None:
        _adopt(draft, dataset, request)
    else:
        _create(draft, name, request)
    below = tuple(dataset.name for dataset in draft.inventory.below(name) if dataset.name != name)
    unused = NotInUse("dataset", name, below)
    draft.set_rc({"jailer_dir": f"zfs:{name}"}, "Set jailer_dir in rc.conf", (unused,))
    for path, why in DIRECTORIES:
        draft.directory(path, why)


def _name(draft: PlanBuilder, request: MakeDataset) -> str:
    """As `jailer` infers it: the only pool, and `jails` on it."""
    if request.dataset and request.pool:
        raise Refused("only one of -z and -d can be given", "-d includes the pool.")
    if draft.inventory.datasets is None or draft.inventory.pools is None:
        raise Refused("pools and datasets could not be listed", "See zpool list and zfs list.")
    pools = [pool.name for pool in draft.inventory.pools]
    pools += [draft.pool] if draft.pool else []
    if not pools:
        hint = "Create one with zpool create, or on a file with init pool."
        raise Refused("no ZFS pool found", hint)
    name = request.dataset
    if not name and request.defaults:
        name = draft.inventory.layout.dataset if not request.pool else ""
        name = name or f"{_pool(pools, request)}/jails"
    if not name:
        raise Refused("the ZFS dataset cannot be empty", "Use -d pool/dataset.")
    pool = name.partition("/")[0]
    if pool not in pools:
        known = ", ".join(map(sanitize, pools))
        raise Refused(f"there is no pool {sanitize(pool)}", f"There are: {known}.")
    if "/" not in name:
        raise Refused(
            f"{sanitize(name)} is a pool, not a dataset of it", f"Use {sanitize(name)}/jails."
        )
    return name


def _pool(pools: list[str], request: MakeDataset) -> str:
    if request.pool:
        return request.pool
    if len(pools) > 1:
        raise Refused(
            f"could not infer the pool: there are {', '.join(map(sanitize, pools))}",
            "Use either -z pool or -d pool/dataset.",
        )
    return pools[0]


def _adopt(draft: PlanBuilder, dataset: Dataset, request: MakeDataset) -> None:
    if not dataset.mountpoint.startswith("/"):
        raise Refused(
            f"{sanitize(dataset.name)} has no mount point",
            "Give it one: zfs set mountpoint=/usr/local/jails.",
        )
    if request.mountpoint and request.mountpoint.rstrip("/") != dataset.mountpoint:
        raise Refused(
            f"{sanitize(dataset.name)} exists, and is for {sanitize(dataset.mountpoint)}",
            "Omit -m, or change its mountpoint with zfs set first.",
        )
    if not dataset.mounted:
        draft.steps.append(zfs_steps.mount(dataset.name, dataset.guid))


def _create(draft: PlanBuilder, name: str, request: MakeDataset) -> None:
    checks.dataset(name)
    point = request.mountpoint or (MOUNTPOINT if request.defaults else "")
    point = checks.path(point) if point else ""
    above = name.rpartition("/")[0]
    if above != draft.pool and draft.inventory.dataset(above) is None:
        raise Refused(
            f"there is no dataset {above}", f"Create it first: zfs create -p {word(above)}"
        )
    _free(draft, point)
    place = point or _inherited(draft, name)
    empty = [NotInUse("dataset", name), *([NotInUse("directory", place)] if place else [])]
    title, back = f"Create the dataset {name}", f"Destroy {name}, which is empty"
    if not point:
        draft.steps.append(zfs_steps.create(name, title, empty=empty, undo_title=back))
        return
    title, option = f"{title} on {point}", ("-o", f"mountpoint={point}")
    step = zfs_steps.create(name, title, option, empty=empty, undo_title=back)
    # zfs(8) makes the directories down to the mount point; the deepest is removed first
    missing = [path for path in way_to(point) if path not in draft.inventory.file_stats]
    fresh = [
        created.no_directory(path, MountedAt(path, mounted=False), NotInUse("directory", path))
        for path in missing
    ]
    draft.steps.append(
        replace(
            step, undo=(*step.undo, *fresh), postconditions=(*step.postconditions, MountedAt(point))
        )
    )


def _inherited(draft: PlanBuilder, name: str) -> str:
    """Where it is mounted when nothing else is said, "" where that is not known."""
    above, _, last = name.rpartition("/")
    dataset = draft.inventory.dataset(above)
    point = (
        dataset.mountpoint if dataset is not None else f"/{above}" if above == draft.pool else ""
    )
    return f"{point.rstrip('/')}/{last}" if point.startswith("/") else ""


def _free(draft: PlanBuilder, point: str) -> None:
    """Refuse what is taken; what lies in a directory is only hidden by a mount."""
    taken = [mount for mount in draft.inventory.mounts or () if mount.path == point]
    if point and taken:
        raise Refused(
            f"{sanitize(taken[-1].device)} is mounted on {point}", "Choose another one with -m."
        )
    stamp = draft.inventory.file_stats.get(point)
    if stamp is not None and not stamp.is_dir:
        raise Refused(f"{point} exists and is not a directory", "Choose another one with -m.")
    if stamp is not None:
        draft.notes.append(f"{point} exists: its content is hidden while this is mounted.")
