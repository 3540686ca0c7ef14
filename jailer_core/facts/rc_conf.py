"""The files that rc reads: rc.conf, rc.conf.local, and rc.conf.d/SERVICE in two places.

Of a variable the last file counts (recording 15). Files that hold nothing but settings are read
as they are, others through `sysrc`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.errors import FileFailed, HostError
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import TIMEOUT, Probe
from jailer_core.host import Host
from jailer_core.model import FileStamp, Problem
from jailer_core.model.host import FILES, PLACES, SERVICES
from jailer_core.parse.rcconf import settings, variables
from jailer_core.text import sanitize

WATCHED = ("/etc/defaults/rc.conf", *FILES, *PLACES)
_OF_JAIL = ("jail_enable", "jail_list", "jail_conf")


class RcConf:
    """What rc reads. `values` is None while it is unknown; defaults are not in it.

    `places` has the file of each variable that another file than /etc/rc.conf sets. What is
    not in `values` is only known to be unset while it is `complete`.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] | None = None
        self.places: dict[str, str] = {}
        self.complete = True
        self.problem: Problem | None = None
        self._seen: tuple[object, ...] | None = None
        self._sysrc = Probe("rc.conf", ("sysrc", "-ae"), variables)

    def value(self, name: str) -> str | None:
        """The value, None where it is not set. Raises HostError when that is not known."""
        value = (self.values or {}).get(name)
        if self.values is None or (value is None and not self.complete):
            raise HostError(self.problem.message if self.problem else "rc.conf is not readable")
        return value

    async def read(self, host: Host, stamps: Mapping[str, FileStamp]) -> None:
        """Read again when a stamp changed, or the text did within the second of the last one."""
        try:
            main = {path: await host.read(path) for path in FILES if path in stamps}
        except FileFailed as error:
            self.values, self._seen = None, None
            self.problem = Problem("rc.conf", sanitize(error.message))
            return
        more = {path: await _texts(host, path) for path in PLACES if path in stamps}
        seen = (main, more, *(stamps.get(path) for path in WATCHED))
        if seen == self._seen:
            return
        await self._main(host, main)
        for path, texts in more.items():
            await self._service(host, path, texts)
        self._seen = seen if self.problem is None else None

    async def _main(self, host: Host, texts: Mapping[str, str]) -> None:
        """rc.conf and rc.conf.local."""
        plain = {path: settings(text) for path, text in texts.items()}
        self.problem, self.complete = None, True
        self.values, self.places = {}, {}
        if None in plain.values():
            self.values = await self._sysrc.ask(host)
            self.problem, self.complete = self._sysrc.problem, not self._sysrc.incomplete
        for path, text in texts.items():
            self.places |= dict.fromkeys(_assigned(text), path) if path != FILES[0] else {}
            if self.values is not None and None not in plain.values():
                self.values |= plain[path] or {}

    async def _service(self, host: Host, path: str, texts: Mapping[str, str | None]) -> None:
        """A file, or a directory of files, of one service: it wins for the service's variables."""
        name = PLACES[path]
        if self.values is None:
            return
        for file, text in texts.items():
            variables = None if text is None else settings(text)
            if variables is not None:
                own = {key: value for key, value in variables.items() if SERVICES[name].match(key)}
                self.values |= own
                self.places |= dict.fromkeys(own, file)
                continue
            for key in [key for key in self.values if SERVICES[name].match(key)]:
                del self.values[key]
            answered = name == "jail" and text is not None and await self._ask(host, file, text)
            if not answered:
                self.complete = False
                self.problem = Problem(file, "holds more than plain settings, or cannot be read")

    async def _ask(self, host: Host, file: str, text: str) -> bool:
        """`sysrc -s jail -n NAME` (recording 15) for a file that needs a shell."""
        for name in _OF_JAIL:
            try:
                result = await host.run(("sysrc", "-s", "jail", "-i", "-n", name), timeout=TIMEOUT)
            except HostError:
                return False
            if self.values is not None and result.ok:
                self.values[name] = result.stdout.removesuffix("\n")
        self.places |= dict.fromkeys(_assigned(text), file)
        return True


async def _texts(host: Host, path: str) -> dict[str, str | None]:
    """The text by file: of a file itself, or of all files of a directory; None: not readable."""
    try:
        return {path: await host.read(path)}
    except HostError:
        pass
    try:
        names = await host.listdir(path)
    except HostError:
        return {path: None}
    texts: dict[str, str | None] = {}
    for name in sorted(names):
        if not name.startswith("."):
            texts |= await _texts(host, f"{path}/{name}")
    return texts


def _assigned(text: str) -> list[str]:
    return re.findall(r"^[ \t]*([A-Za-z_]\w*)=", text, re.MULTILINE | re.ASCII)


async def read_now(host: Host) -> RcConf:
    """The variables as rc would read them now."""
    rc = RcConf()
    await rc.read(host, await stamps_of(host, list(WATCHED)))
    return rc


def yes(value: str) -> bool:
    """The values that rc takes for yes (`checkyesno` of rc.subr)."""
    return value.lower() in ("yes", "true", "on", "1")
