"""The network in detail: read for `Needs.network`, never on the refresh path.

Commands: `netstat -ibn --libxo=json` (01, 04, 08), `arp -an --libxo=json` (04), `sysctl`,
`pfctl -s info|nat` and, where rules of jails are loaded, `pfctl -a jailer -s Anchors` and each
anchor once, then rarely (06, 10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from jailer_core.errors import HostError, ParseError, first_line
from jailer_core.facts.jail_networks import AT_ONCE, REST, Network
from jailer_core.facts.probes import TIMEOUT, Probe, side_by_side, understood
from jailer_core.facts.rhythm import CONNECTIONS
from jailer_core.facts.setup_facts import exposed
from jailer_core.host import Host, Result
from jailer_core.model import HostFacts, Jail, Problem
from jailer_core.model.network import Connections, Neighbour, Stack, Traffic
from jailer_core.parse import arp, netstat, pf, sysctl
from jailer_core.parse.base import Parsed
from jailer_core.text import sanitize

T = TypeVar("T")

FORWARDING = ("net.inet.ip.forwarding", "net.inet6.ip6.forwarding")
ANCHOR = "jailer"
_NAT = ("nat", "binat")
_SOURCES = {"forwarding": "sysctl", "translation": "pfctl"}
"""Names of probes in problems."""


@dataclass(frozen=True, slots=True)
class _Asked:
    families: frozenset[int]
    at: float


class NetworkReader:
    """One reading after the other; `problems` are those of the last one."""

    def __init__(self) -> None:
        self._traffic: Probe[dict[str, Traffic]] = Probe(
            "netstat", ("netstat", "-ibn", "--libxo=json"), netstat.traffic
        )
        self._arp: Probe[dict[str, Neighbour]] = Probe(
            "arp", ("arp", "-an", "--libxo=json"), arp.neighbours
        )
        self._names: tuple[str, ...] = FORWARDING
        self._forwarding: dict[str, str] = {}
        self._translated: frozenset[int] | None = None
        self._anchors: dict[str, _Asked] = {}
        self._taken = 0.0
        self._networks: Mapping[int, Network] | None = None
        self._stacks: dict[int, Stack] = {}
        self.problems: list[Problem] = []

    async def ask(
        self, host: Host, facts: Awaitable[HostFacts], names: frozenset[str] = CONNECTIONS
    ) -> None:
        """What of `names` does not wait for the jails, side by side; `facts` tell who is asking."""
        probes = (self._traffic.source, self._arp.source)
        again = {source for name, source in _SOURCES.items() if name in names}.union(probes)
        self.problems = [problem for problem in self.problems if problem.source not in again]
        async with asyncio.TaskGroup() as group:
            if "traffic" in names:
                group.create_task(self._count(host))
            if "neighbours" in names:
                group.create_task(self._arp.ask(host))
            if "forwarding" in names:
                group.create_task(self._pass_on(host))
            if "translation" in names:
                group.create_task(self._translate(host, facts))
        asked = (self._traffic.problem, self._arp.problem)
        self.problems += [problem for problem in asked if problem is not None]

    async def found(
        self, host: Host, jails: Sequence[Jail], networks: Mapping[int, Network]
    ) -> Connections:
        """What `ask` found, with the network stacks, and who sees the host's devices."""
        if networks is not self._networks:
            self._networks = networks
            self._stacks = {
                jid: Stack(network.interfaces, network.routes) for jid, network in networks.items()
            }
        known = {
            name: self._forwarding[name] == "1"
            for name in FORWARDING
            if self._forwarding.get(name) in ("0", "1")
        }
        return Connections(
            self._stacks,
            self._traffic.value,
            self._taken,
            known.get(FORWARDING[0]),
            known.get(FORWARDING[1]),
            self._translated,
            await self._exposed(host, jails),
            self._arp.value,
        )

    async def _exposed(self, host: Host, jails: Sequence[Jail]) -> tuple[str, ...] | None:
        self.problems = [problem for problem in self.problems if problem.source != "devfs"]
        try:
            return await exposed(host, jails)
        except HostError as error:
            self._problem("devfs", error.message)
            return None

    def _problem(self, source: str, message: str) -> None:
        self.problems.append(Problem(source, sanitize(message)))

    async def _run(self, host: Host, *argv: str) -> Result | None:
        try:
            return await host.run(argv, timeout=TIMEOUT)
        except HostError as error:
            self._problem(argv[0], error.message)
            return None

    async def _read(self, parse: Callable[[str], Parsed[T]], host: Host, *argv: str) -> T | None:
        result = await self._run(host, *argv)
        if result is None:
            return None
        if not result.ok:
            if not pf.missing(result.stderr):
                self._problem(argv[0], first_line(result.stderr) or f"exit status {result.status}")
            return None
        try:
            return understood(parse(result.stdout), argv[0], self.problems)
        except ParseError as error:
            self._problem(argv[0], error.message)
            return None

    async def _count(self, host: Host) -> None:
        await self._traffic.ask(host)
        self._taken = host.uptime()

    async def _pass_on(self, host: Host) -> None:
        """Forwarding of both families; a kernel without IPv6 does not have the second name."""
        self._forwarding = {}
        result = await self._run(host, "sysctl", *self._names)
        if result is None:
            return
        missing = sysctl.missing(result.stderr)
        self._names = tuple(name for name in self._names if name not in missing)
        if not result.ok and not missing:
            self._problem("sysctl", first_line(result.stderr) or "sysctl failed")
            return
        try:
            values = sysctl.values(result.stdout, self._names)
            self._forwarding = understood(values, "sysctl", self.problems)
        except ParseError as error:
            self._problem("sysctl", error.message)

    # --- the packet filter -------------------------------------------------------------------

    async def _translate(self, host: Host, facts: Awaitable[HostFacts]) -> None:
        """Which families are translated now; only root may ask (recording 07)."""
        self._translated = await self._families(host) if (await facts).root else None

    async def _families(self, host: Host) -> frozenset[int] | None:
        info = await self._run(host, "pfctl", "-s", "info")
        if info is not None and not info.ok and "No such file" in info.stderr:
            return frozenset()
        if info is None or not info.ok:
            message = first_line(info.stderr) if info is not None else ""
            self._problem("pfctl", message or "pfctl failed")
            return None
        try:
            if not pf.running(info.stdout):
                return frozenset()
        except ParseError as error:
            self._problem("pfctl", error.message)
            return None
        main = await self._read(pf.rules, host, "pfctl", "-s", "nat")
        if main is None:
            return None
        family_set = families(main)
        if any(rule.kind == "nat-anchor" for rule in main):
            family_set |= await self._of_anchors(host)
        return family_set

    async def _of_anchors(self, host: Host) -> frozenset[int]:
        """What the rules of jails translate: no command tells all of them (recording 06)."""
        names = await self._read(pf.anchors, host, "pfctl", "-a", ANCHOR, "-s", "Anchors") or ()
        self._anchors = {name: _asked for name, _asked in self._anchors.items() if name in names}
        now = host.uptime()
        new = [name for name in names if name not in self._anchors]
        due = [name for name, _asked in self._anchors.items() if now - _asked.at >= REST]
        jobs = (partial(self._anchor, host, name, now) for name in (*new, *due[:AT_ONCE]))
        await side_by_side(jobs)
        return frozenset().union(*(_asked.families for _asked in self._anchors.values()))

    async def _anchor(self, host: Host, name: str, now: float) -> None:
        rules = await self._read(pf.rules, host, "pfctl", "-a", name, "-s", "nat")
        self._anchors[name] = _Asked(families(rules or ()), now)


def families(rules: Sequence[pf.Rule]) -> frozenset[int]:
    """The families that rules translate on the way out; a rule that names no family means both."""
    family_set: set[int] = set()
    for rule in rules:
        if rule.kind in _NAT:
            words = rule.text.split()
            family_set |= {4} if "inet" in words else {6} if "inet6" in words else {4, 6}
    return frozenset(family_set)
