"""The plan of a set-up: one fix, or several together."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.network.translations import anchors
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
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.operations.setup.requests import (
    ORDER,
    BootList,
    CountResources,
    DevfsRules,
    EnableJails,
    FilterAnchors,
    ForwardIPv6,
    ForwardPackets,
    HideDevices,
    Init,
    LoadZfs,
    MakeBridge,
    MakeDataset,
    MakePool,
    NatBridge,
    RemoveLeftovers,
    ServeDhcp,
)
from jailer_core.plan import Danger, Needs, Plan, Request, Run, Step


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
            joined = Needs(setup=True)
            for part in request.parts:
                joined |= needs(inventory, part)
            return joined
        case FilterAnchors() | NatBridge():
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
    nat = next((part for part in parts if isinstance(part, NatBridge)), None)
    anchors = any(isinstance(request, FilterAnchors) for request in parts)
    for part in sorted(parts, key=lambda part: ORDER.index(type(part))):
        if not isinstance(part, FilterAnchors | NatBridge):
            _add(draft, part)
        elif isinstance(part, NatBridge) or nat is None:
            pf.make(draft, anchors=anchors, nat=nat)
    if not draft.steps and not draft.notes:
        draft.notes.append("All of this is already right.")
    draft.steps += _rules(draft)
    title = TITLES[kinds[0]] if len(parts) == 1 else "Set up the host for jails"
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


TITLES: dict[type[Request], str] = {
    LoadZfs: "Load ZFS",
    MakePool: "Create a pool on a file",
    MakeDataset: "Create the dataset of the jails",
    EnableJails: "Start jails at boot",
    BootList: "Set which jails start at boot",
    MakeBridge: "Create the bridge of the jails",
    ForwardPackets: "Forward packets of the jails",
    ForwardIPv6: "Forward IPv6 packets",
    FilterAnchors: "Prepare the packet filter for jails",
    NatBridge: "Set up NAT for jails on the bridge",
    ServeDhcp: "Set up a DHCP server for jails",
    DevfsRules: "Create a devfs ruleset for jails with their own network",
    HideDevices: "Hide the host's devices from a jail",
    CountResources: "Turn on resource accounting",
    RemoveLeftovers: "Clean up what jails left",
}
"""What each fix does, as the title of its plan."""


def _add(draft: PlanBuilder, part: Request) -> None:  # noqa: C901, PLR0912 - one for each fix
    match part:
        case LoadZfs():
            zfs.load(draft)
        case MakePool():
            zfs.make_pool(draft, part)
        case MakeDataset():
            dataset.make(draft, part)
        case EnableJails():
            boot.enable(draft)
        case BootList():
            boot.write_list(draft, part)
        case MakeBridge():
            bridge.make(draft, part)
        case ForwardPackets():
            bridge.forward(draft)
        case ForwardIPv6():
            forward6.make(draft)
        case ServeDhcp():
            dhcp.make(draft)
        case DevfsRules():
            devices.make(draft)
        case HideDevices():
            devices.hide(draft, part)
        case CountResources():
            misc_checks.count(draft)
        case RemoveLeftovers():
            misc_checks.tidy(draft)
