"""Addresses and gateway of jails with their own network stack: asked by jid, then rarely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from jailer_core.errors import HostError, ParseError
from jailer_core.facts.probes import TIMEOUT, side_by_side, unread_problem
from jailer_core.facts.stopped_jails import OwnRc, static_network
from jailer_core.host import Host
from jailer_core.model import Address, Interface, Problem
from jailer_core.model.network import Route
from jailer_core.parse.network_tables import gateway, interfaces, routes
from jailer_core.parse.process_tables import KernelJail
from jailer_core.text import sanitize

_OLD = "illegal option -- j"
"""What ifconfig and netstat without `-j` say; not recorded, getopt(3)'s words."""
REST = 60.0
"""Seconds until a jail is asked again."""
SOON = 4.0
"""The same for one that has no address or gateway yet (it starts, or waits for DHCP); doubled
each time up to REST."""
AT_ONCE = 8
"""How many known jails are asked again on one refresh: so that a host with many is not
asked about all of them in the same second."""
MORE = 32
"""The same while their routes are looked at."""


@dataclass(frozen=True, slots=True)
class Network:
    """What a VNET jail shows from outside; None where it could not be read.

    `static` are its addresses where only its own rc.conf was read.
    """

    interfaces: tuple[Interface, ...] | None = None
    gateway: str | None = None
    routes: tuple[Route, ...] | None = None
    problem: Problem | None = None
    complete: bool = True
    """Whether all lines about its interfaces were understood."""
    static: tuple[Address, ...] | None = None

    @property
    def addresses(self) -> tuple[Address, ...] | None:
        """Its addresses that others can reach, IPv4 first: no loopback and link-local ones."""
        if self.interfaces is None:
            return self.static
        addresses = [
            address
            for interface in self.interfaces
            if "lo" not in interface.groups
            for address in interface.addresses
            if not address.address.startswith("fe80:")
        ]
        return tuple(sorted(addresses, key=lambda address: address.family))


@dataclass(slots=True)
class _Asked:
    network: Network
    at: float
    rest: float


class Networks:
    """Networks by jid; jid 0 is the host, of which only the gateway is asked."""

    def __init__(self) -> None:
        self._asked: dict[int, _Asked] = {}
        self._last: dict[int, Network] = {}
        self._old = False

    async def read(
        self,
        host: Host,
        jails: Sequence[KernelJail],
        *,
        own: Mapping[int, OwnRc] = MappingProxyType({}),
        routes: bool = False,
        again: int = AT_ONCE,
    ) -> dict[int, Network]:
        """Ask what is due. The same mapping comes back while no answer changed.

        `own` are jails whose rc.conf may answer, which spares two processes a jail (for lists).
        With `routes` those that were asked for less are asked for all their routes. `again` is
        how many may be asked only because their answers are old. A dying jail cannot be asked.
        """
        jids = {0, *(jail.jid for jail in jails if jail.vnet and not jail.dying)}
        self._asked = {jid: _asked for jid, _asked in self._asked.items() if jid in jids}
        now = host.uptime()
        # not asked yet, or only its file was read and that is not enough now
        known = {jid for jid, _asked in self._asked.items() if _asked.network.static is None}
        new = jids - known - (own.keys() & self._asked.keys())
        due = [jid for jid, _asked in self._asked.items() if now - _asked.at >= _asked.rest]
        due.sort(key=lambda jid: self._asked[jid].at)
        soon = [jid for jid in due if self._asked[jid].rest < REST or not jid]
        late = [jid for jid in due if jid not in soon]
        half = [jid for jid, _asked in self._asked.items() if routes and _half(_asked.network)]
        chosen = dict.fromkeys((*new, *half[:MORE], *soon[:AT_ONCE], *late[:again]))
        await side_by_side(partial(self._ask, host, jid, own.get(jid), now) for jid in chosen)
        answers = {jid: _asked.network for jid, _asked in self._asked.items()}
        if answers != self._last:
            self._last = answers
        return self._last

    def forget(self) -> None:
        """Something was changed: everything is due, the oldest answers first."""
        for _asked in self._asked.values():
            _asked.at, _asked.rest = _asked.at - _asked.rest, SOON

    async def _ask(self, host: Host, jid: int, own: OwnRc | None, now: float) -> None:
        old = self._asked.get(jid)
        if jid:
            network = await self._jail(host, jid, own, old)
        else:
            network = _answer(None, *await _run(host, ("netstat", "-rn", "--libxo=json")))
        rest = REST
        if jid and not (network.addresses and network.gateway):
            rest = min(REST, old.rest * 2) if old is not None else SOON
        self._asked[jid] = _Asked(network, now, rest)

    async def _jail(self, host: Host, jid: int, own: OwnRc | None, old: _Asked | None) -> Network:
        """By jid: a name may be all digits, and then mean another jail.

        A gateway read in its rc.conf counts while its addresses are those of that file.
        """
        static = await static_network(host, own) if own is not None else None
        if static is not None:
            return Network(gateway=static[1], static=static[0])
        seen, problem = await self._in_jail(host, jid, "ifconfig", "-f", "inet:cidr,inet6:cidr")
        if seen is None:
            return Network(problem=problem)
        if old is not None and old.network.static is not None:
            network = _answer(seen, None, None)
            if _same(network.addresses, old.network.static):
                return replace(network, gateway=old.network.gateway)
        way, problem = await self._in_jail(host, jid, "netstat", "-rn", "--libxo=json")
        return _answer(seen, way, problem)

    async def _in_jail(
        self, host: Host, jid: int, program: str, *words: str
    ) -> tuple[str | None, Problem | None]:
        """From outside; where the programs are older than 13.3 the jail's own have to tell."""
        if not self._old:
            output, problem = await _run(host, (program, "-j", str(jid), *words))
            if problem is None or _OLD not in problem.message:
                return output, problem
            self._old = True
        return await _run(host, ("jexec", str(jid), program, *words))


def _same(seen: Sequence[Address] | None, set_: Sequence[Address]) -> bool:
    return seen is not None and {address.address for address in seen} == {
        address.address for address in set_
    }


def _half(network: Network) -> bool:
    """Whether its routes have not been asked for yet."""
    known = network.problem is None and network.static is None
    return network.routes is None and known and network.gateway is not None


def _answer(seen: str | None, way: str | None, problem: Problem | None) -> Network:
    try:
        shown = None if seen is None else interfaces(seen)
        ways = None if way is None else routes(way)
    except ParseError as error:
        return Network(problem=Problem("network", sanitize(error.message)))
    odd_cards = () if shown is None else shown.unread
    odd_ways = () if ways is None else ways.unread
    return Network(
        None if shown is None else shown.value,
        None if ways is None else gateway(ways.value),
        None if ways is None else ways.value,
        problem or unread_problem("network", (*odd_cards, *odd_ways)),
        complete=not odd_cards,
    )


async def _run(host: Host, argv: Sequence[str]) -> tuple[str | None, Problem | None]:
    try:
        result = await host.run(argv, timeout=TIMEOUT)
    except HostError as error:
        return None, Problem("network", sanitize(error.message), error.hint)
    if not result.ok:
        return None, Problem("network", sanitize(result.complaint))
    return result.stdout, None
