"""Forward IPv6 without losing the host's own default route.

A host that passes packets on is a router, and takes no route from router advertisements any
more: one that learns its default route from them would lose it. `ipv6_cpe_wanif` keeps it: that
interface goes on to learn (net.inet6.ip6.rfc6204w3). Nothing of this is recorded: it is from
rc.conf(5) and inet6(4).
"""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory, SetupFacts
from jailer_core.operations.setup import bridge
from jailer_core.operations.setup.plan_builder import (
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    YES,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import ForwardIPv6
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize

FORWARDING, KEEP = "net.inet6.ip6.forwarding", "net.inet6.ip6.rfc6204w3"
BOOT, WAN = "ipv6_gateway_enable", "ipv6_cpe_wanif"
TITLE = "Forwarding IPv6"


def wanted(inventory: Inventory) -> bool:
    """Whether any bridge has an IPv6 network."""
    cards = inventory.interfaces or ()
    return any(
        interface.is_bridge and addresses.net_on(interface, 6) is not None for interface in cards
    )


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether the host forwards IPv6, and keeps its own default route while it does."""
    boots = inventory.rc_on(BOOT)
    if boots is None or doctor.forwarding6 is None:
        return Check("forward6", TITLE, UNKNOWN, "rc.conf or sysctl could not be read")
    if boots and doctor.forwarding6:
        return Check("forward6", TITLE, OK, "the host forwards packets of its jails")
    if boots or doctor.forwarding6:
        detail = "off now, on after a reboot" if boots else "on now, off after a reboot"
    else:
        detail = "off: jails on the bridge reach only the host by IPv6"
    learned = learns(inventory, doctor)
    if learned and not _can_keep(inventory, doctor, learned):
        hint = f"The host learns its default route on {sanitize(learned)}, and would lose it."
        return Check("forward6", TITLE, MISSING, detail, hint=hint)
    state = WRONG if boots or doctor.forwarding6 else MISSING
    return Check("forward6", TITLE, state, detail, ForwardIPv6())


def learns(inventory: Inventory, doctor: SetupFacts) -> str:
    """The interface on which router advertisements set the host's default route, or ""."""
    rc, card = inventory.rc or {}, doctor.way_out6 or ""
    if not card:
        return ""
    told = " ".join(rc.get(name, "") for name in (f"ifconfig_{card}_ipv6", f"ifconfig_{card}"))
    asks = "accept_rtadv" in told.lower() or rc.get("rtsold_enable", "NO").lower() in YES
    return card if doctor.learned6 or asks else ""


def _can_keep(inventory: Inventory, doctor: SetupFacts, card: str) -> bool:
    """This kernel knows how, and rc.conf does not name another interface already."""
    return doctor.keeps6 is not None and (inventory.rc or {}).get(WAN, card) in (card, "", "NO")


def make(draft: PlanBuilder) -> None:
    """First keep the route, then enable what would lose it. Raises Refused."""
    inventory, doctor = draft.inventory, draft.doctor
    if doctor.forwarding6 is None or doctor.way_out6 is None:
        raise Refused(
            "whether this host forwards IPv6 packets could not be read",
            f"See sysctl {FORWARDING}, and netstat -rn.",
        )
    card = learns(inventory, doctor)
    values = {BOOT: "YES"}
    if card:
        if not _can_keep(inventory, doctor, card):
            raise Refused(
                "this host learns its own IPv6 route by router advertisements on "
                f"{sanitize(card)}, "
                "and would lose it by forwarding packets",
                f"Give it a fixed one (ipv6_defaultrouter), or set {WAN} yourself.",
            )
        values[WAN] = card
        draft.notes.append(
            f"The host learns its own IPv6 route on {sanitize(card)}: {WAN} keeps that working."
        )
    unused = bridge.no_forwarding(inventory)
    draft.set_rc(values, "Forward IPv6 packets after the next boot", (unused,))
    if card and not doctor.keeps6:
        title = "Keep the host's own IPv6 route"
        draft.steps.append(bridge.switch(KEEP, title, "Learn routes as before", unused))
    if not doctor.forwarding6:
        title = "Forward IPv6 packets now"
        back = "Do not forward IPv6 packets, as before"
        draft.steps.append(bridge.switch(FORWARDING, title, back, unused))
