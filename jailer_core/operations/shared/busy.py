"""Find which processes hold a jail's file systems, and how to free them.

A process of the host with its directory inside makes rename, unmount and destroy fail
(`pool or dataset is busy`, recording 09); `fstat -f` names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from operator import attrgetter

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Dataset, Inventory, Jail, OpenFile
from jailer_core.model.trees import by_place, normal
from jailer_core.operations import guards
from jailer_core.operations.shared import trash
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import ProcessRuns, Run, Step
from jailer_core.text import sanitize


def free(
    inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...], *, force: bool, kill: bool
) -> tuple[list[Step], list[str]]:
    """Steps that end the processes of the host that hold it, when that was asked for.

    Raises Refused naming them when neither `force` nor `kill` was.
    """
    if not any(dataset.mounted for dataset in parts):
        return [], []
    if inventory.holders is None:
        return [], [
            (
                "Which processes hold its files could not be determined; zfs(8) refuses when "
                "they are busy."
            )
        ]
    if inventory.processes is None and inventory.holders:
        return _not_known(jail, kill=kill)
    held = _holders(inventory, jail, parts)
    if not held:
        return [], []
    listed = _who(inventory, jail, parts)
    if kill:
        return [_kill(inventory, open_file) for open_file in held.values()], []
    if force:
        return [], [f"Processes of the host lose the files they have open here: {listed}."]
    raise Refused(
        f"{sanitize(jail.name)} is busy, processes of the host hold its files: {listed}",
        "Terminate them (--kill lists each one as a step), or unmount by force (--force).",
    )


def holders_of(inventory: Inventory, points: Collection[str]) -> dict[int, str]:
    """The processes that hold files of what is mounted on these paths, each for a sentence."""
    return {
        holder.pid: f"{sanitize(holder.command)} (pid {holder.pid})"
        for holder in inventory.holders or ()
        if normal(holder.mount) in points
    }


def _not_known(jail: Jail, *, kill: bool) -> tuple[list[Step], list[str]]:
    """Without ps the jail's own processes cannot be distinguished from the host's."""
    if kill:
        raise Refused(
            f"it is unknown which processes that hold {sanitize(jail.name)} belong to the host",
            "See the problems: ps.",
        )
    return [], ["It is unknown whether processes of the host hold its files: ps could not be read."]


def _holders(inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...]) -> dict[int, OpenFile]:
    points = [dataset.mountpoint.rstrip("/") for dataset in parts if dataset.mounted]
    jids, below = _jids(inventory), _open_below(inventory)
    jids_by_name = _jids_by_name(inventory)
    names = (jail.name, *guards.jails_inside(inventory, jail))
    ending = {jid for name in names for jid in jids_by_name.get(name, ())}
    held: dict[int, OpenFile] = {}
    for open_file in (file for point in points for file in below.get(point, ())):
        jid = open_file.jid if open_file.jid is not None else jids.get(open_file.pid)
        if jid not in ending:
            held.setdefault(open_file.pid, open_file)
    return held


@of_latest
def _jids(inventory: Inventory) -> dict[int, int]:
    """The jail of each process."""
    return {process.pid: process.jid for process in inventory.processes or ()}


@of_latest
def _jids_by_name(inventory: Inventory) -> dict[str, list[int]]:
    """A jail that is dying may have the name of one that runs."""
    jids: defaultdict[str, list[int]] = defaultdict(list)
    for jail in inventory.jails:
        if jail.jid is not None:
            jids[jail.name].append(jail.jid)
    return jids


@of_latest
def _open_below(inventory: Inventory) -> Mapping[str, list[OpenFile]]:
    """What processes hold, by each directory that the file system is mounted on or below."""
    return by_place(inventory.holders or (), attrgetter("mount"))


def _who(inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...]) -> str:
    held = _holders(inventory, jail, parts)
    listed = [f"{sanitize(open_file.command)} (pid {pid})" for pid, open_file in held.items()]
    return ", ".join(listed) or "processes of the host"


def _kill(inventory: Inventory, holder: OpenFile) -> Step:
    """`kill -TERM` on the host is not recorded (inside a jail it is: 12)."""
    commands = {process.pid: process.command for process in inventory.processes or ()}
    command = commands.get(holder.pid, holder.command)
    return Step(
        Run(("kill", "-TERM", str(holder.pid))),
        f"Terminate {sanitize(command)} (pid {holder.pid}) of {sanitize(holder.user)}",
        timeout=10.0,
        irreversible_because="a terminated process cannot be restored",
        preconditions=(ProcessRuns(holder.pid, command),),
        postconditions=(ProcessRuns(holder.pid, command, running=False),),
    )


def by_force(inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...]) -> list[Step]:
    """Unmount everything by force, children first."""
    trace = f"files below {sanitize(jail.path)} were withdrawn from {_who(inventory, jail, parts)}"
    return [
        replace(
            zfs_steps.unmount(
                dataset.name,
                dataset.guid,
                jail.name,
                title=f"Unmount {dataset.name} by force",
                force=True,
            ),
            side_effect=trace,
        )
        for dataset in reversed(parts)
        if dataset.mounted
    ]


def set_aside(
    inventory: Inventory,
    jail: Jail,
    parts: tuple[Dataset, ...],
    *,
    force: bool,
    staying: tuple[Dataset, ...] = (),
) -> tuple[list[Step], tuple[trash.Part, ...]]:
    """Steps that unmount what a rename would leave mounted, and how each of `parts` was.

    A dataset with a mount point of its own stays mounted there even in the trash (recording
    11), and so does what lies below it: these get canmount=noauto, so that nothing mounts them
    while they are there. Those of `staying` do not remain in the trash: they are only unmounted.
    """
    steps = by_force(inventory, jail, parts) if force else []
    records = {dataset.name: _part(inventory, jail, dataset) for dataset in parts}
    every = {dataset.name: dataset for dataset in (*parts, *staying)}
    for dataset in reversed([every[name] for name in sorted(every)]):
        away = _place(inventory, jail, dataset) and not dataset.jailed
        if not away:
            continue
        record = records.get(dataset.name)
        if record is not None and record.canmount not in ("noauto", "off"):
            steps.append(_not_by_itself(dataset, record.canmount or "", jail.name))
        if dataset.mounted and not force:
            steps.append(zfs_steps.unmount(dataset.name, dataset.guid, jail.name))
    return steps, tuple(records.values())


def _part(inventory: Inventory, jail: Jail, dataset: Dataset) -> trash.Part:
    canmount: str | None = None
    if _place(inventory, jail, dataset) and not dataset.jailed:
        canmount = _set_on(inventory, dataset.name).get("canmount", "")
    mounted = dataset.mounted and not dataset.jailed
    return trash.Part(dataset.name[len(jail.dataset) :], dataset.mountpoint, mounted, canmount)


def _place(inventory: Inventory, jail: Jail, dataset: Dataset) -> bool:
    """Whether its mount point does not follow the jail's: it, or one above it, has its own."""
    if inventory.properties is None:
        raise Refused(
            f"the properties of {dataset.name} could not be read",
            "Without them it is unknown which datasets would stay mounted.",
        )
    name = dataset.name
    while len(name) >= len(jail.dataset):
        own = _set_on(inventory, name).get("mountpoint", "")
        if own:
            break
        name = name.rpartition("/")[0]
    if own.startswith("/"):
        return True
    if dataset.mounted and not dataset.mountpoint:
        raise Refused(f"{dataset.name} is mounted by hand or by fstab", "Unmount it first: umount.")
    return False


def _set_on(inventory: Inventory, dataset: str) -> dict[str, str]:
    return {prop.name: prop.value for prop in inventory.properties or () if prop.dataset == dataset}


def _not_by_itself(dataset: Dataset, canmount: str, jail: str) -> Step:
    """Setting canmount back may mount what was not mounted before."""
    step = zfs_steps.canmount(dataset.name, dataset.guid, canmount, jail, back=False)
    if dataset.mounted:
        return step
    unmount = zfs_steps.mount(dataset.name, dataset.guid).undo[0]
    again = replace(unmount, title=f"Unmount {dataset.name} again")
    return replace(step, undo=(*step.undo, again))
