"""Busy file systems: processes and jails in them, mounts below them."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimMount, SimProcess


def processes_on(machine: Machine, mount: SimMount) -> list[SimProcess]:
    """Processes whose directory lies on the mount; a jailed one's is its jail's path."""
    files = machine.files
    return [
        process
        for process in machine.state.processes.values()
        if process.cwd.startswith(mount.path) and files.mount_of(process.cwd) is mount
    ]


def is_busy(machine: Machine, mount: SimMount) -> bool:
    """Whether it cannot be unmounted without force (recordings 03, 09, 12)."""
    state = machine.state
    inside = mount.path.rstrip("/") + "/"
    held = [one.device for one in state.mounts if one.fstype == "nullfs"]
    if any(one.path.startswith(inside) for one in state.mounts):
        return True
    if mount.fstype == "devfs" and _devices_in_use(machine, mount):
        return True
    if any(path == mount.path or path.startswith(inside) for path in held):
        return True
    files = machine.files
    roots = [jail.path for jail in state.jails.values() if jail.path.startswith(mount.path)]
    return any(files.mount_of(path) is mount for path in roots) or bool(
        processes_on(machine, mount)
    )


def _devices_in_use(machine: Machine, mount: SimMount) -> bool:
    """Jailed processes have their jail's /dev/null open (recording 08: `fstat -m`)."""
    state = machine.state
    if mount is not next(one for one in state.mounts if one.path == mount.path):
        # a second one on the same place belongs to no process yet (recording 04, line 56)
        return False
    inside = {
        jail.jid for jail in state.jails.values() if f"{jail.path.rstrip('/')}/dev" == mount.path
    }
    return any(process.jid in inside for process in state.processes.values())


def drop(machine: Machine, mount: SimMount) -> None:
    """Take a mount away, and what is mounted inside: force does that (recording 09).

    Processes that stood in it stand nowhere from then on.
    """
    state, files = machine.state, machine.files
    inside = mount.path.rstrip("/") + "/"
    mounts = [one for one in state.mounts if one is mount or one.path.startswith(inside)]
    for process in state.processes.values():
        below = process.cwd.startswith(mount.path)
        if below and any(files.mount_of(process.cwd) is one for one in mounts):
            process.cwd = ""
    # by identity: equal mounts may lie upon each other
    state.mounts[:] = [one for one in state.mounts if not any(one is other for other in mounts)]
    for one in mounts:
        if one.fstype == "tmpfs":
            state.tmpfs.pop(one.path, None)
