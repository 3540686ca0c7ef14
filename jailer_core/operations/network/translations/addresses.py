"""The stable address of a jail for its rules: one from DHCP gets a reservation first."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace

from jailer_core.errors import Refused
from jailer_core.model import Address, Inventory, Jail, Network
from jailer_core.model.host import OF_NETWORK
from jailer_core.operations.setup import dhcp
from jailer_core.operations.shared import addresses as nets, file_steps
from jailer_core.operations.shared.network_parts import addresses as shared_addresses
from jailer_core.parse.rcconf import settings
from jailer_core.plan import Run, Step
from jailer_core.text import sanitize

_ETHER = re.compile(r"\bether\s+([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b", re.IGNORECASE)
_HOST = re.compile(r"^\s*host\s+\S+\s*\{([^}]*)\}", re.MULTILINE)
_RANGE = re.compile(r"^([ \t]*)range[ \t]+([\d.]+)[ \t]+([\d.]+)[ \t]*;", re.MULTILINE)
LEASE = "Its address may change: give it a fixed one, or reserve it at the DHCP server."


@dataclass(frozen=True, slots=True)
class ChosenAddress:
    """The address, and the steps that make it permanent."""

    address: str
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = field(default=())


def insides(jail: Jail) -> tuple[tuple[str, str], ...]:
    """Files in the jail that say how a jail with its own network gets its addresses."""
    config = jail.config
    root = jail.path.rstrip("/")
    if config is None or not root or not config.has("vnet"):
        return ()
    cards = [card for card in config.params.get("vnet.interface", ()) if "/" not in card]
    paths = (*OF_NETWORK, *(f"/etc/start_if.{card}" for card in cards))
    return tuple((root, f"{root}{path}") for path in paths)


def families(jail: Jail) -> tuple[int, ...]:
    """The families for which a jail has a known address, IPv4 first."""
    return tuple(sorted({address.family for address in _own(jail) or ()}))


def _own(jail: Jail) -> tuple[Address, ...] | None:
    """Addresses without those that only the host's link sees."""
    addresses = jail.addresses
    if jail.network is Network.SHARED and jail.config is not None:
        aliases = shared_addresses(jail.config)
        addresses = (
            tuple(Address(alias.address, None, alias.interface) for alias in aliases) or addresses
        )
    if addresses is None:
        return None
    return tuple(address for address in addresses if not _local(address.address))


def _local(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    return address.is_link_local or address.is_unspecified


def with_stack(jail: Jail) -> None:
    """Raises Refused for a jail that has no address of its own."""
    if jail.network is Network.INHERIT:
        raise Refused(
            f"{sanitize(jail.name)} uses the host's own addresses",
            "It shares the host's connectivity: it needs neither NAT nor redirects.",
        )
    if jail.network is Network.NONE:
        raise Refused(f"{sanitize(jail.name)} has no network", "Give it an address first.")


def choose(inventory: Inventory, jail: Jail, family: int) -> ChosenAddress:
    """The address for rules of that family. Raises Refused."""
    with_stack(jail)
    asks = family == 4 and _by_dhcp(inventory, jail)
    if asks:
        reserved = _reserved(inventory, jail)
        if reserved:
            return ChosenAddress(reserved)
    own = _own(jail)
    fitting = [
        address.address.partition("%")[0] for address in own or () if address.family == family
    ]
    if not fitting:
        raise Refused(*_no_address(jail, family, asks=asks, known=own is not None))
    address = str(ipaddress.ip_address(fitting[0]))
    if asks:
        return _reserve(inventory, jail, address)
    return ChosenAddress(address, notes=_notes(inventory, jail))


def _notes(inventory: Inventory, jail: Jail) -> tuple[str, ...]:
    """Where a shell would have to read its rc.conf, nothing tells whether it asks DHCP."""
    text = _rc(inventory, jail)
    if not text.strip() or settings(text) is not None:
        return ()
    note = f"The rc.conf of {sanitize(jail.name)} is not understood: make sure that its address "
    return (f"{note}is fixed.",)


def _no_address(jail: Jail, family: int, *, asks: bool, known: bool) -> tuple[str, str]:
    if asks and not jail.running:
        message = f"{sanitize(jail.name)} gets its address by DHCP and is not running"
        return message, "Start it first so that the address is known, or give it a fixed one."
    if asks:
        message = f"{sanitize(jail.name)} gets its address by DHCP and has none now"
        return message, "Find out why it has none, or give it a fixed one."
    if known:
        return f"{sanitize(jail.name)} has no IPv{family} address", "Give it one first."
    return (
        f"the IPv{family} address of {sanitize(jail.name)} is unknown",
        "Start it, or give it a fixed address.",
    )


# --- DHCP ------------------------------------------------------------------------------------


def _rc(inventory: Inventory, jail: Jail) -> str:
    """All that its rc reads about the network; the last setting counts."""
    root = jail.path.rstrip("/")
    return "\n".join(inventory.file_texts.get(f"{root}{path}", "") for path in OF_NETWORK)


def _cards(jail: Jail) -> tuple[str, ...]:
    return jail.config.params.get("vnet.interface", ()) if jail.config is not None else ()


def _by_dhcp(inventory: Inventory, jail: Jail) -> bool:
    known = settings(_rc(inventory, jail)) or {}
    names = [*(f"ifconfig_{card}" for card in _cards(jail)), "ifconfig_DEFAULT"]
    words = {word.upper() for name in names for word in known.get(name, "").split()}
    return bool(words & {"DHCP", "SYNCDHCP", "NOSYNCDHCP"})


def _mac(inventory: Inventory, jail: Jail) -> str:
    """The hardware address that its own file gives it at every start, "" when none does."""
    for card in _cards(jail):
        path = f"{jail.path.rstrip('/')}/etc/start_if.{card}"
        match = _ETHER.search(inventory.file_texts.get(path, ""))
        if match:
            return match[1].lower()
    return ""


def _reserved(inventory: Inventory, jail: Jail) -> str:
    mac = _mac(inventory, jail)
    for block in _HOST.findall(inventory.file_texts.get(dhcp.CONF, "")) if mac else ():
        ether = re.search(r"hardware\s+ethernet\s+([0-9a-f:]+)\s*;", block, re.IGNORECASE)
        fixed = re.search(r"fixed-address\s+([\d.]+)\s*;", block)
        if ether and fixed and ether[1].lower() == mac:
            return fixed[1]
    return ""


def _reserve(inventory: Inventory, jail: Jail, address: str) -> ChosenAddress:
    """Let the host's own dhcpd give it that address from now on."""
    old, mac = inventory.file_texts.get(dhcp.CONF), _mac(inventory, jail)
    message = f"{sanitize(jail.name)} gets its address by DHCP"
    card, net = _around(inventory, address)
    if old is None or net is None or not dhcp.serves(old, net):
        raise Refused(f"{message}, from a server that is not this host's", LEASE)
    if not mac:
        raise Refused(
            f"{message}, and its hardware address is not fixed",
            "Give it a fixed address, or a start_if file with ether.",
        )
    gap = "" if old.endswith("\n") else "\n"
    block = (
        f"host jail-{jail.name} {{\n  hardware ethernet {mac};\n  fixed-address {address};\n}}\n"
    )
    new = without(old, address) + gap + block
    title = f"Reserve {address} for {sanitize(jail.name)}"
    write = file_steps.change_file(dhcp.CONF, old, new, inventory.file_stats.get(dhcp.CONF), title)
    steps = (
        replace(write, undo=(*write.undo, dhcp.RESTART_AGAIN)),
        Step(Run((dhcp.PROGRAM, "-n", "-c", dhcp.CONF, card)), f"Check {dhcp.CONF} with dhcpd"),
        dhcp.RESTART,
    )
    return ChosenAddress(address, steps, (f"{message}: {address} is reserved for it.",))


def _around(inventory: Inventory, address: str) -> tuple[str, ipaddress.IPv4Interface | None]:
    """The interface in whose net that address is, and the first address of the net."""
    for card in inventory.interfaces or ():
        net = nets.net_on(card, 4)
        if net is not None and ipaddress.ip_address(address) in net:
            return card.name, ipaddress.IPv4Interface(f"{net[1]}/{net.prefixlen}")
    return "", None


def without(text: str, address: str) -> str:
    """dhcpd.conf with that address excluded from its plain ranges, so that it is not leased."""
    address4 = ipaddress.IPv4Address(address)

    def split(match: re.Match[str]) -> str:
        try:
            first, last = map(ipaddress.IPv4Address, (match[2], match[3]))
        except ValueError:
            return match[0]
        if not first <= address4 <= last:
            return match[0]
        parts = [(first, address4 - 1)] if first < address4 else []
        parts += [(address4 + 1, last)] if address4 < last else []
        return "\n".join(f"{match[1]}range {start} {end};" for start, end in parts)

    return _RANGE.sub(split, text)
