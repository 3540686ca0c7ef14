"""Build each Jail from kernel, configuration, datasets, network and use; pure functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from jailer_core.facts.configs import ConfigReading
from jailer_core.facts.jail_networks import Network as Seen
from jailer_core.facts.layout import image_version
from jailer_core.facts.rc_conf import yes
from jailer_core.facts.stopped_jails import StoppedJailFacts
from jailer_core.managers import Places, owner
from jailer_core.model import (
    Address,
    Dataset,
    Interface,
    Jail,
    JailConfig,
    JailState,
    Network,
    Owner,
    Problem,
)
from jailer_core.model.trees import normal
from jailer_core.parse.process_tables import KernelJail, Usage
from jailer_core.parse.statements import given

OTHERS = frozenset(Owner) - {Owner.JAILER, Owner.NATIVE, Owner.BASTILLE, Owner.BY_HAND}
"""Managers that start their jails at boot in ways of their own."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that was read, ready to be joined; None for what could not be read."""

    kernel: tuple[KernelJail, ...] | None
    usage: Mapping[int, Usage] | None
    datasets: tuple[Dataset, ...] | None
    interfaces: tuple[Interface, ...] | None
    configured: ConfigReading
    rc: Mapping[str, str] | None
    places: Places
    networks: Mapping[int, Seen] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)
    boots: Mapping[str, bool] = field(default_factory=dict)
    bastille_tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    insides: Mapping[str, StoppedJailFacts] = field(default_factory=dict)
    rc_complete: bool = True
    userlands: Mapping[str, str] = field(default_factory=dict)


class Joiner:
    """Joins the parts; the tables that every jail is looked up in are made once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.mounted: dict[str, Dataset] = {}
        for dataset in parts.datasets or ():
            known = self.mounted.get(dataset.mountpoint)
            if dataset.mountpoint and (known is None or dataset.mounted or not known.mounted):
                self.mounted[dataset.mountpoint] = dataset
        self.addresses = {
            address.address: address
            for interface in parts.interfaces or ()
            for address in interface.addresses
        }
        self.names = {jail.jid: jail.name for jail in parts.kernel or ()}
        self.by_name: dict[str, list[JailConfig]] = {}
        for config in parts.configured.configs:
            self.by_name.setdefault(config.name, []).append(config)
        self.by_path = {
            config.root: config for config in reversed(parts.configured.configs) if config.root
        }

    def jails(self) -> tuple[Jail, ...]:
        """First the jails that the kernel knows, in its order, then those only in a file."""
        kernel = self.parts.kernel or ()
        running = [self._of_kernel(jail) for jail in kernel]
        taken = {(jail.config.name, jail.config.path) for jail in running if jail.config}
        names = {jail.name for jail in kernel} | {name for name, _ in taken}
        stopped = [
            self._of_file(config)
            for name, config in self.parts.configured.by_name.items()
            if name not in names and name != "*"
        ]
        return (*running, *stopped)

    # --- of the kernel -----------------------------------------------------------------------

    def _of_kernel(self, kernel_jail: KernelJail) -> Jail:
        parts = self.parts
        config = None if kernel_jail.parent else self._config(kernel_jail)
        who = self._owner(kernel_jail.name, kernel_jail.path, config)
        dataset = self.dataset(kernel_jail.path, who)
        seen = parts.networks.get(kernel_jail.jid)
        network = self._network(kernel_jail, config, seen)
        use = (
            parts.usage.get(kernel_jail.jid, Usage(0.0, 0, 0)) if parts.usage is not None else None
        )
        return Jail(
            name=kernel_jail.name,
            state=JailState.DYING if kernel_jail.dying else JailState.RUNNING,
            owner=who,
            jid=kernel_jail.jid,
            path=kernel_jail.path,
            hostname=kernel_jail.hostname,
            network=network,
            addresses=self._addresses(kernel_jail, seen),
            gateway=self._gateway(kernel_jail, network, seen),
            release=kernel_jail.release,
            parent=self.names.get(kernel_jail.parent, ""),
            config=config,
            dataset=dataset.name if dataset else "",
            disk=dataset.used if dataset else None,
            cpu=use.cpu if use else None,
            memory=use.memory if use else None,
            processes=use.processes if use else None,
            age=parts.ages.get(kernel_jail.jid),
            boots=None if kernel_jail.parent else self._boots(kernel_jail.name, config, who),
            ruleset=kernel_jail.ruleset,
            tags=self._tags(kernel_jail.name, who, dataset),
            problems=self._problems(kernel_jail.name, config, seen),
            userland=parts.userlands.get(kernel_jail.path, ""),
        )

    def _config(self, kernel_jail: KernelJail) -> JailConfig | None:
        """By name, and among equal names by path; else the file that configures that path."""
        named = self.by_name.get(kernel_jail.name, [])
        if len(named) > 1:
            fitting = [item for item in named if item.root == normal(kernel_jail.path)]
            if len(fitting) == 1:
                return fitting[0]
        return self.parts.configured.by_name.get(kernel_jail.name) or (
            self.by_path.get(normal(kernel_jail.path)) if kernel_jail.path != "/" else None
        )

    def _network(
        self, kernel_jail: KernelJail, config: JailConfig | None, seen: Seen | None
    ) -> Network:
        """The address list and `vnet` decide, not `ip4` alone (docs/freebsd-facts.md, Reading)."""
        if kernel_jail.vnet:
            inside = seen.interfaces if seen is not None else None
            epair = any("epair" in item.groups for item in inside or ())
            return Network.EPAIR if epair or (config and _epair(config)) else Network.VNET
        if kernel_jail.addresses:
            return Network.SHARED
        return Network.INHERIT if "inherit" in (kernel_jail.ip4, kernel_jail.ip6) else Network.NONE

    def _addresses(self, kernel_jail: KernelJail, seen: Seen | None) -> tuple[Address, ...] | None:
        if kernel_jail.vnet:
            return seen.addresses if seen is not None else None
        return tuple(
            self.addresses.get(address) or Address(address) for address in kernel_jail.addresses
        )

    def _gateway(self, kernel_jail: KernelJail, network: Network, seen: Seen | None) -> str | None:
        if network is Network.NONE:
            return ""
        way = seen if kernel_jail.vnet else self.parts.networks.get(0)
        return way.gateway if way is not None else None

    # --- of a file ---------------------------------------------------------------------------

    def _of_file(self, config: JailConfig) -> Jail:
        path = config.root
        who = self._owner(config.name, path, config)
        dataset = self.dataset(path, who)
        known = bool(config.params)
        inside = self.parts.insides.get(path, StoppedJailFacts())
        return Jail(
            name=config.name,
            state=JailState.STOPPED,
            owner=who,
            path=path,
            hostname=config.first("host.hostname", config.name if known else ""),
            network=configured_network(config),
            addresses=configured_addresses(config, inside) if known else None,
            gateway=self._configured_gateway(config, inside) if known else None,
            release=config.first("osrelease") or image_version(dataset) or inside.release,
            config=config,
            dataset=dataset.name if dataset else "",
            disk=dataset.used if dataset else None,
            cpu=0.0,
            memory=0,
            processes=0,
            boots=self._boots(config.name, config, who),
            tags=self._tags(config.name, who, dataset),
            problems=self._problems(config.name, config, None),
            userland=self.parts.userlands.get(path, ""),
        )

    def _configured_gateway(self, config: JailConfig, inside: StoppedJailFacts) -> str | None:
        network = configured_network(config)
        if network in (Network.EPAIR, Network.VNET):
            return inside.gateway
        host = self.parts.networks.get(0)
        return "" if network is Network.NONE else host.gateway if host is not None else None

    # --- of both -----------------------------------------------------------------------------

    def _owner(self, name: str, path: str, config: JailConfig | None) -> Owner:
        if config is None:
            return owner(name, path, "", "", self.parts.places)
        text = self.parts.configured.files.texts.get(config.source, "")
        return owner(name, path, config.source, text, self.parts.places)

    def dataset(self, path: str, who: Owner) -> Dataset | None:
        """The dataset mounted on exactly the jail's root; Bastille's is the one around it.

        Never the host's own root: a jail at / has no dataset of its own.
        """
        path = normal(path)
        dataset_there = self.mounted.get(path) if path not in ("", "/") else None
        if (
            dataset_there is not None
            and who is Owner.BASTILLE
            and dataset_there.name.endswith("/root")
        ):
            return self.mounted.get(path.removesuffix("/root"), dataset_there)
        return dataset_there

    def _tags(self, name: str, who: Owner, dataset: Dataset | None) -> tuple[str, ...] | None:
        """Those of its dataset, or of Bastille: none without, unknown when the datasets are."""
        if who is Owner.BASTILLE:
            return self.parts.bastille_tags.get(name, ())
        if dataset is not None:
            return dataset.tags
        return None if self.parts.datasets is None else ()

    def _boots(self, name: str, config: JailConfig | None, who: Owner) -> bool | None:
        """rc.d's rule: the names in `jail_list`, or all of jail.conf when it is empty."""
        rc = self.parts.rc
        if rc is None or (config is None and who is not Owner.BY_HAND) or who in OTHERS:
            return None
        if who is Owner.BASTILLE:
            return yes(rc.get("bastille_enable", "NO")) and self.parts.boots.get(name, False)
        if not self.parts.rc_complete and not {"jail_enable", "jail_list"} <= rc.keys():
            return None
        if not yes(rc.get("jail_enable", "NO")):
            return False
        listed = rc.get("jail_list", "").split()
        return name in listed if listed else name in self.parts.configured.in_main

    def _problems(
        self, name: str, config: JailConfig | None, seen: Seen | None
    ) -> tuple[Problem, ...]:
        trouble = self.parts.configured.troubles.get(name) if config is not None else None
        network = seen.problem if seen is not None else None
        return tuple(problem for problem in (trouble, network) if problem is not None)


def _epair(config: JailConfig) -> bool:
    return any(card.startswith("epair") for card in config.params.get("vnet.interface", ()))


def configured_network(config: JailConfig) -> Network:
    """How a stopped jail will be connected. Without configured addresses it has none."""
    if config.has("vnet"):
        return Network.EPAIR if _epair(config) else Network.VNET
    if config.has("ip4.addr") or config.has("ip6.addr"):
        return Network.SHARED
    inherited = "inherit" in (config.first("ip4"), config.first("ip6"))
    return Network.INHERIT if inherited else Network.NONE


def configured_addresses(
    config: JailConfig, inside: StoppedJailFacts
) -> tuple[Address, ...] | None:
    """`[INTERFACE|]ADDRESS[/PREFIX]` of ip4.addr and ip6.addr.

    A VNET jail's stand inside, and in commands of its configuration. What is not an address is left
    out: jail(8) will say so.
    """
    if config.has("vnet"):
        commands = (values for param, values in config.params.items() if param.startswith("exec."))
        lines = tuple(line for values in commands for line in values)
        found_there = [Address(line.address, line.prefix, line.interface) for line in given(lines)]
        return (*found_there, *(inside.addresses or ())) if found_there else inside.addresses
    values = (*config.params.get("ip4.addr", ()), *config.params.get("ip6.addr", ()))
    candidates = (_address(value, config.first("interface")) for value in values)
    return tuple(address for address in candidates if address is not None)


def _address(text: str, default: str) -> Address | None:
    interface, bar, rest = text.rpartition("|")
    address, _, prefix = rest.split(" ")[0].partition("/")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return None
    bits = int(prefix) if prefix.isascii() and prefix.isdigit() else None
    return Address(address, bits, interface if bar else default)
