"""Start a jail: clean up after failed starts, mount what is not, and know how to take it back."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig, JailState
from jailer_core.operations import guards, jail8, mounts, network
from jailer_core.operations.guards import named
from jailer_core.operations.remains import Remains, of_start, path_shared
from jailer_core.plan import (
    NEW_JID,
    AddressOn,
    InterfaceThere,
    JailGone,
    JailIs,
    Run,
    State,
    Step,
    Undo,
)


def bring_up(inventory: Inventory, jail: Jail, config: JailConfig) -> tuple[list[Step], list[str]]:
    """Steps and notes that clean up after failed starts, mount what is not, and start."""
    guards.addressable(jail.name, starting=True)
    needs_others(inventory, jail, config)
    steps = clean_up(inventory, jail.name, config)
    steps += _mount_all(inventory, jail)
    remains = of_start(inventory, config, steps)
    steps.append(start_step(config.path, jail.name, config, remains))
    notes = dying(inventory, jail)
    if inventory.interfaces is None:
        notes.append("Interfaces could not be read: whether its addresses are free is not known.")
    return steps, notes


def clean_up(inventory: Inventory, name: str, config: JailConfig) -> list[Step]:
    """Steps that remove what failed starts left: epairs, addresses, devfs mounts.

    Raises Refused when an epair or an address that it wants is in use.
    """
    gone: tuple[State, ...] = (JailGone(name),)
    steps = [
        Step(
            Run(("ifconfig", end, "destroy")),
            f"Destroy {end} and {end[:-1]}b, left of an earlier start",
            lasting=_left_over(inventory, end),
            before=(*gone, InterfaceThere(end)),
            goal=(InterfaceThere(end, there=False),),
            jail=name,
        )
        for end in network.left_pairs(inventory, name, config)
    ]
    steps += [_drop_alias(alias, name) for alias in network.left_aliases(inventory, name, config)]
    if not path_shared(inventory, config):
        steps += mounts.unmount_left(inventory, config, gone)
    return steps


def _left_over(inventory: Inventory, end: str) -> str:
    bridges = [one.name for one in inventory.interfaces or () if end in one.members]
    return "it was left over" + (f", in {', '.join(bridges)}" if bridges else "")


def _drop_alias(alias: network.Alias, name: str) -> Step:
    there = AddressOn(alias.interface, alias.address)
    away = AddressOn(alias.interface, alias.address, there=False)
    return Step(
        Run(alias.argv(add=False)),
        f"Remove {alias.address} from {alias.interface}, left of an earlier start",
        undo=(
            Undo(
                Run(alias.argv(add=True)),
                f"Put {alias.address} back on {alias.interface}",
                when=(away,),
                settled=(there,),
            ),
        ),
        before=(JailGone(name), there),
        goal=(away,),
        jail=name,
    )


def _mount_all(inventory: Inventory, jail: Jail) -> list[Step]:
    if not jail.dataset:
        return []
    never = {
        one.dataset
        for one in inventory.properties or ()
        if one.name == "canmount" and one.value in ("off", "noauto")
    }
    known = inventory.properties is not None
    return [
        mounts.mount_step(one, jail.name)
        for one in inventory.below(jail.dataset)
        if not one.mounted
        and not one.jailed
        and one.mountpoint.startswith("/")
        and one.name not in never
        and (known or one.name == jail.dataset)
    ]


def start_step(file: str, name: str, config: JailConfig, remains: Remains) -> Step:
    """The start itself; `remains` is what it makes, and what is taken away when it fails."""
    limit = max(jail8.START_TIMEOUT, jail8.seconds(config, "exec.timeout", 0.0) + 60)
    return Step(
        Run(jail8.argv(file, "-c", name)),
        f"Start {named(name)}",
        timeout=limit,
        undo=_undo_start(file, name, config, remains),
        before=(JailGone(name), *(InterfaceThere(end, there=False) for end in remains.ends)),
        goal=(JailIs(name),),
        wait="its services start; an interface that asks for DHCP takes up to 30 s",
        jail=name,
        trace=_start_trace(name, config),
        log=config.first("exec.consolelog"),
        mark=f"{name}: created",
    )


def _start_trace(name: str, config: JailConfig) -> str:
    log = config.first("exec.consolelog")
    where = f"{named(log)} and " if log else ""
    path = named(config.root)
    return f"jail {named(name)}: what its start wrote to {where}files below {path}"


def _undo_start(file: str, name: str, config: JailConfig, remains: Remains) -> tuple[Undo, ...]:
    new, gone = JailIs(name, NEW_JID), JailGone(name)
    limit = jail8.seconds(config, "stop.timeout", jail8.STOP_TIMEOUT) + jail8.STOP_MARGIN
    force = ("jail", "-R", *(("--",) if name.startswith("-") else ()), name)
    stop, remove = f"Stop {named(name)} again", f"Remove {named(name)} without its stop commands"
    undo = [
        Undo(Run(jail8.argv(file, "-r", name)), stop, (new,), (gone,), limit),
        Undo(Run(force), remove, (new,), (gone,)),
    ]
    made = [replace(one, proof=f"{name}: created") for one in undo]
    return (*made, *remains.undo(name, starting=True))


def needs_others(inventory: Inventory, jail: Jail, config: JailConfig) -> None:
    """Refuse while a jail that it depends on does not run: jail(8) would start that as well."""
    for name in config.params.get("depend", ()):
        other = inventory.jail(name)
        if other is None or not other.running:
            raise Refused(
                f"{named(jail.name)} depends on {named(name)}, which does not run",
                f"Start {named(name)} first.",
            )


def dying(inventory: Inventory, jail: Jail) -> list[str]:
    """Notes on earlier jails of that name that have not gone yet."""
    found = [
        one for one in inventory.jails if one.name == jail.name and one.state is JailState.DYING
    ]
    return [
        f"An earlier {named(one.name)} (jid {one.jid}) is still dying; "
        "since FreeBSD 15 a new one can start meanwhile."
        for one in found
    ]
