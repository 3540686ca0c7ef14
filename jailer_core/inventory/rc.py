"""rc.conf: read as plain settings where it is nothing else, through `sysrc` where it is more."""

from __future__ import annotations

from jailer_core.errors import FileFailed, HostError
from jailer_core.host import Host
from jailer_core.inventory.conffiles import stamps_of
from jailer_core.inventory.probes import Probe
from jailer_core.model import FileStamp, Problem
from jailer_core.parse.rcfile import settings
from jailer_core.parse.sysrc import variables

FILES = ("/etc/rc.conf", "/etc/rc.conf.local")
WATCHED = ("/etc/defaults/rc.conf", *FILES)


class RcConf:
    """What rc.conf sets. `values` is None while it cannot be told; defaults are not in it."""

    def __init__(self) -> None:
        self.values: dict[str, str] | None = None
        self.problem: Problem | None = None
        self._seen: tuple[object, ...] | None = None
        self._sysrc = Probe("rc.conf", ("sysrc", "-ae"), variables)

    async def read(self, host: Host, stamps: dict[str, FileStamp]) -> None:
        """Read again when a stamp changed, or the text did within the second of the last one."""
        try:
            texts = tuple([await host.read(path) if path in stamps else "" for path in FILES])
        except FileFailed as error:
            self.values, self._seen = None, None
            self.problem = Problem("rc.conf", error.message)
            return
        seen = (texts, *(stamps.get(path) for path in WATCHED))
        if seen == self._seen:
            return
        plain = [settings(text) for text in texts]
        if None not in plain:
            self.values, self.problem = {}, None
            for one in plain:
                self.values |= one or {}
        else:
            self.values = await self._sysrc.ask(host)
            self.problem = self._sysrc.problem
        self._seen = seen if self.problem is None else None


async def read_values(host: Host) -> dict[str, str]:
    """What rc.conf sets at this moment. Raises HostError."""
    rc = RcConf()
    await rc.read(host, await stamps_of(host, list(WATCHED)))
    if rc.values is None:
        raise HostError(rc.problem.message if rc.problem is not None else "rc.conf is not readable")
    return rc.values


def yes(value: str) -> bool:
    """What rc takes for yes (`checkyesno` of rc.subr)."""
    return value.lower() in ("yes", "true", "on", "1")
