"""The parameters of a jail in words: what each allows, what it risks, and its default.

Names and defaults are those of recordings 03, 08 and 17. A parameter of the kernel that is not
listed here is shown with the description that sysctl gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The type of a value."""

    SWITCH = "yes or no"
    NUMBER = "a number"
    CHOICE = "one of several words"
    TEXT = "text"


class Group(StrEnum):
    """The group under which a parameter is shown."""

    NETWORK = "Network"
    MOUNTS = "Mounts"
    FILES = "Files"
    PROCESSES = "Processes"
    SYSTEM = "System"
    CHILDREN = "Jails inside it"
    IDENTITY = "Identity"
    START = "Start and stop"
    STATE = "State"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `risk` is what a jail can do with it, "" for nothing worth a warning.

    `risky` are the values that the risk is about, () all but the default. `default` None is not
    known. `live`: `jail -m` can change it. `instead` says why it is not set
    here, and how it is.
    """

    name: str
    kind: Kind
    allows: str
    risk: str = ""
    default: str | None = None
    choices: tuple[str, ...] = ()
    live: bool = True
    instead: str = ""
    risky: tuple[str, ...] = ()
    group: Group = Group.OTHER


def _switch(name: str, allows: str, risk: str = "", *, default: str = "false") -> Parameter:
    return Parameter(name, Kind.SWITCH, allows, risk, default)


def _mount(kind: str, allows: str, risk: str = "") -> Parameter:
    return _switch(f"allow.mount.{kind}", allows, risk)


def _ipc(name: str, what: str) -> Parameter:
    allows = f"{what} of System V: new is its own, inherit is the host's."
    risk = "With inherit it can read and destroy those of the host."
    choices = ("new", "inherit", "disable")
    return Parameter(name, Kind.CHOICE, allows, risk, "disable", choices, risky=("inherit",))


def _inherited(version: int) -> Parameter:
    return Parameter(
        f"ip{version}",
        Kind.CHOICE,
        f"IPv{version}: inherit uses all addresses of the host, disable uses none.",
        "With inherit it can listen on every address of the host.",
        "disable",
        ("inherit", "disable"),
        live=False,
        risky=("inherit",),
    )


def _fixed(name: str, allows: str, instead: str) -> Parameter:
    return Parameter(name, Kind.TEXT, allows, instead=instead, live=False)


_READ = "The kernel sets it; it cannot be changed."
_ADDRESS = "Change the address instead: address NAME"

_NETWORK = (
    _switch(
        "allow.raw_sockets",
        "Raw sockets: ping, traceroute and other tools that build packets. A jail with its own "
        "network has them anyway.",
        "On the host's network it can forge packets and read the host's traffic.",
    ),
    _switch(
        "allow.socket_af",
        "Sockets of other kinds than UNIX, IPv4, IPv6 and route.",
        "Those protocols may not be aware of jails.",
    ),
    _switch("allow.reserved_ports", "Listening on ports below 1024.", default="true"),
    _switch(
        "allow.routing",
        "Changing the routing table.",
        "Without its own network, that is the host's table.",
    ),
    _inherited(4),
    _inherited(6),
    _switch(
        "ip4.saddrsel",
        "Choosing the source address by the route instead of the first one.",
        default="true",
    ),
    _switch(
        "ip6.saddrsel",
        "Choosing the source address by the rules of IPv6 instead of the first one.",
        default="true",
    ),
    _fixed("ip4.addr", "Its IPv4 addresses.", _ADDRESS),
    _fixed("ip6.addr", "Its IPv6 addresses.", _ADDRESS),
    _fixed(
        "vnet",
        "Its own network stack, with interfaces, routes and firewall.",
        "It needs interfaces too: edit the configuration, or create a new jail with another "
        "network type.",
    ),
)
_MOUNTS = (
    _switch(
        "allow.mount",
        "Mounting file systems; each kind needs its own permission, and enforce_statfs below 2.",
        "Its root can change its own file tree.",
    ),
    _mount("devfs", "Mounting devfs.", "Devices show by devfs_ruleset; check that it hides them."),
    _mount("fdescfs", "Mounting fdescfs on /dev/fd."),
    _mount("fusefs", "Mounting FUSE file systems (the host needs the module fusefs)."),
    _mount("linprocfs", "Mounting linprocfs, for Linux programs."),
    _mount(
        "linsysfs",
        "Mounting linsysfs, for Linux programs.",
        "Linux programs see the host's hardware.",
    ),
    _mount("nullfs", "Mounting one of its directories on another one."),
    _mount("procfs", "Mounting procfs."),
    _mount("tmpfs", "Mounting tmpfs.", "It can fill the memory; limit memory and swap."),
    _mount("zfs", "Mounting and changing datasets that are given to it."),
    Parameter(
        "enforce_statfs",
        Kind.CHOICE,
        "Which mounts it sees: 0 all of the host, 1 those below its root, 2 only its root.",
        "With 0 it sees the paths of the host's mounts.",
        "2",
        ("0", "1", "2"),
        risky=("0",),
    ),
    Parameter(
        "devfs_ruleset",
        Kind.NUMBER,
        "The devfs ruleset of the /dev that is mounted for it, and of those that it mounts.",
        "0, or a ruleset without rules, shows all devices of the host.",
        "0",
        live=False,
        risky=("0",),
    ),
    Parameter(
        "zfs",
        Kind.CHOICE,
        "Settings of ZFS: new are its own, inherit are the host's.",
        default="new",
        choices=("new", "inherit"),
    ),
    Parameter(
        "zfs.mount_snapshot",
        Kind.CHOICE,
        "Looking into .zfs/snapshot of its datasets.",
        default="0",
        choices=("0", "1"),
    ),
)
_FILES = (
    _switch(
        "allow.chflags",
        "System file flags such as schg, as the host sets them.",
        "It can make files that the host must unlock before it removes them.",
    ),
    _switch(
        "allow.extattr",
        "Extended attributes of the system namespace.",
        "Programs of the host may trust such attributes.",
    ),
    _switch(
        "allow.quotas",
        "Quotas of the file system it is on.",
        "They count for the whole file system, the host's users too.",
    ),
    _switch("allow.nfsd", "Serving NFS (needs its own network, and enforce_statfs=1)."),
)
_PROCESSES = (
    _switch(
        "allow.mlock",
        "Locking memory, so that secrets are never written to swap.",
        "It can lock memory of the host; limit memory.",
    ),
    _switch(
        "allow.sysvipc",
        "Shared memory and semaphores of System V, as PostgreSQL uses them.",
        "They are the host's: it can read and destroy those of the host and of other jails.",
    ),
    _ipc("sysvshm", "Shared memory"),
    _ipc("sysvsem", "Semaphores"),
    _ipc("sysvmsg", "Message queues"),
    _switch(
        "allow.unprivileged_proc_debug",
        "Debugging and tracing by users other than root.",
        default="true",
    ),
    _switch(
        "allow.unprivileged_parent_tampering",
        "Being signalled and debugged by users of the host with the same user id.",
    ),
    _switch("allow.suser", "Root inside it has the privileges of a jail's root.", default="true"),
)
_SYSTEM = (
    _switch(
        "allow.read_msgbuf",
        "Reading the kernel's messages (dmesg).",
        "They reveal the host's hardware and other jails.",
    ),
    _switch("allow.settime", "Setting the clock.", "It is the clock of the whole host."),
    _switch(
        "allow.adjtime",
        "Adjusting the clock slowly, as ntpd does.",
        "It is the clock of the whole host.",
    ),
    _switch("allow.setaudit", "Setting audit properties of its processes."),
    Parameter(
        "securelevel",
        Kind.CHOICE,
        "The secure level: 1 and above protect flags and raw devices; see security(7).",
        default="-1",
        choices=("-1", "0", "1", "2", "3"),
    ),
    Parameter("osrelease", Kind.TEXT, "The release that uname -r shows in it.", live=False),
    Parameter("osreldate", Kind.NUMBER, "The number that uname -K shows in it.", live=False),
)
_CHILDREN = (
    Parameter(
        "children.max",
        Kind.NUMBER,
        "How many jails it may create inside itself.",
        "They can do what it can; limits count for them together.",
        "0",
    ),
    _fixed("children.cur", "How many jails there are inside it.", _READ),
)
_IDENTITY = (
    Parameter("host.hostname", Kind.TEXT, "Its host name.", default=""),
    Parameter("host.domainname", Kind.TEXT, "Its NIS domain.", default=""),
    Parameter("host.hostid", Kind.NUMBER, "Its host id.", default="0"),
    Parameter(
        "host.hostuuid",
        Kind.TEXT,
        "Its host UUID.",
        default="00000000-0000-0000-0000-000000000000",
    ),
    Parameter(
        "host",
        Kind.CHOICE,
        "Host name and ids: new are its own, inherit are the host's.",
        default="new",
        choices=("new", "inherit"),
        live=False,
    ),
    _switch("allow.set_hostname", "Changing its host name from inside.", default="true"),
    Parameter("meta", Kind.TEXT, "Text that the jail cannot read.", default=""),
    Parameter("env", Kind.TEXT, "Text that the jail can read.", default=""),
)
_START = (
    # a running jail without processes would end at once
    Parameter(
        "persist",
        Kind.SWITCH,
        "Persisting when its last process ends.",
        default="false",
        live=False,
    ),
    _switch("mount.devfs", "jail(8) mounts devfs on its /dev when it starts."),
    _switch("mount.fdescfs", "jail(8) mounts fdescfs on its /dev/fd."),
    _switch("mount.procfs", "jail(8) mounts procfs on its /proc."),
    _switch("exec.clean", "Its commands start with an empty environment."),
    Parameter(
        "exec.timeout",
        Kind.NUMBER,
        "How many seconds a command of its start or stop may take; 0 is no limit.",
        default="0",
        live=False,
    ),
    Parameter(
        "stop.timeout",
        Kind.NUMBER,
        "How many seconds its processes have to end before they are killed.",
        default="10",
        live=False,
    ),
)
_STATE = (
    _fixed("name", "Its name.", "Rename it instead: rename NAME NEW"),
    _fixed("jid", "Its number in the kernel.", _READ),
    _fixed("parent", "The jail that it is inside.", _READ),
    _fixed("path", "Its root directory.", "Change it by hand: edit NAME"),
    _fixed("dying", "Whether it has stopped and something still holds it.", _READ),
    _fixed("cpuset.id", "Its set of CPUs.", "Limit its CPUs: limits set NAME cpuset=0-1"),
)
PARAMETERS: tuple[Parameter, ...] = tuple(
    replace(parameter, group=group)
    for group, parameters in (
        (Group.NETWORK, _NETWORK),
        (Group.MOUNTS, _MOUNTS),
        (Group.FILES, _FILES),
        (Group.PROCESSES, _PROCESSES),
        (Group.SYSTEM, _SYSTEM),
        (Group.CHILDREN, _CHILDREN),
        (Group.IDENTITY, _IDENTITY),
        (Group.START, _START),
        (Group.STATE, _STATE),
    )
    for parameter in parameters
)
BY_NAME: Mapping[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}

OF_JAIL8 = frozenset(
    {"mount.devfs", "mount.fdescfs", "mount.procfs", "exec.clean", "exec.timeout", "stop.timeout"}
)
"""Parameters that jail(8) deals with itself: the kernel never sees them."""


def is_live(name: str) -> bool:
    """Whether it can be changed in a running jail."""
    parameter = of(name)
    return parameter.live and not parameter.instead and name not in OF_JAIL8


def of(name: str, description: str = "") -> Parameter:
    """A parameter by its name; an unlisted one as sysctl describes it."""
    if name in BY_NAME:
        return BY_NAME[name]
    kind = Kind.SWITCH if name.startswith("allow.") else Kind.TEXT
    group = Group.MOUNTS if name.startswith("allow.mount.") else Group.OTHER
    return Parameter(name, kind, description, group=group)
