"""bridge0, which connects jails with their own network, and forwarding on the host."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Interface, IPv4Network

from jailer_core.errors import Refused
from jailer_core.model import Address, Inventory, SetupFacts
from jailer_core.operations import guards
from jailer_core.operations.setup.plan_builder import (
    INFO,
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import ForwardPackets, MakeBridge
from jailer_core.operations.shared import created
from jailer_core.plan import (
    CommandSucceeds,
    InterfaceExists,
    InterfaceHasAddress,
    NotInUse,
    Run,
    Step,
    Undo,
)
from jailer_core.plan.conditions import users
from jailer_core.text import sanitize

NAME = "bridge0"
USUAL = IPv4Interface("10.0.0.1/24")
WHOLE = 8
"""Routes to larger networks than this act as default routes, as those of a tunnel do."""
SYSCTL = "net.inet.ip.forwarding"


def configured(rc: str) -> IPv4Interface | None:
    """The address in `inet 10.0.0.1/24 up` or `inet 10.0.0.1 netmask 255.255.255.0`."""
    words = rc.split()
    for index, word in enumerate(words[:-1]):
        if word == "inet":
            address, *more = words[index + 1 : index + 4]
            mask = more[1:] if more[:1] == ["netmask"] else []
            try:
                return IPv4Interface("/".join([address, *mask]))
            except ValueError:
                return None
    return None


def address(inventory: Inventory) -> IPv4Interface | None:
    """The IPv4 address that bridge0 has now."""
    card = inventory.interface(NAME)
    for own in card.addresses if card is not None else ():
        if own.family == 4 and own.prefix not in (None, 32):
            return IPv4Interface(f"{own.address}/{own.prefix}")
    return None


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether bridge0 exists, with an address, and is created at boot."""
    if inventory.interfaces is None or inventory.rc is None:
        return Check("bridge", "Bridge", UNKNOWN, "interfaces or rc.conf could not be read")
    if inventory.interface(NAME) is None:
        return _absent(inventory, doctor)
    return _present(inventory, inventory.rc)


def _absent(inventory: Inventory, doctor: SetupFacts) -> Check:
    line = (inventory.rc or {}).get(f"ifconfig_{NAME}", "")
    if line:
        detail = f"{NAME} is in rc.conf, but does not exist"
        fix = MakeBridge() if configured(line) is not None else None
        hint = "" if fix else f"Create it: service netif start {NAME}"
        return Check("bridge", "Bridge", WRONG, detail, fix, hint)
    proposed = free_net(inventory, doctor)
    if proposed is None:
        detail = f"there is no {NAME}, and no private network is free for it"
        return Check("bridge", "Bridge", MISSING, detail, hint="Give a network: init bridge -a")
    detail = f"there is no {NAME}; {proposed} is free"
    return Check("bridge", "Bridge", MISSING, detail, MakeBridge())


def _present(inventory: Inventory, rc: Mapping[str, str]) -> Check:
    now, line = address(inventory), rc.get(f"ifconfig_{NAME}", "")
    address_line = configured(line)
    if now is None and line and address_line is None:
        return Check(
            "bridge", "Bridge", INFO, f"{NAME} exists without an address: {sanitize(line)}"
        )
    if now is None:
        hint = f"Check what uses it; then run service netif start {NAME}."
        return Check("bridge", "Bridge", WRONG, f"{NAME} has no address", hint=hint)
    if not line or NAME not in rc.get("cloned_interfaces", "").split():
        detail = f"{NAME} has {now}, but is not in rc.conf, so it is lost at a reboot"
        return Check("bridge", "Bridge", WRONG, detail, MakeBridge())
    if address_line is not None and address_line != now:
        hint = "Change one of them by hand: jails may rely on either."
        return Check(
            "bridge", "Bridge", WRONG, f"{NAME} has {now}, rc.conf says {address_line}", hint=hint
        )
    return Check("bridge", "Bridge", OK, f"{NAME} has {now}")


# --- which net -------------------------------------------------------------------------------


def free_net(inventory: Inventory, doctor: SetupFacts) -> IPv4Interface | None:
    """10.0.0.1/24, or an address in the first private network that overlaps no other."""
    taken = [net for net, _ in _who(inventory, doctor)]
    for address in _candidates():
        if not any(net.overlaps(address.network) for net in taken):
            return address
    return None


def _candidates() -> Iterator[IPv4Interface]:
    yield USUAL
    for start, count in (("10.0.1.1", 255), ("172.20.0.1", 256), ("192.168.100.1", 100)):
        base = int(ipaddress.IPv4Address(start))
        for number in range(count):
            yield IPv4Interface(f"{ipaddress.IPv4Address(base + 256 * number)}/24")


def _who(inventory: Inventory, doctor: SetupFacts) -> Iterator[tuple[IPv4Network, str]]:
    """Every IPv4 net of an interface, a route or a jail, and whose it is."""
    for card in inventory.interfaces or ():
        yield from _of(card.addresses, f"the host's {card.name}")
    for jail in inventory.jails:
        yield from _of(jail.addresses or (), f"the jail {sanitize(jail.name)}")
    for route in doctor.routes or ():
        if route != "default" and _net(route).prefixlen >= WHOLE:
            yield _net(route), "a route of the host"


def _of(own: Iterable[Address], who: str) -> Iterator[tuple[IPv4Network, str]]:
    for address in own:
        if address.family == 4:
            yield _net(f"{address.address}/{address.prefix or 32}"), who


def _net(text: str) -> IPv4Network:
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return IPv4Network("127.0.0.0/8")


# --- making it -------------------------------------------------------------------------------


def make(draft: PlanBuilder, request: MakeBridge) -> None:
    """Steps for rc.conf and the interface. Raises Refused."""
    inventory = draft.inventory
    guards.require_interfaces(inventory)
    card, now = inventory.interface(NAME), address(inventory)
    line = draft.rc(f"ifconfig_{NAME}")
    address_line = configured(line)
    if line and address_line is None:
        raise Refused(
            f"rc.conf has another use for {NAME}: {sanitize(line)}", "Give it an address by hand."
        )
    if card is not None and now is None:
        raise Refused(f"{NAME} exists without an address", "See what uses it: ifconfig bridge0.")
    chosen = _chosen(draft, request, address_line or now)
    names = draft.rc("cloned_interfaces").split()
    cloned = " ".join(names if NAME in names else [*names, NAME])
    values = {"cloned_interfaces": cloned}
    if not line:
        values[f"ifconfig_{NAME}"] = f"inet {chosen} up"
    unused = not_used(inventory, NAME, str(chosen))
    draft.set_rc(values, f"Create {NAME} at boot, with {chosen}", (unused,))
    if card is None:
        draft.steps.append(_start(chosen, unused))
    draft.bridge = chosen


def not_used(inventory: Inventory, name: str, *own: str) -> NotInUse:
    """Nothing uses the bridge besides its own settings and what named it earlier."""
    return NotInUse("bridge", name, (*own, *users.names(inventory, "bridge", name)))


def _chosen(
    draft: PlanBuilder, request: MakeBridge, present: IPv4Interface | None
) -> IPv4Interface:
    if present is not None:
        if request.address and request.address != str(present):
            raise Refused(
                f"{NAME} already has {present}", "Change it by hand: jails may rely on it."
            )
        return present
    if not request.address:
        address = free_net(draft.inventory, draft.doctor)
        if address is None:
            raise Refused("no private network is free for the bridge", "Give one.")
        if address != USUAL:
            draft.notes.append(f"{USUAL.network} is in use on this host, so {NAME} gets {address}.")
        return address
    return _asked(draft, request.address)


def _asked(draft: PlanBuilder, text: str) -> IPv4Interface:
    try:
        address = IPv4Interface(text)
    except ValueError:
        raise Refused(
            f"{sanitize(text)} is not an IPv4 address with prefix length", f"Use {USUAL}."
        ) from None
    if address.network.prefixlen > 29 or address.ip == address.network.network_address:
        raise Refused(f"{address} is too small for jails", f"For example: {USUAL}")
    for net, who in _who(draft.inventory, draft.doctor):
        if net.overlaps(address.network):
            raise Refused(
                f"{address.network} overlaps {net} of {who}",
                f"{free_net(draft.inventory, draft.doctor)} is free.",
            )
    return address


def _start(chosen: IPv4Interface, unused: NotInUse) -> Step:
    exists, away = InterfaceExists(NAME), InterfaceExists(NAME, exists=False)
    return Step(
        Run(("service", "netif", "start", NAME)),
        f"Create {NAME} now",
        undo=(created.no_interface(NAME, unused),),
        preconditions=(away,),
        postconditions=(exists, InterfaceHasAddress(NAME, str(chosen.ip))),
    )


def net_of(draft: PlanBuilder) -> IPv4Interface:
    """The bridge's address at this point of the plan. Raises Refused."""
    current = draft.bridge or address(draft.inventory)
    if current is None:
        raise Refused(f"{NAME} has no address yet", "Create it first: init bridge")
    return current


# --- passing packets on ----------------------------------------------------------------------


def check_forward(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether the host forwards packets, and will after a reboot."""
    title = "Forwarding"
    boots = inventory.rc_on("gateway_enable")
    if boots is None or doctor.forwarding is None:
        return Check("forward", title, UNKNOWN, "rc.conf or sysctl could not be read")
    if boots and doctor.forwarding:
        return Check("forward", title, OK, "the host forwards packets of its jails")
    if boots or doctor.forwarding:
        detail = "off now, on after a reboot" if boots else "on now, off after a reboot"
        return Check("forward", title, WRONG, detail, ForwardPackets())
    detail = "off: jails on the bridge reach only the host"
    return Check("forward", title, MISSING, detail, ForwardPackets())


def forward(draft: PlanBuilder) -> None:
    """gateway_enable and the sysctl."""
    unused = no_forwarding(draft.inventory)
    draft.set_rc({"gateway_enable": "YES"}, "Forward packets after the next boot", (unused,))
    if draft.doctor.forwarding is None:
        raise Refused(f"{SYSCTL} could not be read", f"See sysctl {SYSCTL}.")
    if not draft.doctor.forwarding:
        title, back = "Forward packets now", "Do not forward packets, as before"
        draft.steps.append(switch(SYSCTL, title, back, unused))


def no_forwarding(inventory: Inventory) -> NotInUse:
    """No jail needs forwarding besides those that already existed."""
    return NotInUse("forwarding", "packets", users.names(inventory, "forwarding", "packets"))


def switch(name: str, title: str, back: str, unused: NotInUse) -> Step:
    """Switch a sysctl(8) from 0 to 1."""
    on = CommandSucceeds(("sysctl", "-n", name), "1\n", description=f"{name} is not 1")
    off = CommandSucceeds(("sysctl", "-n", name), "0\n", description=f"{name} is not 0")
    return Step(
        Run(("sysctl", f"{name}=1")),
        title,
        undo=(
            Undo(Run(("sysctl", f"{name}=0")), back, preconditions=(on, unused), done_when=(off,)),
        ),
        postconditions=(on,),
    )
