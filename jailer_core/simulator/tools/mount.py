"""mount(8), umount(8), df(1), fstat(1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

from jailer_core.simulator.kernel.busy import drop, is_busy
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import Node, SimMount, SimProcess
from jailer_core.simulator.tools.ls import mode_text
from jailer_core.simulator.zfs.sizes import Sizes, referenced
from jailer_core.simulator.zfs.store import Zfs

WITHOUT_SOURCE = (
    *(
        "devfs",
        "tmpfs",
        "procfs",
        "fdescfs",
        "linprocfs",
        "linsysfs",
    ),  # the last four: not recorded
)
WORDS = {"ro": "read-only", "rw": ""}


@command("mount")
def mount(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "apvruwf", "to")
    if options.rest:
        return (yield from _mount(machine, call, options))
    for one in _seen(machine, call.jid):
        yield Say(_table_line(one) if options.has("p") else _sentence(one))
    return 0


def _seen(machine: Machine, jid: int) -> Iterator[SimMount]:
    """What a jail sees, by its enforce_statfs: 2 (recording 17) is its root alone."""
    jail = machine.state.jails.get(jid)
    if jail is None:
        yield from machine.state.mounts
        return
    root, level = jail.path, jail.params.get("enforce_statfs", ["2"])[0]
    if level == "0":
        yield from machine.state.mounts
        return
    over = [mount for mount in machine.state.mounts if f"{root}/".startswith(f"{mount.path}/")]
    for mount in over[-1:]:
        yield replace(mount, path="/")
    for mount in machine.state.mounts if level == "1" else ():  # not recorded
        if mount.path.startswith(f"{root}/"):
            yield replace(mount, path=mount.path[len(root) :])


def _tabs(text: str, stops: int) -> str:
    """A column of fstab: tabs up to the next one, a blank when it is too long."""
    missing = stops - len(text) // 8
    return text + ("\t" * missing if missing > 0 else " ")


def _table_line(one: SimMount) -> str:
    kind, options = one.fstype, _tabs(one.options, 1)
    return f"{_tabs(one.device, 3)}{_tabs(one.path, 3)}{kind}\t{options}\t{one.dump}\n"


def _sentence(one: SimMount) -> str:
    words = [one.fstype] + ([] if one.fstype == "devfs" else ["local"])
    flags = [WORDS.get(word, word) for word in one.options.split(",")]
    # mount(8) sorts its words by its own table
    order = ("noatime", "noexec", "nosuid", "read-only", "nfsv4acls")
    words += sorted((word for word in flags if word), key=order.index)
    return f"{one.device} on {one.path} ({', '.join(words)})\n"


def _mount(machine: Machine, call: Call, options: Options) -> Running:
    """`mount -t TYPE [-o …] SOURCE PATH`; types other than devfs, nullfs, tmpfs: not recorded."""
    source, path = options.rest
    real = path.rstrip("/") or "/"
    if not call.root:
        return (yield from fail("mount", f"{source}: Operation not permitted"))  # not recorded
    if not machine.files.is_dir(real):
        return (yield from fail("mount", f"{path}: No such file or directory"))
    kind = options.value("t", "ufs")
    given = [word for text in options.values("o") for word in text.split(",")]
    flags = ["ro"] if "ro" in given or options.has("r") else ["rw"]
    flags += [word for word in ("noexec", "nosuid", "noatime") if word in given]
    ruleset = next((int(word[8:]) for word in given if word.startswith("ruleset=")), 0)
    if kind == "nullfs" and not machine.files.is_dir(source):
        yield from fail("mount_nullfs", f"{source}: No such file or directory")
        return 64
    if kind == "zfs" and source not in machine.state.datasets:
        return (yield from fail("mount", f"{source}: No such file or directory"))
    if kind not in (*WITHOUT_SOURCE, "nullfs", "zfs", "ufs"):
        return (yield from fail("mount", f"{source}: Operation not supported by device"))
    if kind == "zfs" and Zfs(machine).setting(source, "jailed", "off") == "on":
        return (yield from fail("mount", f"{source}: Operation not permitted"))
    device = kind if kind in WITHOUT_SOURCE else source
    text = Zfs(machine).options(source) if kind == "zfs" else ",".join(flags)
    real = machine.files.resolve(real)
    there = machine.files.mounted(real)
    if kind == "nullfs" and there is not None and (there.fstype, there.device) == (kind, source):
        return (yield from fail("mount_nullfs", f"{path}: Resource deadlock avoided"))
    made = SimMount(device, real, kind, text, ruleset=ruleset)
    machine.state.mounts.append(made)
    machine.files.tree_of(made)
    return 0


@command("umount")
def umount(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "fvaA", "t")
    status = 0
    for path in options.rest:
        status = (yield from _umount(machine, call, path, force=options.has("f"))) or status
    return status


def _umount(machine: Machine, call: Call, path: str, *, force: bool) -> Running:
    real = re.sub("//+", "/", path).rstrip("/") or "/"
    mount = machine.files.mounted(real) or _by_device(machine, path)
    if mount is None:
        if machine.files.exists(real):  # not recorded
            return (yield from fail("umount", f"{path}: not a file system root directory"))
        yield Say(f"umount: {path}: statfs: No such file or directory\n", error=True)
        return (yield from fail("umount", f"{path}: unknown file system"))
    if not call.root:  # not recorded
        return (yield from fail("umount", f"unmount of {path} failed: Operation not permitted"))
    if not force and is_busy(machine, mount):  # not recorded
        return (yield from fail("umount", f"unmount of {path} failed: Device busy"))
    drop(machine, mount)
    return 0


def _by_device(machine: Machine, device: str) -> SimMount | None:
    named = [mount for mount in machine.state.mounts if mount.device == device]
    return named[-1] if named and "/" in device else None


# --- df --------------------------------------------------------------------------------------

DF_KEYS = (
    "name",
    "total-blocks",
    "used-blocks",
    "available-blocks",
    "used-percent",
    "mounted-on",
)
UFS_BLOCKS, UFS_USED = 8106716, 314596
TMPFS_BLOCKS = 3597040


@command("df")
def df(machine: Machine, call: Call) -> Running:
    options = Options.parse(
        [word for word in call.args if not word.startswith("--libxo")], "khm", "t"
    )
    sizes = Sizes(machine.state)
    mounts: Sequence[SimMount] = machine.state.mounts
    if options.rest:
        try:
            real = [machine.files.resolve(path) for path in options.rest]
            for path in real:
                machine.files.get(path)
            mounts = [machine.files.mount_of(path) for path in real]
        except SimOSError as error:
            return (yield from fail("df", f"{error.path}: {error.reason}"))
    rows = [_blocks(machine, mount, sizes) for mount in mounts]
    if "--libxo=json" in call.args:
        listed = [dict(zip(DF_KEYS, row, strict=True)) for row in rows]
        body = json.dumps({"filesystem": listed}, separators=(",", ":"))
        body = body.replace('"filesystem":[', '"filesystem": [').replace("},{", "}, {")
        yield Say(f'{{"storage-system-information": {body}}}\n')
    else:
        yield Say(_df_table(rows))
    return 0


def _blocks(machine: Machine, one: SimMount, sizes: Sizes) -> tuple[str, int, int, int, int, str]:
    if one.fstype == "zfs":
        used = referenced(machine.state.datasets[one.device].tree) // 1024
        free = sizes.available(one.device) // 1024
        total = used + free
    elif one.fstype == "devfs":
        total, used, free = 1, 0, 1
    elif one.fstype == "tmpfs":
        tree = machine.files.tree_of(one)
        used = 12 + sum(node.length for node in tree.values()) // 1024
        total, free = TMPFS_BLOCKS, TMPFS_BLOCKS - used
    else:
        total, used = UFS_BLOCKS, UFS_USED
        free = total * 92 // 100 - used
    percent = -(-used * 100 // max(1, used + free)) if used * 100 >= used + free else 0
    return one.device, total, used, free, percent, one.path


def _df_table(rows: list[tuple[str, int, int, int, int, str]]) -> str:
    heads = ("Filesystem", "1024-blocks", "Used", "Avail")
    widths = [
        max(len(head), *(len(str(row[index])) for row in rows)) for index, head in enumerate(heads)
    ]
    lines = []
    lines.append(
        f"{heads[0]:<{widths[0]}} {heads[1]:>{widths[1]}} {heads[2]:>{widths[2]}} "
        f"{heads[3]:>{widths[3]}} Capacity  Mounted on\n"
    )
    for name, total, used, free, percent, path in rows:
        lines.append(
            f"{name:<{widths[0]}} {total:>{widths[1]}} {used:>{widths[2]}} {free:>{widths[3]}} "
            f"{percent:>5}%    {path}\n"
        )
    return "".join(lines)


# --- fstat -----------------------------------------------------------------------------------

FSTAT_HEAD = "USER     CMD          PID   FD MOUNT      INUM MODE         SZ|DV R/W\n"


@command("fstat")
def fstat(machine: Machine, call: Call) -> Running:
    """`fstat [-m] [-f [PATH...]]`: directories and roots; no mapped files, no sockets."""
    options = Options.parse(call.args, "fmn", "pu")
    only: set[str] | None = None
    if options.has("f"):
        only = set()
        for path in options.rest or [call.cwd]:
            try:
                machine.files.get(path)
                only.add(machine.files.mount_of(machine.files.resolve(path)).path)
            except SimOSError as error:  # not recorded
                yield from fail("fstat", f"{path}: {error.reason}")
        if not only:
            return 1
    yield Say(FSTAT_HEAD)
    vnode = cache(partial(_vnode, machine))
    for process in machine.state.processes.values():
        if process.cwd:
            yield Say("".join(_held(machine, process, only, vnode)))
    return 0


def _held(
    machine: Machine,
    process: SimProcess,
    only: Collection[str] | None,
    vnode: Callable[[str], tuple[Node, int, int]],
) -> Iterator[str]:
    jail = machine.state.jails.get(process.jid)
    places = [("wd", process.cwd)]
    places += [("root", jail.path), ("jail", jail.path)] if jail else [("root", "/")]
    for what, path in places:
        try:
            where = machine.files.mount_of(path)
            if only is None or where.path in only:
                yield _fstat_line(process, what, where.path, *vnode(path))
        except SimOSError:
            continue


def _vnode(machine: Machine, path: str) -> tuple[Node, int, int]:
    """A node with its inode number and size."""
    node = machine.files.get(path)
    tree, inner = machine.files.place(path)
    inode = list(tree).index(inner) + 34 if inner in tree else 2
    is_dir = node.kind == "dir"
    return node, inode, len(machine.files.listdir(path)) + 2 if is_dir else node.length


def _fstat_line(  # noqa: PLR0913, PLR0917 - one for each column
    process: SimProcess, what: str, where: str, node: Node, inode: int, size: int
) -> str:
    name = process.command.split(" ")[0].rpartition("/")[2].strip("[]:")
    return (
        f"{process.user:<8.8} {name:<10} {process.pid:>5} {what:>4} {where:<8} {inode:>6} "
        f"{mode_text(node):>10}  {size:>6}  r\n"
    )
