"""`Reader`: one refresh after the other, remembering what only changes with a file or a jid."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jailer_core.errors import CommandFailed, HostError
from jailer_core.firewall import Firewall
from jailer_core.host import Host
from jailer_core.inventory import places
from jailer_core.inventory.ages import Ages
from jailer_core.inventory.conffiles import MAIN, stamps_of
from jailer_core.inventory.configs import Configs, Configured
from jailer_core.inventory.connections import ConnectionReader
from jailer_core.inventory.doctor import examine
from jailer_core.inventory.extras import SNAPSHOTS, Extras
from jailer_core.inventory.facts import Facts
from jailer_core.inventory.inside import Insides, looks
from jailer_core.inventory.join import Joiner, Parts
from jailer_core.inventory.networks import Network, Networks
from jailer_core.inventory.probes import TIMEOUT, Probe
from jailer_core.inventory.rc import WATCHED, RcConf
from jailer_core.inventory.small import SmallFiles
from jailer_core.logs import untrusted
from jailer_core.managers import BASTILLE_CONF, bastille_jails
from jailer_core.managers import places as manager_places
from jailer_core.model import (
    FileStamp,
    HostFacts,
    Inventory,
    Jail,
    JailConfig,
    Layout,
    Problem,
    Process,
    Snapshot,
)
from jailer_core.model.network import Connections
from jailer_core.parse import ifconfig, jls, mount, ps, zfs, zpool
from jailer_core.parse.rcfile import plain_settings
from jailer_core.plan import Needs
from jailer_core.text import visible

if TYPE_CHECKING:
    from jailer_core.inventory.firewall import Known

_JLS = ("jls", "-d", "--libxo=json", *jls.NAMES)
_JLS_ALL = ("jls", "-d", "-n", "--libxo=json")


@dataclass(frozen=True, slots=True)
class _Files:
    """Where jail.conf is, where Bastille's jails are ("" for nowhere), files that configure."""

    main: str
    bastille: str
    stamps: dict[str, FileStamp]


class Reader:
    """Reads one host again and again; see `gather`."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._jls = Probe("jls", _JLS, jls.jails)
        self._ps = Probe("ps", ("ps", "-ax", "-o", ps.TOTALS, "--libxo=json"), ps.usage)
        columns = ",".join(zfs.DATASETS)
        self._zfs = Probe(
            "zfs list", ("zfs", "list", "-Hp", "-o", columns, "-t", "filesystem"), zfs.datasets
        )
        self._zpool = Probe(
            "zpool list", ("zpool", "list", "-Hp", "-o", ",".join(zpool.COLUMNS)), zpool.pools
        )
        self._mount = Probe("mount", ("mount", "-p"), mount.mounts)
        self._ifconfig = Probe(
            "ifconfig", ("ifconfig", "-a", "-f", "inet:cidr,inet6:cidr"), ifconfig.interfaces
        )
        self._snapshots = Probe("zfs list", SNAPSHOTS, zfs.snapshots)
        self._facts = Facts()
        self._rc = RcConf()
        self._configs = Configs()
        self._networks = Networks()
        self._connections = ConnectionReader()
        self._ages = Ages()
        self._small = SmallFiles()
        self._insides = Insides()
        self._parts: Parts | None = None
        self._jails: tuple[Jail, ...] = ()
        self._last: Inventory | None = None
        self._rules: Known | None = None
        self._busy = asyncio.Lock()

    # --- the refresh -------------------------------------------------------------------------

    async def gather(self, needs: Needs = Needs(), *, quick: bool = False) -> Inventory:  # noqa: B008
        """All that `needs` asks for besides the usual. Never raises what a host can cause.

        A probe that fails is one of `problems`, and what it would have told is None; without
        jls there are no jails at all, for nothing tells which of them run. With `quick` only
        name, state, jid, hostname, addresses, gateway, owner, release and network of the jails
        are told, as `list` needs them. While nothing changes, all parts stay the same objects.
        """
        async with self._busy:
            return await self._gather(needs, quick=quick)

    async def _gather(self, needs: Needs, *, quick: bool) -> Inventory:
        extras = Extras()
        found = await self._probe(needs, extras, quick=quick)
        await self._all_names()
        parts = await self._parts_of(found, quick=quick, routes=needs.network)
        where = places.layout(self._rc.values, self._zfs.value)
        return self._kept(await self._whole(parts, where, extras, needs, quick=quick))

    async def _probe(self, needs: Needs, extras: Extras, *, quick: bool) -> _Files:
        """All that does not wait for anything else, side by side."""
        async with asyncio.TaskGroup() as group:
            for probe in (self._jls, self._zfs) if quick else self._usual():
                group.create_task(probe.ask(self.host))
            if not quick:
                facts = group.create_task(self._facts.ask(self.host))
                if needs.network:
                    group.create_task(self._connections.ask(self.host, facts))
            group.create_task(extras.read(self.host, needs, self._snapshots))
            files = group.create_task(self._files())
        return files.result()

    async def _parts_of(self, files: _Files, *, quick: bool, routes: bool) -> Parts:
        """What is asked once a file or a jid, side by side, and all of it for the joiner."""
        kernel, use = self._jls.value or (), self._ps.value or {}
        jids = [one.jid for one in kernel]
        using = [] if quick else [jid for jid in jids if jid in use]
        async with asyncio.TaskGroup() as group:
            configs = group.create_task(self._configs.read(self.host, files.main, files.stamps))
            networks = group.create_task(
                self._networks.read(self.host, kernel, quick=quick, routes=routes)
            )
            ages = group.create_task(self._ages.read(self.host, jids, using))
        configured, datasets = configs.result(), self._zfs.value
        where = places.layout(self._rc.values, datasets)
        return Parts(
            kernel=self._jls.value,
            usage=None if quick else self._ps.value,
            datasets=datasets,
            interfaces=None if quick else self._ifconfig.value,
            configured=configured,
            rc=self._rc.values,
            places=manager_places(where.mountpoint, self._rc.values, files.bastille),
            networks=networks.result(),
            ages=ages.result(),
            boots={} if quick else await self._bastille_boots(configured, files.bastille),
            insides=await self._insides.read(self.host, looks(configured, kernel, datasets or ())),
        )

    def _usual(self) -> tuple[Probe[Any], ...]:
        return (self._jls, self._ps, self._zfs, self._zpool, self._mount, self._ifconfig)

    async def _all_names(self) -> None:
        """A kernel without one of the parameters (no VIMAGE, no INET6) refuses them all."""
        problem = self._jls.problem
        if problem is not None and "unknown parameter" in problem.message:
            self._jls = Probe("jls", _JLS_ALL, jls.jails)
            await self._jls.ask(self.host)

    # --- files -------------------------------------------------------------------------------

    async def _files(self) -> _Files:
        """rc.conf is read here; then jail.conf's path, Bastille's jails, stamps of all files."""
        stamps = await stamps_of(self.host, [*WATCHED, BASTILLE_CONF])
        await self._rc.read(self.host, stamps)
        main = (self._rc.values or {}).get("jail_conf") or MAIN
        conf = await self._small.read(self.host, [BASTILLE_CONF], stamps)
        bastille = bastille_jails(conf.get(BASTILLE_CONF, "")) if BASTILLE_CONF in stamps else ""
        paths = await self._configs.texts.candidates(self.host, main, bastille)
        return _Files(main, bastille, await stamps_of(self.host, paths))

    async def _bastille_boots(self, configured: Configured, bastille: str) -> dict[str, bool]:
        """Whether Bastille starts its jails at boot (settings.conf, recording 08 line 59)."""
        files = {
            f"{one.path.removesuffix('jail.conf')}settings.conf": one.name
            for one in configured.configs
            if bastille and one.path.startswith(bastille)
        }
        texts = await self._small.read(self.host, files)
        return {
            files[path]: plain_settings(text).get("boot", "on") == "on"
            for path, text in texts.items()
        }

    # --- putting together --------------------------------------------------------------------

    async def _whole(
        self, parts: Parts, where: Layout, extras: Extras, needs: Needs, *, quick: bool
    ) -> Inventory:
        if parts != self._parts:
            known = {(one.name, one.jid): one for one in self._jails}
            fresh = Joiner(parts).jails() if parts.kernel is not None else ()
            self._jails = tuple(
                old if (old := known.get((one.name, one.jid))) == one else one for one in fresh
            )
            self._parts = parts
        default, metas = await self._our_files(where)
        jails, configs = await self._texts(parts.configured.configs, needs, extras)
        doctor = await examine(self.host, jails, where, extras) if needs.doctor else None
        connected = needs.network and not quick
        connections = await self._connected(parts, extras) if connected else None
        firewall = await self._firewall(extras, needs)
        return Inventory(
            host=HostFacts() if quick else self._facts.value,
            layout=where,
            jails=jails,
            configs=configs,
            files=parts.configured.files,
            pools=None if quick else self._zpool.value,
            datasets=parts.datasets,
            snapshots=extras.snapshots,
            properties=extras.properties,
            mounts=None if quick else self._mount.value,
            interfaces=parts.interfaces,
            processes=extras.processes,
            holders=extras.holders,
            images=places.images(where, parts.datasets, extras.snapshots, default),
            trash=places.trash(where, parts.datasets, metas),
            rc=parts.rc,
            kept=extras.kept,
            doctor=doctor,
            connections=connections,
            firewall=firewall,
            stamps=extras.stamps,
            answers=extras.answers,
            problems=self._problems(parts, extras, quick=quick),
            reached=None if quick else self.host.connection,
            incomplete=self._incomplete(parts, extras, quick=quick),
        )

    def _incomplete(self, parts: Parts, extras: Extras, *, quick: bool) -> frozenset[str]:
        """Names of the parts of which something could not be read."""
        probes: dict[str, Probe[Any]] = {"jails": self._jls, "datasets": self._zfs}
        if not quick:
            probes |= {"interfaces": self._ifconfig, "mounts": self._mount, "pools": self._zpool}
        found = {name for name, probe in probes.items() if probe.incomplete}
        if not all(network.complete for network in parts.networks.values()):
            found.add("jails")
        return frozenset(found | extras.incomplete)

    async def _connected(self, parts: Parts, extras: Extras) -> Connections:
        """Who is connected to what, beyond the usual."""
        found = await self._connections.found(self.host, self._jails, parts.networks)
        extras.problems += self._connections.problems
        return found

    def forget_networks(self) -> None:
        """Something was changed: ask the jails' network stacks again, a few on each refresh."""
        self._networks.forget()
        if self._rules is not None:
            self._rules.forget()

    async def _firewall(self, extras: Extras, needs: Needs) -> Firewall | None:
        if not needs.firewall and not needs.translations:
            return None
        # only when asked for
        from jailer_core.inventory.firewall import Known, counters, look  # noqa: PLC0415

        if needs.firewall:
            return await look(self.host, extras)
        self._rules = self._rules or Known()
        found, problems = await counters(self.host, self._rules)
        extras.problems += problems
        return found

    async def _our_files(self, where: Layout) -> tuple[str, dict[str, dict[str, object]]]:
        """The default image, and what was kept about the trash."""
        default = f"{where.mountpoint}/image/.default"
        gone = {
            places.meta_path(where, one.name): one.name.rpartition("/")[2]
            for one in places.trashed(where, self._zfs.value)
        }
        texts = await self._small.read(self.host, [default, *gone])
        metas = {
            gone[path]: dict(places.meta(text)) for path, text in texts.items() if path in gone
        }
        return texts.get(default, "").strip(), metas

    async def _texts(
        self, configs: tuple[JailConfig, ...], needs: Needs, extras: Extras
    ) -> tuple[tuple[Jail, ...], tuple[JailConfig, ...]]:
        """With the raw files of the jails whose text is needed."""
        if not needs.jails:
            return self._jails, configs
        full: dict[tuple[str, str], JailConfig] = {}
        for one in configs:
            if one.name in needs.jails:
                try:
                    text = await self.host.read(one.source)
                    full[one.name, one.source] = replace(one, text=text)
                except HostError as error:
                    extras.problems.append(Problem(one.source, visible(error.message)))
        jails = tuple(
            replace(one, config=full[one.config.name, one.config.source])
            if one.config is not None and (one.config.name, one.config.source) in full
            else one
            for one in self._jails
        )
        return jails, tuple(full.get((one.name, one.source), one) for one in configs)

    def _problems(self, parts: Parts, extras: Extras, *, quick: bool) -> tuple[Problem, ...]:
        probes = (self._jls, self._zfs) if quick else self._usual()
        found = [one.problem for one in probes]
        found += [] if quick else [self._facts.problem]
        found += [self._rc.problem, *parts.configured.problems, *extras.problems]
        found += [_unseen(parts.networks)]
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _kept(self, new: Inventory) -> Inventory:
        """The last Inventory with the new time while nothing else differs."""
        now = self.host.clock()
        if self._last is not None and replace(new, taken=self._last.taken) == self._last:
            new = self._last
        self._last = replace(new, taken=now)
        return self._last

    # --- one thing ---------------------------------------------------------------------------

    async def processes(self, jail: Jail) -> tuple[Process, ...]:
        """Processes of a jail, none when it does not run. Raises HostError, ParseError.

        By jid: ps takes a name with a space or comma for a list of jails.
        """
        if jail.jid is None:
            return ()
        argv = ("ps", "-J", str(jail.jid), "-o", ps.COLUMNS, "--libxo=json")
        result = await self.host.run(argv, timeout=TIMEOUT)
        if result.status == 1 and not result.stderr.strip():
            return ()  # not recorded: ps says so when nothing is to be listed
        if not result.ok:
            raise CommandFailed(argv, result.status, result.stderr)
        return ps.processes(result.stdout).value

    async def snapshots(self, dataset: str) -> tuple[Snapshot, ...]:
        """Snapshots of a dataset and those below it. Raises HostError, ParseError."""
        argv = (*SNAPSHOTS, "-r", dataset)
        result = await self.host.run(argv, timeout=TIMEOUT)
        if not result.ok:
            raise CommandFailed(argv, result.status, result.stderr)
        return zfs.snapshots(result.stdout).value

    async def log(self, jail: Jail, size: int = 65536) -> str:
        """The end of its console log, "" when it has none configured. Raises HostError.

        One that lies in a jail's tree is read without following links.
        """
        path = jail.config.first("exec.consolelog") if jail.config is not None else ""
        if not path:
            return ""
        beneath = untrusted(self._jails, path)
        found = await self.host.window(path, -size, size, beneath=beneath)
        data = found.data if found.offset == 0 else found.data.partition(b"\n")[2]
        return data.decode("utf-8", "surrogateescape")

    async def config_text(self, jail: Jail) -> str:
        """The file that its block stands in, "" when it has none. Raises HostError."""
        return await self.host.read(jail.config.source) if jail.config is not None else ""


def _unseen(networks: Mapping[int, Network]) -> Problem | None:
    """One line for all jails whose network could not be read; each jail has its own besides."""
    host = networks.get(0)
    if host is not None and host.problem is not None:
        return host.problem
    failed = [one.problem for one in networks.values() if one.problem is not None]
    if not failed:
        return None
    count = "1 jail" if len(failed) == 1 else f"{len(failed)} jails"
    return replace(failed[0], message=f"{failed[0].message} ({count} with an own network stack)")
