"""Cheap copies of simulated hosts."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimDataset, SimSnapshot
from jailer_core.simulator.scenarios import large


class Mould:
    """Casts machines in one state, quickly: nodes never change, nor do trees of snapshots."""

    def __init__(self, machine: Machine) -> None:
        state = machine.state
        snapshots = [one for dataset in state.datasets.values() for one in dataset.snapshots]
        owners: list[SimDataset | SimSnapshot] = [*state.datasets.values(), *snapshots]
        trees = [owner.tree for owner in owners]
        root, tmpfs = state.root, state.tmpfs
        state.root, state.tmpfs = {}, {}
        for owner in owners:
            owner.tree = {}
        try:
            self.data = pickle.dumps(machine)
        finally:
            state.root, state.tmpfs = root, tmpfs
            for owner, tree in zip(owners, trees, strict=True):
                owner.tree = tree
        self.live = [dict(tree) for tree in trees[: len(state.datasets)]]
        self.frozen = trees[len(state.datasets) :]
        self.root = dict(root)
        self.tmpfs = {path: dict(tree) for path, tree in tmpfs.items()}

    def cast(self) -> Machine:
        """Another machine."""
        machine = pickle.loads(self.data)  # noqa: S301 - our own bytes
        assert isinstance(machine, Machine)
        state = machine.state
        snapshots = [one for dataset in state.datasets.values() for one in dataset.snapshots]
        for dataset, tree in zip(state.datasets.values(), self.live, strict=True):
            dataset.tree = dict(tree)
        for snapshot, tree in zip(snapshots, self.frozen, strict=True):
            snapshot.tree = tree
        state.root = dict(self.root)
        state.tmpfs.update((path, dict(tree)) for path, tree in self.tmpfs.items())
        return machine


def clone(machine: Machine) -> Machine:
    """Another machine in the same state."""
    return Mould(machine).cast()


def built_once(build: Callable[[], Machine]) -> Callable[[], Machine]:
    """The same machines, but built only once: a scenario runs hundreds of commands."""
    moulds: dict[int, Mould] = {}

    def cast() -> Machine:
        if large.COUNT not in moulds:
            moulds[large.COUNT] = Mould(build())
        return moulds[large.COUNT].cast()

    return cast
