"""A jail's present and future place on the network, as fields of `Create`.

`create` knows already which addresses fit and what empty fields become; this says what a jail
has today, and lets it be judged as if it did not have that.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from jailer_core.errors import Refused
from jailer_core.model import Interface, Inventory, Jail, JailConfig, Network
from jailer_core.model.host import OF_NETWORK
from jailer_core.operations import guards
from jailer_core.operations.jails import network_options
from jailer_core.operations.jails.clone import KINDS, card_of
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.bridges.requests import AddressChange
from jailer_core.operations.shared import addresses as nets, network_parts, ownership
from jailer_core.parse.rcconf import settings
from jailer_core.text import sanitize

NONE, SAME = "none", "same"
"""Words for no address at all and for that which it has; links.NEXT is for a free one."""
_DHCP = ("DHCP", "SYNCDHCP", "NOSYNCDHCP")


@dataclass(frozen=True, slots=True)
class Placement:
    """`now` is what it has, `card` its end of the epair ("" for addresses of the host).

    `text` is its own rc.conf, None when it has none (or addresses of the host).
    """

    jail: Jail
    config: JailConfig
    now: Create
    card: str = ""
    text: str | None = None

    @property
    def root(self) -> str:
        """Its root directory."""
        return self.config.root.rstrip("/")

    @property
    def file(self) -> str:
        """Its own rc.conf."""
        return f"{self.root}/etc/rc.conf"


def may_move(jail: Jail) -> None:
    """Raises Refused for a jail whose addresses cannot be changed from here."""
    guards.require_owned(jail)
    if jail.network is Network.INHERIT:
        raise Refused(
            f"{sanitize(jail.name)} uses the host's own addresses",
            "Give it its own network first: edit its configuration.",
        )
    if jail.network not in KINDS:
        raise Refused(
            f"the network of {sanitize(jail.name)} was not set up by Jailer TUI",
            "Change its configuration by hand: edit.",
        )


def place(inventory: Inventory, name: str) -> Placement:
    """The addresses, bridge and files of a jail. Raises Refused."""
    jail = guards.require_jail(inventory, name, may_move)
    config = guards.require_configured(jail)
    kind = KINDS[jail.network]
    bridge = card_of(config, kind)
    if kind == "new":
        return Placement(jail, config, _shared(jail, config, bridge))
    cards = config.params.get("vnet.interface", ())
    if len(cards) != 1 or not bridge:
        raise Refused(
            f"{sanitize(jail.name)} does not have exactly one interface in a bridge",
            "Change its configuration by hand: edit.",
        )
    given = next(
        (given for given in ownership.addresses(config) if given.interface == cards[0]), None
    )
    if given is not None:
        raise Refused(
            f"a command in its configuration sets the address {given.address} of "
            f"{sanitize(jail.name)}",
            "Change that command by hand: edit.",
        )
    root = config.root.rstrip("/")
    file = f"{root}/etc/rc.conf"
    unread = inventory.problem(file)
    if unread is not None:
        raise Refused(unread.message, "It must be readable to be changed.")
    _decides(inventory, root, cards[0])
    text = inventory.file_texts.get(file)
    return Placement(jail, config, _own(jail, bridge, cards[0], text or ""), cards[0], text)


def _decides(inventory: Inventory, root: str, card: str) -> None:
    """Raises Refused unless the jail's rc.conf alone says what addresses that interface gets."""
    mine = re.compile(rf"^\s*(ifconfig_{re.escape(card)}|(ipv6_)?defaultrouter)\w*=", re.MULTILINE)
    for path in OF_NETWORK[1:]:
        file = f"{root}{path}"
        if inventory.problem(file) is not None or mine.search(inventory.file_texts.get(file, "")):
            raise Refused(
                f"{sanitize(file)} also configures the network of this jail",
                "Change its address there by hand.",
            )


def _shared(jail: Jail, config: JailConfig, bridge: str) -> Create:
    gateways = {4: "", 6: ""}
    for alias in network_parts.addresses(config):
        family = 6 if ":" in alias.address else 4
        gateways[family] = gateways[family] or alias.address
    return Create(
        jail.name, network="new", bridge=bridge, address=gateways[4], address6=gateways[6]
    )


def _own(jail: Jail, bridge: str, card: str, text: str) -> Create:
    """By its own rc.conf; where that says nothing plainly, by what it shows."""
    known = settings(text) or {}
    now = Create(jail.name, network="eb", bridge=bridge)
    main = known.get(f"ifconfig_{card}", "")
    if any(word.upper() in _DHCP for word in main.split()):
        now = replace(now, address=network_options.DHCP)
    elif match := re.search(r"\binet\s+([\d.]+)(?:/(\d+)|\s+netmask\s+(\S+))?", main):
        now = replace(now, address=match[1], netmask=match[2] or _mask(match[3] or ""))
    elif not known:
        seen = next((address for address in jail.addresses or () if address.family == 4), None)
        if seen is not None:
            bits = "" if seen.prefix is None else str(seen.prefix)
            now = replace(now, address=seen.address, netmask=bits)
    if match := re.search(r"\binet6\s+(\S+)", known.get(f"ifconfig_{card}_ipv6", "")):
        now = replace(now, address6=match[1])
    gateway, gateway6 = (
        "" if known.get(variable, "").upper() == "NO" else known.get(variable, "")
        for variable in ("defaultrouter", "ipv6_defaultrouter")
    )
    return replace(now, gateway=gateway, gateway6=gateway6)


def _mask(text: str) -> str:
    """As dotted numbers; hex as ifconfig prints it."""
    try:
        return str(ipaddress.IPv4Address(int(text, 16))) if text.startswith("0x") else text
    except ValueError:
        return text


# --- as it is to be ----------------------------------------------------------------------------


def others(inventory: Inventory, jail: Jail) -> Inventory:
    """The inventory without that jail's addresses, which do not conflict with themselves."""
    aliases = network_parts.addresses(jail.config) if jail.config is not None else ()
    own = {alias.address for alias in aliases}
    cards = tuple(_without(interface, own) for interface in inventory.interfaces or ())
    return replace(
        inventory,
        jails=tuple(other for other in inventory.jails if other.name != jail.name),
        configs=tuple(config for config in inventory.configs if config.name != jail.name),
        interfaces=None if inventory.interfaces is None else cards,
    )


def _without(card: Interface, own: set[str]) -> Interface:
    """jail(8) puts a jail's addresses on cards of the host as single ones."""
    addresses = [
        address
        for address in card.addresses
        if address.address not in own or address.prefix not in (32, 128)
    ]
    return replace(card, addresses=tuple(addresses))


def asked(inventory: Inventory, place: Placement, request: AddressChange) -> Create:
    """The request with unchanged values filled in, and defaults in empty fields."""
    now = place.now
    bridge = request.bridge.strip() or now.bridge
    moved = bridge != now.bridge
    rest = others(inventory, place.jail)

    def address(given: str, old: str, family: int) -> str:
        stays = not moved or old in ("", network_options.DHCP)
        text = given.strip() or (old if stays else network_options.NEXT)
        if text == SAME:
            return old
        if text == network_options.NEXT:
            return nets.free_address(rest, bridge, family)
        return "" if text == NONE else text

    four, six = address(request.address, now.address, 4), address(request.address6, now.address6, 6)
    want = replace(now, bridge=bridge, address=four, address6=six)
    same4, same6 = (not moved and four == now.address), (not moved and six == now.address6)
    return replace(
        want,
        netmask=request.netmask or (now.netmask if same4 else ""),
        gateway=request.gateway.strip() or (now.gateway if same4 else ""),
        gateway6=request.gateway6.strip() or (now.gateway6 if same6 else ""),
    )


def full(inventory: Inventory, place: Placement, request: AddressChange) -> Create:
    """The same with netmask and gateways of the bridge; `none` becomes ""."""
    want = asked(inventory, place, request)
    if want.address or want.address6:
        want = network_options.suggest(others(inventory, place.jail), want)
    return replace(
        want,
        gateway="" if want.gateway == NONE else want.gateway,
        gateway6="" if want.gateway6 == NONE else want.gateway6,
    )
