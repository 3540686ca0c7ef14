"""Jails, their configuration and their processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jailer_core.model.network import Address
from jailer_core.model.trees import normal


class JailState(StrEnum):
    """The state of a jail. A dying jail has stopped but still holds resources."""

    RUNNING = "running"
    DYING = "dying"
    STOPPED = "stopped"


class Network(StrEnum):
    """How a jail is connected; `eb`, `new` and `inherit` are jailer's words."""

    EPAIR = "eb"
    SHARED = "new"
    INHERIT = "inherit"
    VNET = "vnet"
    NONE = "none"

    @property
    def words(self) -> str:
        """What people read; the values above stay in configurations, options and JSON."""
        return _NETWORKS.get(self, self.value)


_NETWORKS = {
    Network.EPAIR: "own network",
    Network.VNET: "own network",
    Network.SHARED: "own address",
    Network.INHERIT: "the host's",
}
OWN_STACK = (Network.EPAIR, Network.VNET)
"""Jails with their own network."""


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


OURS = (Owner.NATIVE, Owner.JAILER)
"""Jails of jail(8) alone, which no other program manages."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or is wrong; a line on the screen, never a crash."""

    source: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells that a file changed (`stat -f %m:%z`), and who owns it.

    `nanoseconds` are the part of the time below a second, `inode` tells a file from another that
    took its place; both 0 where the host does not tell.
    """

    mtime: int
    size: int
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    is_dir: bool = False
    is_link: bool = False
    inode: int = 0
    nanoseconds: int = 0

    def proves(self, read_at: float) -> bool:
        """Whether an equal stamp later proves that the text is still the one of that time.

        Not for a file changed in the second of the reading, nor for a link: it says nothing
        of the file that it leads to.
        """
        return not self.is_link and self.mtime < read_at - 1


@dataclass(frozen=True, slots=True)
class JailConfig:
    """One jail as a configuration file defines it, expanded by `jail -f FILE -e`.

    `path` is the file that jail(8) is given (rc.d's rule), `source` the one in which the jail's
    block stands: another one where `path` includes it, and the one to edit or to remove.
    `alone` tells that `source` defines no other jail, `stamp` and `text` (when asked for) are
    of `source`.
    `params` keeps every parameter in order; a parameter without a value has an empty tuple.
    A file that jail(8) cannot read has no params; the jail's problems say why.
    `number` is jailer's `$id`, when the file has one. `after` are the jails of our `$depends`:
    jail(8) does not know them, since it looks for `depend` only in the file that it reads.
    """

    name: str
    path: str
    params: Mapping[str, tuple[str, ...]]
    stamp: FileStamp | None = None
    alone: bool = True
    text: str | None = None
    source: str = ""
    number: int | None = None
    after: tuple[str, ...] = ()

    @property
    def depends(self) -> tuple[str, ...]:
        """The jails that must run before it."""
        return tuple(dict.fromkeys((*self.params.get("depend", ()), *self.after)))

    def first(self, name: str, default: str = "") -> str:
        """The value of a parameter; of several, jail(8) takes the last."""
        values = self.params.get(name)
        return values[-1] if values else default

    @property
    def root(self) -> str:
        """The root directory as a plain path, "" when none is set (jail(8) then takes /)."""
        return normal(self.first("path"))

    def has(self, name: str) -> bool:
        """Whether the parameter is set (`vnet;` as well as `vnet = new;`)."""
        values = self.params.get(name)
        return values is not None and values[-1:] not in (("false",), ("0",))


@dataclass(frozen=True, slots=True)
class JailFiles:
    """The texts of all files that configure jails, and of what they include, by path.

    `main` is the file for jails without one of their own: /etc/jail.conf, or rc.conf's jail_conf.
    """

    main: str = "/etc/jail.conf"
    texts: Mapping[str, str] = field(default_factory=dict)


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
class OpenFile:
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

    `addresses`, `cpu`, `memory`, `disk`, `processes`, `gateway`, `tags` are None while unknown.
    `parent` is the name of the jail that it lives in, or "". `ruleset` is the devfs ruleset that
    a running one was started with. `release` is what the kernel or the configuration says,
    `userland` what the jail's own files are (`15.1-RELEASE-p1`, "" while that is not known).
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
    ruleset: int | None = None
    tags: tuple[str, ...] | None = ()
    problems: tuple[Problem, ...] = ()
    userland: str = ""

    @property
    def running(self) -> bool:
        """Running now (a dying jail is not)."""
        return self.state is JailState.RUNNING
