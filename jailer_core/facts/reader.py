"""`Reader`: refreshes the inventory, and caches what only changes with a file or a jid."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jailer_core.errors import HostError
from jailer_core.facts import layout
from jailer_core.facts.config_texts import MAIN, FileCache, stamps_of
from jailer_core.facts.configs import ConfigReading, Configs
from jailer_core.facts.host_facts import HostFactsReader, Uptimes
from jailer_core.facts.jail_networks import AT_ONCE, Network, Networks
from jailer_core.facts.join import Joiner, Parts
from jailer_core.facts.on_demand import SNAPSHOTS, OnDemandFacts
from jailer_core.facts.probes import (
    CONNECTIONS,
    EVERYTHING,
    GOOD_USE,
    LIST,
    LIST_JSON,
    USUAL,
    InSight,
    Probe,
    Schedule,
)
from jailer_core.facts.rc_conf import WATCHED, RcConf
from jailer_core.facts.stopped_jails import (
    StoppedJailFacts,
    StoppedJails,
    Userlands,
    looks,
    own_rcs,
)
from jailer_core.host import Host
from jailer_core.managers import BASTILLE_CONF, bastille_jails, places as manager_places
from jailer_core.model import (
    FileStamp,
    HostFacts,
    Image,
    Inventory,
    Jail,
    JailConfig,
    Layout,
    Problem,
    SetupFacts,
    TrashEntry,
)
from jailer_core.needs import Needs
from jailer_core.parse import mount_tables, network_tables, process_tables, zfs
from jailer_core.parse.process_tables import KernelJail
from jailer_core.parse.rcconf import plain_settings
from jailer_core.text import sanitize

if TYPE_CHECKING:
    from jailer_core.facts.firewall_rules import Known
    from jailer_core.facts.network_state import NetworkReader
    from jailer_core.model.network import Firewall

_JLS = ("jls", "-d", "--libxo=json", *process_tables.NAMES)
PARTS = {
    "jls": "jails",
    "zfs": "datasets",
    "ifconfig": "interfaces",
    "mount": "mounts",
    "zpool": "pools",
}
"""What a probe tells of, as Inventory names it."""
_JLS_ALL = ("jls", "-d", "-n", "--libxo=json")


@dataclass(frozen=True, slots=True)
class _Files:
    """Where jail.conf is, where Bastille's jails are ("" for nowhere), files that configure."""

    main: str
    bastille: str
    stamps: dict[str, FileStamp]


@dataclass(slots=True)
class _More:
    """What only these needs ask for, as it was read last."""

    needs: Needs
    extras: OnDemandFacts = field(default_factory=OnDemandFacts)
    firewall: Firewall | None = None


class Reader:
    """Reads one host again and again.

    `gather` reads all of it now: plans are decided on that. `refresh` is for the screen: it reads
    what is due by the table of rhythms (probes.py), the rest keeps its last value.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.schedule = Schedule(host.uptime)
        self._jls = Probe("jls", _JLS, process_tables.jails)
        self._ps = Probe(
            "ps", ("ps", "-ax", "-o", process_tables.TOTALS, "--libxo=json"), process_tables.usage
        )
        columns = ",".join(zfs.DATASETS)
        self._zfs = Probe(
            "zfs list", ("zfs", "list", "-Hp", "-o", columns, "-t", "filesystem"), zfs.datasets
        )
        self._zpool = Probe(
            "zpool list", ("zpool", "list", "-Hp", "-o", ",".join(zfs.POOL_COLUMNS)), zfs.pools
        )
        self._mount = Probe("mount", ("mount", "-p"), mount_tables.mounts)
        self._ifconfig = Probe(
            "ifconfig", ("ifconfig", "-a", "-f", "inet:cidr,inet6:cidr"), network_tables.interfaces
        )
        self._snapshots = Probe("zfs list", SNAPSHOTS, zfs.snapshots)
        self._facts = HostFactsReader()
        self._rc = RcConf()
        self._configs = Configs()
        self._networks = Networks()
        self._ages = Uptimes()
        self._small = FileCache(str)
        self._insides = StoppedJails()
        self._userlands = Userlands()
        self._files: _Files | None = None
        self._more = _More(Needs())
        self._begun = False
        self._ours: tuple[str, dict[str, dict[str, object]]] = ("", {})
        self._basis: object = None
        self._roots_of: tuple[object, object] = (None, None)
        self._images: tuple[Image, ...] = ()
        self._trash: tuple[TrashEntry, ...] = ()
        self._read_at: dict[str, float] = {}
        self._parts: Parts | None = None
        self._jails: tuple[Jail, ...] = ()
        self._last: Inventory | None = None
        self._rules: Known | None = None
        self._busy = asyncio.Lock()

    @cached_property
    def _connections(self) -> NetworkReader:
        """Imported when the network is asked for."""
        from jailer_core.facts.network_state import NetworkReader  # noqa: PLC0415

        return NetworkReader(self.host)

    # --- the refresh -------------------------------------------------------------------------

    async def gather(self, needs: Needs = Needs(), *, quick: bool = False) -> Inventory:  # noqa: B008
        """All that `needs` asks for besides the usual. Never raises what a host can cause.

        A probe that fails is one of `problems`, and what it would have told is None; without
        jls there are no jails at all, for nothing tells which of them run. With `quick` only
        name, state, jid, hostname, addresses, gateway, owner, release and network of the jails
        are told, as `list` needs them. While nothing changes, all parts stay the same objects.
        """
        async with self._busy:
            shown = LIST if quick else EVERYTHING
            return await self._read(shown | {"more"}, shown, needs, _More(needs))

    async def listed(self) -> Inventory:
        """What `list -j` tells of the jails, with as many processes for one as for thousands."""
        async with self._busy:
            return await self._read(LIST_JSON, LIST_JSON, Needs(), _More(Needs()))

    async def refresh(self, in_sight: InSight) -> Inventory:
        """For the screen: read what is due and keep the rest; the same object if nothing is due."""
        async with self._busy:
            due = self.schedule.due(in_sight)
            needs = in_sight.needs
            if self._last is None or not self._begun:
                due = EVERYTHING
            elif not due:
                return self._last
            if "more" in due:
                self._more = _More(needs)
                self.schedule.done({"more"})
            elif self._more.needs != needs:
                self._more = _More(Needs(network=needs.network))
            return await self._read(due, EVERYTHING, needs, self._more)

    async def _read(
        self, names: frozenset[str], shown: frozenset[str], needs: Needs, more: _More
    ) -> Inventory:
        """Run these probes, and tell of all that is `shown`; of the others the last value."""
        await self._probe(names, needs, more.extras)
        problem = self._jls.problem
        if problem is not None and "unknown parameter" in problem.message:
            # a kernel without one of the parameters (no VIMAGE, no INET6) refuses them all
            self._jls = Probe("jls", _JLS_ALL, process_tables.jails)
            await self._jls.ask(self.host)
        parts = await self._parts_of(names, shown, routes=needs.network)
        self._done(names, needs)
        if "more" in names:
            more.firewall = await self._firewall(more.extras, needs)
        return self._kept(await self._whole(names, parts, more, needs, shown))

    async def _probe(self, names: frozenset[str], needs: Needs, extras: OnDemandFacts) -> None:
        """Run everything that depends on nothing else, concurrently."""
        async with asyncio.TaskGroup() as group:
            for name, probe in self._usual().items():
                if name in names:
                    group.create_task(probe.ask(self.host))
            facts = group.create_task(self._host_facts(names))
            if needs.network and names & CONNECTIONS:
                group.create_task(self._connections.ask(facts, names))
            if "more" in names:
                group.create_task(extras.read(self.host, needs, self._snapshots))
            if "files" in names or self._files is None:
                group.create_task(self._find_files())

    async def _host_facts(self, names: frozenset[str]) -> HostFacts:
        return await self._facts.ask(self.host) if "sysctl" in names else self._facts.value

    async def _parts_of(
        self, names: frozenset[str], shown: frozenset[str], *, routes: bool
    ) -> Parts:
        """What is asked once a file or a jid, and all of it for the joiner."""
        kernel, datasets = self._jls.value or (), self._zfs.value
        files = self._files or _Files(MAIN, "", {})
        use = self._ps.value if self.schedule.age("ps") < GOOD_USE or "ps" in names else None
        using = [jail.jid for jail in kernel if use is not None and jail.jid in use]
        async with asyncio.TaskGroup() as group:
            configs = group.create_task(self._configured(names, files))
            ages = group.create_task(self._ages_of(names, kernel, using))
            networks = group.create_task(self._stacks(names, shown, configs, routes=routes))
        configured = configs.result()
        where = layout.layout(self._rc.values, datasets)
        settings = {}  # where Bastille says whether it starts a jail at boot (recording 08 line 59)
        if "ps" in shown:
            settings = await self._of_bastille(configured, files.bastille, "settings.conf")
        tags = await self._of_bastille(configured, files.bastille, "tags")
        told = shown in (EVERYTHING, LIST_JSON)
        insides, userlands = await self._of_roots(names, configured, where, told=told)
        return Parts(
            kernel=self._jls.value,
            usage=use if "ps" in shown else None,
            datasets=datasets,
            interfaces=self._ifconfig.value if "ifconfig" in shown else None,
            configured=configured,
            rc=self._rc.values,
            rc_complete=self._rc.complete,
            places=manager_places(where.mountpoint, self._rc.values, files.bastille),
            networks=networks.result(),
            ages=ages.result() if "ps" in shown else {},
            boots={
                jail: plain_settings(text).get("boot", "on") == "on"
                for jail, text in settings.items()
            },
            bastille_tags={jail: tuple(sorted(set(text.split()))) for jail, text in tags.items()},
            insides=insides,
            userlands=userlands,
        )

    async def _of_roots(
        self, names: frozenset[str], configured: ConfigReading, where: Layout, *, told: bool
    ) -> tuple[Mapping[str, StoppedJailFacts], Mapping[str, str]]:
        """What only the files of stopped jails tell, and (`told`) userlands of jails and images.

        They are looked at with the datasets, or when there is something new.
        """
        old, kernel, datasets = self._parts, self._jls.value, self._zfs.value or ()
        same = old is not None and old.configured is configured and old.kernel is kernel
        if old is not None and same and "zfs" not in names:
            return old.insides, self._userlands.latest if told else {}
        insides = await self._insides.read(self.host, looks(configured, kernel or (), datasets))
        if not told:
            return insides, {}
        images = [
            dataset.mountpoint
            for dataset in datasets
            if dataset.mounted and where.dataset and dataset.name.startswith(f"{where.images}/")
        ]
        jails = [config.root for config in configured.configs]
        jails += [jail.path for jail in kernel or ()]
        return insides, await self._userlands.read(self.host, [*jails, *images])

    async def _ages_of(
        self, names: frozenset[str], kernel: tuple[KernelJail, ...], using: list[int]
    ) -> Mapping[int, int]:
        """Uptimes of the jails; read when their usage is."""
        old = self._parts
        if old is not None and old.ages and kernel is old.kernel and "ps" not in names:
            return old.ages
        return await self._ages.read(self.host, [jail.jid for jail in kernel], using)

    async def _configured(self, names: frozenset[str], files: _Files) -> ConfigReading:
        if "files" in names:
            await self._configs.read(self.host, files.main, files.stamps)
        reading, kernel = self._configs.found, self._jls.value or ()
        known, jails = self._roots_of
        if known is not reading or jails is not kernel:
            self._roots_of = (reading, kernel)
            # the host is to trust nothing below them
            roots = [config.root for config in reading.configs]
            self.host.learn_roots([*roots, *(jail.path for jail in kernel)])
        return reading

    async def _stacks(
        self,
        names: frozenset[str],
        shown: frozenset[str],
        configs: asyncio.Task[ConfigReading],
        *,
        routes: bool,
    ) -> dict[int, Network]:
        """Network stacks of jails; for a list their own files may answer."""
        kernel = self._jls.value or ()
        if shown != EVERYTHING:
            own = own_rcs(await configs, kernel)
            return await self._networks.read(self.host, kernel, own=own)
        again = AT_ONCE if names == EVERYTHING or routes else int("networks" in names)
        return await self._networks.read(self.host, kernel, routes=routes, again=again)

    def _done(self, names: frozenset[str], needs: Needs) -> None:
        """Note what was read, and what of it failed."""
        read = names - {"more"} - (frozenset() if needs.network else CONNECTIONS)
        failed = [name for name, probe in self._usual().items() if probe.problem is not None]
        failed += ["sysctl"] if self._facts.problem is not None else []
        self.schedule.done(read, read.intersection(failed))
        self._begun = self._begun or names >= USUAL
        self.schedule.settled = not any(jail.dying for jail in self._jls.value or ())
        self._read_at |= dict.fromkeys(read, self.host.clock())

    def _usual(self) -> dict[str, Probe[Any]]:
        return {
            "jls": self._jls,
            "ps": self._ps,
            "zfs": self._zfs,
            "zpool": self._zpool,
            "mount": self._mount,
            "ifconfig": self._ifconfig,
        }

    # --- files -------------------------------------------------------------------------------

    async def _find_files(self) -> None:
        """rc.conf is read here; then jail.conf's path, Bastille's jails, stamps of all files."""
        stamps = await stamps_of(self.host, [*WATCHED, BASTILLE_CONF])
        await self._rc.read(self.host, stamps)
        main = (self._rc.values or {}).get("jail_conf") or MAIN
        conf = await self._small.read(self.host, [BASTILLE_CONF], stamps)
        bastille = bastille_jails(conf.get(BASTILLE_CONF, "")) if BASTILLE_CONF in stamps else ""
        paths = await self._configs.texts.candidates(self.host, main, bastille)
        self._files = _Files(main, bastille, await stamps_of(self.host, paths))

    async def _of_bastille(
        self, configured: ConfigReading, bastille: str, name: str
    ) -> dict[str, str]:
        """The texts of the files of that name that Bastille keeps, by jail."""
        files = {
            f"{config.path.removesuffix('jail.conf')}{name}": config.name
            for config in configured.configs
            if bastille and config.path.startswith(bastille)
        }
        texts = await self._small.read(self.host, files)
        return {files[path]: text for path, text in texts.items()}

    # --- putting together --------------------------------------------------------------------

    async def _whole(
        self,
        names: frozenset[str],
        parts: Parts,
        more: _More,
        needs: Needs,
        shown: frozenset[str],
    ) -> Inventory:
        extras, where = more.extras, layout.layout(parts.rc, parts.datasets)
        self._join(parts)
        if names & {"files", "zfs"}:
            self._ours = await self._our_files(where)
        self._lay_out(parts, extras, where)
        jails, configs = await self._texts(parts.configured.configs, needs, extras)
        doctor: SetupFacts | None = None
        if needs.setup:
            from jailer_core.facts.setup_facts import examine  # noqa: PLC0415 - only when asked for

            doctor = await examine(self.host, jails, where, extras)
        connected = needs.network and shown == EVERYTHING
        connections = (
            await self._connections.found(self._jails, parts.networks) if connected else None
        )
        return Inventory(
            host=self._facts.value if "sysctl" in shown else HostFacts(),
            layout=where,
            jails=jails,
            configs=configs,
            files=parts.configured.files,
            pools=self._zpool.value if "zpool" in shown else None,
            datasets=parts.datasets,
            snapshots=extras.snapshots,
            properties=extras.properties,
            mounts=self._mount.value if "mount" in shown else None,
            interfaces=parts.interfaces,
            processes=extras.processes,
            holders=extras.holders,
            images=self._images,
            trash=self._trash,
            rc=parts.rc,
            file_texts=extras.kept,
            setup=doctor,
            connections=connections,
            firewall=more.firewall,
            file_stats=extras.stamps,
            command_results=extras.answers,
            problems=self._problems(parts, extras, shown, connected=connected),
            read_at=dict(self._read_at),
            ssh_client=self.host.connection if shown == EVERYTHING else None,
            incomplete=self._incomplete(parts, extras, shown),
            rc_places=self._rc.places,
            trees=extras.trees,
        )

    def _join(self, parts: Parts) -> None:
        """The jails, joined again only from other parts; equal ones stay the same objects."""
        if parts == self._parts:
            return
        known = {(jail.name, jail.jid): jail for jail in self._jails}
        fresh = Joiner(parts).jails() if parts.kernel is not None else ()
        self._jails = tuple(
            old if (old := known.get((jail.name, jail.jid))) == jail else jail for jail in fresh
        )
        self._parts = parts

    def _lay_out(self, parts: Parts, extras: OnDemandFacts, where: Layout) -> None:
        """Images and trash, looked for again only when something of it has changed."""
        default, metas = self._ours
        basis = (where, parts.datasets, extras.snapshots, default, metas, parts.userlands)
        if basis != self._basis:
            self._basis = basis
            self._images = layout.images(
                where, parts.datasets, extras.snapshots, default, parts.userlands
            )
            self._trash = layout.trash(where, parts.datasets, metas)

    def _incomplete(
        self, parts: Parts, extras: OnDemandFacts, shown: frozenset[str]
    ) -> frozenset[str]:
        """Names of the parts of which something could not be read."""
        usual = self._usual()
        incomplete = {
            part for name, part in PARTS.items() if name in shown and usual[name].incomplete
        }
        if not all(network.complete for network in parts.networks.values()):
            incomplete.add("jails")
        if not self._rc.complete:
            incomplete.add("rc")
        return frozenset(incomplete | extras.incomplete)

    def forget_networks(self) -> None:
        """Something was changed: ask the jails' network stacks again, a few on each refresh."""
        self._networks.forget()
        if self._rules is not None:
            self._rules.anchors.clear()

    async def _firewall(self, extras: OnDemandFacts, needs: Needs) -> Firewall | None:
        if not needs.firewall and not needs.translations:
            return None
        # only when asked for
        from jailer_core.facts.firewall_rules import Known, counters, look  # noqa: PLC0415

        if needs.firewall:
            return await look(self.host, extras)
        self._rules = self._rules or Known()
        firewall, problems = await counters(self.host, self._rules)
        extras.problems += problems
        return firewall

    async def _our_files(self, where: Layout) -> tuple[str, dict[str, dict[str, object]]]:
        """The default image, and what was kept about the trash."""
        default = f"{where.mountpoint}/image/.default"
        trashed = layout.trashed(where, self._zfs.value)
        names = [dataset.name.rpartition("/")[2] for dataset in trashed]
        vanished = {f"{where.state}/kept/{name}/trash.json": name for name in names}
        texts = await self._small.read(self.host, [default, *vanished])
        metas = {
            vanished[path]: dict(layout.meta(text))
            for path, text in texts.items()
            if path in vanished
        }
        return texts.get(default, "").strip(), metas

    async def _texts(
        self, configs: tuple[JailConfig, ...], needs: Needs, extras: OnDemandFacts
    ) -> tuple[tuple[Jail, ...], tuple[JailConfig, ...]]:
        """With the raw files of the jails whose text is needed."""
        if not needs.jails:
            return self._jails, configs
        full: dict[tuple[str, str], JailConfig] = {}
        for config in configs:
            if config.name in needs.jails:
                try:
                    text = await self.host.read(config.source)
                    full[config.name, config.source] = replace(config, text=text)
                except HostError as error:
                    extras.problems.append(Problem(config.source, sanitize(error.message)))
        jails = tuple(
            replace(jail, config=full[jail.config.name, jail.config.source])
            if jail.config is not None and (jail.config.name, jail.config.source) in full
            else jail
            for jail in self._jails
        )
        return jails, tuple(full.get((config.name, config.source), config) for config in configs)

    def _problems(
        self, parts: Parts, extras: OnDemandFacts, shown: frozenset[str], *, connected: bool
    ) -> tuple[Problem, ...]:
        problems = [probe.problem for name, probe in self._usual().items() if name in shown]
        problems += [self._facts.problem] if "sysctl" in shown else []
        problems += [self._rc.problem, *parts.configured.problems, *extras.problems]
        problems += self._connections.problems if connected else []
        problems += [_unseen(parts.networks)]
        return tuple(dict.fromkeys(problem for problem in problems if problem is not None))

    def _kept(self, new: Inventory) -> Inventory:
        """The last Inventory with the new time while nothing else differs."""
        now = self.host.clock()
        if self._last is not None and replace(new, taken=self._last.taken) == self._last:
            new = replace(self._last, read_at=new.read_at)
        self._last = replace(new, taken=now)
        return self._last

    async def more(self, inventory: Inventory, needs: Needs) -> Inventory:
        """The inventory with the commands and files that only these needs ask for.

        Nothing that every refresh reads is read again.
        """
        extras = OnDemandFacts()
        await extras.read(self.host, needs, self._snapshots)
        return replace(
            inventory,
            command_results={**inventory.command_results, **extras.answers},
            file_texts={**inventory.file_texts, **extras.kept},
            problems=(*inventory.problems, *extras.problems),
        )


def _unseen(networks: Mapping[int, Network]) -> Problem | None:
    """One line for all jails whose network could not be read; each jail has its own besides."""
    host = networks.get(0)
    if host is not None and host.problem is not None:
        return host.problem
    failed = [network.problem for network in networks.values() if network.problem is not None]
    if not failed:
        return None
    count = "1 jail" if len(failed) == 1 else f"{len(failed)} jails"
    return replace(failed[0], message=f"{failed[0].message} ({count} with their own network)")
