"""The configuration of a clone: the jail's own text with another name, number and addresses.

An address or hardware address in the commands of a configuration is the jail's as much as one in
ip4.addr: the clone gets its own, or is refused. A variable that makes more than the name of an
epair is not changed alone: the effect on all its uses is judged by what jail(8) reads.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.operations.jails import network_options
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.shared import (
    addresses,
    config_check,
    jail_mounts,
    jailconf_edit,
    network_parts,
    ownership,
)
from jailer_core.operations.shared.jailconf_edit import Name, commands
from jailer_core.parse.statements import Given
from jailer_core.text import sanitize

_OWN = ("jid", "host.hostuuid", "host.hostid")
"""Parameters that no second jail may have: a clone leaves them out."""
_ID = re.compile(r"(epair)?\$(?:id\b|\{id\})")


@dataclass(frozen=True, slots=True)
class Twin:
    """What the clone gets. `full` is what `create` would be asked for.

    `by_commands`: commands of the configuration set its addresses, not its own rc.conf.
    """

    name: Name
    path: str
    text: str
    full: Create
    number: int
    by_commands: bool = False
    notes: tuple[str, ...] = ()


def twin(  # noqa: PLR0913, PLR0917 - what a clone is made of
    inventory: Inventory, jail: Jail, config: JailConfig, full: Create, root: str, asked: str
) -> Twin:
    """The clone's configuration. Raises Refused with what cannot be given to a second jail.

    `asked` is the address that was asked for, "" when any will do.
    """
    name = Name(jail.name, full.name, config.root, root)
    text = jailconf_edit.plain(
        config, jailconf_edit.renamed(config, config.text or "", full.name, root)
    )
    text = jail_hooks.removed(text)
    path = jail_mounts.where(config, name, clone=True)
    if path[0] and name.in_file(path[0]) == path[0]:
        text = _substituted(text, path[0], path[1])
    text, notes = _without_own(config, text)
    given = ownership.addresses(config) if full.network == "eb" else ()
    number, full = _numbered(inventory, config, full, given, asked)
    text = jailconf_edit.renumbered(text, network_parts.pairs(config), number)
    if full.network == "new":
        text = jailconf_edit.readdressed(text, "ip4.addr", full.address)
        text = jailconf_edit.readdressed(text, "ip6.addr", full.address6)
    pairs = [(pair, f"epair{number}") for pair in network_parts.pairs(config)]
    fresh = tuple(_addresses(given, full))
    if fresh:
        notes = (*notes, f"Its commands give it {', '.join(new for _, new in fresh)}.")
    fresh += tuple(_macs(inventory, config, full))
    for old, new in fresh:
        text = _substituted(text, old, new)
    return Twin(
        replace(name, more=(*pairs, *fresh)),
        jailconf_edit.file_for(config, full.name),
        text,
        full,
        number,
        bool(given),
        notes,
    )


def _substituted(text: str, old: str, new: str) -> str:
    """The text with another word, in upper or lower case."""
    word = rf"(?<![\w.:]){re.escape(old)}(?![\w:]|\.\w)"
    return re.sub(word, lambda _found: new, text, flags=re.IGNORECASE)


def _without_own(config: JailConfig, text: str) -> tuple[str, tuple[str, ...]]:
    notes = []
    for param in _OWN:
        if param in config.params:
            text = jailconf_edit.without(text, param)
            notes.append(f"{param} stays that of {sanitize(config.name)}: the clone has none.")
    return text, tuple(notes)


# --- numbers and addresses -------------------------------------------------------------------


def _numbered(
    inventory: Inventory, config: JailConfig, full: Create, given: tuple[Given, ...], asked: str
) -> tuple[int, Create]:
    """The clone's `$id`, and its addresses where its commands set them."""
    four = [claim for claim in given if ":" not in claim.address]
    six = [claim for claim in given if ":" in claim.address]
    if len(four) > 1 or len(six) > 1:
        raise Refused(
            f"commands of {sanitize(config.name)} set several addresses",
            "A clone would need as many new ones: create a jail from a snapshot instead.",
        )
    if not _made_of_number(config, four):
        if four and full.address in ("", network_options.DHCP):
            full = replace(full, address=_free_in(inventory, four[0]))
        if six and not full.address6:
            full = replace(full, address6=_free_in(inventory, six[0]))
        return addresses.free_number(inventory), full
    return _both(inventory, config, full, four[0], asked)


def _made_of_number(config: JailConfig, four: list[Given]) -> bool:
    """Whether the address ends with the number, and the text uses that for more than the epair."""
    if config.number is None or not four:
        return False
    last = four[0].address.rpartition(".")[2]
    elsewhere = any(not match[1] for match in _ID.finditer(config.text or ""))
    return elsewhere and last == str(config.number)


def _both(
    inventory: Inventory, config: JailConfig, full: Create, old: Given, asked: str
) -> tuple[int, Create]:
    """One number for the epair and the address: both must be free."""
    taken = addresses.numbers(inventory)
    any_will_do = asked.strip() in ("", network_options.NEXT, network_options.DHCP)
    candidates = _free_addresses(inventory, old) if any_will_do else iter((full.address,))
    net = _net(old)
    for address in candidates:
        number = int(network_options.plain(address).rpartition(".")[2])
        inside = net is None or ipaddress.ip_address(network_options.plain(address)) in net
        same = address.rpartition(".")[0] == old.address.rpartition(".")[0]
        if inside and same and number not in taken:
            return number, replace(full, address=network_options.plain(address))
    raise Refused(
        f"{sanitize(config.name)} derives its address and its epair from one number ($id), and "
        "no number is free for both",
        "Give an address whose last number is not used by an epair (-a).",
    )


def _net(given: Given) -> addresses.Net | None:
    if given.prefix is None:
        return None
    return ipaddress.ip_network(f"{given.address}/{given.prefix}", strict=False)


def _free_addresses(inventory: Inventory, given: Given) -> Iterator[str]:
    net = _net(given)
    return addresses.free_addresses(inventory, net) if net is not None else iter(())


def _free_in(inventory: Inventory, given: Given) -> str:
    """A free address of the net that a command sets."""
    address = next(_free_addresses(inventory, given), "")
    if not address:
        raise Refused(
            f"no free address was found near {given.address}, which a command sets",
            "Give one (-a).",
        )
    return address


def _addresses(given: tuple[Given, ...], full: Create) -> Iterator[tuple[str, str]]:
    for claim in given:
        new = full.address6 if ":" in claim.address else full.address
        yield claim.address, network_options.plain(new)


def _macs(inventory: Inventory, config: JailConfig, full: Create) -> Iterator[tuple[str, str]]:
    """Hardware addresses of its commands, and those of the clone: the same for the same name."""
    taken: set[str] = set()
    for index, old in enumerate(ownership.macs(config)):
        seed = hashlib.sha256(f"{full.name} {index}".encode()).digest()
        new = full.mac if full.mac and not index else addresses.free_mac(inventory, seed)
        if new in taken:
            raise Refused(f"two interfaces would have the hardware address {new}", "Try again.")
        taken.add(new)
        yield old, new


# --- what jail(8) reads ----------------------------------------------------------------------


def read(
    inventory: Inventory, old: JailConfig, twin: Twin, table: jail_mounts.Fstab | None
) -> JailConfig:
    """The clone's configuration as jail(8) will read it. Raises Refused if it differs."""
    fresh = jailconf_edit.configured(inventory, twin.name.new, twin.path, {twin.path: twin.text})
    exact: dict[str, tuple[str, ...] | None] = {"path": (twin.name.root,)}
    exact |= dict.fromkeys(_OWN, None)
    if table is not None:
        exact[jail_mounts.PARAM] = (table.new_path,)
    if twin.full.network == "new":
        _addressed(fresh, twin.full)
        exact |= {param: fresh.params.get(param) for param in ("ip4.addr", "ip6.addr")}
    base = JailConfig(old.name, old.path, _without_rules(old))
    config_check.follows(twin.name, base.params, fresh.params, exact)
    jail_mounts.mounts_own(twin.name, fresh)
    _commands_right(twin, fresh)
    network_parts.interfaces_of_its_own(inventory, fresh)
    ownership.must_be_free(inventory, fresh)
    return fresh


def _without_rules(old: JailConfig) -> dict[str, tuple[str, ...]]:
    """Its parameters without the lines that load the jail's own NAT."""
    own = jail_hooks.lines_of(old.name)
    left = {
        param: tuple(value for value in values if value not in own.get(param, ()))
        for param, values in old.params.items()
    }
    return {param: values for param, values in left.items() if values or not old.params[param]}


def _addressed(fresh: JailConfig, full: Create) -> None:
    taken = {alias.address for alias in network_parts.addresses(fresh)}
    in_use = {
        network_options.plain(address) for address in (full.address, full.address6) if address
    }
    if taken != in_use:
        raise Refused(
            f"{sanitize(full.name)} would have the address {', '.join(taken) or 'of no card'}, "
            f"not {', '.join(in_use)}",
            "The address in its configuration cannot be edited automatically: change that first.",
        )


def _commands_right(twin: Twin, fresh: JailConfig) -> None:
    """No command of the clone may be about the jail that it was made of."""
    old, new = sanitize(twin.name.old), sanitize(twin.name.new)
    acts = twin.name.acts_on_old(fresh.params)
    if acts:
        raise Refused(
            f"a command of {new} would still use {old}: {sanitize(acts)}",
            "Change that command by hand first: edit.",
        )
    for before, _ in twin.name.more:
        word = re.compile(rf"(?<![\w.:]){re.escape(before)}(?![\d.:])", re.IGNORECASE)
        for param, value in commands(fresh.params):
            if word.search(value):
                raise Refused(
                    f"a command of {new} would still have {before} of {old}: {sanitize(value)}",
                    f"Find where {param} gets it from, and change it by hand: edit",
                )
