"""Everything a simulated host holds, as plain data that can be written to a file and compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """A file, directory or link. `size` replaces bytes that are never read."""

    kind: str = "file"
    data: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: float = 0.0
    size: int | None = None
    target: str = ""
    flags: int = 0
    blocks: int = field(init=False, repr=False, compare=False)
    """Bytes on disk: contents that are not spelled out compress 2.2 : 1, as a base system does."""

    def __post_init__(self) -> None:
        plain = self.length if self.data else self.length * 5 // 11
        blocks = -(-plain // 512) * 512 if self.kind == "file" else 0
        object.__setattr__(self, "blocks", blocks)

    @property
    def length(self) -> int:
        """Bytes as `stat` tells them."""
        return len(self.data) if self.size is None else self.size


Tree = dict[str, Node]
"""Nodes of one file system by path below its root: "" is the root, "etc/rc.conf" a file."""


@dataclass(slots=True)
class SimSnapshot:
    """A snapshot: the tree as it was."""

    name: str
    guid: str
    creation: int
    createtxg: int
    tree: Tree
    holds: dict[str, int] = field(default_factory=dict)
    props: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class SimBookmark:
    """What a bookmark keeps of its snapshot."""

    name: str
    guid: str
    creation: int
    createtxg: int


@dataclass(slots=True)
class SimDataset:
    """A file system, or a volume of `volsize` bytes.

    `props` are only those set on itself; `snapshots` oldest first. `passphrase` is set where it
    has an encryption key of its own, which is not loaded while it is `locked`. `allowed`: what
    `zfs allow` lets each user do.
    """

    name: str
    guid: str
    creation: int
    createtxg: int
    props: dict[str, str] = field(default_factory=dict)
    tree: Tree = field(default_factory=dict)
    origin: str = ""
    snapshots: list[SimSnapshot] = field(default_factory=list)
    volsize: int = 0
    bookmarks: list[SimBookmark] = field(default_factory=list)
    passphrase: str = ""
    locked: bool = False
    allowed: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class SimPool:
    """A pool; its root dataset has the same name. `vdev`: what it lies on, "" for a disk.

    `scrub`: when the last scrub began, 0 for never.
    """

    name: str
    guid: str
    size: int
    health: str = "ONLINE"
    vdev: str = ""
    scrub: float = 0.0


@dataclass(slots=True)
class SimMount:
    """A mount, in the order in which it was made. `ruleset` is devfs's."""

    device: str
    path: str
    fstype: str
    options: str = "rw"
    dump: str = "0 0"
    ruleset: int = 0


@dataclass(slots=True)
class SimJail:
    """A jail in the kernel. `params` are those that were given when it was created or modified.

    `name` is the whole name, with its parents' before dots. `ends`: when a dying one is gone, 0
    is never. `datasets` are those of `zfs jail`.
    """

    jid: int
    name: str
    path: str
    params: dict[str, list[str]] = field(default_factory=dict)
    parent: int = 0
    dying: bool = False
    cpuset: int = 0
    vnet: bool = False
    created: float = 0.0
    ends: float = 0.0
    datasets: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SimProcess:
    """A process. `stubborn` ignores SIGTERM. `cwd` is a path of the host. `ends`: 0 is never.

    `then` are commands, as of a pipe, that it has run when it ends on its own, `given`
    what it reads: what a command does whose caller was killed.
    """

    pid: int
    parent: int
    jid: int
    command: str
    user: str = "root"
    cpu: float = 0.0
    rss: int = 2048
    vsz: int = 14000
    state: str = "S"
    started: float = 0.0
    cwd: str = "/"
    stubborn: bool = False
    ends: float = 0.0
    then: list[list[str]] = field(default_factory=list)
    given: str = ""


@dataclass(slots=True)
class SimAddress:
    """An address on an interface; `prefix` in bits."""

    address: str
    prefix: int
    broadcast: str = ""
    scope: str = ""


@dataclass(slots=True)
class SimInterface:
    """A network interface. `jid` 0 means that the host has it, else the VNET jail.

    `kind` is ether, loop, bridge, epair or vlan (`vlan` is its tag, `parent` the card below).
    `jid` is the VNET jail that has it, 0 the host;
    `home` where it was made: there it goes back to when that jail ends.
    """

    name: str
    kind: str
    index: int
    mac: str = ""
    mtu: int = 1500
    up: bool = True
    description: str = ""
    addresses: list[SimAddress] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    jid: int = 0
    home: int = 0
    promiscuous: bool = False
    received: int = 0
    sent: int = 0
    vlan: int = 0
    parent: str = ""


@dataclass(slots=True)
class SimRoute:
    """A static route of the host or of a VNET jail."""

    jid: int
    destination: str
    gateway: str
    interface: str


@dataclass(slots=True)
class SimPf:
    """The packet filter: rules by anchor ("" is the main rule set)."""

    enabled: bool = False
    loaded: bool = True
    nat: dict[str, list[str]] = field(default_factory=dict)
    rules: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class SimIncident:
    """Something that goes wrong once it is due (demo/incidents.py)."""

    due: float
    kind: str
    name: str


@dataclass(slots=True)
class State:
    """The whole host."""

    hostname: str = "armbsd15"
    release: str = "15.1-RELEASE-p1"
    arch: str = "amd64"
    boot_time: float = 1795478039.0
    now: float = 1795478700.0
    pools: dict[str, SimPool] = field(default_factory=dict)
    datasets: dict[str, SimDataset] = field(default_factory=dict)
    mounts: list[SimMount] = field(default_factory=list)
    root: Tree = field(default_factory=dict)
    tmpfs: dict[str, Tree] = field(default_factory=dict)
    jails: dict[int, SimJail] = field(default_factory=dict)
    processes: dict[int, SimProcess] = field(default_factory=dict)
    interfaces: dict[str, SimInterface] = field(default_factory=dict)
    routes: list[SimRoute] = field(default_factory=list)
    sysctl: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    rctl: list[str] = field(default_factory=list)
    devfs_rules: dict[int, list[str]] = field(default_factory=dict)
    pf: SimPf = field(default_factory=SimPf)
    users: dict[str, int] = field(default_factory=lambda: {"root": 0, "nobody": 65534})
    packages: dict[str, str] = field(default_factory=dict)
    mirror: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    incidents: list[SimIncident] = field(default_factory=list)

    def next(self, counter: str, start: int = 1) -> int:
        """The next number of a series: jids, pids, txgs, interface indexes."""
        self.counters[counter] = self.counters.get(counter, start - 1) + 1
        return self.counters[counter]

    def guid(self) -> str:
        """A new 64 bit number, the same in every run."""
        number = self.next("guid")
        digest = hashlib.sha256(f"guid {number}".encode()).digest()
        return str(int.from_bytes(digest[:8], "big") | 1 << 60)

    def mac(self, name: str) -> str:
        """The address that FreeBSD's own range gives a new epair or bridge."""
        digest = hashlib.sha256(f"mac {name} {self.hostname}".encode()).digest()
        return f"58:9c:fc:10:{digest[0]:02x}:{digest[1]:02x}"
