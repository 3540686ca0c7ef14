"""The doctor: all findings about how a host is set up for jails."""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.operations.setup import (
    boot,
    bridge,
    dataset,
    devices,
    dhcp,
    forward6,
    misc_checks,
    pf,
    zfs,
)
from jailer_core.operations.setup.plan_builder import UNKNOWN, Check
from jailer_core.operations.setup.requests import Init

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
    last = (misc_checks.check_racct, misc_checks.check_left, misc_checks.check_trash)
    checks += [look(inventory, doctor) for look in last]
    library = misc_checks.check_library(inventory, doctor)
    return (*checks, library) if library is not None else tuple(checks)


def suggested(inventory: Inventory) -> Init:
    """What a host still lacks for its first jail, without what only an admin can decide."""
    fixes = [check.fix for check in checkup(inventory) if check.id in BASICS]
    return Init(tuple(request for request in fixes if request is not None))
