"""Volumes (recording 14): created with all their space reserved; contents are not simulated."""

from __future__ import annotations

from jailer_core.simulator.kernel.state import SimDataset
from jailer_core.simulator.zfs.properties import is_user_property, parse_size
from jailer_core.simulator.zfs.store import Zfs, not_simulated

FILE_SYSTEM_ONLY = frozenset(
    {"mounted", "mountpoint", "canmount", "quota", "refquota", "recordsize", "jailed", "atime"}
    | {"devices", "exec", "setuid", "snapdir", "aclmode", "aclinherit", "xattr", "overlay"}
)
"""Properties that a volume does not have (zfsprops(7))."""


def create(zfs: Zfs, name: str, size: str, props: dict[str, str]) -> None:
    """`zfs create -V SIZE NAME`."""
    volsize = parse_size(size)
    if not volsize or not all(map(is_user_property, props)):
        raise not_simulated("create -V with these options")
    zfs.check_new(name)
    # recording 14: 8388608 bytes use 10498048 together with a snapshot of nothing
    zfs.make(name, props | {"refreservation": str(volsize * 5 // 4)}, volsize=volsize)


def no_volume(dataset: SimDataset, what: str) -> None:
    """Refuse what is only known of file systems."""
    if dataset.volsize:
        raise not_simulated(f"{what} of a volume")
