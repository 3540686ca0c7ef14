"""The host itself: `sysctl` and `id -u`."""

from __future__ import annotations

from jailer_core.errors import HostError, ParseError, first_line
from jailer_core.facts.probes import TIMEOUT, Probe, unread_problem
from jailer_core.host import Host
from jailer_core.model import HostFacts, Problem
from jailer_core.parse import sysctl
from jailer_core.parse.base import Parsed, whole
from jailer_core.text import sanitize

_FEATURES = ("kern.racct.enable", "kern.features.vimage")


class HostFactsReader:
    """`value` is empty while sysctl fails. Names that this kernel lacks are not asked for again."""

    def __init__(self) -> None:
        self.value = HostFacts()
        self.problem: Problem | None = None
        self._names: tuple[str, ...] = sysctl.FACTS
        self._unread: Problem | None = None
        self._raw: tuple[str, int | None] | None = None
        self._uid = Probe("id", ("id", "-u"), _uid)

    async def ask(self, host: Host) -> HostFacts:
        """Ask sysctl, and once which user runs this program."""
        if self._uid.value is None:
            await self._uid.ask(host)
        try:
            result = await host.run(("sysctl", *self._names), timeout=TIMEOUT)
            missing = sysctl.missing(result.stderr)
            self._names = tuple(name for name in self._names if name not in missing)
            if not result.ok and not missing:
                return self._failed(first_line(result.stderr) or "sysctl failed")
            raw = (result.stdout, self._uid.value)
            if raw != self._raw:
                self._read(result.stdout)
                self._raw = raw
            self.problem = self._uid.problem or self._unread
        except (HostError, ParseError) as error:
            return self._failed(error.message)
        return self.value

    def _read(self, text: str) -> None:
        values = sysctl.values(text, self._names)
        # a kernel that does not know the name does not have the feature
        absent = {name: "0" for name in _FEATURES if name not in self._names}
        facts = sysctl.facts(values.value | absent, self._uid.value)
        self.value = facts.value
        self._unread = unread_problem("sysctl", (*values.unread, *facts.unread))

    def _failed(self, message: str) -> HostFacts:
        self.problem = Problem("sysctl", sanitize(message))
        self.value, self._raw = HostFacts(uid=self._uid.value), None
        return self.value


def _uid(text: str) -> Parsed[int]:
    return Parsed(whole("id", text.strip()))
