"""zpool(8) of the simulated host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.state import Node, SimDataset, SimPool
from jailer_core.simulator.zfs import zpool_status
from jailer_core.simulator.zfs.listing import aligned, json_answer
from jailer_core.simulator.zfs.properties import human_size
from jailer_core.simulator.zfs.sizes import Sizes
from jailer_core.simulator.zfs.store import Zfs, ZfsError
from jailer_core.simulator.zfs.zfs import version_text

_NOT_SIMULATED = frozenset({"import", "export", "history", "trim"})
"""What zpool(8) can do besides: refused plainly, rather than guessed."""
COLUMNS = (
    "name,size,allocated,free,checkpoint,expandsize,fragmentation,capacity,dedupratio,"
    "health,altroot"
)
HEADINGS = {
    "allocated": "ALLOC",
    "checkpoint": "CKPOINT",
    "expandsize": "EXPANDSZ",
    "fragmentation": "FRAG",
    "capacity": "CAP",
    "dedupratio": "DEDUP",
}
ALIASES = {"alloc": "allocated", "cap": "capacity", "frag": "fragmentation"}
SIZED = ("size", "allocated", "free")


DISK = 12348030976
LABELS = 5 << 20
"""What the labels and the allocation unit take of a file; not recorded."""
SMALLEST = 64 << 20
_NVLIST = 16 << 10
"""Where a label begins to have a content."""


@command("zpool")
def zpool(machine: Machine, call: Call) -> Running:
    """Run a subcommand; refusals go to standard error."""
    verb, *args = call.args or ("",)
    zfs = Zfs(machine)
    try:
        if verb == "list":
            return (yield from _list(zfs, args))
        if verb == "get":
            return (yield from _get(zfs, args))
        if verb in ("status", "scrub", "iostat"):
            return (yield from _watch(zfs, call, verb, args))
        if verb in ("create", "destroy"):
            _change(zfs, call, verb, args)
            return 0
    except ZfsError as error:
        yield Say(error.message + "\n", error=True)
        return error.status
    except (BadOption, ValueError) as error:  # not recorded
        if isinstance(error, BadOption) and not error.missing:
            yield Say(f"zpool {verb}: -{error.letter} is not simulated\n", error=True)
            return 2
        yield Say(f"{error}\nusage:\n\t{verb}\n", error=True)
        return 2
    if verb == "version":
        yield Say(version_text("zpool", args))
        return 0
    if verb in _NOT_SIMULATED:
        return (yield from fail("zpool", f"{verb} is not simulated"))
    yield Say(f"unrecognized command '{verb}'\n", error=True)  # not recorded
    return 2


def _values(zfs: Zfs, pool: SimPool, sizes: Sizes) -> dict[str, str | int]:
    used = sizes.allocated(pool.name)
    return {
        "name": pool.name,
        "size": pool.size,
        "allocated": used,
        "free": pool.size - used,
        "checkpoint": "-",
        "expandsize": "-",
        "fragmentation": 0,
        "capacity": used * 100 // pool.size,
        "dedupratio": "1.00",
        "health": pool.health,
        "altroot": "-",
        "guid": int(pool.guid),
    }


def _pools(zfs: Zfs, names: Sequence[str]) -> list[SimPool]:
    for name in names:
        if name not in zfs.state.pools:  # not recorded
            raise ZfsError(f"cannot open '{name}': no such pool")
    return [pool for name, pool in sorted(zfs.state.pools.items()) if not names or name in names]


def _list(zfs: Zfs, args: Sequence[str]) -> Running:
    options = Options.parse(args, "Hpj", "o", ("json-int",))
    names = [ALIASES.get(word, word) for word in options.value("o", COLUMNS).split(",")]
    pools = _pools(zfs, options.rest)
    sizes = Sizes(zfs.state)
    values = {pool.name: _values(zfs, pool, sizes) for pool in pools}
    if options.has("j"):
        raw = options.has("json-int")
        answer = {
            pool.name: _json_pool(zfs, pool, values[pool.name], names, raw=raw) for pool in pools
        }
        yield Say(json_answer("zpool list", {"pools": answer}))
        return 0
    rows = [
        [_printed(name, values[pool.name][name], exact=options.has("p")) for name in names]
        for pool in pools
    ]
    if options.has("H"):
        yield Say("".join("\t".join(row) + "\n" for row in rows))
    elif rows:
        heads = [HEADINGS.get(name, name.upper()) for name in names]
        yield Say(aligned([heads, *rows], [name in ("name", "altroot") for name in names]))
    else:  # not recorded
        yield Say("no pools available\n")
    return 0


def _printed(name: str, value: str | int, *, exact: bool) -> str:
    if exact or not isinstance(value, int):
        return f"{value}x" if name == "dedupratio" and not exact else str(value)
    return human_size(value) if name in SIZED else f"{value}%"


def _json_pool(
    zfs: Zfs, pool: SimPool, values: dict[str, str | int], names: Sequence[str], *, raw: bool
) -> dict[str, Any]:
    properties = {
        name: {
            "value": values[name] if raw else _printed(name, values[name], exact=False),
            "source": {"type": "DEFAULT" if name == "altroot" else "NONE", "data": "-"},
        }
        for name in names
        if name != "name"
    }
    head: dict[str, Any] = {
        "name": pool.name,
        "type": "POOL",
        "state": pool.health,
        "pool_guid": int(pool.guid) if raw else pool.guid,
        "txg": 4 if raw else "4",
        "spa_version": 5000 if raw else "5000",
        "zpl_version": 5 if raw else "5",
    }
    return head | {"properties": properties}


def _get(zfs: Zfs, args: Sequence[str]) -> Running:
    options = Options.parse(args, "Hp", "o")
    asked, *names = options.rest
    sizes = Sizes(zfs.state)
    fields = options.value("o", "name,property,value,source").split(",")
    rows = []
    for pool in _pools(zfs, names):
        values = _values(zfs, pool, sizes)
        exact = options.has("p")
        rows += [_property(pool, word, values, fields, exact=exact) for word in asked.split(",")]
    if options.has("H"):
        yield Say("".join("\t".join(row) + "\n" for row in rows))
    else:
        yield Say(aligned([[field.upper() for field in fields], *rows], [True] * len(fields)))
    return 0


def _watch(zfs: Zfs, call: Call, verb: str, args: Sequence[str]) -> Running:
    """The health of pools, and what they do."""
    names = [word for word in args if not word.startswith("-") and not word.isdecimal()]
    pools = _pools(zfs, names)
    if verb == "status":
        return (yield from zpool_status.status(zfs.machine, pools, args))
    if verb == "scrub":
        return (yield from zpool_status.scrub(zfs.machine, pools, root=call.root))
    return (yield from zpool_status.iostat(zfs.machine, pools, args))


def _property(
    pool: SimPool, name: str, values: dict[str, str | int], fields: Sequence[str], *, exact: bool
) -> list[str]:
    if name.startswith("feature@"):
        value, source = "enabled", "local"
    elif name in values:
        value, source = _printed(name, values[name], exact=exact), "-"
    else:
        raise ZfsError(f"zpool: the property {name} is not simulated")
    row = {"name": pool.name, "property": name, "value": value, "source": source}
    return [row[field] for field in fields]


def _change(zfs: Zfs, call: Call, verb: str, args: Sequence[str]) -> None:
    """`zpool create [-o …] [-O …] NAME DEVICE…` and `zpool destroy [-f] NAME`; not recorded."""
    options = Options.parse(args, "fn", "oOmRt")
    name = options.rest[0]
    if not call.root:
        raise ZfsError(f"cannot {verb} '{name}': permission denied")
    state = zfs.state
    if verb == "destroy":
        _pools(zfs, [name])
        for dataset in reversed(zfs.below(name)):
            point, source = zfs.mountpoint(dataset.name)
            zfs.unmount(dataset, force=options.has("f"))
            zfs.clear_mountpoint(point, source)
        for dataset in zfs.below(name):
            del state.datasets[dataset.name]
        del state.pools[name]
        return
    if name in state.pools:
        raise ZfsError(f"cannot create '{name}': pool already exists")
    device = options.rest[1] if len(options.rest) > 1 else ""
    size = _file_size(zfs, device) if device.startswith("/") else DISK
    state.pools[name] = SimPool(name, state.guid(), size, vdev=device)
    if device.startswith("/"):
        _label(zfs, device)
    props = options.assignments("O")
    if options.has("m"):
        props["mountpoint"] = options.value("m")
    tree = {"": Node("dir", mode=0o755, mtime=state.now)}
    dataset = SimDataset(name, state.guid(), int(state.now), 1, props, tree)
    state.datasets[name] = dataset
    zfs.mount_if_wanted(dataset)


def _label(zfs: Zfs, path: str) -> None:
    """Leave a trace of the pool at the beginning of its file, as the label of ZFS does."""
    files = zfs.machine.files
    data = files.read(path)
    files.write(path, b"\0" * _NVLIST + b"\1" + data[_NVLIST + 1 :], size=files.get(path).length)


def _file_size(zfs: Zfs, path: str) -> int:
    """Room of a pool on a file; not recorded."""
    files = zfs.machine.files
    if not files.exists(path):
        raise ZfsError(f"cannot open '{path}': no such file or directory")
    if any(pool.vdev == path for pool in zfs.state.pools.values()):
        raise ZfsError(f"cannot open '{path}': file in use by another pool")
    size = files.get(path).length
    if size < SMALLEST:
        raise ZfsError("cannot create: one or more devices is less than the minimum size (64M)")
    return size - LABELS
