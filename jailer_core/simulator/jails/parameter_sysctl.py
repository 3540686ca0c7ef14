"""The parameters of jails as sysctl(8) shows them (recording 17).

The kernel of recording 17 knows a few that jls of recordings 03 to 08 does not, and the other way
round: here the parameters are those of jls, with the descriptions of recording 17.
"""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.simulator.jails.parameters import ORDER

PREFIX = "security.jail.param"

_DESCRIPTIONS = """\
zfs: Jail ZFS parameters
zfs.mount_snapshot: Allow mounting snapshots in the .zfs directory for unjailed datasets
zfs.: Jail ZFS parameters
mac: Jail parameters for MAC policy controls
sysvshm: SYSV shared memory
sysvshm.: SYSV shared memory
sysvsem: SYSV semaphores
sysvsem.: SYSV semaphores
sysvmsg: SYSV message queues
sysvmsg.: SYSV message queues
env: Jail meta information readable by the jail
meta: Jail meta information hidden from the jail
allow: Jail permission flags
allow.mount: Jail mount/unmount permission flags
allow.mount.zfs: Jail may mount the zfs file system
allow.mount.tmpfs: Jail may mount the tmpfs file system
allow.mount.procfs: Jail may mount the procfs file system
allow.mount.devfs: Jail may mount the devfs file system
allow.mount.: Jail may mount/unmount jail-friendly file systems in general
allow.routing: Jail may modify routing table
allow.settime: Jail may set system time
allow.adjtime: Jail may adjust system time
allow.extattr: Jail may set system-level filesystem extended attributes
allow.nfsd: Mountd/nfsd may run in the jail
allow.suser: Processes in jail with uid 0 have privilege
allow.unprivileged_parent_tampering: Unprivileged parent jail processes may tamper with \
same-uid processes (signal/debug/cpuset)
allow.unprivileged_proc_debug: Unprivileged processes may use process debugging facilities
allow.read_msgbuf: Jail may read the kernel message buffer
allow.reserved_ports: Jail may bind sockets to reserved ports
allow.mlock: Jail may lock (unlock) physical pages in memory
allow.socket_af: Jail may create sockets other than just UNIX/IPv4/IPv6/route
allow.quotas: Jail may set file quotas
allow.chflags: Jail may alter system file flags
allow.raw_sockets: Jail may create raw sockets
allow.sysvipc: Jail may use SYSV IPC
allow.set_hostname: Jail may set hostname
ip6: Jail IPv6 address virtualization
ip6.saddrsel: Do (not) use IPv6 source address selection rather than the primary jail IPv6 address.
ip6.addr: Jail IPv6 addresses
ip6.: Jail IPv6 address virtualization
ip4: Jail IPv4 address virtualization
ip4.saddrsel: Do (not) use IPv4 source address selection rather than the primary jail IPv4 address.
ip4.addr: Jail IPv4 addresses
ip4.: Jail IPv4 address virtualization
cpuset: Jail cpuset
cpuset.id: Jail cpuset ID
host: Jail host info
host.hostid: Jail host ID
host.hostuuid: Jail host UUID
host.domainname: Jail NIS domainname
host.hostname: Jail hostname
host.: Jail host info
children: Number of child jails
children.max: Maximum number of child jails
children.cur: Current number of child jails
dying: Jail is in the process of shutting down
vnet: Virtual network stack
persist: Jail persistence
devfs_ruleset: Ruleset for in-jail devfs mounts
enforce_statfs: Jail cannot see all mounted file systems
osrelease: Jail value for kern.osrelease and uname -r
osreldate: Jail value for kern.osreldate and uname -K
securelevel: Jail secure level
path: Jail root path
name: Jail name
parent: Jail parent ID
jid: Jail ID
"""
_MORE = {
    # not recorded
    "allow.mount.nullfs": "Jail may mount the nullfs file system",
    "allow.setaudit": "Jail may set audit session state",
}
_STRINGS = {
    "env": "4096",
    "meta": "4096",
    "host.hostuuid": "64",
    "host.domainname": "256",
    "host.hostname": "256",
    "osrelease": "32",
    "path": "1024",
    "name": "256",
}
"""The values of `sysctl security.jail.param` that are not 0."""
_OPAQUE = ("ip4.addr", "ip6.addr")
"""Parameters without a value."""


def descriptions() -> Iterator[tuple[str, str]]:
    """Names, nodes among them, and their descriptions, in the order of sysctl."""
    yield "", "Jail parameters"
    rows = dict(line.split(": ", 1) for line in _DESCRIPTIONS.splitlines()) | _MORE
    for name, text in rows.items():
        if name in ORDER or _is_node(name, rows) or name.removesuffix(".") in ORDER:
            yield f".{name}", text


def _is_node(name: str, rows: dict[str, str]) -> bool:
    below = [other.removesuffix(".") for other in rows if other.startswith(f"{name}.")]
    return name == "mac" or any(other in ORDER for other in below)


def values() -> Iterator[tuple[str, str]]:
    """Names that are no nodes, with what sysctl shows."""
    for name, _ in descriptions():
        plain = name.removeprefix(".")
        is_leaf = plain.endswith(".") or not any(other.startswith(f"{plain}.") for other in ORDER)
        if plain and is_leaf and plain not in (*_OPAQUE, "mac"):
            yield name, _STRINGS.get(plain, "0")
