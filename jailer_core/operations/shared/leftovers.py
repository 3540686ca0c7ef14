"""Leftovers of a start that a stop should have removed: epairs, addresses, mounts.

When either is interrupted some of it remains. It is removed only if it is this jail's own:
never what was there before, and never mounts of a path that another running jail has too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from jailer_core.latest import of_latest
from jailer_core.model import Inventory, JailConfig
from jailer_core.model.trees import places_above
from jailer_core.operations.shared import jail_mounts, network_parts
from jailer_core.plan import (
    Action,
    Condition,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    MountedAt,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Leftovers:
    """First ends of pairs, addresses, and mount points (those on top first)."""

    ends: tuple[str, ...] = ()
    aliases: tuple[network_parts.Alias, ...] = ()
    points: tuple[str, ...] = ()

    def undo(
        self, name: str, or_else: tuple[Condition, ...] = (), *, starting: bool = False
    ) -> tuple[Undo, ...]:
        """Remove what is left once the jail has stopped; `or_else`: it never stopped.

        After a start that failed: pairs only where its hooks made them (recording 04).
        """

        def undo(argv: tuple[str, ...], title: str, present: Condition, absent: Condition) -> Undo:
            when = (JailStopped(name), present)
            return Undo(Run(argv), title, when, (absent,), or_done_when=or_else)

        undos: list[Undo] = []
        for end in self.ends:
            exists, away = InterfaceExists(end), InterfaceExists(end, exists=False)
            destroy = undo(("ifconfig", end, "destroy"), f"Destroy {end}", exists, away)
            undos.append(_if_created(destroy) if starting else destroy)
        for alias in self.aliases:
            on = InterfaceHasAddress(alias.interface, alias.address)
            title = f"Remove {alias.address} from {alias.interface}"
            undos.append(undo(alias.argv(add=False), title, on, replace(on, present=False)))
        for point in self.points:
            mounted, free = MountedAt(point), MountedAt(point, mounted=False)
            title = f"Unmount {sanitize(point)}"
            undos.append(undo(("/sbin/umount", point), title, mounted, free))
        return tuple(undos)


def _if_created(undo: Undo) -> Undo:
    """Destroy a pair only where the hooks of a start created it (recording 04)."""
    match undo.action:
        case Run(("ifconfig", end, "destroy")):
            proof, denial = f"ifconfig {end[:-1]} create", f"{end[:-1]} already exists"
            return replace(undo, created_if_output=proof, not_created_if_output=denial)
    return undo


def of_start_again(step: Step, back: Step) -> tuple[Undo, ...]:
    """Undos that remove the leftovers of a failed start, for a step that undoes `step`.

    The undos of a stop remove what it left, those of a start what it made: the same things.
    """
    if not any(map(_starts, (back.action, *(undo.action for undo in back.undo)))):
        return ()
    return tuple(
        _if_created(replace(undo, or_done_when=(JailRuns(step.jail),)))
        for undo in step.undo
        if undo.preconditions[:1] == (JailStopped(step.jail),) and not _starts(undo.action)
    )


def _starts(action: Action) -> bool:
    return isinstance(action, Run) and action.argv[0] == "jail" and "-c" in action.argv


def of_running(inventory: Inventory, config: JailConfig) -> Leftovers:
    """What the stop of a running jail must remove."""
    aliases = network_parts.aliases(config)
    return Leftovers(
        tuple(f"{pair}a" for pair in network_parts.pairs(config)),
        tuple(alias for alias in aliases if not network_parts.of_host(inventory, alias)),
        _points(inventory, config),
    )


def of_start(inventory: Inventory, config: JailConfig, cleaning: list[Step]) -> Leftovers:
    """What a start will create, without what already exists and is not cleaned up."""
    if inventory.interfaces is None or inventory.mounts is None:
        return Leftovers()
    cleaned = {
        word for step in cleaning if isinstance(step.action, Run) for word in step.action.argv
    }
    names = {interface.name for interface in inventory.interfaces} - cleaned
    points = {mount.path for mount in inventory.mounts} - cleaned
    ends = [f"{pair}a" for pair in network_parts.pairs(config)]
    return Leftovers(
        tuple(end for end in ends if end not in names),
        network_parts.aliases(config),
        tuple(point for point in _points(inventory, config) if point not in points),
    )


def _points(inventory: Inventory, config: JailConfig) -> tuple[str, ...]:
    if path_shared(inventory, config):
        return ()
    usual = jail_mounts.by_parameter(config)
    return (*usual, *reversed(jail_mounts.configured(inventory, config)))


def path_shared(inventory: Inventory, config: JailConfig) -> bool:
    """Whether another running jail has the same path or one below it: the mounts may be its own."""
    path = config.root.rstrip("/")
    return not path or bool(_living_below(inventory).get(path, frozenset()) - {config.name})


@of_latest
def _living_below(inventory: Inventory) -> dict[str, frozenset[str]]:
    """The names of the jails that are alive, by each directory that they live in or below."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for jail in inventory.jails:
        for place in places_above(jail.path) if jail.jid is not None else ():
            names[place].add(jail.name)
    return {path: frozenset(below) for path, below in names.items()}
