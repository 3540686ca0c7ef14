"""The set-up of a host, and the doctor that looks whether it still is right.

checkup(inventory)      every finding, with the request that mends it
suggested(inventory)    the fixes of a first set-up, as one request
decide, needs           as in operations, for the requests of this package

forward6.py  packets of IPv6
zfs.py       ZFS, pools         bridge.py   bridge0, forwarding   devices.py  devfs
dataset.py   jails' dataset     pf.py       anchors, NAT          rest.py     racct, leftovers
atboot.py    jails at boot      dhcp.py     dhcpd                 draft.py    a plan in the making
"""

from __future__ import annotations

from dataclasses import fields, replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.firewall import anchors
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
from jailer_core.operations.setup.draft import Draft
from jailer_core.operations.setup.requests import (
    ORDER,
    BootList,
    CountResources,
    DevfsRules,
    EnableJails,
    FilterAnchors,
    ForwardPackets,
    ForwardSix,
    HideDevices,
    Init,
    LoadZfs,
    MakeBridge,
    MakeDataset,
    MakePool,
    NatBridge,
    ServeDhcp,
    Tidy,
)
from jailer_core.operations.setup.zfs import usual_size
from jailer_core.plan import Danger, Needs, Plan, Request, Run, Step

__all__ = [
    "BASICS",
    "OP",
    "ORDER",
    "TITLES",
    "BootList",
    "Check",
    "CountResources",
    "DevfsRules",
    "EnableJails",
    "FilterAnchors",
    "ForwardPackets",
    "ForwardSix",
    "HideDevices",
    "Init",
    "LoadZfs",
    "MakeBridge",
    "MakeDataset",
    "MakePool",
    "NatBridge",
    "ServeDhcp",
    "Tidy",
    "checkup",
    "decide",
    "needs",
    "suggested",
    "usual_size",
]

OP = Init.op
"""`op` of every request of this package."""

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


def needs(inventory: Inventory, request: Request) -> Needs:
    """What `decide` must be told besides what every refresh reads. Raises Refused."""
    match request:
        case MakePool():
            return zfs.needs(request)
        case MakeDataset():
            return dataset.needs(request)
        case HideDevices():
            return devices.needs(inventory, request)
        case Init():
            joined = Needs(doctor=True)
            for part in request.parts:
                joined = _joined(joined, needs(inventory, part))
            return joined
        case FilterAnchors() | NatBridge():
            return Needs(doctor=True, firewall=True)
    return Needs(doctor=True)


def _joined(left: Needs, right: Needs) -> Needs:
    """What either needs."""
    more: dict[str, object] = {}
    for one in fields(Needs):
        mine, other = getattr(left, one.name), getattr(right, one.name)
        more[one.name] = (
            tuple(dict.fromkeys((*mine, *other))) if isinstance(mine, tuple) else mine or other
        )
    return replace(left, **more)  # type: ignore[arg-type]


def decide(inventory: Inventory, request: Request) -> Plan:
    """The plan for one fix, or for several together. Raises errors.Refused."""
    parts = request.parts if isinstance(request, Init) else (request,)
    kinds = [type(one) for one in parts]
    twice = {kind for kind in kinds if kinds.count(kind) > 1 and kind is not HideDevices}
    if twice:
        raise Refused(f"asked for twice: {', '.join(sorted(one.__name__ for one in twice))}")
    draft = Draft(inventory)
    nat = next((one for one in parts if isinstance(one, NatBridge)), None)
    wanted = any(isinstance(one, FilterAnchors) for one in parts)
    for part in sorted(parts, key=lambda one: ORDER.index(type(one))):
        if not isinstance(part, FilterAnchors | NatBridge):
            _add(draft, part)
        elif isinstance(part, NatBridge) or nat is None:
            pf.make(draft, anchors=wanted, nat=nat)
    if not draft.steps and not draft.notes:
        draft.notes.append("All of this is right already.")
    draft.steps += _rules(draft)
    title = TITLES[kinds[0]] if len(parts) == 1 else "Set the host up for jails"
    return Plan(
        request, title, tuple(draft.steps), Danger.CHANGES, notes=tuple(dict.fromkeys(draft.notes))
    )


def _rules(draft: Draft) -> list[Step]:
    """Once pf comes on, what running jails have stored: they started while it was not there."""
    firewall = draft.inventory.firewall
    comes = any(
        isinstance(one.action, Run) and one.action.argv == pf.SWITCH_ON for one in draft.steps
    )
    return anchors.others(draft.inventory, firewall) if comes and firewall is not None else []


TITLES: dict[type[Request], str] = {
    LoadZfs: "Load ZFS",
    MakePool: "Make a pool on a file",
    MakeDataset: "Make the dataset of the jails",
    EnableJails: "Let FreeBSD start jails at boot",
    BootList: "Say which jails start at boot",
    MakeBridge: "Make the bridge of the jails",
    ForwardPackets: "Pass packets of the jails on",
    ForwardSix: "Pass packets of IPv6 on",
    FilterAnchors: "Prepare the packet filter for jails",
    NatBridge: "Let the bridge's jails reach the world",
    ServeDhcp: "Serve addresses to jails",
    DevfsRules: "Make a devfs ruleset for jails with their own network",
    HideDevices: "Hide the host's devices from a jail",
    CountResources: "Count what jails use",
    Tidy: "Clean up what jails left",
}
"""What each fix does, as the title of its plan."""


def _add(draft: Draft, part: Request) -> None:  # noqa: C901, PLR0912 - one for each fix
    match part:
        case LoadZfs():
            zfs.load(draft)
        case MakePool():
            zfs.make_pool(draft, part)
        case MakeDataset():
            dataset.make(draft, part)
        case EnableJails():
            atboot.enable(draft)
        case BootList():
            atboot.write_list(draft, part)
        case MakeBridge():
            bridge.make(draft, part)
        case ForwardPackets():
            bridge.forward(draft)
        case ForwardSix():
            forward6.make(draft)
        case ServeDhcp():
            dhcp.make(draft)
        case DevfsRules():
            devices.make(draft)
        case HideDevices():
            devices.hide(draft, part)
        case CountResources():
            rest.count(draft)
        case Tidy():
            rest.tidy(draft)
