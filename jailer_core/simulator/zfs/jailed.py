"""`zfs jail`, `zfs unjail` (recording 14), and zfs(8) inside a jail."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.jails import kernel, parameters
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimDataset, SimJail, SimMount
from jailer_core.simulator.zfs.store import Zfs, ZfsError


def attach(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    """`zfs jail JAIL DATASET`; refusals: not recorded."""
    jail, dataset = _named(zfs, call, args)
    if zfs.setting(dataset.name, "jailed", "off") != "on":
        raise ZfsError(f"cannot jail '{dataset.name}': 'jailed' property is not set")
    if dataset.name not in jail.datasets:
        jail.datasets.append(dataset.name)


def detach(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    """`zfs unjail JAIL DATASET`; refusals: not recorded."""
    jail, dataset = _named(zfs, call, args)
    if dataset.name not in jail.datasets:
        raise ZfsError(f"cannot unjail '{dataset.name}': dataset is not attached")
    jail.datasets.remove(dataset.name)


def _named(zfs: Zfs, call: Call, args: Sequence[str]) -> tuple[SimJail, SimDataset]:
    name, dataset = args
    jail = kernel.find(zfs.machine, call, name)
    if jail is None:
        raise ZfsError(f"invalid jail name '{name}'")
    return jail, zfs.dataset(dataset)


def inside(machine: Machine, call: Call, verb: str, args: Sequence[str]) -> Running:
    """zfs(8) in a jail: without /dev/zfs nothing (recording 14); the rest is not recorded."""
    jail = machine.state.jails[call.jid]
    if not machine.files.exists(f"{jail.path.rstrip('/')}/dev/zfs"):
        yield Say("No such file or directory\n", error=True)
        return 1
    zfs = Zfs(machine)
    if verb == "list":
        return (yield from _list(zfs, jail, args))
    change = {"mount": _mount, "unmount": _unmount, "umount": _unmount}.get(verb)
    if change is None or len(args) != 1:
        yield Say("permission denied\n", error=True)
        return 1
    try:
        change(zfs, jail, args[0])
    except (SimOSError, ZfsError) as error:
        yield Say(f"{error}\n", error=True)
        return 1
    return 0


def _list(zfs: Zfs, jail: SimJail, args: Sequence[str]) -> Running:
    """Only what was attached, and what is below it."""
    options = Options.parse(args, "Hpr", "o")
    seen = [part.name for name in jail.datasets for part in zfs.below(name)]
    missing = [name for name in options.rest if name not in seen]
    for name in missing:
        yield Say(f"cannot open '{name}': dataset does not exist\n", error=True)
    names = [name for name in seen if name in options.rest or not options.rest]
    yield Say("".join(f"{name}\n" for name in names))
    if not seen and not options.rest:
        yield Say("no datasets available\n", error=True)
    return 1 if missing else 0


def _unmount(zfs: Zfs, _jail: SimJail, name: str) -> None:
    zfs.unmount(zfs.dataset(name))


def _mount(zfs: Zfs, jail: SimJail, name: str) -> None:
    own = any(f"{name}/".startswith(f"{dataset}/") for dataset in jail.datasets)
    allowed = all(
        parameters.true(jail.params.get(param)) for param in ("allow.mount", "allow.mount.zfs")
    )
    if not own or not allowed or jail.params.get("enforce_statfs", ["2"]) == ["2"]:
        raise ZfsError(f"cannot mount '{name}': Insufficient privileges")
    if zfs.mount_of(name) is not None:
        raise ZfsError(f"cannot mount '{name}': filesystem already mounted")
    path = jail.path.rstrip("/") + zfs.mountpoint(name)[0]
    zfs.machine.files.mkdir(path, parents=True)
    zfs.state.mounts.append(SimMount(name, path, "zfs", zfs.options(name)))
