"""Problems of addresses and gateways: used twice, or outside the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jailer_core.model import OWN_STACK, Jail, Network
from jailer_core.text import sanitize
from jailer_core.topology.numbering import IP, Net, net, number
from jailer_core.topology.observed import Diagnostic, Observed, listed, of_jail

# --- addresses -------------------------------------------------------------------------------


def same_addresses(at: Observed) -> Iterator[Diagnostic]:
    """One address of two jails, or of a jail with its own stack and of the host.

    FreeBSD starts both without an error (docs/freebsd-facts.md, Starting and stopping).
    Loopback addresses are everybody's.
    """
    owners: dict[IP, list[Jail]] = {}
    for jail in at.jails:
        if jail.network in (Network.INHERIT, Network.NONE):
            continue
        for text in dict.fromkeys(address.address for address in jail.addresses or ()):
            address = number(text)
            if address is not None and not address.is_loopback and not address.is_link_local:
                owners.setdefault(address, []).append(jail)
    hosts = _of_host(at)
    for address, jails in owners.items():
        names = [sanitize(jail.name) for jail in jails]
        subjects = tuple(of_jail(jail.name) for jail in jails)
        if len(jails) > 1:
            yield Diagnostic(
                subjects, f"{listed(names)} have the same address, {address}", _so(jails)
            )
        for jail in jails:
            if jail.network in OWN_STACK and address in hosts:
                yield Diagnostic(
                    (of_jail(jail.name), hosts[address]),
                    f"{sanitize(jail.name)} has the address {address} of the host's "
                    f"{sanitize(hosts[address])}",
                    "Give the jail another one: neither can be reached reliably.",
                )


def _so(jails: Sequence[Jail]) -> str:
    running = [jail for jail in jails if jail.running]
    if len(running) < 2:
        return "Give one of them another before both are running."
    if all(jail.network is Network.SHARED for jail in running):
        return "Give one of them another: stopping one removes the address of the other."
    return "Give one of them another: neither can be reached reliably."


def _of_host(at: Observed) -> dict[IP, str]:
    """The host's addresses by interface."""
    owners: dict[IP, str] = {}
    for interface in at.cards.values():
        for own in interface.addresses:
            address = number(own.address)
            if address is not None:
                owners[address] = interface.name
    return owners


# --- the way out -----------------------------------------------------------------------------


def outside(at: Observed) -> Iterator[Diagnostic]:
    """A gateway that is in no network of the jail that is to use it."""
    for jail in at.jails:
        if jail.network not in OWN_STACK or jail.addresses is None:
            continue
        for gateway in _gateways(at, jail):
            fitting = _nets(jail, gateway.version)
            if fitting and not any(gateway in net for net in fitting):
                yield Diagnostic(
                    (of_jail(jail.name),),
                    f"{sanitize(jail.name)} has the gateway {gateway}, which is not in its "
                    f"network {fitting[0]}",
                    "Set a gateway in that network, or a prefix that includes both.",
                )


def _nets(jail: Jail, version: int) -> list[Net]:
    """The nets of one family that a jail is in."""
    nets = [net(address) for address in jail.addresses or ()]
    return [net for net in nets if net is not None and net.version == version]


def _gateways(at: Observed, jail: Jail) -> list[IP]:
    """The default gateways of a jail: of its routes, else as it is configured."""
    texts = [route.gateway for route in at.routes(jail.jid) if route.destination == "default"]
    ips = [number(text) for text in texts or [jail.gateway or ""]]
    return [ip for ip in ips if ip is not None and not ip.is_link_local]


def unanswered(at: Observed) -> Iterator[Diagnostic]:
    """A gateway that no host has, on a bridge that leads nowhere else."""
    hosts = _of_host(at)
    for bridge in (at.cards[name] for name in sorted(at.closed)):
        jails = [at.ends[name].jail for name in bridge.members if name in at.ends]
        if len(jails) < len(bridge.members) or any(jail.addresses is None for jail in jails):
            continue  # someone on it may have that address
        ips = {number(address.address) for jail in at.jails for address in jail.addresses or ()}
        for jail in jails:
            for gateway in _gateways(at, jail) if jail.running else ():
                near = any(gateway in net for net in _nets(jail, gateway.version))
                if near and gateway not in hosts and gateway not in ips:
                    yield Diagnostic(
                        (of_jail(jail.name), bridge.name),
                        f"{gateway}, the gateway of {sanitize(jail.name)} on "
                        f"{sanitize(bridge.name)}, does not exist",
                        f"Give {sanitize(bridge.name)} that address.",
                    )
