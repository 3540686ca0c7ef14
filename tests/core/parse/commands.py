"""All recorded commands, and which reader reads each: the table of test_recorded.py."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jailer_core.operations.images import mirror
from jailer_core.parse import (
    jail_settings,
    jailconf,
    mount_tables,
    network_tables,
    pf,
    process_tables,
    rcconf,
    sysctl,
    zfs,
    zfsdiff,
)
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole
from jailer_core.parse.pf import translation

RECORDED = Path(__file__).parents[2] / "recorded"

Reader = Callable[[list[str], str], object]


@dataclass(frozen=True)
class Command:
    """A recorded command; `argv` is the one that printed: what su and jexec run counts."""

    where: str
    argv: list[str]
    status: int
    stdout: str
    stderr: str

    @property
    def line(self) -> str:
        return shlex.join(self.argv)


@cache
def commands() -> tuple[Command, ...]:
    """Every command of every recording."""
    found = []
    for path in sorted(RECORDED.glob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            one = json.loads(line)
            if ("argv" in one or "pipe" in one) and "rc" in one:
                argv = _inner(one.get("argv") or one["pipe"][-1])
                where = f"{path.name[:2]}:{number}"
                found.append(Command(where, argv, one["rc"], one["stdout"], one["stderr"]))
    return tuple(found)


def _inner(argv: list[str]) -> list[str]:
    if argv[0] == "su":
        return shlex.split(argv[-1])
    if argv[:2] == ["jexec", "-l"]:
        return argv[3:] if argv[2] != "-U" else argv[5:]
    return argv[2:] if argv[0] == "jexec" else argv


def files() -> list[tuple[str, str]]:
    """Every recorded text of a file: path and text."""
    found = []
    for path in sorted(RECORDED.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            one = json.loads(line)
            if "write" in one or ("read" in one and one["rc"] == 0):
                found.append((one.get("write") or one["read"], one["text"]))
    return found


def _columns(argv: list[str]) -> list[str]:
    return argv[argv.index("-o") + 1].split(",") if "-o" in argv else []


def table(text: str, columns: Sequence[str]) -> Parsed[tuple[dict[str, str], ...]]:
    """Rows of `zfs list -Hp -o COLUMNS` or `zfs get -Hp -o COLUMNS` as they are."""
    return each(
        lambda line: dict(zip(columns, tabbed("zfs", line, len(columns)), strict=True)), lines(text)
    )


def changes(text: str) -> Parsed[tuple[zfsdiff.Change, ...]]:
    """All lines of `zfs diff`."""
    return each(zfsdiff.change, lines(text))


def tree(changes: Iterable[zfsdiff.Change], base: str) -> zfsdiff.Branch:
    """All changes as a tree below the dataset's mount point."""
    top = zfsdiff.Branch("")
    for change in changes:
        zfsdiff.grow(top, change, base)
    return top


def _zfs_list(argv: list[str], text: str) -> object:
    default = ["name", "used", "available", "referenced", "mountpoint"]
    return table(text, _columns(argv) or default)


def _zfs_get(argv: list[str], text: str) -> object:
    columns = _columns(argv)
    if columns in ([], list(zfs.PROPERTIES)):
        return zfs.properties(text)
    return table(text, columns)


def _separated(argv: list[str], text: str) -> object:
    return jailconf.jails(text, argv[-1])


def named(names: list[str], text: str) -> str:
    """What `sysctl -n` printed as it is without `-n`, which is how this program asks."""
    pairs = zip(names, text.splitlines(), strict=False)
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def _sysctl(argv: list[str], text: str) -> object:
    values = sysctl.values(named(argv[2:], text), argv[2:])
    facts = sysctl.facts(values.value)
    return Parsed(facts.value, (*values.unread, *facts.unread))


def _parameters(text: str) -> object:
    return sysctl.values(text, [line.partition(": ")[0] for line in text.splitlines()])


def _pools(argv: list[str], text: str) -> object:
    columns = _columns(argv) or [
        *("name", "size", "allocated", "free", "checkpoint", "expandsize"),
        *("fragmentation", "capacity", "dedupratio", "health", "altroot"),
    ]
    rows = table(text, columns)
    wanted = ["\t".join(row[column] for column in zfs.POOL_COLUMNS) for row in rows.value]
    pools = zfs.pools("".join(f"{row}\n" for row in wanted))
    return Parsed(pools.value, (*rows.unread, *pools.unread))


def _rules(text: str) -> object:
    rules = pf.rules(text)
    assert [rule.text for rule in rules.value] == [line for line, _ in pf.counted(text).value]
    return rules.map(lambda found: [(rule.text, translation(rule.text)) for rule in found])


def plain(reader: Callable[[str], Any]) -> Reader:
    return lambda _argv, text: reader(text)


READERS: tuple[tuple[str, Reader], ...] = (
    (r"jls .*--libxo=json.*", plain(process_tables.jails)),
    (r"ps .*-o jid,pcpu,rss --libxo=json", plain(process_tables.usage)),
    (r"ps -axo jid,pcpu,rss --libxo=json", plain(process_tables.usage)),
    (r"ps .*--libxo=json.*", plain(process_tables.processes)),
    (r"zfs list -Hp.*", _zfs_list),
    (r"zfs get -Hp.*", _zfs_get),
    (r"zfs diff -FHt .*", plain(changes)),
    (r"zfs holds -Hpr? .*", plain(zfs.holds)),
    (r"zfs destroy -nvpr? .*", plain(zfs.reclaimed)),
    (r"zpool list -Hp( .*)?", _pools),
    (r"mount -p", plain(mount_tables.mounts)),
    (r"ifconfig (-(?![lg]\b)\S.*|\w+)|ifconfig", plain(network_tables.interfaces)),
    (r"jail (-f \S+ )?-e .", _separated),
    (r"id -u", plain(lambda text: whole("id", text.strip()))),
    (r"netstat .*-rn.* --libxo=json", plain(network_tables.routes)),
    (r"netstat (-ibn|-I \S+ -bn) --libxo=json", plain(network_tables.traffic)),
    (r"arp -an --libxo=json", plain(network_tables.neighbours)),
    (r"sysctl -n .*", _sysctl),
    (r"sysctl (-a )?security\S+", plain(_parameters)),
    (r"sysrc (-ae|-e .*)", plain(rcconf.variables)),
    (r"fetch -o - \S+/MANIFEST", plain(mirror.manifest)),
    (r"fstat .*", plain(process_tables.holders)),
    (r"rctl -u \S+", plain(jail_settings.usage)),
    (r"rctl (-h )?jail:\S+", plain(jail_settings.limits)),
    (r"df -k [^-]\S*", plain(mount_tables.available)),
    (r"(service pf status|pfctl -s info)", plain(lambda text: pf.running(text).value)),
    (r"pfctl .*-v?s Anchors", plain(pf.anchors)),
    (r"pfctl (.*-v?s (nat|rules)|-nvf -)", plain(_rules)),
    (r"sockstat -j 0 (-4 -6 )?-l --libxo=json", plain(process_tables.listeners)),
    (r"sockstat (-j \S+|-l|-j \S+ -l)", plain(process_tables.sockstat_table)),
    (r"devfs rule showsets", plain(jail_settings.rulesets)),
    (r"devfs rule -s \d+ show", plain(jail_settings.ruleset_rules)),
)


def reader_of(command: Command) -> Reader | None:
    """The first reader whose pattern is the whole command line."""
    return _reader_of(" ".join(command.argv))


@cache
def _reader_of(line: str) -> Reader | None:
    return next((read for pattern, read in READERS if re.fullmatch(pattern, line)), None)


def unused() -> list[tuple[str, str]]:
    """Pattern and reason of tests/recorded/UNUSED."""
    found = []
    for line in (RECORDED / "UNUSED").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, tab, reason = line.partition("\t")
            assert tab, line
            assert reason.strip(), line
            found.append((pattern, reason))
    return found


def recorded(name: str, *argv: str) -> str:
    """What that command printed in that recording."""
    for line in (RECORDED / name).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record.get("argv") == list(argv):
            return str(record["stdout"])
    raise AssertionError(argv)


def printed(where: str) -> str:
    return next(one.stdout for one in commands() if one.where == where)
