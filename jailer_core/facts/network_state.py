"""The network in detail: read for `Needs.network`, never on the refresh path.

Commands: `netstat -ibn --libxo=json` (01, 04, 08), `arp -an --libxo=json` (04), `sysctl`,
`pfctl -s info|nat` and, where rules of jails are loaded, `pfctl -a jailer -s Anchors` and each
anchor once, then rarely (06, 10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from jailer_core.errors import HostError, first_line
from jailer_core.facts.host_facts import Sysctls, forwarding
from jailer_core.facts.jail_networks import AT_ONCE, REST, Network
from jailer_core.facts.probes import Asking, Probe, side_by_side
from jailer_core.facts.setup_facts import exposed
from jailer_core.host import Host, Result
from jailer_core.model import HostFacts, Jail
from jailer_core.model.network import Connections, Neighbour, Stack, Traffic
from jailer_core.parse import network_tables, pf, sysctl
from jailer_core.parse.base import Parsed

T = TypeVar("T")

ANCHOR = "jailer"
_NAT = ("nat", "binat")
_SOURCES = {"forwarding": "sysctl", "translation": "pfctl"}
"""Names of probes in problems."""


class NetworkReader(Asking):
    """Reads repeatedly; `problems` are those of the last reading."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, [])
        self._traffic: Probe[dict[str, Traffic]] = Probe(
            "netstat", ("netstat", "-ibn", "--libxo=json"), network_tables.traffic
        )
        self._arp: Probe[dict[str, Neighbour]] = Probe(
            "arp", ("arp", "-an", "--libxo=json"), network_tables.neighbours
        )
        self._sysctls = Sysctls(tuple(sysctl.FORWARDING.values()))
        self._forwarding: dict[int, bool] = {}
        self._translated: frozenset[int] | None = None
        self._anchors: dict[str, tuple[float, frozenset[int]]] = {}
        self._taken = 0.0
        self._networks: Mapping[int, Network] | None = None
        self._stacks: dict[int, Stack] = {}

    async def ask(self, facts: Awaitable[HostFacts], names: frozenset[str]) -> None:
        """Run the queries in `names` that need no jails; `facts` are about the user."""
        probes = (self._traffic.source, self._arp.source)
        again = {source for name, source in _SOURCES.items() if name in names}.union(probes)
        self.problems = [problem for problem in self.problems if problem.source not in again]
        async with asyncio.TaskGroup() as group:
            if "traffic" in names:
                group.create_task(self._count())
            if "neighbours" in names:
                group.create_task(self._arp.ask(self.host))
            if "forwarding" in names:
                group.create_task(self._pass_on())
            if "translation" in names:
                group.create_task(self._translate(facts))
        asked = (self._traffic.problem, self._arp.problem)
        self.problems += [problem for problem in asked if problem is not None]

    async def found(self, jails: Sequence[Jail], networks: Mapping[int, Network]) -> Connections:
        """The results of `ask`, the network stacks, and the jails that see the host's devices."""
        if networks is not self._networks:
            self._networks = networks
            self._stacks = {
                jid: Stack(network.interfaces, network.routes) for jid, network in networks.items()
            }
        return Connections(
            self._stacks,
            self._traffic.value,
            self._taken,
            self._forwarding.get(4),
            self._forwarding.get(6),
            self._translated,
            await self._exposed(jails),
            self._arp.value,
        )

    async def _exposed(self, jails: Sequence[Jail]) -> tuple[str, ...] | None:
        self.problems = [problem for problem in self.problems if problem.source != "devfs"]
        try:
            return await exposed(self.host, jails)
        except HostError as error:
            self.problem("devfs", error.message)
            return None

    def parsed(self, parse: Callable[[str], Parsed[T]], result: Result) -> Parsed[T] | None:
        """The same; an anchor that is missing is no problem."""
        missing = not result.ok and pf.missing(result.stderr)
        return None if missing else super().parsed(parse, result)

    async def _count(self) -> None:
        await self._traffic.ask(self.host)
        self._taken = self.host.uptime()

    async def _pass_on(self) -> None:
        self._forwarding = await forwarding(self, self._sysctls)

    # --- the packet filter -------------------------------------------------------------------

    async def _translate(self, facts: Awaitable[HostFacts]) -> None:
        """Which families are translated now; only root may ask (recording 07)."""
        self._translated = await self._families() if (await facts).root else None

    async def _families(self) -> frozenset[int] | None:
        info = await self.run("pfctl", "-s", "info")
        if info is not None and not info.ok and "No such file" in info.stderr:
            return frozenset()
        if info is None or not info.ok:
            message = first_line(info.stderr) if info is not None else ""
            self.problem("pfctl", message or "pfctl failed")
            return None
        running = self.parsed(pf.running, info)
        if running is None or not running.value:
            return None if running is None else frozenset()
        main = await self.read(pf.rules, "pfctl", "-s", "nat")
        if main is None:
            return None
        family_set = families(main)
        if any(rule.kind == "nat-anchor" for rule in main):
            family_set |= await self._of_anchors()
        return family_set

    async def _of_anchors(self) -> frozenset[int]:
        """What the rules of jails translate: no command tells all of them (recording 06)."""
        names = await self.read(pf.anchors, "pfctl", "-a", ANCHOR, "-s", "Anchors") or ()
        self._anchors = {name: self._anchors[name] for name in names if name in self._anchors}
        now = self.host.uptime()
        new = [name for name in names if name not in self._anchors]
        due = [name for name, (at, _) in self._anchors.items() if now - at >= REST]
        jobs = (partial(self._anchor, name, now) for name in (*new, *due[:AT_ONCE]))
        await side_by_side(jobs)
        return frozenset().union(*(translated for _, translated in self._anchors.values()))

    async def _anchor(self, name: str, now: float) -> None:
        rules = await self.read(pf.rules, "pfctl", "-a", name, "-s", "nat")
        self._anchors[name] = (now, families(rules or ()))


def families(rules: Sequence[pf.Rule]) -> frozenset[int]:
    """The families of outgoing NAT rules; a rule without a family means both."""
    family_set: set[int] = set()
    for rule in rules:
        if rule.kind in _NAT:
            words = rule.text.split()
            family_set |= {4} if "inet" in words else {6} if "inet6" in words else {4, 6}
    return frozenset(family_set)
