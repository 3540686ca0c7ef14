"""Copies of simulated hosts."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Tree
from jailer_core.simulator.scenarios import large


class Mould:
    """Casts machines in one state, quickly: nodes never change, nor do trees of snapshots."""

    def __init__(self, machine: Machine) -> None:
        state = machine.state
        live = [one.tree for one in state.datasets.values()] + [state.root, *state.tmpfs.values()]
        frozen = [snapshot.tree for one in state.datasets.values() for snapshot in one.snapshots]
        self.trees = [*live, *frozen]
        self.live = len(live)
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer)
        places = {id(tree): place for place, tree in enumerate(self.trees)}
        pickler.persistent_id = lambda one: places.get(id(one))  # type: ignore[method-assign]
        pickler.dump(machine)
        self.data = buffer.getvalue()

    def cast(self) -> Machine:
        """Another machine."""
        unpickler = pickle.Unpickler(io.BytesIO(self.data))  # noqa: S301 - our own bytes
        unpickler.persistent_load = self._tree  # type: ignore[method-assign]
        machine = unpickler.load()
        assert isinstance(machine, Machine)
        return machine

    def _tree(self, place: int) -> Tree:
        tree = self.trees[place]
        return dict(tree) if place < self.live else tree


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
