"""States asked of the host: small commands, each at most once for one question.

Commands: `zfs get -Hp -o value` (05), `jls -d --libxo=json` (04: names may be hostile, so the
list is searched, not asked for a name), `mount -p`, `ifconfig -l`, `ifconfig IF` (04),
`ps -ax -o jid,pid,command --libxo=json` (12).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from jailer_core.errors import CommandFailed, FileFailed, HostError
from jailer_core.facts import Reader
from jailer_core.facts.on_demand import OnDemandFacts
from jailer_core.facts.rc_conf import RcConf, read_now
from jailer_core.host import Host, Result, libzfs
from jailer_core.model import Inventory
from jailer_core.operations.shared import users as uses
from jailer_core.operations.undo.evaluate import same_value
from jailer_core.parse import jls, mount, ps
from jailer_core.parse.base import first
from jailer_core.plan import (
    NEW_GUID,
    NEW_JID,
    BridgeHasMember,
    CommandSucceeds,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    FileHasText,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    MountedAt,
    NotInUse,
    OriginIs,
    PathExists,
    ProcessRuns,
    PropertyIs,
    RcListHasWord,
    RcVariableIs,
)
from jailer_core.plan.condition_text import thing

TIMEOUT = 30.0
_JAILS = ("jls", "-d", "--libxo=json", "jid", "name", "dying")
_PROCESSES = ("ps", "-ax", "-o", "jid,pid,command", "--libxo=json")


MANY, AT_ONCE = 4, 100
"""From how many datasets on they are asked for together, and how many by one command."""


def _guid_of(name: str) -> tuple[str, ...]:
    return ("zfs", "get", "-Hp", "-o", "value", "guid", name)


class Evaluator:
    """Answers for one moment: make a new one for the next.

    `new` holds the jids seen right after steps ran, by jail, for NEW_JID; `made` the guids of
    datasets that steps made, by name, for NEW_GUID.
    Every question may raise errors.HostError or ParseError: then the answer is not known.
    """

    def __init__(
        self,
        host: Host,
        new: Mapping[str, int | None],
        made: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.host = host
        self.new = new
        self.made = made
        self._said: dict[tuple[str, ...], Result] = {}
        self._settings: RcConf | None = None

    async def all(self, states: Iterable[Condition]) -> bool:
        """Whether all of them hold."""
        states = tuple(states)
        await self.look(states)
        for state in states:
            if not await self.holds(state):
                return False
        return True

    async def look(self, states: Iterable[Condition]) -> None:
        """Ask for many guids at once: a snapshot of fifty jails has as many states.

        What the answer does not tell for sure is asked by itself then. That zfs tells the others
        where one does not exist is recorded of `zfs list` (11).
        """
        asked = [
            condition.name
            for condition in states
            if isinstance(condition, DatasetHasGuid | DatasetExists)
        ]
        names = [name for name in dict.fromkeys(asked) if _guid_of(name) not in self._said]
        if len(names) < MANY:
            return
        told, complaints = await self._guids(names)
        for name in names:
            missing = f"cannot open '{name}': dataset does not exist"
            if name in told:
                self._keep(_guid_of(name), 0, f"{told[name]}\n", "")
            elif missing in complaints:
                self._keep(_guid_of(name), 1, "", f"{missing}\n")

    async def guids(self, names: Sequence[str]) -> dict[str, str]:
        """The guid of each of these datasets and snapshots that exists."""
        return (await self._guids(names))[0]

    async def _guids(self, names: Sequence[str]) -> tuple[dict[str, str], set[str]]:
        """Guids by name, and what zfs complained about."""
        told: dict[str, str] = {}
        complaints: set[str] = set()
        for start in range(0, len(names), AT_ONCE):
            part = names[start : start + AT_ONCE]
            argv = ("zfs", "get", "-Hp", "-o", "name,value", "guid", *part)
            answer = await self.host.run(argv, timeout=TIMEOUT)
            rows = (line.split("\t", 1) for line in answer.stdout.split("\n") if "\t" in line)
            told |= {name: guid for name, guid in rows if guid.isdecimal()}
            complaints.update(answer.stderr.split("\n"))
        return told, complaints

    def _keep(self, argv: tuple[str, ...], status: int, stdout: str, stderr: str) -> None:
        self._said[argv] = Result(argv, status, stdout, stderr)

    async def holds(self, state: Condition) -> bool:  # noqa: C901, PLR0911 - one for each state
        """Whether one state holds."""
        match state:
            case DatasetHasGuid() | DatasetExists() | OriginIs() | PropertyIs():
                return await self._dataset(state)
            case JailRuns() | JailStopped():
                return await self._jail(state)
            case MountedAt():
                return (await self._mounted(state.path)) is state.mounted
            case InterfaceExists():
                names = (await self._ask("ifconfig", "-l")).stdout.split()
                return (state.name in names) is state.exists
            case InterfaceHasAddress():
                return (await self._address(state)) is state.present
            case BridgeHasMember():
                return (await self._member(state)) is state.present
            case FileHasText():
                return (await self._text(state.path, state.beneath)) == state.text
            case PathExists():
                return (state.path in await self.host.stat([state.path])) is state.exists
            case ProcessRuns():
                return (await self._process(state)) is state.running
            case CommandSucceeds():
                result = await self._try(*state.argv)
                return state.right(result.status, result.stdout)
            case RcVariableIs() | RcListHasWord():
                return await self._rc(state)
            case NotInUse():
                return await self._unused(state)

    async def jid(self, name: str) -> int | None:
        """The jid of the jail of that name that runs now."""
        jails = jls.jails((await self._ask(*_JAILS)).stdout)
        jail = first(jails, lambda jail: jail.name == name and not jail.dying)
        return None if jail is None else jail.jid

    async def _ask(self, *argv: str) -> Result:
        result = await self._try(*argv)
        if not result.ok:
            raise CommandFailed(argv, result.status, result.stderr)
        return result

    async def _try(self, *argv: str) -> Result:
        if argv not in self._said:
            self._said[argv] = await self.host.run(argv, timeout=TIMEOUT)
        return self._said[argv]

    async def _property(self, name: str, prop: str) -> str | None:
        """The value; None when there is no such dataset or snapshot."""
        argv = ("zfs", "get", "-Hp", "-o", "value", prop, name)
        result = await self._try(*argv)
        if result.ok:
            return result.stdout.rstrip("\n")
        if "does not exist" in result.stderr:
            return None
        raise CommandFailed(argv, result.status, result.stderr)

    async def _exists(self, name: str) -> bool:
        found = await libzfs.exists(self.host, name)
        return await self._property(name, "guid") is not None if found is None else found

    async def _dataset(self, state: DatasetHasGuid | DatasetExists | OriginIs | PropertyIs) -> bool:
        match state:
            case DatasetHasGuid():
                wanted = self.made.get(state.name) if state.guid == NEW_GUID else state.guid
                return wanted is not None and await self._property(state.name, "guid") == wanted
            case DatasetExists():
                return (await self._exists(state.name)) is state.exists
            case OriginIs():
                found = await self._property(state.name, "origin")
                return found == (state.origin or "-")
            case PropertyIs():
                return await self._property(state.dataset, state.name) == state.value

    async def _jail(self, state: JailRuns | JailStopped) -> bool:
        found = await self.jid(state.name)
        if isinstance(state, JailStopped):
            return found is None
        wanted = self.new.get(state.name) if state.jid == NEW_JID else state.jid
        if state.jid is not None and wanted is None:
            return False
        return found is not None and wanted in (None, found)

    async def _mounted(self, path: str) -> bool:
        mounts = mount.mounts((await self._ask("mount", "-p")).stdout)
        return first(mounts, lambda mount: mount.path == path) is not None

    async def _address(self, state: InterfaceHasAddress) -> bool:
        result = await self._try("ifconfig", state.interface)
        if not result.ok:
            return False
        found = re.findall(r"^\s+inet6?\s+([^\s/%]+)", result.stdout, re.MULTILINE)
        return state.address.partition("%")[0].lower() in [one.lower() for one in found]

    async def _member(self, state: BridgeHasMember) -> bool:
        result = await self._try("ifconfig", state.bridge)
        found = re.findall(r"^\s+member: (\S+)", result.stdout, re.MULTILINE)
        return result.ok and state.member in found

    async def _text(self, path: str, beneath: str) -> str | None:
        try:
            return await self.host.read(path, beneath=beneath)
        except FileFailed:
            if path not in await self.host.stat([path]):
                return None
            raise

    async def _rc(self, state: RcVariableIs | RcListHasWord) -> bool:
        if self._settings is None:
            self._settings = await read_now(self.host)
        value = self._settings.value(state.name)
        if isinstance(state, RcVariableIs):
            return same_value(value, state)
        return (state.word in (value or "").split()) is state.present

    async def _unused(self, state: NotInUse) -> bool:
        """Whether nothing uses it now; what cannot be told is an error."""
        needs = uses.needs(state)
        if state.kind in uses.OF_ANSWERS:
            extras = OnDemandFacts()
            await extras.ask(self.host, needs.commands)
            inventory = Inventory(command_results=extras.answers)
        else:
            inventory = await Reader(self.host).gather(needs)
        users = uses.users(inventory, state)
        if users is None:
            raise HostError(f"whether something uses {thing(state)} cannot be told")
        return not users

    async def _process(self, state: ProcessRuns) -> bool:
        processes = ps.processes((await self._ask(*_PROCESSES)).stdout)
        process = first(processes, lambda process: process.pid == state.pid)
        if process is None:
            return False
        return state.jid in (None, process.jid) and same_command(process.command, state.command)


def same_command(line: str, wanted: str) -> bool:
    """Whether a command line is that command: the whole line, or its program as fstat cuts it."""
    if line == wanted:
        return True
    program = line.split(" ", 1)[0].rpartition("/")[2].strip("[]:")
    return bool(wanted) and " " not in wanted and program.startswith(wanted)
