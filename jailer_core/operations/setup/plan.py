"""The plan of a set-up: one fix, or several together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.network.translations import anchors
from jailer_core.operations.setup import (
    boot,
    bridge,
    checkup,
    dataset,
    devices,
    dhcp,
    forward6,
    pf,
    requests,
    zfs,
)
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.operations.setup.requests import HideDevices, Init
from jailer_core.plan import Danger, Needs, Plan, Request, Run, Step

Fix = Callable[[PlanBuilder, Any], None]
FIXES: Mapping[type[Request], tuple[str, Fix]] = {
    requests.LoadZfs: ("Load ZFS", lambda draft, _: zfs.load(draft)),
    requests.MakePool: ("Create a pool in a file", zfs.make_pool),
    requests.MakeDataset: ("Create the dataset of the jails", dataset.make),
    requests.EnableJails: ("Start jails at boot", lambda draft, _: boot.enable(draft)),
    requests.BootList: ("Set which jails start at boot", boot.write_list),
    requests.MakeBridge: ("Create the bridge of the jails", bridge.make),
    requests.ForwardPackets: (
        "Forward packets of the jails",
        lambda draft, _: bridge.forward(draft),
    ),
    requests.ForwardIPv6: ("Forward IPv6 packets", lambda draft, _: forward6.make(draft)),
    requests.FilterAnchors: (
        "Prepare the packet filter for jails",
        lambda draft, _: pf.make(draft, None),
    ),
    requests.NatBridge: ("Set up NAT for jails on the bridge", pf.make),
    requests.ServeDhcp: ("Set up a DHCP server for jails", lambda draft, _: dhcp.make(draft)),
    requests.DevfsRules: (
        "Create a devfs ruleset for jails with their own network",
        lambda draft, _: devices.make(draft),
    ),
    requests.HideDevices: ("Hide the host's devices from a jail", devices.hide),
    requests.CountResources: (
        "Turn on resource accounting",
        lambda draft, _: checkup.count(draft),
    ),
    requests.RemoveLeftovers: (
        "Clean up what jails left",
        lambda draft, _: checkup.tidy(draft),
    ),
}
"""The title of each fix alone, and what adds it to a plan; in the order in which they are added,
each after what it depends on."""


def needs(inventory: Inventory, request: Request) -> Needs:
    """What `decide` needs besides what every refresh reads. Raises Refused."""
    match request:
        case requests.MakePool():
            return zfs.needs(request)
        case requests.MakeDataset():
            return dataset.needs(request)
        case HideDevices():
            return devices.needs(inventory, request)
        case Init():
            parts = (needs(inventory, part) for part in request.parts)
            return Needs.union((Needs(setup=True), *parts))
        case requests.FilterAnchors() | requests.NatBridge():
            return Needs(setup=True, firewall=True)
    return Needs(setup=True)


def decide(inventory: Inventory, request: Request) -> Plan:
    """The plan for one fix, or for several together. Raises errors.Refused."""
    parts = request.parts if isinstance(request, Init) else (request,)
    kinds = [type(request) for request in parts]
    twice = {kind for kind in kinds if kinds.count(kind) > 1 and kind is not HideDevices}
    if twice:
        raise Refused(f"asked for twice: {', '.join(sorted(kind.__name__ for kind in twice))}")
    draft = PlanBuilder(inventory)
    for kind, (_, add) in FIXES.items():
        if kind is requests.FilterAnchors and requests.NatBridge in kinds:
            continue  # NAT brings the anchors along
        for part in parts:
            if isinstance(part, kind):
                add(draft, part)
    if not draft.steps and not draft.notes:
        draft.notes.append("All of this is already right.")
    draft.steps += _rules(draft)
    title = FIXES[kinds[0]][0] if len(parts) == 1 else "Set up the host for jails"
    return Plan(
        request, title, tuple(draft.steps), Danger.CHANGES, notes=tuple(dict.fromkeys(draft.notes))
    )


def _rules(draft: PlanBuilder) -> list[Step]:
    """Once pf comes on, what running jails have stored: they started while it was not there."""
    firewall = draft.inventory.firewall
    comes = any(
        isinstance(step.action, Run) and step.action.argv == pf.SWITCH_ON for step in draft.steps
    )
    return anchors.others(draft.inventory, firewall) if comes and firewall is not None else []
