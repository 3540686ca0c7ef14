"""Jails as JSON: the keys and values of `jailer`, and our own in addition."""

from __future__ import annotations

import ipaddress
from typing import Any

from jailer_core.model import Address, Inventory, Jail, JailState, Problem, TrashEntry

NONE, UNKNOWN = "-", "?"

WORDS = {
    JailState.RUNNING: "Active",
    JailState.DYING: "Stopped",
    JailState.STOPPED: "Stopped",
}
"""`jailer` knows two states; to it a dying jail has stopped."""


def first_address(jail: Jail, family: int) -> str:
    """The first address of a family without its prefix, "-" for none, "?" for not known."""
    if jail.addresses is None:
        return UNKNOWN
    address = _first(jail, family)
    return address.address if address is not None else NONE


def _first(jail: Jail, family: int) -> Address | None:
    return next((address for address in jail.addresses or () if address.family == family), None)


def netmask(jail: Jail) -> str:
    """The mask of the first IPv4 address, as 255.255.255.0."""
    if jail.addresses is None:
        return UNKNOWN
    address = _first(jail, 4)
    if address is None:
        return NONE
    if address.prefix is None:
        return UNKNOWN
    return str(ipaddress.IPv4Network((0, address.prefix)).netmask)


def gateway(jail: Jail) -> str:
    """Its default route, "-" for none, "?" for not known."""
    return UNKNOWN if jail.gateway is None else jail.gateway or NONE


def original(jail: Jail) -> dict[str, str]:
    """What `jailer list -j` says of a jail."""
    return {
        "name": jail.name,
        "state": WORDS[jail.state],
        "jid": NONE if jail.jid is None else str(jail.jid),
        "hostname": jail.hostname or NONE,
        "ipv4": first_address(jail, 4),
        "gateway": gateway(jail),
    }


def of_jail(jail: Jail) -> dict[str, Any]:
    """A jail of `list -j`."""
    return original(jail) | {
        "status": jail.state.value,
        "owner": jail.owner.value,
        "release": jail.release or None,
        "userland": jail.userland or None,
        "network": jail.network.value,
        "ipv6": first_address(jail, 6),
        "addresses": None if jail.addresses is None else list(map(str, jail.addresses)),
        "parent": jail.parent,
        "path": jail.path,
        "dataset": jail.dataset,
        "config": jail.config.source or jail.config.path if jail.config else "",
        "cpu": None if jail.cpu is None else round(jail.cpu, 1),
        "memory": jail.memory,
        "disk": jail.disk,
        "processes": jail.processes,
        "uptime": jail.age,
        "boots": jail.boots,
        "depends": list(jail.config.depends) if jail.config is not None else None,
        "tags": None if jail.tags is None else list(jail.tags),
        "problems": [problem(reported) for reported in jail.problems],
    }


def info(jail: Jail) -> dict[str, Any]:
    """The jail of `info -j`: with its netmask after the gateway."""
    rest = of_jail(jail)
    mine = original(jail) | {"netmask": netmask(jail)}
    return mine | {key: value for key, value in rest.items() if key not in mine}


def problem(problem: Problem) -> dict[str, str]:
    """A problem line."""
    return {"source": problem.source, "message": problem.message, "hint": problem.hint}


def entry(trash_entry: TrashEntry, inventory: Inventory) -> dict[str, Any]:
    """An entry of the trash."""
    dataset = inventory.dataset(trash_entry.dataset)
    return {
        "entry": trash_entry.id,
        "name": trash_entry.name,
        "destroyed": trash_entry.stamp,
        "dataset": trash_entry.dataset,
        "used": trash_entry.used,
        "origin": dataset.origin if dataset is not None else None,
        "complete": bool(trash_entry.meta),
        "because": str(trash_entry.meta.get("because", "")),
    }
