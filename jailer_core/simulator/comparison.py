"""Compare two states of a host, for the tests of undo.

`dump` keeps everything that a change could leave behind: datasets with guids, origins,
properties and snapshots, files with bytes, mode and owner, mounts, interfaces, routes, jails,
processes, pf, sysctl, rctl, devfs rules, modules. It leaves out what a restarted jail cannot keep
(jid, pids, cpuset, start times, interface indexes, the order of mounts and addresses), times, our
own state directory, logs and /var/run, and link-local addresses, which the kernel adds itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jailer_core.simulator.jails import parameters
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import (
    Node,
    SimDataset,
    SimInterface,
    SimJail,
    SimProcess,
    State,
    Tree,
)
from jailer_core.simulator.net.network import LINK
from jailer_core.simulator.rc import daemons

OWN_DATASET = ".jailer-tui"
OWN_DIRECTORY = "var/db/jailer-tui"
MEMORY = 32
PASSING = ("var/log", "var/run")
"""Directories whose contents belong to what ran, on the host and in every jail."""


def dump(machine: Machine) -> dict[str, Any]:
    """Everything that can be compared, by names that people know."""
    state = machine.state
    names = {jail.jid: jail.name for jail in state.jails.values()}
    passing = tuple(f"/{path}/" for path in PASSING)
    logs = {mount.device for mount in state.mounts if f"{mount.path}/".startswith(passing)}
    return {
        "host": {"hostname": state.hostname, "release": state.release, "users": dict(state.users)},
        "pools": {
            pool.name: f"{pool.guid} {pool.size} {pool.health}" for pool in state.pools.values()
        },
        "datasets": {
            name: _dataset(dataset, logs=name in logs)
            for name, dataset in state.datasets.items()
            if not _is_own(name)
        },
        "files of /": _files(state.root),
        # made when a path below is first looked at, with nothing but its root
        "tmpfs": {path: _files(tree) for path, tree in state.tmpfs.items() if tree.keys() != {""}},
        "mounts": _mounts(state),
        "jails": _counted(_jail(jail, names) for jail in state.jails.values()),
        "processes": _counted(_process(process, names) for process in state.processes.values()),
        "interfaces": {
            _place(interface.name, interface.jid, names): _interface(interface, names)
            for interface in state.interfaces.values()
        },
        "routes": _counted(
            f"{route.destination} {route.gateway} {_place(route.interface, route.jid, names)}"
            for route in state.routes
        ),
        "sysctl": dict(state.sysctl),
        "modules": _counted(state.modules),
        "rctl": _counted(state.rctl),
        "devfs rules": {str(number): list(one) for number, one in state.devfs_rules.items()},
        "pf": {
            "enabled": state.pf.enabled,
            "loaded": state.pf.loaded,
            "nat": {anchor: list(one) for anchor, one in state.pf.nat.items()},
            "rules": {anchor: list(one) for anchor, one in state.pf.rules.items()},
        },
        "packages": dict(state.packages),
    }


def _is_own(name: str) -> bool:
    return OWN_DATASET in name.split("/")


def _counted(lines: Iterator[str] | list[str]) -> dict[str, int]:
    """How often each line is there: order does not matter, number does."""
    found: dict[str, int] = {}
    for line in lines:
        found[line] = found.get(line, 0) + 1
    return found


def _dataset(one: SimDataset, *, logs: bool) -> dict[str, Any]:
    """`logs`: it is mounted where the files belong to what ran."""
    return {
        "guid": one.guid,
        "creation": one.creation,
        "origin": one.origin,
        "properties": dict(one.props),
        "files": {} if logs else _files(one.tree),
        "volsize": one.volsize,
        "bookmarks": {mark.name: mark.guid for mark in one.bookmarks},
        "key": f"{one.passphrase} {'not loaded' if one.locked else 'loaded'}",
        "permissions": {user: list(words) for user, words in one.allowed.items()},
        "snapshots": {
            snapshot.name: {
                "guid": snapshot.guid,
                "creation": snapshot.creation,
                "holds": sorted(snapshot.holds),
                "properties": dict(snapshot.props),
                "files": _files(snapshot.tree),
            }
            for snapshot in one.snapshots
        },
    }


_seen: list[tuple[Tree, dict[str, str]]] = []
"""Trees that were told lately: most stay equal from one dump to the next, and share their nodes."""


def _files(tree: Tree) -> dict[str, str]:
    for known, told in reversed(_seen):
        if known == tree:
            return told
    told = {
        path or "/": _node(node)
        for path, node in tree.items()
        if not path.startswith(_SKIPPED) or not _passing(path)
    }
    _seen.append((dict(tree), told))
    del _seen[:-MEMORY]
    return told


_SKIPPED = (*PASSING, OWN_DIRECTORY, OWN_DATASET)


def _passing(path: str) -> bool:
    """Whether a path lies in what is left out; /var/log and /var/run themselves do not."""
    below = any(path.startswith(f"{one}/") for one in PASSING)
    return below or any(
        path == one or path.startswith(f"{one}/") for one in (OWN_DIRECTORY, OWN_DATASET)
    )


@lru_cache(maxsize=1 << 16)
def _node(node: Node) -> str:
    size = "" if node.size is None else f" {node.size} bytes"
    target = f" -> {node.target}" if node.target else ""
    text = f" {node.data!r}" if node.data else ""
    return f"{node.kind} {node.mode:o} {node.uid}:{node.gid}{size}{target}{text}"


def _mounts(state: State) -> dict[str, list[str]]:
    """By path, in the order in which they lie upon each other."""
    found: dict[str, list[str]] = {}
    for mount in state.mounts:
        if not (mount.fstype == "zfs" and _is_own(mount.device)):
            ruleset = f" ruleset {mount.ruleset}" if mount.fstype == "devfs" else ""
            line = f"{mount.device} {mount.fstype} {mount.options} {mount.dump}{ruleset}"
            found.setdefault(mount.path, []).append(line)
    return found


DEFAULTS = {
    **parameters.TEXTS,
    **{name: str(value).lower() for name, value in parameters.BOOLEANS.items()},
}
"""A parameter that was set back to its default is as one that never was set."""


def _jail(jail: SimJail, names: Mapping[int, str]) -> str:
    params = " ".join(
        f"{name}={','.join(value)}"
        for name, value in sorted(jail.params.items())
        if value != [DEFAULTS.get(name)]
    )
    flags = (" vnet" if jail.vnet else "") + (" dying" if jail.dying else "")
    inside = f" in {names.get(jail.parent, '?')}" if jail.parent else ""
    datasets = f" with {' '.join(sorted(jail.datasets))}" if jail.datasets else ""
    return f"{jail.name} at {jail.path}{inside}{flags} {params}{datasets}"


_DAEMONS = frozenset(one[0].command.split(" ")[0] for one in daemons.PACKAGES.values())


def _process(one: SimProcess, names: Mapping[int, str]) -> str:
    """A process of the host is itself; one of a jail or of a package's daemon is what it runs."""
    stubborn = " (ignores SIGTERM)" if one.stubborn else ""
    who = f"jail {names.get(one.jid, '?')}" if one.jid else f"pid {one.pid}"
    if not one.jid and one.command.split(" ")[0] in _DAEMONS:
        who = "daemon"
    return f"{who}: {one.user} {one.command} in {one.cwd}{stubborn}"


def _place(name: str, jid: int, names: Mapping[int, str]) -> str:
    return f"{name} of jail {names.get(jid, '?')}" if jid else name


def _interface(one: SimInterface, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "ether": one.mac,
        "mtu": one.mtu,
        "up": one.up,
        "description": one.description,
        "promiscuous": one.promiscuous,
        "home": names.get(one.home, "host") if one.home else "host",
        "members": sorted(one.members),
        "addresses": sorted(
            f"{own.address}/{own.prefix} {own.broadcast}".strip()
            for own in one.addresses
            if own.scope != LINK
        ),
    }


# --- differences -----------------------------------------------------------------------------

MISSING = object()


def same(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between two dumps, a line each, for people; nothing when they are equal."""
    return tuple(_differences("", before, after))


def _differences(where: str, left: Any, right: Any) -> Iterator[str]:
    if left == right:
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in sorted({*left, *right}, key=str):
            inner = f"{where}: {key}" if where else str(key)
            yield from _differences(inner, left.get(key, MISSING), right.get(key, MISSING))
    elif left is MISSING:
        yield f"{where}: new ({_short(right)})"
    elif right is MISSING:
        yield f"{where}: gone ({_short(left)})"
    else:
        yield f"{where}: {_short(left)} became {_short(right)}"


def _short(value: Any) -> str:
    text = f"{len(value)} entries" if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
