"""Our own datasets: made when the first jail goes into the trash."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.operations.shared import created
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Condition, DatasetExists, PathExists, Run, Step


@dataclass(frozen=True, slots=True)
class StateDataset:
    """Where kept files go, and the steps that make it so."""

    state: str
    steps: tuple[Step, ...]


def trash(inventory: Inventory) -> list[Step]:
    """Make `POOL/jails/.trash`, which has no mount point (docs/freebsd-facts.md, ZFS)."""
    name = inventory.layout.trash
    if inventory.dataset(name) is not None:
        return []
    options = ("-o", "mountpoint=none", "-o", "canmount=off")
    return [_create(name, options, "Create the dataset of the trash", ())]


def place(inventory: Inventory) -> StateDataset:
    """Make `POOL/jails/.jailer-tui` (root only), mount it when it is not.

    Jails are not rolled back by boot environments, /var is: so what is kept of a jail lies here.
    """
    layout = inventory.layout
    own = inventory.dataset(layout.own)
    if own is not None and own.mounted:
        return StateDataset(own.mountpoint, ())
    if own is not None:
        return StateDataset(own.mountpoint, (zfs_steps.mount(own.name, own.guid),))
    path = f"{layout.mountpoint.rstrip('/')}/.jailer-tui"
    empty = tuple(
        PathExists(f"{path}/{folder}", exists=False) for folder in ("journal", "kept", "running")
    )
    steps = (
        _create(layout.own, (), "Create the dataset for the state of this program", empty),
        # chmod is not recorded
        Step(Run(("chmod", "0700", path)), f"Restrict {path} to root"),
        make_dir(f"{path}/kept"),
    )
    return StateDataset(path, steps)


def _create(name: str, options: tuple[str, ...], title: str, empty: tuple[Condition, ...]) -> Step:
    return Step(
        Run(("zfs", "create", *options, name)),
        title,
        undo=(created.no_dataset(name, *empty, title=f"Destroy {name}, which is empty"),),
        preconditions=(DatasetExists(name, exists=False),),
        postconditions=(DatasetExists(name),),
    )


def make_dir(path: str) -> Step:
    """Make one directory for root only."""
    return created.directory(path, mode=0o700)
