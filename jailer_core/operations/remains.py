"""What a start makes on the host and a stop takes away: pairs, addresses, mounts.

When either is interrupted some of it remains. It is taken away only where it is this jail's own:
never what was there before, and never mounts of a path that another running jail has too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core.model import Inventory, JailConfig
from jailer_core.operations import mounts, network
from jailer_core.operations.guards import named
from jailer_core.plan import (
    AddressOn,
    InterfaceThere,
    JailGone,
    MountedAt,
    Run,
    State,
    Step,
    Undo,
)


@dataclass(frozen=True, slots=True)
class Remains:
    """First ends of pairs, addresses, and mount points (those on top first)."""

    ends: tuple[str, ...] = ()
    aliases: tuple[network.Alias, ...] = ()
    points: tuple[str, ...] = ()

    def undo(
        self, name: str, or_else: tuple[State, ...] = (), *, starting: bool = False
    ) -> tuple[Undo, ...]:
        """Take away what is there once the jail is gone; `or_else`: it never went.

        After a start that failed: pairs only where its hooks made them (recording 04).
        """
        gone = JailGone(name)
        found: list[Undo] = []
        for end in self.ends:
            there, away = InterfaceThere(end), InterfaceThere(end, there=False)
            action = Run(("ifconfig", end, "destroy"))
            destroy = Undo(action, f"Destroy {end}", (gone, there), (away,), or_else=or_else)
            if starting:
                proof, denial = f"ifconfig {end[:-1]} create", f"{end[:-1]} already exists"
                destroy = replace(destroy, proof=proof, denial=denial)
            found.append(destroy)
        for alias in self.aliases:
            on = AddressOn(alias.interface, alias.address)
            off = AddressOn(alias.interface, alias.address, there=False)
            title = f"Remove {alias.address} from {alias.interface}"
            action = Run(alias.argv(add=False))
            found.append(Undo(action, title, (gone, on), (off,), or_else=or_else))
        for point in self.points:
            there_too, free = MountedAt(point), MountedAt(point, there=False)
            action = Run(("/sbin/umount", point))
            title = f"Unmount {named(point)}"
            found.append(Undo(action, title, (gone, there_too), (free,), or_else=or_else))
        return tuple(found)


def of_running(inventory: Inventory, config: JailConfig) -> Remains:
    """What the stop of a running jail is to take away."""
    return Remains(
        tuple(f"{pair}a" for pair in network.pairs(config)),
        tuple(one for one in network.aliases(config) if not network.of_host(inventory, one)),
        _points(inventory, config),
    )


def of_start(inventory: Inventory, config: JailConfig, cleaning: list[Step]) -> Remains:
    """What a start is going to make: nothing that is there before and not cleaned away."""
    if inventory.interfaces is None or inventory.mounts is None:
        return Remains()
    cleaned = {one for step in cleaning if isinstance(step.action, Run) for one in step.action.argv}
    names = {one.name for one in inventory.interfaces} - cleaned
    points = {one.path for one in inventory.mounts} - cleaned
    ends = [f"{pair}a" for pair in network.pairs(config)]
    return Remains(
        tuple(end for end in ends if end not in names),
        network.aliases(config),
        tuple(point for point in _points(inventory, config) if point not in points),
    )


def _points(inventory: Inventory, config: JailConfig) -> tuple[str, ...]:
    if path_shared(inventory, config):
        return ()
    usual = mounts.by_parameter(config)
    return (*usual, *reversed(mounts.configured(inventory, config)))


def path_shared(inventory: Inventory, config: JailConfig) -> bool:
    """Whether another running jail lives on or below the same path, whose mounts those may be."""
    path = config.root.rstrip("/")
    alive = [one for one in inventory.jails if one.jid is not None and one.name != config.name]
    return not path or any(mounts.inside(one.path, path) for one in alive)
