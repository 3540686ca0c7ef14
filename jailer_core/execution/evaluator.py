"""Check conditions on the host with small commands, each run at most once per question.

Judge the result of a command: evidence, and the text of an error.

Evidence of whether a command made what it was to make, or found it there already.

Error text: why something failed, in the words of the command that failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from jailer_core.errors import CommandFailed, CommandMissing, FileFailed, HostError
from jailer_core.facts import Reader
from jailer_core.facts.on_demand import OnDemandFacts
from jailer_core.facts.rc_conf import RcConf, read_now
from jailer_core.host import Host, Result, optional
from jailer_core.model import CommandResult, Inventory
from jailer_core.plan import (
    NEW_GUID,
    NEW_JID,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    FileHasText,
    JailRuns,
    NotInUse,
    PathExists,
    RcListHasWord,
    RcVariableIs,
)
from jailer_core.plan.conditions.datasets import get_property
from jailer_core.plan.conditions.running import LIST_JAILS, jid_of
from jailer_core.text import sanitize

TIMEOUT = 30.0

MANY, AT_ONCE = 4, 100
"""From how many datasets on they are asked for together, and how many by one command."""


@dataclass(eq=False, slots=True)
class Evaluator:
    """Answers for one moment: make a new one for the next.

    `new` holds the jids seen right after steps ran, by jail, for NEW_JID; `made` the guids of
    datasets that steps made, by name, for NEW_GUID.
    Every question may raise errors.HostError or ParseError: then the answer is not known.
    """

    host: Host
    new: Mapping[str, int | None]
    made: Mapping[str, str] = field(default_factory=dict)
    _said: dict[tuple[str, ...], Result] = field(default_factory=dict)
    _settings: RcConf | None = None

    async def all(self, states: Iterable[Condition]) -> bool:
        """Whether all conditions hold."""
        states = tuple(states)
        await self.look(states)
        for state in states:
            if not await self.holds(state):
                return False
        return True

    async def look(self, states: Iterable[Condition]) -> None:
        """Ask for many guids at once: a snapshot of fifty jails has as many states.

        What the answer leaves open is then asked separately. That zfs tells the others
        where one does not exist is recorded of `zfs list` (11).
        """
        asked = dict.fromkeys(
            condition.name
            for condition in states
            if isinstance(condition, DatasetHasGuid | DatasetExists)
        )
        names = [name for name in asked if get_property(name, "guid") not in self._said]
        if len(names) < MANY:
            return
        told, complaints = await self.guids(names)
        for name in names:
            missing = f"cannot open '{name}': dataset does not exist"
            if name in told:
                self._keep(get_property(name, "guid"), 0, f"{told[name]}\n", "")
            elif missing in complaints:
                self._keep(get_property(name, "guid"), 1, "", f"{missing}\n")

    async def guids(self, names: Sequence[str]) -> tuple[dict[str, str], set[str]]:
        """Guids of those datasets and snapshots that exist, and what zfs complained about."""
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

    async def holds(self, condition: Condition) -> bool:
        """Whether one condition holds."""
        match condition:
            case FileHasText():
                return (await self._text(condition.path, condition.beneath)) == condition.text
            case PathExists():
                stats = await self.host.stat([condition.path])
                return (condition.path in stats) is condition.exists
            case RcVariableIs() | RcListHasWord():
                self._settings = self._settings or await read_now(self.host)
                return condition.accepts(self._settings.value(condition.name))
            case NotInUse():
                return await self._unused(condition)
            case DatasetExists():
                exists = await optional.exists(self.host, condition.name)
                if exists is not None:
                    return exists is condition.exists
        return await self._ask(self._resolved(condition))

    def _resolved(self, condition: Condition) -> Condition:
        """With the jid or guid that was seen after the step; nothing has an unknown one."""
        match condition:
            case JailRuns(jid=jid) if jid == NEW_JID:
                seen = self.new.get(condition.name)
                return condition if seen is None else replace(condition, jid=seen)
            case DatasetHasGuid(guid=guid) if guid == NEW_GUID:
                return replace(condition, guid=self.made.get(condition.name, NEW_GUID))
        return condition

    async def _ask(self, condition: Condition) -> bool:
        result = await self._run(condition.query())
        answer = condition.answer(CommandResult(result.status, result.stdout, result.stderr))
        if answer is None:
            raise CommandFailed(result.argv, result.status, result.stderr)
        return answer

    async def jid(self, name: str) -> int | None:
        """The jid of the jail of that name that runs now."""
        return jid_of(name, (await self._run(LIST_JAILS)).output())

    async def _run(self, argv: tuple[str, ...]) -> Result:
        if argv not in self._said:
            self._said[argv] = await self.host.run(argv, timeout=TIMEOUT)
        return self._said[argv]

    async def _text(self, path: str, beneath: str) -> str | None:
        try:
            return await self.host.read(path, beneath=beneath)
        except FileFailed:
            if path not in await self.host.stat([path]):
                return None
            raise

    async def _unused(self, condition: NotInUse) -> bool:
        """Whether nothing uses it now; an unknown answer is an error."""
        needs = condition.needs()
        if needs.commands:
            extras = OnDemandFacts()
            await extras.ask(self.host, needs.commands)
            inventory = Inventory(command_results=extras.answers)
        else:
            inventory = await Reader(self.host).gather(needs)
        unused = condition.holds(inventory)
        if unused is None:
            raise HostError(f"whether something uses {condition.thing} is unknown")
        return unused


_EXISTS = re.compile(r"\bexists\b")
"""`dataset already exists`, `destination 'x' exists`, `File exists` (recordings 02, 04, 05)."""
_CREATED = "successfully created, but not"
"""zfs-create(8) and zfs-clone(8) when only the mount failed; # not recorded"""


def made(result: Result | None) -> bool | None:
    """True: it created it. False: it already existed. None: the command does not say."""
    if result is None or result.ok or _CREATED in result.stderr:
        return True
    return False if _EXISTS.search(result.stderr) else None


def made_despite(error: HostError) -> bool | None:
    """The same for an action without a result; one that timed out may have succeeded."""
    if isinstance(error, CommandMissing):
        return False
    exists = isinstance(error, FileFailed) and _EXISTS.search(error.reason)
    return False if exists else None


LAST_LINES = 3


def of_result(result: Result) -> str:
    """The last lines of its standard error, without usage texts; else its exit status."""
    told = map(str.strip, result.stderr.splitlines())
    before = takewhile(lambda line: not line.lower().startswith("usage:"), told)
    lines = [sanitize(line) for line in before if line]
    if lines:
        return "; ".join(lines[-LAST_LINES:])
    name = result.argv[0].rpartition("/")[2]
    if result.status < 0:
        return f"{name} was killed by signal {-result.status}"
    return f"{name} failed without an error message (exit status {result.status})"


def of_error(error: HostError) -> str:
    """The message of an error of the host."""
    if isinstance(error, CommandFailed):
        return of_result(Result(error.argv, error.status, "", error.stderr))
    return sanitize(error.message)
