"""The host itself: facts, where jails live, how it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jailer_core.model.jails import FileStamp


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The host itself. `user` is the numeric id; `memory_free` None when unknown."""

    hostname: str = ""
    release: str = ""
    arch: str = ""
    cpus: int | None = None
    memory: int | None = None
    memory_free: int | None = None
    load: tuple[float, float, float] | None = None
    boot_time: int | None = None
    racct: bool | None = None
    vimage: bool | None = None
    uid: int | None = None
    jailed: bool = False

    @property
    def root(self) -> bool:
        """Whether changes are possible at all."""
        return self.uid == 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where jails are kept on this host: rc.conf's `jailer_dir`, or found by its mount point.

    `dataset` is "" before the set-up. `state` is our own directory: in the dataset
    `POOL/jails/.jailer-tui` when that exists, else /var/db/jailer-tui.
    """

    dataset: str = ""
    mountpoint: str = "/usr/local/jails"
    state: str = "/var/db/jailer-tui"

    @property
    def trash(self) -> str:
        """Dataset of destroyed jails."""
        return f"{self.dataset}/.trash" if self.dataset else ""

    @property
    def own(self) -> str:
        """Dataset of journal and kept files."""
        return f"{self.dataset}/.jailer-tui" if self.dataset else ""

    @property
    def images(self) -> str:
        """Dataset that holds the base images."""
        return f"{self.dataset}/image" if self.dataset else ""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The output of a command that a request needs (plan.Needs.asks)."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """How the host is set up, as only the set-up and its checks need it (Needs.doctor).

    `modules` tells of a few kernel modules whether they are there. `rulesets` are devfs's, by
    number. `routes` are the destinations of the host's IPv4 routes (`default`, `10.0.2.0/24`),
    `way_out` the interface of the default one ("" for none); `way_out6` and `forwarding6` are
    those of IPv6, `learned6` tells whether that route came by a router advertisement, `keeps6`
    whether a host that passes packets on goes on to learn it (None where the kernel cannot).
    `pf` tells whether the packet filter is on, `pf_rules` what is loaded, `pf_error` what is
    wrong with pf.conf ("" nothing). `pkg` and `dhcpd`: whether there are packages at all,
    whether the server runs. `exposed` are running jails whose /dev shows the host's devices.
    `room` is free bytes by directory. `pyzfs` is why no library does ZFS's work here, "" where
    one does (host/libzfs.py). `stamps` are of those files and directories that exist; the
    files' texts are in `Inventory.kept`.
    """

    modules: Mapping[str, bool] = field(default_factory=dict)
    rulesets: Mapping[int, tuple[str, ...]] | None = None
    routes: tuple[str, ...] | None = None
    way_out: str | None = None
    forwarding: bool | None = None
    forwarding6: bool | None = None
    way_out6: str | None = None
    learned6: bool = False
    keeps6: bool | None = None
    pf: bool | None = None
    pf_rules: tuple[str, ...] | None = None
    pf_error: str = ""
    pkg: bool | None = None
    dhcpd: bool | None = None
    exposed: tuple[str, ...] = ()
    pyzfs: str | None = None
    room: Mapping[str, int] = field(default_factory=dict)
    stamps: Mapping[str, FileStamp] = field(default_factory=dict)
