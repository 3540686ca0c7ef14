"""`jail_list` of rc.conf: which jails start at boot (docs/freebsd-facts.md, Boot).

An empty list means every jail of /etc/jail.conf at boot, and every running jail when
`service jail stop` runs (recordings 07, 12): a list is never left empty here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import OURS, Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.jails.requests import BootOrder
from jailer_core.operations.shared import rc_variables
from jailer_core.plan import Needs, Plan
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize

_LIST = "jail_list"
_UNREAD = "rc.conf could not be read: jail_list is unchanged."
WORD = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*\Z", re.ASCII)


def without(inventory: Inventory, name: str) -> Work:
    """Steps and notes that take a jail out of the list."""
    old = inventory.boot_list
    if inventory.rc_value(_LIST) is None:
        return [], [_UNREAD]
    if name not in old:
        return [], []
    new = tuple(other for other in old if other != name)
    if not new:
        note = (
            f"jail_list keeps {sanitize(name)}, its only entry: an empty list would mean every "
            "jail of /etc/jail.conf. At boot a missing one is skipped with a message."
        )
        return [], [note]
    title = f"Take {sanitize(name)} out of the list of jails that start at boot"
    return ordered(inventory, new, title, name)


def with_again(inventory: Inventory, name: str, was: tuple[str, ...]) -> Work:
    """Steps and notes that put a jail back to its place in the list `was`."""
    now = inventory.boot_list
    if name not in was or name in now:
        return [], []
    if not now:
        return [], [f"jail_list is now empty: {sanitize(name)} is not added back."]
    before = [other for other in was[: was.index(name)] if other in now]
    index = now.index(before[-1]) + 1 if before else 0
    title = f"Take {sanitize(name)} back into the list of jails that start at boot"
    return ordered(inventory, (*now[:index], name, *now[index:]), title, name)


RC_JAIL = "/etc/rc.d/jail"
PATCH = "jail_conf_dir"
"""What `jailer` writes into rc.d/jail: then all of /etc/jail.conf.d starts."""


def needs(_inventory: Inventory, _request: BootOrder) -> Needs:
    """Whether `jailer` patched rc.d/jail."""
    return Needs(files=(RC_JAIL,))


def is_patched(inventory: Inventory) -> bool:
    """Whether `jailer` patched rc.d/jail, so that all of jail.conf.d starts."""
    return PATCH in inventory.file_texts.get(RC_JAIL, "")


def starts_today(inventory: Inventory) -> tuple[str, ...]:
    """Which jails start at boot as things are, in their order.

    With an empty `jail_list` those of /etc/jail.conf do, by name (recordings 07, 12), and where
    `jailer` patched rc.d/jail, all of ours.
    """
    if inventory.boot_list:
        return inventory.boot_list
    patched = is_patched(inventory)
    names = [
        jail.name
        for jail in inventory.jails
        if guards.starts_by_itself(jail)
        if jail.boots or (patched and inventory.rc_on("jail_enable"))
    ]
    return tuple(sorted(dict.fromkeys(names)))


def added(inventory: Inventory, name: str, before: str = "") -> Work:
    """Steps and notes that let a new jail start at boot, before another one or at the end.

    The first time the list is written it names every jail that starts today: an empty list
    means all of jail.conf, one with a word means only these (docs/freebsd-facts.md, Boot).
    """
    now = starts_today(inventory)
    if name in now and name in inventory.boot_list:
        return [], []
    rest = [other for other in now if other != name]
    index = rest.index(before) if before in rest else len(rest)
    steps, notes = ordered(inventory, (*rest[:index], name, *rest[index:]))
    if not inventory.boot_list and rest:
        notes.append(
            f"jail_list is written for the first time: {', '.join(rest)} are in it because "
            "they start at boot today."
        )
    return steps, [*notes, *switched_off(inventory)]


def problems(inventory: Inventory, request: BootOrder) -> dict[str, tuple[str, str]]:
    """Problems of a new order; {} if there are none."""
    return guards.problem("names", _fits, inventory, request.names)


def _fits(inventory: Inventory, names: tuple[str, ...]) -> None:
    if inventory.rc_value(_LIST) is None:
        raise Refused(
            "rc.conf could not be read", "It contains the list of jails that start at boot."
        )
    if not names and inventory.boot_list:
        raise Refused(
            "an empty list means every jail of /etc/jail.conf, not none",
            "To start none at boot: sysrc jail_enable=NO",
        )
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Refused(f"{sanitize(name)} is listed twice", "Name each jail once.")
        if not WORD.match(name):
            raise Refused(
                f"{sanitize(name)!r} cannot be used in jail_list", "Rename the jail first."
            )
        jail = inventory.jail(name)
        ours = jail is not None and jail.config is not None and jail.owner in OURS
        if not ours and name not in inventory.boot_list:
            raise Refused(f"Jailer TUI has no jail called {sanitize(name)}", "See all jails: list")


def order(inventory: Inventory, request: BootOrder) -> Plan:
    """The plan that writes which jails start at boot, in which order."""
    guards.refuse(problems(inventory, request))
    steps, notes = ordered(inventory, request.names)
    dropped = [name for name in starts_today(inventory) if name not in request.names]
    if steps and dropped:
        notes.append(f"No longer started at boot: {', '.join(map(sanitize, dropped))}.")
    if not steps and not notes:
        notes.append("That is already the order.")
    return Plan(
        request,
        "Set which jails start at boot",
        tuple(steps),
        notes=(*notes, *switched_off(inventory)),
    )


def switched_off(inventory: Inventory) -> list[str]:
    """A note if no jail starts at boot at all, or if that is unknown."""
    enabled = inventory.rc_on("jail_enable")
    if enabled is None:
        return ["It is unknown whether jail_enable is YES: rc.conf could not be read."]
    if enabled and inventory.rc_value(_LIST) is None:
        return ["It is unknown which jails start at boot: jail_list could not be read."]
    if enabled:
        return []
    return ["jail_enable is not YES in rc.conf: no jail starts at boot until init sets it."]


def ordered(
    inventory: Inventory,
    new: tuple[str, ...],
    title: str = "Write the list of jails that start at boot",
    jail: str = "",
) -> Work:
    """Steps and notes that write the list."""
    if inventory.rc is None or inventory.rc_value(_LIST) is None:
        return [], [_UNREAD]
    old = inventory.boot_list
    if not all(WORD.match(word) for word in (*old, *new)):
        return [], ["jail_list contains quoting or variables: it is unchanged."]
    if old == new:
        return [], []
    file, present = inventory.rc_places.get(_LIST, ""), {_LIST: inventory.rc.get(_LIST)}
    step = rc_variables.set_step(present, {_LIST: " ".join(new)}, title, file=file)
    return [replace(step, jail=jail)], []


# --- starting and stopping all ---------------------------------------------------------------


def in_order(inventory: Inventory) -> list[Jail]:
    """Our own jails, never foreign ones, in the order in which they are started together.

    By the boot list, then by name, and what a jail depends on before it.
    """
    ours = {
        jail.name: jail
        # a running jail hides a dying one of its name
        for jail in sorted(inventory.jails, key=lambda jail: jail.running)
        if guards.starts_by_itself(jail)
    }
    boot = {name: index for index, name in enumerate(inventory.boot_list)}
    names = sorted(ours, key=lambda name: (boot.get(name, len(boot)), name))
    ordered: dict[str, Jail] = {}

    def put(name: str, above: frozenset[str]) -> None:
        if name in ordered or name not in ours or name in above:
            return
        config = ours[name].config
        for other in config.depends if config else ():
            put(other, above | {name})
        ordered[name] = ours[name]

    for name in names:
        put(name, frozenset())
    return list(ordered.values())


def none_to_start(inventory: Inventory) -> str:
    """Why not all can be started, or ""."""
    stopped = any(not jail.running for jail in in_order(inventory))
    return "" if stopped else "no jail of Jailer TUI is stopped"


def none_to_stop(inventory: Inventory) -> str:
    """Why not all can be stopped, or ""."""
    running = any(jail.running for jail in in_order(inventory))
    return "" if running else "no jail of Jailer TUI is running"
