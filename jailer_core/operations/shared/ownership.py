"""Things that only one jail can have: root, addresses, MAC addresses, interfaces, jid, fstab.

Besides the parameters that say so there are the commands of a configuration, which may give an
interface its address. What cannot be read in them is not known, and so never counted as free.

Decide what may be destroyed: only a jail that alone owns its file and its dataset.

Every function raises errors.Refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import attrgetter

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Dataset, Inventory, Jail, JailConfig
from jailer_core.model.trees import by_place
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.shared import jail_commands, jail_mounts, network_parts
from jailer_core.operations.shared.jailconf_edit import commands
from jailer_core.parse import statements
from jailer_core.text import sanitize
from jailer_core.topology import epairs
from jailer_core.topology.epairs import lent

Claim = tuple[str, str]
"""What it is, and which: ("the address", "10.0.0.2")."""


def claim_lines(config: JailConfig) -> tuple[str, ...]:
    """All commands of a configuration."""
    return tuple(value for _, value in commands(config.params))


def addresses(config: JailConfig) -> tuple[statements.Given, ...]:
    """Addresses that its commands give to interfaces."""
    return statements.given(claim_lines(config))


def macs(config: JailConfig) -> tuple[str, ...]:
    """Hardware addresses in its commands."""
    return statements.macs(claim_lines(config))


def claims_of(config: JailConfig) -> Iterator[Claim]:
    """Everything that a configuration claims."""
    if config.root not in ("", "/"):
        yield "the root directory", config.root
    yield from _on_the_network(config)
    for dataset in jail_commands.delegated(config):
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
    made = epairs.created(config)
    # the end of an epair that its commands make counts as the pair
    own = [name[:-1] if name[:-1] in made else name for name in lent(config)]
    for name in dict.fromkeys((*made, *own)):
        yield "the interface", name


def must_be_free(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused if another jail claims the same thing."""
    mine = dict.fromkeys(claims_of(config))
    for other in inventory.configs:
        if other.name == config.name:
            continue
        for kind, what in claims_of(other):
            if (kind, what) in mine:
                raise Refused(
                    f"{sanitize(config.name)} would have {kind} {sanitize(what)}, "
                    f"which {sanitize(other.name)} has",
                    "Two jails cannot share it: change one of them by hand: edit",
                )


_HOST = ("/usr/home", "/usr/local", "/usr/src", "/usr/obj", "/usr/ports", "/var/db", "/var/log")
"""Mount points of the host itself, besides all that lie directly below the root."""


def trash_can_take(inventory: Inventory, jail: Jail, target: str) -> None:
    """Raises Refused unless a rename to the trash is possible: same pool, free name."""
    layout = inventory.layout
    if not layout.dataset or jail.dataset.partition("/")[0] != layout.dataset.partition("/")[0]:
        raise Refused(
            f"{jail.dataset} cannot be moved to the trash, which is in another pool or not set up",
            "Destroy it permanently (--purge), or set up this host first (init).",
        )
    if inventory.dataset(target) is not None:
        raise Refused(f"{target} already exists", "Try again with another stamp.")


def alone(jail: Jail) -> JailConfig:
    """Its configuration. Raises Refused if the file holds anything else."""
    config = guards.require_configured(jail)
    if guards.source(config) == "/etc/jail.conf" or not config.alone:
        raise Refused(
            f"{sanitize(guards.source(config))} holds more than {sanitize(jail.name)}",
            "Give each jail its own file first: /etc/jail.conf.d/NAME.conf.",
        )
    if config.text is None:
        raise Refused(
            f"{sanitize(guards.source(config))} could not be read",
            "It must be saved first: run as root.",
        )
    return config


def own_datasets(inventory: Inventory, jail: Jail, config: JailConfig) -> tuple[Dataset, ...]:
    """The jail's datasets. Raises Refused if another jail or something of ours is in them."""
    guards.require_datasets(inventory)
    if not config.params and jail.problems:
        raise Refused(
            f"the configuration of {sanitize(jail.name)} could not be read: "
            f"{jail.problems[0].message}",
            f"Fix it first: {sanitize(guards.source(config))}",
        )
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    if not parts:
        raise Refused(
            f"{sanitize(jail.name)} has no dataset of its own",
            f"Plain directories are never removed. By hand: rm {word(guards.source(config))}, "
            f"then look after {sanitize(jail.path)}.",
        )
    no_part_of_the_host(inventory, jail, parts)
    names = [dataset.name for dataset in parts]
    points = [part.mountpoint.rstrip("/") for part in parts if part.mountpoint not in ("", "/")]
    living = [other for point in points for other in _jails_below(inventory).get(point, ())]
    living += [other for name in names for other in _jails_of_datasets(inventory).get(name, ())]
    for other in living:
        if other.name != jail.name and not other.name.startswith(f"{jail.name}."):
            raise Refused(
                f"the jail {sanitize(other.name)} is also in {jail.dataset}",
                f"Destroy or move {sanitize(other.name)} first.",
            )
    return parts


@of_latest
def _jails_below(inventory: Inventory) -> Mapping[str, list[Jail]]:
    return by_place(inventory.jails, attrgetter("path"))


@of_latest
def _jails_of_datasets(inventory: Inventory) -> Mapping[str, list[Jail]]:
    jails: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        jails[jail.dataset].append(jail)
    return jails


def no_part_of_the_host(inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...]) -> None:
    """Raises Refused if the jail's path is the host's root, an image, or contains all jails."""
    layout = inventory.layout
    kept = {layout.dataset, layout.images, layout.own, layout.trash} - {""}
    image = bool(layout.images) and jail.dataset.startswith(f"{layout.images}/")
    for dataset in parts:
        above = dataset.mountpoint.count("/") < 2 or jail_mounts.inside(
            layout.mountpoint, dataset.mountpoint
        )
        host = bool(dataset.mountpoint) and (above or dataset.mountpoint in _HOST)
        if image or host or dataset.name in kept or "/" not in dataset.name:
            raise Refused(
                f"{dataset.name} holds more than {sanitize(jail.name)}",
                f"Check the path of {sanitize(jail.name)}: {sanitize(jail.path)}.",
            )


def nothing_foreign(
    inventory: Inventory, jail: Jail, config: JailConfig, parts: tuple[Dataset, ...]
) -> None:
    """Raises Refused if something else is mounted inside the jail."""
    guards.require_mounts(inventory)
    bases = dict.fromkeys(
        [jail.path, *(dataset.mountpoint for dataset in parts if dataset.mounted)]
    )
    for base in filter(None, bases):
        others = jail_mounts.foreign(inventory, config, base, parts)
        if others:
            listed = ", ".join(
                f"{sanitize(mount.path)} ({sanitize(mount.device)})" for mount in others
            )
            raise Refused(
                f"something else is mounted inside {sanitize(jail.name)}: {listed}",
                f"Unmount it first: umount {word(others[-1].path)}",
            )
