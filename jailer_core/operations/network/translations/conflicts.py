"""Find what already uses a port: a program of the host, another jail's redirection, pf.conf."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory
from jailer_core.model.network import ALL, ANY, NAT, RDR, Firewall, Listener, Translation
from jailer_core.operations.network.translations import rules
from jailer_core.operations.shared import network_parts
from jailer_core.text import sanitize

FIRST_FREE = 8080
"""Where the search for a free port begins."""


def others(firewall: Firewall, jail: str) -> Iterator[tuple[Translation, str]]:
    """Every stored or loaded redirect and its owner; those of `jail` are "its own"."""
    seen: set[tuple[str, Translation]] = set()
    places = [
        (name, rule.translation) for name in firewall.stored for rule in rules.of(firewall, name)
    ]
    places += [
        (name, loaded_rule.translation)
        for name, loaded_rules in (firewall.loaded or {}).items()
        for loaded_rule in loaded_rules
    ]
    places += [(name, rule.translation) for name, rule in rules.originals(firewall)]
    for name, translation in places:
        if translation is not None and translation.kind == RDR and (name, translation) not in seen:
            seen.add((name, translation))
            yield translation, f"the jail {sanitize(name)}" if name != jail else "itself"
    ours = {translation for _, translation in seen}
    for loaded_rule in firewall.main or ():
        translation = loaded_rule.translation
        if translation is not None and translation.kind == RDR and translation not in ours:
            yield translation, "a rule of pf.conf"
    for anchor, loaded_rules in firewall.foreign.items():
        for loaded_rule in loaded_rules:
            if loaded_rule.translation is not None and loaded_rule.translation.kind == RDR:
                yield loaded_rule.translation, f"a rule of the anchor {sanitize(anchor)}"


def clash(translation: Translation, other: Translation) -> bool:
    """Whether one packet could match both."""
    if (translation.interface, translation.family) != (other.interface, other.family):
        return False
    first, second = _narrow(translation.outside), _narrow(other.outside)
    if first and second and ANY not in (first, second):
        if first != second:
            return False
    elif (first or second) and not (translation.port and other.port):
        # an address of its own goes before the interface's ports, and leaves them alone
        return False
    if translation.protocol and other.protocol and translation.protocol != other.protocol:
        return False
    return not (translation.port and other.port) or translation.port == other.port


def _narrow(outside: str) -> str:
    return "" if outside == ALL else outside


def holder(inventory: Inventory, firewall: Firewall, asked_rule: Translation, jail: str) -> str:
    """Who already uses what the redirect would take, or ""; the jail itself is `itself`."""
    return _holder(inventory, firewall, asked_rule, tuple(others(firewall, jail)))


def _holder(
    inventory: Inventory,
    firewall: Firewall,
    asked_rule: Translation,
    known: Sequence[tuple[Translation, str]],
) -> str:
    for other, who in known:
        if clash(asked_rule, other):
            return who
    return _listener(inventory, firewall, asked_rule)


def _listener(inventory: Inventory, firewall: Firewall, asked_rule: Translation) -> str:
    """A program that waits on that port of an address that packets come to.

    Of the host, or of a jail that shares its network: their sockets are listed alike (08).
    """
    own = {
        address.address.partition("%")[0]
        for card in inventory.interfaces or ()
        if card.name == asked_rule.interface
        for address in card.addresses
    }
    if not asked_rule.outside:
        own = {_wanted_address(inventory, asked_rule)}
    reached = {"*", asked_rule.outside} if asked_rule.outside not in ("", ANY, ALL) else {"*", *own}
    for listener in firewall.listeners or ():
        if (
            listener.port == asked_rule.port
            and listener.protocol == asked_rule.protocol
            and asked_rule.family in listener.families
            and listener.address.partition("%")[0] in reached
        ):
            return whose(inventory, listener)
    return ""


def _wanted_address(inventory: Inventory, rule: Translation) -> str:
    """The address that `(IF:0)` means, or ""."""
    return network_parts.first_address(inventory.interface(rule.interface), rule.family)


def whose(inventory: Inventory, listener: Listener) -> str:
    """Who listens on a port: a program of the jail with that address, else of the host."""
    for jail in inventory.jails:
        if jail.running and any(
            address.address == listener.address for address in jail.addresses or ()
        ):
            return f"{sanitize(listener.program)} in the jail {sanitize(jail.name)}"
    return f"the host's {sanitize(listener.program)}"


def beside(inventory: Inventory, firewall: Firewall, rule: Translation) -> list[str]:
    """Jails that listen on the same port of other addresses of the interface; they keep it."""
    card = inventory.interface(rule.interface)
    aliases = [address.address for address in card.addresses] if card is not None else []
    own = rule.outside or _wanted_address(inventory, rule)
    return [
        f"{whose(inventory, listener)} uses {rule.protocol} port {listener.port} of "
        f"{listener.address}."
        for listener in firewall.listeners or ()
        if (listener.port, listener.protocol) == (rule.port, rule.protocol)
        and rule.family in listener.families
        and listener.address in aliases
        and listener.address != own
    ]


def must_be_free(
    inventory: Inventory, firewall: Firewall, asked_rule: Translation, jail: str
) -> None:
    """Raises Refused, and names who uses it."""
    who = holder(inventory, firewall, asked_rule, jail)
    if not who:
        return
    if any(rule.translation == asked_rule for rule in rules.of(firewall, jail)):
        raise Already(f"{sanitize(jail)} already has this redirect")
    if who == "itself":
        raise Refused(
            f"{sanitize(jail)} already has a redirect of {asked_rule.came_to}",
            "Remove that one first: rdr destroy",
        )
    port = free_port(inventory, firewall, asked_rule)
    hint = (
        f"{asked_rule.protocol} port {port} is free." if asked_rule.port else "Use another address."
    )
    raise Refused(f"{asked_rule.came_to} is used by {who}", hint)


def covered(firewall: Firewall, rule: Translation) -> list[str]:
    """A NAT rule in pf.conf that already applies to the jail; the first rule wins."""
    if rule.kind != NAT:
        return []
    texts = [loaded_rule.text for loaded_rule in firewall.main or ()]
    anchor = next((at for at, text in enumerate(texts) if text.startswith(_ANCHOR)), len(texts))
    for at, text in enumerate(texts):
        match = _NAT.match(text)
        if match is None or match[1] != rule.interface or not _within(rule.inside, match[2]):
            continue
        first = ", and comes first: the new rule has no effect" if at < anchor else ""
        return [f"pf.conf already has NAT for it{first}: {text}"]
    return []


_ANCHOR = 'nat-anchor "jailer'
_NAT = re.compile(r"nat (?:pass )?on (\S+) (?:inet6? )?from (\S+) to any -> ")


def _within(address: str, net: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(net, strict=False)
    except ValueError:
        return net == "any"


def free_port(inventory: Inventory, firewall: Firewall, like: Translation) -> int:
    """The first free port from 8080 on for such a redirect."""
    known = tuple(others(firewall, ""))
    for port in range(FIRST_FREE, 65536):
        if not _holder(inventory, firewall, replace(like, port=port), known):
            return port
    return 0
