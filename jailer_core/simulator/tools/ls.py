"""ls(1) and stat(1)."""

from __future__ import annotations

import re
import time

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.kernel.state import Node

KINDS = {"dir": "d", "link": "l", "file": "-"}


def mode_text(node: Node) -> str:
    """`drwxr-x---`."""
    bits = "".join(
        char if node.mode >> (8 - index) & 1 else "-" for index, char in enumerate("rwxrwxrwx")
    )
    if node.mode & 0o1000:
        bits = bits[:-1] + ("t" if bits.endswith("x") else "T")
    return KINDS[node.kind] + bits


def size_of(paths: Paths, path: str, node: Node) -> int:
    """Bytes of a file; of a directory what its file system counts (recordings 08 and 09)."""
    if node.kind != "dir":
        return len(node.target) if node.kind == "link" else node.length
    real = paths.files.resolve(paths.real(path))
    if paths.files.mount_of(real).fstype == "zfs":
        return len(paths.files.listdir(real)) + 2
    return 512


def owner_name(machine: Machine, uid: int, *, group: bool = False) -> str:
    """The name of a user or group."""
    if uid == 0:
        return "wheel" if group else "root"
    return next((name for name, one in machine.state.users.items() if one == uid), str(uid))


@command("ls")
def ls(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "laA1dFhoTit", "D", anywhere=False)
    paths, status = Paths(machine, call), 0
    plain: list[str] = []
    folders: list[tuple[str, list[str]]] = []
    for path in sorted(options.rest) or ["."]:
        try:
            is_dir = paths.get(path, follow=not options.has("l")).kind == "dir"
            if is_dir and not options.has("d"):
                folders.append((path, _shown(paths, path, options)))
            else:
                plain.append(path)
        except SimOSError as error:
            status = yield from fail("ls", f"{path}: {error.reason}")
    if plain:
        yield Say(_lines(paths, "", plain, options))
    for index, (path, names) in enumerate(folders):
        if len(options.rest) > 1:
            yield Say(("\n" if plain or index else "") + f"{path}:\n")
        total = "total 0\n" if options.has("l") else ""
        yield Say(total + _lines(paths, path, names, options))
    return status


def _shown(paths: Paths, path: str, options: Options) -> list[str]:
    """Names in a directory; those with a dot are shown to root always."""
    names = paths.listdir(path)
    if options.has("a"):
        names = [".", "..", *names]
    elif not options.has("A") and not paths.call.root:
        names = [name for name in names if not name.startswith(".")]
    return names


def _lines(paths: Paths, folder: str, names: list[str], options: Options) -> str:
    if not options.has("l"):
        return "".join(f"{name}\n" for name in names)
    rows = [_long(paths, folder, name) for name in names]
    widths = [max((len(row[index]) for row in rows), default=0) for index in range(5)]
    return "".join(
        f"{mode:<{widths[0]}} {links:>{widths[1]}} {user:<{widths[2]}} {group:<{widths[3]}} "
        f"{size:>{widths[4]}} {rest}\n"
        for mode, links, user, group, size, rest in rows
    )


def _long(paths: Paths, folder: str, name: str) -> tuple[str, str, str, str, str, str]:
    path = f"{folder.rstrip('/')}/{name}" if folder else name
    node = paths.get(path, follow=False)
    when = time.strftime("%b %e %H:%M", time.gmtime(node.mtime))
    arrow = f" -> {node.target}" if node.kind == "link" else ""
    return (
        mode_text(node) + " ",
        "2" if node.kind == "dir" else "1",
        owner_name(paths.machine, node.uid),
        owner_name(paths.machine, node.gid, group=True),
        str(size_of(paths, path, node)),
        f"{when} {name}{arrow}",
    )


@command("stat")
def stat(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "Lqn", "f", anywhere=False)
    paths, status = Paths(machine, call), 0
    for path in options.rest:
        try:
            node = paths.get(path, follow=options.has("L"))
        except SimOSError as error:
            if not options.has("q"):
                yield Say(f"stat: {path}: {error.reason}\n", error=True)
            status = 1
            continue
        yield Say(_formatted(paths, path, node, options.value("f", "%N %z %m")) + "\n")
    return status


def _formatted(paths: Paths, path: str, node: Node, form: str) -> str:
    machine = paths.machine
    values = {
        "m": str(int(node.mtime)),
        "a": str(int(node.mtime)),
        "c": str(int(node.mtime)),
        "z": str(size_of(paths, path, node)),
        "N": path,
        "u": str(node.uid),
        "g": str(node.gid),
        "Su": owner_name(machine, node.uid),
        "Sg": owner_name(machine, node.gid, group=True),
        "Lp": f"{node.mode & 0o777:o}",
        "Mp": f"{node.mode >> 9 & 0o7:o}",
        "p": f"{({'dir': 0o40000, 'link': 0o120000}.get(node.kind, 0o100000)) | node.mode:o}",
        "Sp": mode_text(node) + " ",
        "HT": {"dir": "Directory", "link": "Symbolic Link"}.get(node.kind, "Regular File"),
        "Y": node.target,
        "n": "\n",
        "t": "\t",
        "%": "%",
    }
    return re.sub(
        r"%([SLMH]?[a-zA-Z%])", lambda found: values.get(found.group(1), found.group()), form
    )
