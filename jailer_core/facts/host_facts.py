"""The host itself: `sysctl` and `id -u`.

Uptimes of jails: asked once for each new jail, then computed.
"""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.errors import HostError, ParseError, first_line
from jailer_core.facts.probes import TIMEOUT, Asking, Probe, understood, unread_problem
from jailer_core.host import Host
from jailer_core.model import HostFacts, Problem
from jailer_core.parse import process_tables, sysctl
from jailer_core.parse.base import Parsed, whole
from jailer_core.text import sanitize

_FEATURES = ("kern.racct.enable", "kern.features.vimage")


class Sysctls:
    """Values by name. Names that this kernel lacks are not asked for again."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    async def ask(self, host: Host) -> str:
        """What sysctl prints. Raises HostError."""
        result = await host.run(("sysctl", *self.names), timeout=TIMEOUT)
        missing = sysctl.missing(result.stderr)
        self.names = tuple(name for name in self.names if name not in missing)
        if not result.ok and not missing:
            raise HostError(first_line(result.stderr) or "sysctl failed")
        return result.stdout


async def forwarding(asking: Asking, sysctls: Sysctls) -> dict[int, bool]:
    """Whether packets are passed on, by family as far as that is known."""
    try:
        values = sysctl.values(await sysctls.ask(asking.host), sysctls.names)
        return sysctl.forwarding(understood(values, "sysctl", asking.problems))
    except (HostError, ParseError) as error:
        asking.problem("sysctl", error.message)
        return {}


class HostFactsReader:
    """`value` is empty while sysctl fails."""

    def __init__(self) -> None:
        self.value = HostFacts()
        self.problem: Problem | None = None
        self._sysctls = Sysctls(sysctl.FACTS)
        self._unread: Problem | None = None
        self._raw: tuple[str, int | None] | None = None
        self._uid = Probe("id", ("id", "-u"), _uid)

    async def ask(self, host: Host) -> HostFacts:
        """Ask sysctl, and once which user runs this program."""
        if self._uid.value is None:
            await self._uid.ask(host)
        try:
            raw = (await self._sysctls.ask(host), self._uid.value)
            if raw != self._raw:
                values = sysctl.values(raw[0], self._sysctls.names)
                # a kernel that does not know the name does not have the feature
                absent = {name: "0" for name in _FEATURES if name not in self._sysctls.names}
                facts = sysctl.facts(values.value | absent, self._uid.value)
                self.value = facts.value
                self._unread = unread_problem("sysctl", (*values.unread, *facts.unread))
                self._raw = raw
            self.problem = self._uid.problem or self._unread
        except (HostError, ParseError) as error:
            self.problem = Problem("sysctl", sanitize(error.message))
            self.value, self._raw = HostFacts(uid=self._uid.value), None
        return self.value


def _uid(text: str) -> Parsed[int]:
    return Parsed(whole("id", text.strip()))


class Uptimes:
    """When the oldest process of each jail began, by jid."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}
        self._probe = Probe(
            "ps", ("ps", "-ax", "-o", process_tables.AGES, "--libxo=json"), process_tables.ages
        )

    async def read(self, host: Host, alive: Iterable[int], using: Iterable[int]) -> dict[int, int]:
        """Ages in seconds of the jails that are alive, as far as they ever had a process.

        `using` are those that have processes now.
        One process when there is a new jid, none otherwise. An age is told as exactly as people
        read it, so that a jail that only grows older does not count as changed every second.
        """
        alive_now, in_use = set(alive), set(using)
        self._began = {jid: began for jid, began in self._began.items() if jid in alive_now}
        now = host.uptime()
        if in_use - self._began.keys():
            uptimes = await self._probe.ask(host) or {}
            for jid in in_use & uptimes.keys() - self._began.keys():
                self._began[jid] = now - uptimes[jid]
        return {jid: _rounded(int(now - began)) for jid, began in self._began.items()}


def _rounded(age: int) -> int:
    """Down to the unit that text.human_age shows last."""
    if age < 60:
        return max(0, age)
    return age - age % (60 if age < 86400 else 3600)
