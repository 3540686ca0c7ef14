"""Who holds a file system: processes that stand in it, jails that live in it, mounts upon it."""

from __future__ import annotations

from jailer_core.host.simulated.kernel import Machine
from jailer_core.host.simulated.state import SimMount, SimProcess


def processes_on(machine: Machine, mount: SimMount) -> list[SimProcess]:
    """Processes whose directory lies on the mount; a jailed one's is its jail's path."""
    files = machine.files
    return [
        one
        for one in machine.state.processes.values()
        if one.cwd.startswith(mount.path) and files.mount_of(one.cwd) is mount
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
    roots = [one.path for one in state.jails.values() if one.path.startswith(mount.path)]
    return any(files.mount_of(path) is mount for path in roots) or bool(
        processes_on(machine, mount)
    )


def _devices_in_use(machine: Machine, mount: SimMount) -> bool:
    """Jailed processes have their jail's /dev/null open (recording 08: `fstat -m`)."""
    state = machine.state
    if mount is not next(one for one in state.mounts if one.path == mount.path):
        # a second one on the same place is nobody's yet (recording 04, line 56)
        return False
    inside = {
        one.jid for one in state.jails.values() if f"{one.path.rstrip('/')}/dev" == mount.path
    }
    return any(one.jid in inside for one in state.processes.values())


def drop(machine: Machine, mount: SimMount) -> None:
    """Take a mount away, and what is mounted inside: force does that (recording 09).

    Processes that stood in it stand nowhere from then on.
    """
    state, files = machine.state, machine.files
    inside = mount.path.rstrip("/") + "/"
    gone = [one for one in state.mounts if one is mount or one.path.startswith(inside)]
    for process in state.processes.values():
        below = process.cwd.startswith(mount.path)
        if below and any(files.mount_of(process.cwd) is one for one in gone):
            process.cwd = ""
    # by identity: equal mounts may lie upon each other
    state.mounts[:] = [one for one in state.mounts if not any(one is other for other in gone)]
    for one in gone:
        if one.fstype == "tmpfs":
            state.tmpfs.pop(one.path, None)
