"""What can be asked for: one frozen class each, the same from the command line and the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register


@register
@dataclass(frozen=True, slots=True)
class Start(Request):
    """Start a jail that is configured."""

    name: str
    op: ClassVar[str] = "start"


@register
@dataclass(frozen=True, slots=True)
class Stop(Request):
    """Stop a running jail, with the file that it was started with."""

    name: str
    op: ClassVar[str] = "stop"


@register
@dataclass(frozen=True, slots=True)
class Restart(Request):
    """Stop a jail with the file that it was started with, start it with its present one."""

    name: str
    op: ClassVar[str] = "restart"


@register
@dataclass(frozen=True, slots=True)
class StartAll(Request):
    """Start all of our jails that do not run; `expand` makes one request of each."""

    op: ClassVar[str] = "startall"


@register
@dataclass(frozen=True, slots=True)
class StopAll(Request):
    """Stop all of our jails that run; `expand` makes one request of each."""

    op: ClassVar[str] = "stopall"


@register
@dataclass(frozen=True, slots=True)
class Destroy(Request):
    """Move a jail to the trash, or (`purge`) destroy it for good.

    `stamp` makes the entry's name unique; the caller makes it of the time, letters and digits
    only (`20261124T101500`), since operations have no clock. `force` unmounts what is busy,
    `kill` ends the processes of the host that hold it.
    """

    name: str
    stamp: str
    purge: bool = False
    force: bool = False
    kill: bool = False
    op: ClassVar[str] = "destroy"


@register
@dataclass(frozen=True, slots=True)
class TrashRestore(Request):
    """Bring a destroyed jail back; `start` None: running when it ran.

    `entry` is the id (NAME-STAMP), or the name when the trash holds only one of it.
    """

    entry: str
    start: bool | None = None
    op: ClassVar[str] = "restore"


@register
@dataclass(frozen=True, slots=True)
class TrashPurge(Request):
    """Destroy an entry of the trash for good; `promote` first frees what depends on it."""

    entry: str
    promote: bool = False
    op: ClassVar[str] = "purge"


@register
@dataclass(frozen=True, slots=True)
class Edit(Request):
    """Replace the text of a jail's configuration file."""

    name: str
    text: str
    op: ClassVar[str] = "edit"


# --- making ----------------------------------------------------------------------------------


@register
@dataclass(frozen=True, slots=True)
class Create(Request):
    """Make a jail. Every field is text as somebody types it, "" for what is to be suggested.

    `base` is an image (`15.1-RELEASE`), `JAIL@SNAP` or `image/VERSION@SNAP`; "": the default
    image, else the host's release. `copy` makes a full copy instead of a ZFS clone. `network` is
    eb, new or inherit; `bridge` a bridge for eb, an interface for new; `address` may be `dhcp`.
    `boot` lets it start at boot, in the list `before` another jail or ("") at its end. `cpu` is
    percent of one core. `mac` and the name are made by the caller, as operations have no random
    numbers: suggest.free_mac, suggest.free_name. `mirror` is where a missing image comes from.
    """

    name: str
    base: str = ""
    copy: bool = False
    network: str = ""
    bridge: str = ""
    address: str = ""
    gateway: str = ""
    netmask: str = ""
    address6: str = ""
    gateway6: str = ""
    domain: str = ""
    resolver: str = ""
    quiet: bool = False
    start: bool = True
    boot: bool = False
    before: str = ""
    memory: str = ""
    cpu: str = ""
    processes: str = ""
    note: str = ""
    mac: str = ""
    mirror: str = ""
    op: ClassVar[str] = "create"


@register
@dataclass(frozen=True, slots=True)
class ImageFetch(Request):
    """Fetch a base image; `version` "" is the host's, `mirror` "" FreeBSD's own."""

    version: str = ""
    mirror: str = ""
    op: ClassVar[str] = "fetch"


@register
@dataclass(frozen=True, slots=True)
class ImageUse(Request):
    """Make an image the default of new jails."""

    version: str
    op: ClassVar[str] = "use"


@register
@dataclass(frozen=True, slots=True)
class ImageDestroy(Request):
    """Destroy an image that no jail depends on, with its archive."""

    version: str
    op: ClassVar[str] = "unfetch"


@register
@dataclass(frozen=True, slots=True)
class NetworkUse(Request):
    """Make a network type the default of new jails: eb, new or inherit."""

    network: str
    op: ClassVar[str] = "network"


@register
@dataclass(frozen=True, slots=True)
class Clone(Request):
    """Make another jail of a jail, with its configuration, a number and addresses of its own.

    `snapshot` is one of the jail's; "" takes one first, called by `stamp` (letters and digits,
    made by the caller). Fields are as in Create.
    """

    name: str
    new: str
    stamp: str
    snapshot: str = ""
    address: str = ""
    address6: str = ""
    mac: str = ""
    start: bool = True
    op: ClassVar[str] = "clone"


@register
@dataclass(frozen=True, slots=True)
class Rename(Request):
    """Give a jail another name: dataset, configuration, boot list; one that runs is restarted."""

    name: str
    new: str
    op: ClassVar[str] = "rename"


@register
@dataclass(frozen=True, slots=True)
class BootOrder(Request):
    """Which jails start at boot, in which order."""

    names: tuple[str, ...]
    op: ClassVar[str] = "boot"
