"""Our own datasets: made when the first jail goes into the trash."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.operations.shared import created
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import PathExists, Run, Step


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
    title = "Create the dataset of the trash"
    return [zfs_steps.create(name, title, options, undo_title=_destroy_empty(name))]


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
        zfs_steps.create(
            layout.own,
            "Create the dataset for the state of this program",
            empty=empty,
            undo_title=_destroy_empty(layout.own),
        ),
        # chmod is not recorded
        Step(Run(("chmod", "0700", path)), f"Restrict {path} to root"),
        make_dir(f"{path}/kept"),
    )
    return StateDataset(path, steps)


def _destroy_empty(name: str) -> str:
    return f"Destroy {name}, which is empty"


def make_dir(path: str) -> Step:
    """Make one directory for root only."""
    return created.directory(path, mode=0o700)
