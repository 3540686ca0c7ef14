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
from jailer_core.model import Interface, Inventory, Jail, JailConfig
from jailer_core.text import sanitize
from jailer_core.topology import epair_users

_RANGE = re.compile(r"(\d+\.\d+\.\d+\.)(\d{1,3})-(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that jail(8) puts on an interface of the host and takes away again."""

    interface: str
    address: str
    prefix: str

    def argv(self, *, add: bool) -> tuple[str, ...]:
        """The command that jail(8) itself runs (recordings 09, 03)."""
        end = "alias" if add else "-alias"
        if ":" in self.address:
            whole = (self.address, "prefixlen", self.prefix or "128")
            return ("/sbin/ifconfig", self.interface, "inet6", *whole, end)
        whole4 = f"{self.address}/{self.prefix or '32'}"
        return ("/sbin/ifconfig", self.interface, "inet", whole4, end)


def pairs(config: JailConfig) -> tuple[str, ...]:
    """The epairs that its hooks create, by the name of the pair: `epair1`."""
    return tuple(name for name in epair_users.created(config) if re.fullmatch(r"epair\d+", name))


def shares_host_stack(config: JailConfig) -> bool:
    """Whether its addresses are the host's: not with a network stack of its own."""
    return not config.has("vnet")


def addresses(config: JailConfig) -> Iterator[Alias]:
    """All addresses of its configuration; the interface "" when jail(8) adds it to none."""
    if not shares_host_stack(config):
        return
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


def _same(left: str, right: str) -> bool:
    return _bare(left) == _bare(right)


def _bare(address: str) -> str:
    return address.partition("%")[0].lower()


def _holder_of(inventory: Inventory, name: str, address: str) -> Jail | None:
    holders = _holders(inventory).get(_bare(address), ())
    return next((jail for jail in holders if jail.name != name), None)


@of_latest
def _holders(inventory: Inventory) -> dict[str, list[Jail]]:
    """The jails that have each address on the host's own network stack."""
    holders: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        if jail.jid is not None and not _own_stack(jail):
            for address in jail.addresses or ():
                holders[_bare(address.address)].append(jail)
    return holders


def _own_stack(jail: Jail) -> bool:
    return jail.network.value in ("eb", "vnet")


def _interface(inventory: Inventory, name: str) -> Interface | None:
    return _interfaces(inventory).get(name)


@of_latest
def _interfaces(inventory: Inventory) -> dict[str, Interface]:
    return {interface.name: interface for interface in reversed(inventory.interfaces or ())}


@of_latest
def _addresses_by_card(inventory: Inventory) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(_bare(address.address) for address in card.addresses)
        for name, card in _interfaces(inventory).items()
    }


def left_aliases(inventory: Inventory, name: str, config: JailConfig) -> tuple[Alias, ...]:
    """Its addresses that are on the host although no jail has them: left of a jail that went.

    Raises Refused when a running jail or the host itself has one of its addresses.
    """
    not_taken(inventory, name, config)
    return tuple(alias for alias in aliases(config) if _on_host(inventory, name, alias))


def not_taken(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused when another running jail, or the host, has one of its addresses or pairs."""
    not_the_hosts(inventory, name, config)
    for alias in aliases(config):
        holder = _holder_of(inventory, name, alias.address)
        if holder is not None:
            raise Refused(
                f"the jail {sanitize(holder.name)} already has {alias.address}",
                f"Stopping either would remove it from the other: give {sanitize(name)} another "
                f"address, or stop {sanitize(holder.name)} first.",
            )
    for pair in pairs(config):
        user = _user_of(inventory, name, pair)
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
            if not _same(address.address, alias.address):
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
    card = _interface(inventory, alias.interface)
    if card is None or address != _first(card, 6 if ":" in address else 4):
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


def _first(card: Interface, family: int) -> str:
    """The first address of an interface that others can reach, "" when it has none."""
    for address in card.addresses:
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
            address.prefix for address in card.addresses if _same(address.address, alias.address)
        )
        return prefix not in (32, 128)
    words = {word.upper() for value in values for word in value.split()}
    return bool(words & {"DHCP", "SYNCDHCP", "NOSYNCDHCP", "ACCEPT_RTADV"})


def not_the_hosts(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused when the host is known to have one of its addresses or interfaces itself."""
    for alias in aliases(config):
        has_address = _bare(alias.address) in _addresses_by_card(inventory).get(alias.interface, ())
        if has_address and inventory.rc is not None and of_host(inventory, alias):
            raise _host_has(name, alias, alias.interface)
    for interface in moved(config) if inventory.rc is not None else ():
        card = _interface(inventory, interface)
        for address in card.addresses if card is not None else ():
            plain = _plain(address.address)
            if not plain.startswith("fe80:") and of_host(inventory, Alias(interface, plain, "")):
                raise Refused(
                    f"{sanitize(interface)} is the host's own interface: it has {plain}",
                    f"A start would take it from the host: give {sanitize(name)} another one.",
                )


def interfaces_of_its_own(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused when the new configuration of a jail takes an interface of another jail."""
    made = set(pairs(config))
    for name in moved(config):
        if name.rstrip("ab") in made:
            continue
        for other in inventory.configs:
            if other.name != config.name and name in moved(other):
                raise Refused(
                    f"{sanitize(config.name)} would take {sanitize(name)} from "
                    f"{sanitize(other.name)}",
                    f"Let the hooks of {sanitize(other.name)} create its epair, or make the second "
                    "jail with create.",
                )


def moved(config: JailConfig) -> tuple[str, ...]:
    """The interfaces that its start moves from the host into the jail."""
    values = config.params.get("vnet.interface", ())
    return tuple(name for value in values for name in value.replace(",", " ").split())


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
        first, second = _interface(inventory, f"{pair}a"), _interface(inventory, f"{pair}b")
        if first is None and second is None:
            continue
        if first is None or second is None or _used(inventory, first, second):
            raise _in_use(name, pair, "something uses it")
        others = epair_users.users(inventory, pair)
        if others is None:
            raise _in_use(name, pair, "whether it is needed could not be fully determined")
        if others:
            who = (
                "rc.conf creates it"
                if epair_users.RC in others
                else f"{sanitize(others[0])} needs it"
            )
            raise _in_use(name, pair, who)
        left.append(f"{pair}a")
    return tuple(left)


def _user_of(inventory: Inventory, name: str, pair: str) -> str:
    return next((user for user in _users_of_pairs(inventory).get(pair, ()) if user != name), "")


@of_latest
def _users_of_pairs(inventory: Inventory) -> dict[str, list[str]]:
    """The names of the jails that are alive, by the epairs that their hooks create."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for jail in inventory.jails:
        for pair in pairs(jail.config) if jail.jid is not None and jail.config is not None else ():
            users[pair].append(jail.name)
    return users


def _used(inventory: Inventory, first: Interface, second: Interface) -> bool:
    members = {member for bridge in inventory.interfaces or () for member in bridge.members}
    return bool(first.addresses or second.addresses) or second.name in members
