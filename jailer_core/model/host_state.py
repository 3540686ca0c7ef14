"""Everything read from a host in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from jailer_core.errors import ParseError
from jailer_core.latest import of_latest
from jailer_core.model.host import CommandResult, HostFacts, Layout, SetupFacts
from jailer_core.model.jails import (
    FileStamp,
    Jail,
    JailConfig,
    JailFiles,
    JailState,
    OpenFile,
    Problem,
    Process,
)
from jailer_core.model.network import Interface
from jailer_core.model.storage import Dataset, Image, Mount, Pool, Property, Snapshot, TrashEntry
from jailer_core.model.trees import by_place

if TYPE_CHECKING:
    from jailer_core.model.network import Connections, Firewall
    from jailer_core.model.trees import ThreeTrees, TreesQuestion
    from jailer_core.ssh_client import Connection

T = TypeVar("T")

_ON_DEMAND = ("snapshots", "properties", "processes", "holders", "setup", "connections")
"""Fields that are None where they were not asked for."""
_ANSWERS = ("file_texts", "file_stats", "command_results", "trees")
"""What has an entry for each question."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything read in one go. Parts that were not asked for, or not readable, are None.

    `incomplete` names the parts of which a line could not be read (`interfaces`, `jails`…): what
    is in them is so, but what is not in them may exist all the same.
    `read_at` has the host's time of the last reading of each probe (facts/probes.py): what the
    screen shows may be older than `taken`.
    `reached` is what this program is reached over, None when it sits on the host itself.
    `rc` is what the files that rc reads set, `rc_places` by name the file that counts, where it
    is another one than /etc/rc.conf.
    """

    host: HostFacts = HostFacts()  # noqa: RUF009 - frozen
    layout: Layout = Layout()  # noqa: RUF009 - frozen
    jails: tuple[Jail, ...] = ()
    configs: tuple[JailConfig, ...] = ()
    files: JailFiles = JailFiles()  # noqa: RUF009 - frozen
    pools: tuple[Pool, ...] | None = None
    datasets: tuple[Dataset, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    properties: tuple[Property, ...] | None = None
    mounts: tuple[Mount, ...] | None = None
    interfaces: tuple[Interface, ...] | None = None
    processes: tuple[Process, ...] | None = None
    holders: tuple[OpenFile, ...] | None = None
    images: tuple[Image, ...] = ()
    trash: tuple[TrashEntry, ...] = ()
    rc: Mapping[str, str] | None = None
    file_texts: Mapping[str, str] = field(default_factory=dict)
    setup: SetupFacts | None = None
    connections: Connections | None = None
    firewall: Firewall | None = None
    file_stats: Mapping[str, FileStamp] = field(default_factory=dict)
    command_results: Mapping[tuple[str, ...], CommandResult] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    taken: float = 0.0
    read_at: Mapping[str, float] = field(default_factory=dict, compare=False)
    ssh_client: Connection | None = None
    rc_places: Mapping[str, str] = field(default_factory=dict)
    incomplete: frozenset[str] = frozenset()
    trees: Mapping[TreesQuestion, ThreeTrees] = field(default_factory=dict)

    def keeping(self, old: Inventory) -> Inventory:
        """A copy that keeps on-demand facts of `old` that were not read this time."""
        kept: dict[str, Any] = {
            name: getattr(old, name) for name in _ON_DEMAND if getattr(self, name) is None
        }
        kept |= {name: {**getattr(old, name), **getattr(self, name)} for name in _ANSWERS}
        listed = self.firewall is None or self.firewall.main is None  # of a list without the rest
        firewall = (old.firewall or self.firewall) if listed else self.firewall
        return replace(self, firewall=firewall, **kept)

    def jail(self, name: str) -> Jail | None:
        """The jail of that name; a running one before a dying one."""
        return _by_name(self.jails).get(name)

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of that name."""
        return next((dataset for dataset in self.below(name) if dataset.name == name), None)

    def snapshot(self, name: str) -> Snapshot | None:
        """The snapshot of that full name, when the snapshots were read."""
        return _snapshots_by_name(self.snapshots or ()).get(name)

    def below(self, name: str) -> tuple[Dataset, ...]:
        """That dataset and all its children, parents first."""
        return tuple(_datasets_below(self.datasets or ()).get(name, ()))

    def interface(self, name: str) -> Interface | None:
        """The host's interface of that name."""
        return _interfaces_by_name(self.interfaces or ()).get(name)

    def rc_value(self, name: str) -> str | None:
        """The value of a variable of rc.conf, "" where it is not set, None when not known."""
        if self.rc is None or (name not in self.rc and "rc" in self.incomplete):
            return None
        return self.rc.get(name, "")

    def rc_on(self, name: str) -> bool | None:
        """Whether rc takes a variable for yes (checkyesno of rc.subr); None when not known."""
        value = self.rc_value(name)
        return None if value is None else value.lower() in ("yes", "true", "on", "1")

    def problem(self, source: str) -> Problem | None:
        """The first problem of that source."""
        return next((problem for problem in self.problems if problem.source == source), None)

    def output(self, argv: tuple[str, ...]) -> str | None:
        """What a command printed; None where it was not asked, or failed."""
        result = self.command_results.get(argv)
        return result.stdout if result is not None and result.status == 0 else None

    def parsed(self, argv: tuple[str, ...], parse: Callable[[str], T]) -> T | None:
        """What a parser makes of that output; None where there is none, or it is not understood."""
        text = self.output(argv)
        try:
            return None if text is None else parse(text)
        except ParseError:
            return None

    @property
    def boot_list(self) -> tuple[str, ...]:
        """`jail_list` of rc.conf: which jails start at boot, in which order."""
        return tuple((self.rc or {}).get("jail_list", "").split())


@of_latest
def _datasets_below(datasets: tuple[Dataset, ...]) -> Mapping[str, list[Dataset]]:
    return by_place(datasets, attrgetter("name"))


@of_latest
def _snapshots_by_name(snapshots: tuple[Snapshot, ...]) -> dict[str, Snapshot]:
    return {snapshot.full_name: snapshot for snapshot in reversed(snapshots)}


@of_latest
def _interfaces_by_name(interfaces: tuple[Interface, ...]) -> dict[str, Interface]:
    return {interface.name: interface for interface in reversed(interfaces)}


@of_latest
def _by_name(jails: tuple[Jail, ...]) -> dict[str, Jail]:
    """The first jail of each name, a running one before a dying one."""
    first: dict[str, Jail] = {}
    for jail in jails:
        known = first.get(jail.name)
        dying = known is not None and known.state is JailState.DYING
        if known is None or (dying and jail.state is not JailState.DYING):
            first[jail.name] = jail
    return first
