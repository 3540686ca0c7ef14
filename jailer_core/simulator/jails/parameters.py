"""The jail parameters that the simulated kernel knows, and their values for a given jail.

Names, order and defaults: `jls -d -n --libxo=json` of recordings 03, 04 and 08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jailer_core.simulator.kernel.state import SimJail, State

Value = bool | str | list[str]

BOOLEANS: Mapping[str, bool] = {
    "dying": False,
    "persist": False,
    "allow.adjtime": False,
    "allow.chflags": False,
    "allow.extattr": False,
    "allow.mlock": False,
    "allow.mount": False,
    "allow.mount.devfs": False,
    "allow.mount.nullfs": False,
    "allow.mount.tmpfs": False,
    "allow.mount.zfs": False,
    "allow.nfsd": False,
    "allow.quotas": False,
    "allow.raw_sockets": False,
    "allow.read_msgbuf": False,
    "allow.reserved_ports": True,
    "allow.routing": False,
    "allow.set_hostname": True,
    "allow.setaudit": False,
    "allow.settime": False,
    "allow.socket_af": False,
    "allow.suser": True,
    "allow.sysvipc": False,
    "allow.unprivileged_parent_tampering": False,
    "allow.unprivileged_proc_debug": True,
    "ip4.saddrsel": True,
    "ip6.saddrsel": True,
}
TEXTS: Mapping[str, str] = {
    "devfs_ruleset": "0",
    "enforce_statfs": "2",
    "env": "",
    "host": "new",
    "meta": "",
    "securelevel": "-1",
    "zfs": "new",
    "children.max": "0",
    "host.domainname": "",
    "host.hostid": "0",
    "host.hostname": "",
    "host.hostuuid": "00000000-0000-0000-0000-000000000000",
    "zfs.mount_snapshot": "0",
}
NUMBERS = frozenset(
    {"devfs_ruleset", "enforce_statfs", "securelevel", "children.max", "host.hostid", "jid"}
    | {"osreldate", "zfs.mount_snapshot"}
)
ORDER = (
    *("devfs_ruleset", "dying", "enforce_statfs", "env", "host", "ip4", "ip6", "jid", "meta"),
    *("name", "osreldate", "osrelease", "parent", "path", "persist", "securelevel", "vnet", "zfs"),
    *(name for name in BOOLEANS if name.startswith("allow.")),
    *("children.cur", "children.max", "cpuset.id"),
    *("host.domainname", "host.hostid", "host.hostname", "host.hostuuid"),
    *("ip4.addr", "ip4.saddrsel", "ip6.addr", "ip6.saddrsel", "zfs.mount_snapshot"),
)
KERNEL = frozenset(ORDER)
FIXED = ("path", "vnet", "osrelease", "osreldate")
"""What a jail keeps for life."""

LISTS = ("ip4.addr", "ip6.addr")
WHETHER = ("host", "ip4", "ip6", "vnet", "zfs")
"""Parameters that are new, inherit or disable."""

OWN = frozenset(
    f"exec.{word}"
    for word in (
        *("prepare", "prestart", "created", "start", "poststart", "prestop", "stop", "poststop"),
        *("release", "clean", "consolelog", "fib", "jail_user", "system_jail_user", "system_user"),
        "timeout",
    )
) | frozenset(
    {"mount", "mount.devfs", "mount.fdescfs", "mount.fstab", "mount.procfs", "stop.timeout"}
    | {"allow.dying", "command", "depend", "interface", "ip_hostname", "vnet.interface"}
    | {"zfs.dataset"}
)
"""What jail(8) deals with itself and the kernel never sees."""


def true(values: list[str] | None) -> bool:
    """A boolean parameter as given: no value is yes."""
    return values is not None and (not values or values[-1].lower() not in ("0", "false", "no"))


def children(state: State, jail: SimJail) -> list[SimJail]:
    """Its child jails and theirs."""
    return [one for one in state.jails.values() if one.name.startswith(f"{jail.name}.")]


def descendants(state: State) -> dict[int, int]:
    """How many children, and theirs, each jail has that has any."""
    counts: dict[int, int] = {}
    for jail in state.jails.values():
        above = jail.parent
        while above:
            counts[above] = counts.get(above, 0) + 1
            outer = state.jails.get(above)
            above = outer.parent if outer is not None else 0
    return counts


def osreldate(release: str) -> str:
    """15.1-RELEASE -> 1501000."""
    major, _, minor = release.partition("-")[0].partition(".")
    return str(int(major) * 100_000 + int(minor or 0) * 1000) if major.isdigit() else "0"


def whether(jail: SimJail, name: str) -> str:
    """`new`, `inherit` or `disable`.

    ip4 says disable for a jail with addresses of its own, inherit for VNET
    (docs/freebsd-facts.md, Reading).
    """
    given = (jail.params.get(name) or [""])[-1]
    if name == "vnet":
        return "new" if jail.vnet else "inherit"
    if name in ("ip4", "ip6"):
        return "inherit" if jail.vnet or given == "inherit" else "disable"
    return given or TEXTS[name]


def parameters(
    state: State,
    jail: SimJail,
    counts: dict[int, int] | None = None,
    names: Iterable[str] = ORDER,
) -> dict[str, Value]:
    """What `jls -n` tells of a jail, in its order, or some of it; `counts` as of `descendants`."""
    counts = descendants(state) if counts is None else counts
    own = jail.params
    parent = state.jails.get(jail.parent)
    above = parent.params.get("osrelease") if parent is not None else None
    fixed: dict[str, Value] = {
        "dying": jail.dying,
        "jid": str(jail.jid),
        "name": jail.name,
        "parent": str(jail.parent),
        "path": jail.path,
        "osrelease": (own.get("osrelease") or above or [state.release])[-1],
        "osreldate": (own.get("osreldate") or [osreldate(state.release)])[-1],
        "children.cur": str(counts.get(jail.jid, 0)),
        "cpuset.id": str(jail.cpuset),
    }

    def value(name: str) -> Value:
        if name in fixed:
            return fixed[name]
        if name in BOOLEANS:
            return true(own[name]) if name in own else BOOLEANS[name]
        if name in WHETHER:
            return whether(jail, name)
        if name in LISTS:
            return [] if jail.vnet else list(own.get(name, ()))
        return (own.get(name) or [TEXTS[name]])[-1]

    return {name: value(name) for name in names}
