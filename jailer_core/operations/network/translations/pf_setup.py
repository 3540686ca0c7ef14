"""Prepare the packet filter: enabled, with the anchors of jails, and with forwarding."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import OWN_STACK, Inventory, Jail, SetupFacts
from jailer_core.model.network import Firewall
from jailer_core.operations.network.translations import anchors
from jailer_core.operations.setup import bridge, pf
from jailer_core.operations.setup.pftext import ANCHORS
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.plan import Step


def known(inventory: Inventory) -> Firewall:
    """The state of the packet filter. Raises Refused if it is unknown."""
    firewall = inventory.firewall
    if firewall is None or firewall.enabled is None or firewall.main is None:
        why = inventory.problem("pfctl")
        message = f": {why.message}" if why is not None else ""
        raise Refused(f"the packet filter could not be read{message}", "See pfctl -s info.")
    return firewall


def has_anchors(firewall: Firewall) -> bool:
    """Whether the loaded main rules contain the anchors of jails."""
    texts = [loaded_rule.text for loaded_rule in firewall.main or ()]
    return all(any(text.startswith(anchor) for text in texts) for anchor in ANCHORS)


def make(inventory: Inventory, jail: Jail, family: int) -> tuple[list[Step], list[str]]:
    """Steps and notes that enable pf with its anchors, and forwarding."""
    firewall = known(inventory)
    draft = _draft(inventory, firewall)
    on = firewall.enabled and has_anchors(firewall)
    if not on:
        pf.make(draft, None)
    elif inventory.rc_on("pf_enable") is False:
        draft.notes.append("pf is on now, but not at boot (pf_enable): init fix filter")
    if jail.network in OWN_STACK:
        _forward(draft, firewall, family)
    if not firewall.enabled:
        draft.steps += anchors.others(inventory, firewall, jail.name)
    return draft.steps, draft.notes


def _draft(inventory: Inventory, firewall: Firewall) -> PlanBuilder:
    """A plan in the making that knows of the packet filter alone."""
    doctor = SetupFacts(
        modules={} if firewall.module is None else {"pf": firewall.module},
        forwarding=firewall.forwarding.get(4),
        pf=firewall.enabled,
        pf_rules=tuple(loaded_rule.text for loaded_rule in firewall.main or ()),
        pf_error=firewall.error,
        stamps=inventory.file_stats,
    )
    return PlanBuilder(inventory, doctor)


def _forward(draft: PlanBuilder, firewall: Firewall, family: int) -> None:
    """A jail with its own network is reached, and reaches others, only through the host."""
    if family == 6:
        if not firewall.forwarding.get(6):
            draft.notes.append(
                "The host does not forward IPv6 packets: no effect until init fix forward6."
            )
    elif firewall.forwarding.get(4) is not None:
        bridge.forward(draft)
