"""Space used by trees, shared with origins and snapshots as ZFS counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter, is_not

from jailer_core.simulator.kernel.state import Node, SimDataset, SimSnapshot, State, Tree

EMPTY = 24576
"""A file system without a file (recording 01)."""
VOLUME = 12288
"""A volume without data (recording 14: see volumes.create)."""
POOL_OVERHEAD = 119808
"""What a pool with an empty root dataset uses beyond it (recording 01)."""
SLOP = 32
"""One part in this many of a pool is reserved (recording 01: 11962155008 of 12348030976)."""


_blocks: Callable[[Node], int] = attrgetter("blocks")


def logical(tree: Tree) -> int:
    """Bytes before compression."""
    return EMPTY // 2 + sum(node.length for node in tree.values())


def referenced(tree: Tree) -> int:
    """Bytes that a tree reaches, shared or not."""
    return EMPTY + sum(map(_blocks, tree.values()))


def _changed(tree: Tree, before: Tree) -> Iterator[tuple[str, Node]]:
    """The nodes that are not the very same object in the other tree.

    Thousands of nodes are compared for one command, nearly all of them shared: no Python code
    runs for those.
    """
    return compress(tree.items(), map(is_not, tree.values(), map(before.get, tree)))


def fresh(tree: Tree, before: Tree) -> int:
    """Bytes of a tree that another one does not have."""
    if not before:
        return sum(map(_blocks, tree.values()))
    return sum(node.blocks for path, node in _changed(tree, before) if before.get(path) != node)


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of one dataset; `used` holds its snapshots, its children and what is reserved."""

    used: int
    by_dataset: int
    by_snapshots: int
    by_children: int
    by_refreservation: int = 0


class Sizes:
    """Sizes of a whole host, worked out once for one command."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._origins = {
            f"{dataset.name}@{snap.name}": snap.tree
            for dataset in state.datasets.values()
            for snap in dataset.snapshots
        }
        self._usage = self._collect()
        self._snapshots: dict[str, dict[str, int]] = {}

    def usage(self, name: str) -> Usage:
        """Bytes of a file system."""
        return self._usage[name]

    def allocated(self, pool: str) -> int:
        """Bytes of a pool that are in use: what volumes reserve is not, until it is written."""
        reserved = (
            usage.by_refreservation
            for name, usage in self._usage.items()
            if name.partition("/")[0] == pool
        )
        return self._usage[pool].used - sum(reserved)

    def _collect(self) -> dict[str, Usage]:
        charges = {name: self._charge(dataset) for name, dataset in self.state.datasets.items()}
        below = dict.fromkeys(charges, 0)
        for name in sorted(charges, key=lambda one: one.count("/"), reverse=True):
            above = name.rpartition("/")[0]
            if above in below:
                below[above] += below[name] + sum(charges[name])
        for pool in self.state.pools:
            if pool in below:
                below[pool] += POOL_OVERHEAD
        return {
            name: Usage(own + snaps + reserved + below[name], own, snaps, below[name], reserved)
            for name, (own, snaps, reserved) in charges.items()
        }

    def _charge(self, dataset: SimDataset) -> tuple[int, int, int]:
        """Bytes of the live tree, those that only its snapshots keep, and those reserved."""
        if dataset.volsize:
            own = 0 if dataset.origin else VOLUME
            reserved = int(dataset.props.get("refreservation", "0"))
            # data that a snapshot keeps could all be written again
            return own, 0, reserved if dataset.snapshots else max(0, reserved - own)
        origin = self._origins.get(dataset.origin, {})
        own = fresh(dataset.tree, origin) + (0 if dataset.origin else EMPTY)
        if not dataset.snapshots:
            return own, 0, 0
        everything, before = 0, origin
        for snapshot in dataset.snapshots:
            everything += fresh(snapshot.tree, before)
            before = snapshot.tree
        everything += fresh(dataset.tree, before) + (0 if dataset.origin else EMPTY)
        return own, max(0, everything - own), 0

    def snapshot(self, dataset: SimDataset, snapshot: SimSnapshot) -> int:
        """Bytes that would come back if only this snapshot went."""
        if dataset.name not in self._snapshots:
            self._snapshots[dataset.name] = dict(self._alone(dataset))
        return self._snapshots[dataset.name][snapshot.name]

    def _alone(self, dataset: SimDataset) -> Iterator[tuple[str, int]]:
        """What each snapshot has that neither the previous nor the next one has."""
        before = self._origins.get(dataset.origin, {})
        trees = [*(one.tree for one in dataset.snapshots[1:]), dataset.tree]
        for snapshot, after in zip(dataset.snapshots, trees, strict=True):
            tree = snapshot.tree
            yield (
                snapshot.name,
                sum(
                    node.blocks
                    for path, node in _changed(tree, before)
                    if before.get(path) != node and after.get(path) != node
                ),
            )
            before = tree

    def available(self, name: str) -> int:
        """Bytes that can still be written there: the pool's, or what a quota above leaves."""
        pool = self.state.pools[name.partition("/")[0]]
        total = pool.size - pool.size // SLOP
        left = [total - self._usage[pool.name].used]
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth])
            quota = int(self.state.datasets[above].props.get("quota", "0") or 0)
            if quota:
                left.append(quota - self._usage[above].used)
        return max(0, min(left))
