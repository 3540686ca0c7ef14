"""The doctor: all findings about how a host is set up for jails."""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.operations.setup import (
    atboot,
    bridge,
    dataset,
    devices,
    dhcp,
    forward6,
    pf,
    rest,
    zfs,
)
from jailer_core.operations.setup.check import UNKNOWN, Check
from jailer_core.operations.setup.requests import (
    Init,
)

BASICS = (
    *("zfs", "pool", "dataset", "enable", "order", "bridge", "forward", "forward6"),
    *("filter", "nat"),
    *("dhcp", "devfs"),
)
"""Checks whose fixes make a host ready for its first jail."""


def checkup(inventory: Inventory) -> tuple[Check, ...]:
    """All findings, what builds upon something behind it. Needs what Needs(doctor=True) reads."""
    doctor = inventory.doctor
    if doctor is None:
        return (Check("host", "Host", UNKNOWN, "how it is set up has not been read"),)
    looks = (
        *(zfs.check, zfs.check_pool, dataset.check, atboot.check_enabled, atboot.check_list),
        *(bridge.check, bridge.check_forward, pf.check, pf.check_nat, dhcp.check, devices.check),
    )
    found = [look(inventory, doctor) for look in looks]
    if forward6.wanted(inventory):
        behind = 1 + next(at for at, one in enumerate(found) if one.id == "forward")
        found.insert(behind, forward6.check(inventory, doctor))
    found += devices.check_jails(inventory, doctor)
    last = (rest.check_racct, rest.check_left, rest.check_trash)
    found += [look(inventory, doctor) for look in last]
    library = rest.check_library(inventory, doctor)
    return (*found, library) if library is not None else tuple(found)


def suggested(inventory: Inventory) -> Init:
    """All that a host still lacks for its first jail, without what only an admin can decide."""
    fixes = [one.fix for one in checkup(inventory) if one.id in BASICS]
    return Init(tuple(one for one in fixes if one is not None))
