"""tar(1) between two directories: `tar -c … -C A -T - | tar -x … -C B`; # not recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from jailer_core.simulator.kernel import trees
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.kernel.state import Node

_LONG = ("--no-recursion", "--null", "--numeric-owner")


def handles(args: tuple[str, ...]) -> bool:
    """Whether a command is one end of such a pipe."""
    return "-c" in args or ("-x" in args and _option(args, "-f") == "-")


def _option(args: tuple[str, ...], name: str) -> str:
    return args[args.index(name) + 1] if name in args[:-1] else ""


def run(machine: Machine, call: Call) -> Running:
    """Pack the names on standard input, or unpack what a packer printed."""
    args = tuple(word for word in call.args if word not in _LONG)
    options = Options.parse(args, "cxpS", "fCT")
    folder = Paths(machine, call).real(options.value("C"))
    if "-c" in args:
        return (yield from _pack(machine, folder, call.stdin))
    return (yield from _unpack(machine, folder, call.stdin))


def _pack(machine: Machine, folder: str, stdin: bytes) -> Running:
    tree, rows, status = trees.below(machine, folder), [], 0
    for name in filter(None, stdin.decode(errors="surrogateescape").split("\0")):
        node = tree.get(name)
        if node is None:
            status = yield from fail("tar", f"{name}: Cannot stat: No such file or directory")
            continue
        values = {field.name: getattr(node, field.name) for field in fields(node) if field.init}
        rows.append([name, values | {"data": node.data.decode("latin-1")}])
    yield Say(json.dumps(rows))
    return status


def _unpack(machine: Machine, folder: str, stdin: bytes) -> Running:
    for name, values in json.loads(stdin.decode() or "[]"):
        node = _node(values)
        try:
            path = f"{folder.rstrip('/')}/{name}"
            machine.files.mkdir(path.rpartition("/")[0], parents=True, beneath=folder)
            tree, inner = machine.files.place(path)
        except SimOSError as error:
            return (yield from fail("tar", f"{name}: {error.reason}"))
        old = tree.get(inner)
        if old is not None and (old.kind == "dir") != (node.kind == "dir"):
            return (yield from fail("tar", f"{name}: Can't replace existing directory"))
        tree[inner] = node
    return 0


def _node(values: Mapping[str, Any]) -> Node:
    return Node(**{**values, "data": str(values["data"]).encode("latin-1")})
