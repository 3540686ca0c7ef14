"""What a host holds, as immutable values.

Sizes are bytes, times are seconds since 1970, CPU is percent of one core.
`None` always means *unknown* (a probe failed, or was not asked), never "none" or zero:
for "none" there is the empty string, the empty tuple, or zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jailer_core.connection import Connection
from jailer_core.firewall import Firewall
from jailer_core.model_network import Connections


class JailState(StrEnum):
    """Where a jail is in its life. A dying jail has stopped but still holds something."""

    RUNNING = "running"
    DYING = "dying"
    STOPPED = "stopped"


class Network(StrEnum):
    """How a jail is connected; `eb`, `new` and `inherit` are the original's words."""

    EPAIR = "eb"
    SHARED = "new"
    INHERIT = "inherit"
    VNET = "vnet"
    NONE = "none"


class Owner(StrEnum):
    """Who made a jail, and therefore who may change it (managers/)."""

    JAILER = "jailer"
    NATIVE = "native"
    BASTILLE = "bastille"
    IOCAGE = "iocage"
    POT = "pot"
    APPJAIL = "appjail"
    CBSD = "cbsd"
    EZJAIL = "ezjail"
    OCI = "oci"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or is wrong; a line on the screen, never a crash."""

    source: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a jail or interface; `prefix` is the length in bits, or None."""

    address: str
    prefix: int | None = None
    interface: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4

    def __str__(self) -> str:
        return self.address if self.prefix is None else f"{self.address}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Pool:
    """A ZFS pool (`zpool list -Hp`)."""

    name: str
    size: int
    allocated: int
    free: int
    health: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A ZFS file system. `mountpoint` is "" for none and legacy; `origin` "" for no clone."""

    name: str
    guid: str
    used: int
    available: int
    referenced: int
    mountpoint: str
    origin: str
    creation: int
    mounted: bool
    jailed: bool = False

    @property
    def pool(self) -> str:
        """The pool it lives in."""
        return self.name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot; `clones` are the datasets that live on it, `holds` counts its holds."""

    dataset: str
    name: str
    guid: str
    used: int
    referenced: int
    creation: int
    createtxg: int
    clones: tuple[str, ...] = ()
    holds: int = 0

    @property
    def full_name(self) -> str:
        """`dataset@name`."""
        return f"{self.dataset}@{self.name}"


@dataclass(frozen=True, slots=True)
class Property:
    """One ZFS property of a dataset with where it comes from: local, received and so on."""

    dataset: str
    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of `mount -p`."""

    device: str
    path: str
    fstype: str
    options: str


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as `ifconfig` shows it, of the host or (seen from outside) of a jail.

    `members` are those of a bridge, or the ports of a lagg. `vlan` and `parent` are the tag and
    the interface below of a VLAN, None and "" of others.
    """

    name: str
    up: bool
    mac: str = ""
    mtu: int = 0
    description: str = ""
    status: str = ""
    addresses: tuple[Address, ...] = ()
    members: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    vlan: int | None = None
    parent: str = ""

    @property
    def is_bridge(self) -> bool:
        """Whether it has members, or could."""
        return "bridge" in self.groups


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells that a file changed (`stat -f %m:%z`), and who owns it."""

    mtime: int
    size: int
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    is_dir: bool = False


@dataclass(frozen=True, slots=True)
class JailConfig:
    """One jail as a configuration file defines it, expanded by `jail -f FILE -e`.

    `path` is the file that jail(8) is given (rc.d's rule), `source` the one in which the jail's
    block stands: another one where `path` includes it, and the one to edit or to remove.
    `alone` tells that `source` defines no other jail, `stamp` and `text` (when asked for) are
    of `source`.
    `params` keeps every parameter in order; a parameter without a value has an empty tuple.
    A file that jail(8) cannot read has no params; the jail's problems say why.
    `number` is the original's `$id`, when the file has one.
    """

    name: str
    path: str
    params: Mapping[str, tuple[str, ...]]
    stamp: FileStamp | None = None
    alone: bool = True
    text: str | None = None
    source: str = ""
    number: int | None = None

    def first(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        values = self.params.get(name)
        return values[0] if values else default

    def has(self, name: str) -> bool:
        """Whether the parameter is set (`vnet;` as well as `vnet = new;`)."""
        values = self.params.get(name)
        return values is not None and values[:1] not in (("false",), ("0",))


@dataclass(frozen=True, slots=True)
class Process:
    """A process; `memory` is resident bytes, `cpu` percent of one core, `age` seconds."""

    pid: int
    parent: int
    jid: int
    cpu: float
    memory: int
    state: str
    age: int
    user: str
    command: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a file system (`fstat -f`): `what` is wd, root, text or a number."""

    pid: int
    user: str
    command: str
    what: str
    mount: str
    jid: int | None = None


@dataclass(frozen=True, slots=True)
class Jail:
    """One jail, running or not: kernel, configuration, datasets and use joined together.

    `addresses`, `cpu`, `memory`, `disk`, `processes`, `gateway` are None while unknown.
    `parent` is the name of the jail that it lives in, or "".
    """

    name: str
    state: JailState
    owner: Owner
    jid: int | None = None
    path: str = ""
    hostname: str = ""
    network: Network = Network.INHERIT
    addresses: tuple[Address, ...] | None = ()
    gateway: str | None = ""
    release: str = ""
    parent: str = ""
    config: JailConfig | None = None
    dataset: str = ""
    disk: int | None = None
    cpu: float | None = None
    memory: int | None = None
    processes: int | None = None
    age: int | None = None
    boots: bool | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def running(self) -> bool:
        """Running now (a dying jail is not)."""
        return self.state is JailState.RUNNING


@dataclass(frozen=True, slots=True)
class Image:
    """A fetched base image: `POOL/jails/image/VERSION-RELEASE@base`."""

    version: str
    dataset: str
    created: int
    used: int
    has_base: bool | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """A destroyed jail that can come back: dataset `…/.trash/NAME-STAMP` and what was kept.

    `meta` is the record written when it was destroyed ({} when there is none: then only the
    dataset can come back). `created` is when it went into the trash.
    """

    id: str
    name: str
    stamp: str
    dataset: str
    guid: str
    used: int
    meta: Mapping[str, object] = field(default_factory=dict)


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
    """Where jails live on this host: rc.conf's `jailer_dir`, or found by its mount point.

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
class Answer:
    """What a command said that a request wanted asked (plan.Needs.asks)."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Doctor:
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
    one does (host/library.py). `stamps` are of those files and directories that exist; the
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


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that was read in one go. Parts that were not asked for, or not readable, are None.

    `reached` is what this program is reached over, None when it sits on the host itself.
    """

    host: HostFacts = HostFacts()
    layout: Layout = Layout()
    jails: tuple[Jail, ...] = ()
    configs: tuple[JailConfig, ...] = ()
    pools: tuple[Pool, ...] | None = None
    datasets: tuple[Dataset, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    properties: tuple[Property, ...] | None = None
    mounts: tuple[Mount, ...] | None = None
    interfaces: tuple[Interface, ...] | None = None
    processes: tuple[Process, ...] | None = None
    holders: tuple[Holder, ...] | None = None
    images: tuple[Image, ...] = ()
    trash: tuple[TrashEntry, ...] = ()
    rc: Mapping[str, str] | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    doctor: Doctor | None = None
    connections: Connections | None = None
    firewall: Firewall | None = None
    stamps: Mapping[str, FileStamp] = field(default_factory=dict)
    answers: Mapping[tuple[str, ...], Answer] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    taken: float = 0.0
    reached: Connection | None = None

    def jail(self, name: str) -> Jail | None:
        """The jail of that name; a running one before a dying one."""
        found = [jail for jail in self.jails if jail.name == name]
        return min(found, key=lambda jail: jail.state is JailState.DYING, default=None)

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of that name."""
        return next((one for one in self.datasets or () if one.name == name), None)

    def below(self, name: str) -> tuple[Dataset, ...]:
        """That dataset and all its children, parents first."""
        return tuple(
            one
            for one in self.datasets or ()
            if one.name == name or one.name.startswith(name + "/")
        )

    @property
    def boot_list(self) -> tuple[str, ...]:
        """`jail_list` of rc.conf: which jails start at boot, in which order."""
        return tuple((self.rc or {}).get("jail_list", "").split())
