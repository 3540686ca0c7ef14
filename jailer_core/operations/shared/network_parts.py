"""Parts that a configuration adds to the host's network; conflicts and leftovers among them.

Facts: a pair that prestart created stays when the start fails (recordings 04, 12); with the
same address twice both jails start, and stopping one takes it from the other (03); `epairNb`
is inside its jail while that lives and comes back when it goes (09).
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import OWN_STACK, Address, Interface, Inventory, Jail, JailConfig
from jailer_core.text import sanitize
from jailer_core.topology import epairs
from jailer_core.topology.epairs import lent

_RANGE = re.compile(r"(\d+\.\d+\.\d+\.)(\d{1,3})-(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that jail(8) adds to an interface of the host and removes again."""

    interface: str
    address: str
    prefix: str

    @classmethod
    def on(cls, card: str, address: Address) -> Alias:
        """An address that the host has."""
        prefix = "" if address.prefix is None else str(address.prefix)
        return cls(card, address.address.partition("%")[0], prefix)

    def argv(self, *, add: bool) -> tuple[str, ...]:
        """The command that jail(8) itself runs (recordings 09, 03)."""
        end = "alias" if add else "-alias"
        if ":" in self.address:
            whole = (self.address, "prefixlen", self.prefix or "128")
            return ("/sbin/ifconfig", self.interface, "inet6", *whole, end)
        whole4 = f"{self.address}/{self.prefix or '32'}"
        return ("/sbin/ifconfig", self.interface, "inet", whole4, end)


def pairs(config: JailConfig) -> tuple[str, ...]:
    """The epairs that its hooks create, by name: `epair1`."""
    return tuple(name for name in epairs.created(config) if re.fullmatch(r"epair\d+", name))


def addresses(config: JailConfig) -> Iterator[Alias]:
    """All addresses of its configuration; the interface is "" if jail(8) adds it to none."""
    if config.has("vnet"):
        return  # its addresses are not the host's
    usual = config.first("interface")
    for param in ("ip4.addr", "ip6.addr"):
        for value in config.params.get(param, ()):
            for text in filter(None, (part.strip() for part in value.split(","))):
                interface, bar, rest = text.rpartition("|")
                address, _, prefix = rest.strip().partition(" ")[0].partition("/")
                yield Alias(interface if bar else usual, address, prefix)


def aliases(config: JailConfig) -> tuple[Alias, ...]:
    """The addresses that its start adds to interfaces of the host."""
    return tuple(alias for alias in addresses(config) if alias.interface)


def _bare(address: str) -> str:
    return address.partition("%")[0].lower()


@of_latest
def _holders(inventory: Inventory) -> dict[str, list[Jail]]:
    """The jails that have each address on the host's own network stack."""
    holders: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        if jail.jid is not None and jail.network not in OWN_STACK:
            for address in jail.addresses or ():
                holders[_bare(address.address)].append(jail)
    return holders


@of_latest
def _addresses_by_card(inventory: Inventory) -> dict[str, frozenset[str]]:
    return {
        card.name: frozenset(_bare(address.address) for address in card.addresses)
        for card in reversed(inventory.interfaces or ())  # of two with a name the first counts
    }


def left_aliases(inventory: Inventory, name: str, config: JailConfig) -> tuple[Alias, ...]:
    """Its addresses that are on the host although no jail has them: left of a jail that went.

    Raises Refused when a running jail or the host itself has one of its addresses.
    """
    not_taken(inventory, name, config)
    return tuple(alias for alias in aliases(config) if _on_host(inventory, name, alias))


def not_taken(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused if another running jail, or the host, has one of its addresses or epairs."""
    not_the_hosts(inventory, name, config)
    for alias in aliases(config):
        holders = _holders(inventory).get(_bare(alias.address), ())
        holder = next((jail for jail in holders if jail.name != name), None)
        if holder is not None:
            raise Refused(
                f"the jail {sanitize(holder.name)} already has {alias.address}",
                f"Stopping either would remove it from the other: give {sanitize(name)} another "
                f"address, or stop {sanitize(holder.name)} first.",
            )
    for pair in pairs(config):
        users = _users_of_pairs(inventory).get(pair, ())
        user = next((user for user in users if user != name), "")
        if user:
            raise _in_use(name, pair, f"the jail {sanitize(user)} uses it")


def _in_use(name: str, pair: str, who: str) -> Refused:
    return Refused(
        f"{sanitize(name)} wants to create {pair}, which exists: {who}",
        f"Give {sanitize(name)} another number ($id) in its configuration.",
    )


def _on_host(inventory: Inventory, name: str, alias: Alias) -> bool:
    for interface in inventory.interfaces or ():
        for address in interface.addresses:
            if _bare(address.address) != _bare(alias.address):
                continue
            single = address.prefix in (32, 128)
            if interface.name == alias.interface and single and not of_host(inventory, alias):
                return True
            raise _host_has(name, alias, interface.name)
    return False


def of_host(inventory: Inventory, alias: Alias) -> bool:
    """Whether that address may be the host's own; so it may be when that is not known.

    It is when rc.conf gives it to an interface, when the administrator is connected to it, and
    when it is the first one of an interface that asks for its address (DHCP, router
    advertisements) or that rc.conf does not know.
    """
    if inventory.rc is None:
        return True
    address = _plain(alias.address)
    if inventory.ssh_client is not None and _plain(inventory.ssh_client.server) == address:
        return True
    if address in _given_by_rc(inventory.rc):
        return True
    card = inventory.interface(alias.interface)
    if card is None or address != first_address(card, 6 if ":" in address else 4):
        return False
    return _asks(inventory.rc, card, alias)


@lru_cache(4096)
def _plain(address: str) -> str:
    text = address.partition("%")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.lower()


@of_latest
def _given_by_rc(rc: Mapping[str, str]) -> set[str]:
    """The addresses that rc.conf gives to interfaces, ranges (`10.0.0.5-9/24`) included."""
    words: set[str] = set()
    for name, value in rc.items():
        if name.startswith(("ifconfig_", "ipv4_addrs_", "ipv6_ifconfig_")):
            for word in re.split(r"[\s/]+", value):
                words.add(_plain(word))
                span = _RANGE.fullmatch(word)
                if span is not None and int(span[3]) < 256:
                    numbers = range(int(span[2]), int(span[3]) + 1)
                    words |= {f"{span[1]}{number}" for number in numbers}
    return words


def first_address(card: Interface | None, family: int) -> str:
    """The first address of an interface that others can reach, "" when it has none."""
    for address in card.addresses if card is not None else ():
        plain = _plain(address.address)
        if address.family == family and not plain.startswith("fe80:"):
            return plain
    return ""


def _asks(rc: Mapping[str, str], card: Interface, alias: Alias) -> bool:
    """Whether an interface gets its address from outside, or in a way that is not known."""
    names = (f"ifconfig_{card.name}", f"ifconfig_{card.name}_ipv6", "ifconfig_DEFAULT")
    values = [rc[name] for name in names if name in rc]
    if not values and card.name not in rc.get("cloned_interfaces", "").split():
        prefix = next(
            address.prefix
            for address in card.addresses
            if _bare(address.address) == _bare(alias.address)
        )
        return prefix not in (32, 128)
    words = {word.upper() for value in values for word in value.split()}
    return bool(words & {"DHCP", "SYNCDHCP", "NOSYNCDHCP", "ACCEPT_RTADV"})


def not_the_hosts(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused if the host certainly has one of its addresses or interfaces itself."""
    for alias in aliases(config):
        has_address = _bare(alias.address) in _addresses_by_card(inventory).get(alias.interface, ())
        if has_address and inventory.rc is not None and of_host(inventory, alias):
            raise _host_has(name, alias, alias.interface)
    for interface in lent(config) if inventory.rc is not None else ():
        card = inventory.interface(interface)
        for address in card.addresses if card is not None else ():
            plain = _plain(address.address)
            if not plain.startswith("fe80:") and of_host(inventory, Alias(interface, plain, "")):
                raise Refused(
                    f"{sanitize(interface)} is the host's own interface: it has {plain}",
                    f"A start would take it from the host: give {sanitize(name)} another one.",
                )


def interfaces_of_its_own(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused if the new configuration of a jail takes another jail's interface."""
    made = set(pairs(config))
    for name in lent(config):
        if name.rstrip("ab") in made:
            continue
        for other in inventory.configs:
            if other.name != config.name and name in lent(other):
                raise Refused(
                    f"{sanitize(config.name)} would take {sanitize(name)} from "
                    f"{sanitize(other.name)}",
                    f"Let the hooks of {sanitize(other.name)} create its epair, or make the second "
                    "jail with create.",
                )


def _host_has(name: str, alias: Alias, interface: str) -> Refused:
    return Refused(
        f"the host itself has {alias.address} on {interface}",
        f"Stopping {sanitize(name)} would remove it: give the jail another address.",
    )


def left_pairs(inventory: Inventory, name: str, config: JailConfig) -> tuple[str, ...]:
    """Epairs that its start would create and that nothing uses: `epair1a`.

    Raises Refused when something uses one, or may.
    """
    not_taken(inventory, name, config)
    left: list[str] = []
    for pair in pairs(config):
        first, second = inventory.interface(f"{pair}a"), inventory.interface(f"{pair}b")
        if first is None and second is None:
            continue
        members = {member for bridge in inventory.interfaces or () for member in bridge.members}
        if (
            first is None
            or second is None
            or first.addresses
            or second.addresses
            or second.name in members
        ):
            raise _in_use(name, pair, "something uses it")
        others = epairs.users(inventory, pair)
        if others is None:
            raise _in_use(name, pair, "whether it is needed could not be fully determined")
        if others:
            who = "rc.conf creates it" if epairs.RC in others else f"{sanitize(others[0])} needs it"
            raise _in_use(name, pair, who)
        left.append(f"{pair}a")
    return tuple(left)


@of_latest
def _users_of_pairs(inventory: Inventory) -> dict[str, list[str]]:
    """The names of the jails that are alive, by the epairs that their hooks create."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for jail in inventory.jails:
        for pair in pairs(jail.config) if jail.jid is not None and jail.config is not None else ():
            users[pair].append(jail.name)
    return users
