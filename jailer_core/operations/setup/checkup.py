"""Other checks: resource accounting, leftovers of failed starts, trash, pyzfs.

The doctor: all findings about how a host is set up for jails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig, SetupFacts
from jailer_core.operations import guards
from jailer_core.operations.jails import starting
from jailer_core.operations.setup import boot, bridge, dataset, devices, dhcp, forward6, pf, zfs
from jailer_core.operations.setup.plan_builder import (
    INFO,
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import CountResources, Init, RemoveLeftovers
from jailer_core.operations.shared import jail_mounts, network_parts
from jailer_core.operations.shared.leftovers import path_shared
from jailer_core.text import ended, human_bytes, sanitize
from jailer_core.topology import epairs

LOADER = "/boot/loader.conf"
_RACCT = re.compile(r"^[ \t]*kern\.racct\.enable[ \t]*=[ \t]*\"?([^\"\s#]*)\"?.*$", re.MULTILINE)


# --- racct -----------------------------------------------------------------------------------


def check_racct(inventory: Inventory, _doctor: SetupFacts) -> Check:
    """Whether the kernel counts what jails use: a boot tunable (docs/freebsd-facts.md, Reading)."""
    title = "Resource limits"
    if inventory.host.racct is None:
        return Check("racct", title, UNKNOWN, "kern.racct.enable could not be read")
    if inventory.host.racct:
        return Check("racct", title, OK, "the kernel counts and limits resources")
    if _tunable(inventory.file_texts.get(LOADER, "")) == "1":
        hint = "Reboot when convenient."
        return Check("racct", title, INFO, f"on after the next reboot ({LOADER})", hint=hint)
    detail = "off: limits of jails have no effect; needs a reboot"
    return Check("racct", title, MISSING, detail, CountResources())


def _tunable(text: str) -> str:
    values = _RACCT.findall(text)
    return values[-1] if values else ""


def count(draft: PlanBuilder) -> None:
    """Set one line of loader.conf: replace it, else append it."""
    if draft.inventory.host.racct:
        return
    old = draft.text(LOADER) or ""
    line = "kern.racct.enable=1"
    if _tunable(old) == "1":
        draft.notes.append("The kernel counts resources after the next reboot.")
        return
    new = _RACCT.sub(line, old) if _tunable(old) else f"{ended(old)}{line}\n"
    draft.write(LOADER, new, "Turn on resource accounting (racct) for the next boot")
    draft.notes.append("Limits take effect after a reboot: reboot when convenient.")


# --- leftovers -------------------------------------------------------------------------------


def _stopped(inventory: Inventory) -> Iterator[JailConfig]:
    """The configurations of the jails of ours that do not run."""
    for jail in inventory.jails:
        if guards.starts_by_itself(jail) and jail.jid is None and jail.config is not None:
            yield jail.config


def check_left(inventory: Inventory, _doctor: SetupFacts) -> Check:
    """Epairs and mounts of stopped jails."""
    title = "Leftovers"
    if inventory.interfaces is None or inventory.mounts is None:
        return Check("left", title, UNKNOWN, "interfaces or mounts could not be read")
    names: dict[str, None] = {}
    for config in _stopped(inventory):
        try:
            names |= dict.fromkeys(network_parts.left_pairs(inventory, config.name, config))
        except Refused:
            continue
        if not path_shared(inventory, config):
            left = jail_mounts.left_over(inventory, config)
            names |= dict.fromkeys(sanitize(mount.path) for mount in left)
    if not names:
        return _nobodys(inventory)
    return Check("left", title, WRONG, f"of stopped jails: {', '.join(names)}", RemoveLeftovers())


def _nobodys(inventory: Inventory) -> Check:
    """Epairs that no configuration knows: they may be anybody's, so nothing is offered."""
    known = {pair for config in inventory.configs for pair in network_parts.pairs(config)}
    cards = inventory.interfaces or ()
    names = {interface.name for interface in cards}
    addressed = {interface.name for interface in cards if interface.addresses}
    used = addressed.union(*(interface.members for interface in cards))
    texts = [
        name
        for name in sorted(names)
        if epairs.users(inventory, name) == ()
        and re.fullmatch(r"epair\d+a", name)
        and name[:-1] not in known
        and f"{name[:-1]}b" in names - used
        and name not in addressed
    ]
    if not texts:
        return Check("left", "Leftovers", OK, "no epairs or mounts of stopped jails")
    hint = f"If nothing needs it: ifconfig {texts[0]} destroy"
    detail = f"no jail known here uses {', '.join(texts)}"
    return Check("left", "Leftovers", INFO, detail, hint=hint)


def tidy(draft: PlanBuilder) -> None:
    """Clean up what a start would clean up first, for all stopped jails."""
    known = set()
    for config in _stopped(draft.inventory):
        try:
            steps = starting.clean_up(draft.inventory, config.name, config)
        except Refused as error:
            draft.notes.append(f"{sanitize(config.name)}: {error.message}.")
            continue
        draft.steps += [step for step in steps if step.action not in known]
        known |= {step.action for step in steps}


def check_trash(inventory: Inventory, _doctor: SetupFacts) -> Check:
    """The space that destroyed jails use."""
    if not inventory.trash:
        return Check("trash", "Trash", OK, "empty")
    used = human_bytes(sum(entry.used for entry in inventory.trash))
    count = len(inventory.trash)
    detail = f"{count} destroyed {'jail' if count == 1 else 'jails'}, {used}"
    return Check("trash", "Trash", INFO, detail, hint="trash purge ENTRY frees the space of one.")


# --- pyzfs -----------------------------------------------------------------------------------


def check_library(_inventory: Inventory, doctor: SetupFacts) -> Check | None:
    """Whether libzfs_core replaces zfs commands; it is optional."""
    if doctor.pyzfs is None:
        return None
    if not doctor.pyzfs:
        return Check("pyzfs", "pyzfs", OK, "snapshots and clones go through libzfs_core")
    detail = f"{doctor.pyzfs}: the zfs commands are used"
    hint = "docs/install.md says how to build the one of this host's OpenZFS. It is optional."
    return Check("pyzfs", "pyzfs", INFO, detail, hint=hint)


BASICS = (
    *("zfs", "pool", "dataset", "enable", "order", "bridge", "forward", "forward6"),
    *("filter", "nat", "dhcp", "devfs"),
)
"""Checks whose fixes make a host ready for its first jail."""


def checkup(inventory: Inventory) -> tuple[Check, ...]:
    """All checks, each after those it depends on. Needs what Needs(doctor=True) reads."""
    doctor = inventory.setup
    if doctor is None:
        return (Check("host", "Host", UNKNOWN, "its setup has not been read"),)
    looks = (
        *(zfs.check, zfs.check_pool, dataset.check, boot.check_enabled, boot.check_list),
        *(bridge.check, bridge.check_forward, pf.check, pf.check_nat, dhcp.check, devices.check),
    )
    checks = [look(inventory, doctor) for look in looks]
    if forward6.wanted(inventory):
        behind = 1 + next(at for at, check in enumerate(checks) if check.id == "forward")
        checks.insert(behind, forward6.check(inventory, doctor))
    checks += devices.check_jails(inventory, doctor)
    last = (check_racct, check_left, check_trash)
    checks += [look(inventory, doctor) for look in last]
    library = check_library(inventory, doctor)
    return (*checks, library) if library is not None else tuple(checks)


def suggested(inventory: Inventory) -> Init:
    """What a host still lacks for its first jail, without what only an admin can decide."""
    fixes = [check.fix for check in checkup(inventory) if check.id in BASICS]
    return Init(tuple(request for request in fixes if request is not None))
