"""Things that only one jail can have: root, addresses, MAC addresses, interfaces, jid, fstab.

Besides the parameters that say so there are the commands of a configuration, which may give an
interface its address. What cannot be read in them is not known, and so never counted as free.
"""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.shared import delegated, network_parts
from jailer_core.operations.shared.names_in_config import commands
from jailer_core.parse import hooks
from jailer_core.text import sanitize
from jailer_core.topology import epair_users
from jailer_core.topology.epair_peers import lent

Claim = tuple[str, str]
"""What it is, and which: ("the address", "10.0.0.2")."""


def lines(config: JailConfig) -> tuple[str, ...]:
    """All commands of a configuration."""
    return tuple(value for _, value in commands(config.params))


def addresses(config: JailConfig) -> tuple[hooks.Given, ...]:
    """Addresses that its commands give to interfaces."""
    return hooks.given(lines(config))


def macs(config: JailConfig) -> tuple[str, ...]:
    """Hardware addresses in its commands."""
    return hooks.macs(lines(config))


def of(config: JailConfig) -> Iterator[Claim]:
    """All that it claims."""
    if config.root not in ("", "/"):
        yield "the root directory", config.root
    yield from _on_the_network(config)
    for dataset in delegated.given(config):
        yield "the dataset", dataset
    for param in ("jid", "mount.fstab"):
        if config.first(param):
            yield param, config.first(param)
    uuid = config.first("host.hostuuid")
    if set(uuid) - {"0", "-"}:
        yield "host.hostuuid", uuid


def _on_the_network(config: JailConfig) -> Iterator[Claim]:
    for alias in network_parts.addresses(config):
        yield "the address", alias.address
    for given in addresses(config):
        yield "the address", given.address
    for mac in macs(config):
        yield "the hardware address", mac
    made = epair_users.created(config)
    # the end of an epair that its commands make counts as the pair
    own = [name[:-1] if name[:-1] in made else name for name in lent(config)]
    for name in dict.fromkeys((*made, *own)):
        yield "the interface", name


def must_be_free(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused when another jail claims something of it."""
    mine = dict.fromkeys(of(config))
    for other in inventory.configs:
        if other.name == config.name:
            continue
        for kind, what in of(other):
            if (kind, what) in mine:
                raise Refused(
                    f"{sanitize(config.name)} would have {kind} {sanitize(what)}, "
                    f"which {sanitize(other.name)} has",
                    "Two jails cannot share it: change one of them by hand: edit",
                )
