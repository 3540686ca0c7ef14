"""Diagnose the network: pure rules over an inventory, each saying what to do next.

A rule says nothing where what it would need is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jailer_core.model import Inventory
from jailer_core.text import sanitize
from jailer_core.topology.epairs import EpairPeer
from jailer_core.topology.observed import HOST, Diagnostic, Observed, of_jail, seen
from jailer_core.topology.problems import (
    alone,
    downs,
    outside,
    same_addresses,
    same_macs,
    unanswered,
)

__all__ = ["RULES", "Diagnostic", "exposed", "not_forwarded", "wrong"]


def not_forwarded(at: Observed) -> Iterator[Diagnostic]:
    """NAT without forwarding."""
    connections = at.inventory.connections
    if connections is None or connections.translated is None:
        return
    for family, on, check in (
        (4, connections.forwarding, "forward"),
        (6, connections.forwarding6, "forward6"),
    ):
        if family in connections.translated and on is False:
            yield Diagnostic(
                (HOST,),
                f"NAT of IPv{family} is on, but the host does not forward IPv{family}",
                # forwarding of IPv6 alone could cost the host a route that it learned
                f"Enable it, now and at boot: init fix {check}",
            )


def exposed(at: Observed) -> Iterator[Diagnostic]:
    """Jails that see the host's devices."""
    known = at.inventory.connections or at.inventory.setup
    for name in (known.exposed if known is not None else None) or ():
        yield Diagnostic(
            (of_jail(name),),
            f"{sanitize(name)} sees the host's devices: its /dev shows mem and disks",
            "Give it a devfs ruleset that hides them (init fix), then restart it.",
        )


RULES = (
    *(exposed, same_addresses, not_forwarded, outside),
    *(unanswered, downs, same_macs, alone),
)
"""The most serious first."""


def wrong(
    inventory: Inventory, known: Mapping[str, EpairPeer] | None = None
) -> tuple[Diagnostic, ...]:
    """All problems, the most serious first; `known` are the ends if the caller has them."""
    at = seen(inventory, known)
    if inventory.interfaces is None:
        return tuple(exposed(at))
    return tuple(dict.fromkeys(trouble for rule in RULES for trouble in rule(at)))
