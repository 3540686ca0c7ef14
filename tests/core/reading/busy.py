"""A small stand-in host that answers with what recording 08 shows; faults and files by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jailer_core.errors import CommandMissing, FileFailed, OutputTooLong
from jailer_core.host import OUTPUT_LIMIT, FilePart, Hear, JailEvent, Line, Pty, Result, Take
from jailer_core.model import FileStamp, Inventory, Jail
from jailer_core.model.trees import Attributes, TreeEntry
from jailer_core.parse import process_tables, zfs
from jailer_core.plan import PARSE_JAIL_CONF
from jailer_core.ssh_client import Connection
from tests.core.parse.commands import table

RECORDED = Path(__file__).parents[2] / "recorded"
OLD = 1_795_470_000


@cache
def recording(number: str) -> tuple[dict[str, Any], ...]:
    """The entries of a recording, so that entry N stands on line N + 1."""
    path = next(RECORDED.glob(f"{number}-*.jsonl"))
    return tuple(json.loads(line) for line in path.read_text().splitlines())


def entry(number: str, line: int) -> dict[str, Any]:
    """What stands on that line of that recording."""
    return recording(number)[line - 1]


@dataclass
class StandIn:
    """A host of fixed answers. `log` keeps the commands, `asked` their standard inputs, `roots`
    what files were read beneath.
    """

    answers: dict[tuple[str, ...], Result] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    stamps: dict[str, FileStamp] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    log: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)
    now: float = 1_795_480_000.0
    name: str = "armbsd15"
    simulated: bool = True
    connection: Connection | None = None
    blocks_fail: bool = False

    def says(self, argv: Sequence[str], stdout: str, stderr: str = "", status: int = 0) -> None:
        self.answers[tuple(argv)] = Result(tuple(argv), status, stdout, stderr)

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 0,  # noqa: ASYNC109
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        self.log.append(tuple(argv))
        self.asked.append(stdin)
        blocks = tuple(argv) == PARSE_JAIL_CONF and stdin is not None and not self.blocks_fail
        if blocks and tuple(argv) not in self.answers:
            return self._blocks(stdin or "")
        if tuple(argv) not in self.answers:
            raise CommandMissing(" ".join(argv))
        found = self.answers[tuple(argv)]
        if found.cut:
            raise OutputTooLong(argv, limit)
        return found

    def _blocks(self, stdin: str) -> Result:
        """What is answered about each file that the text consists of, one after the other."""
        paths = [path for path, text in self.files.items() if text and text in stdin]
        paths = [path for path in paths if ("jail", "-f", path, "-e", "\x1f") in self.answers]
        paths.sort(key=lambda path: stdin.index(self.files[path]))
        parts = [self.answers["jail", "-f", path, "-e", "\x1f"] for path in paths]
        errors = "".join(part.stderr for part in parts)
        if any(not part.ok for part in parts):
            return Result(PARSE_JAIL_CONF, 1, "", errors)
        return Result(PARSE_JAIL_CONF, 0, "".join(part.stdout for part in parts), errors)

    async def read(self, path: str, *, beneath: str = "", limit: int = OUTPUT_LIMIT) -> str:
        self.roots[path] = beneath
        if path in self.denied:
            raise FileFailed("read", path, "Permission denied")
        if path not in self.files:
            raise FileFailed("read", path, "No such file or directory")
        return self.files[path]

    def learn_roots(self, roots: Iterable[str]) -> None:
        pass

    async def window(self, path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        data = (await self.read(path, beneath=beneath)).encode()
        begin = max(0, len(data) + offset) if offset < 0 else offset
        return FilePart(data[begin : begin + size], begin, len(data))

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        raise NotImplementedError

    async def attend(
        self,
        argv: Sequence[str],
        take: Take,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Result:
        raise NotImplementedError

    async def listdir(self, path: str, *, beneath: str = "", limit: int = 0) -> tuple[str, ...]:
        if path in self.denied:
            raise FileFailed("read", path, "Permission denied")
        inside = [one[len(path) + 1 :] for one in self.files if one.startswith(f"{path}/")]
        return tuple(sorted({one.split("/")[0] for one in inside}))

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        return {
            path: self.stamps.get(path, FileStamp(OLD, len(self.files[path])))
            for path in paths
            if path in self.files
        }

    def clock(self) -> float:
        return self.now

    def uptime(self) -> float:
        return self.now

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = 0,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        raise NotImplementedError

    async def write(
        self,
        path: str,
        text: str,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
        beneath: str = "",
        new: bool = False,
    ) -> None:
        raise NotImplementedError

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        raise NotImplementedError

    async def remove(self, path: str) -> None:
        raise NotImplementedError

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        raise NotImplementedError

    async def rmdir(self, path: str) -> None:
        raise NotImplementedError

    async def tree_entries(self, _root: str, _paths: Sequence[str]) -> dict[str, TreeEntry]:
        raise NotImplementedError

    def tree_walk(self, root: str, below: str = "") -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        raise NotImplementedError

    async def tree_remove(self, _root: str, _paths: Sequence[str]) -> None:
        raise NotImplementedError

    async def tree_set(self, _root: str, _wanted: Mapping[str, Attributes]) -> None:
        raise NotImplementedError

    def lock(self, name: str = "") -> AbstractAsyncContextManager[None]:
        raise NotImplementedError

    async def changing(self) -> bool:
        return False

    def watch(self) -> AsyncIterator[JailEvent] | None:
        return None

    async def close(self) -> None:
        return None


def filesystems() -> str:
    """Recording 08 line 12 in the columns that the reader asks for; guids are made up."""
    columns = (
        *("name", "type", "used", "available", "referenced", "mountpoint", "origin", "creation"),
        *("mounted", "usedbysnapshots", "compressratio", "quota", "jailed"),
    )
    rows = table(entry("08", 12)["stdout"], columns)
    return "".join(
        "\t".join({"guid": str(number), "jailer:tags": "-", **row}[one] for one in zfs.DATASETS)
        + "\n"
        for number, row in enumerate(rows.value, 1)
        if row["type"] == "filesystem"
    )


def ages() -> str:
    """Recording 08 line 20 reduced to the two columns of ps.AGES."""
    full = json.loads(entry("08", 20)["stdout"])
    reduced = [
        {key: one[key] for key in ("jail-id", "elapsed-times")}
        for one in full["process-information"]["process"]
    ]
    return json.dumps({"process-information": {"process": reduced}})


def busy() -> StandIn:
    """The host of recording 08, while www0 ran."""
    host = StandIn()
    for line in (9, 16, 21, 25):
        host.says(entry("08", line)["argv"], entry("08", line)["stdout"])
    host.says(entry("01", 6)["argv"], "0\n")
    host.says(entry("01", 8)["argv"], entry("01", 8)["stdout"])
    host.says(
        ("zfs", "list", "-Hp", "-o", ",".join(zfs.DATASETS), "-t", "filesystem"), filesystems()
    )
    host.says(("ps", "-ax", "-o", "jid,etimes", "--libxo=json"), ages())
    facts = entry("01", 5)
    names = (*facts["argv"][2:], "vm.stats.vm.v_free_count", "hw.pagesize")
    values = (*facts["stdout"].splitlines(), "857559", "4096")
    host.says(
        ("sysctl", *names),
        "".join(f"{name}: {value}\n" for name, value in zip(names, values, strict=True)),
    )
    host.says(("netstat", "-rn", "--libxo=json"), entry("01", 32)["stdout"])
    for jid, line, way in (("76", 41, entry("08", 40)), ("77", 42, entry("04", 32))):
        host.says(
            ("ifconfig", "-j", jid, "-f", "inet:cidr,inet6:cidr"), entry("08", line)["stdout"]
        )
        host.says(("netstat", "-j", jid, "-rn", "--libxo=json"), way["stdout"])
    for line in (57, 58, 59, 60, 61, 62, 64):
        host.files[entry("08", line)["read"]] = entry("08", line)["text"]
    host.files["/usr/local/bastille/jails/thick1/settings.conf"] = 'boot="off"\n'
    host.files["/usr/local/etc/bastille/bastille.conf"] = 'bastille_prefix="/usr/local/bastille"\n'
    app1 = next(
        one["text"]
        for one in reversed(recording("04"))
        if one.get("write") == "/etc/jail.conf.d/app1.conf"
    )
    host.files["/etc/jail.conf.d/app1.conf"] = app1
    www0 = entry("03", 58)
    host.says((*www0["argv"][:-1], "\x1f"), www0["stdout"].replace("|", "\x1f"))
    app0 = entry("04", 20)
    host.says((*app0["argv"][:-1], "\x1f"), app0["stdout"].replace("|", "\x1f"))
    for line in (65, 66, 67):
        host.says(entry("08", line)["argv"], entry("08", line)["stdout"])
    return host


Change = Callable[[StandIn], None]


JLS = ("jls", "-d", "--libxo=json", *process_tables.NAMES)


def named(inventory: Inventory, name: str) -> Jail:
    jail = inventory.jail(name)
    assert jail is not None
    return jail


def kernel(host: StandIn, change: dict[str, dict[str, object] | None]) -> None:
    """Change or remove jails in what jls prints, by name."""
    table = json.loads(host.answers[JLS].stdout)
    jails = table["jail-information"]["jail"]
    kept = [one for one in jails if change.get(one["name"], one) is not None]
    table["jail-information"]["jail"] = [one | (change.get(one["name"]) or {}) for one in kept]
    host.says(JLS, json.dumps(table))
