"""File trees of a simulated host, as Host returns them. There are no hard links."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from jailer_core.model.trees import Attributes, EntryKind, TreeEntry
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node, Tree

_KINDS = {"file": EntryKind.FILE, "dir": EntryKind.DIRECTORY, "link": EntryKind.LINK}


def order(path: str) -> tuple[bytes, ...]:
    """A directory before what is in it, names in the order of their bytes."""
    return tuple(part.encode(errors="surrogateescape") for part in path.split("/"))


def below(machine: Machine, root: str) -> Tree:
    """What is below a root directory, by relative path."""
    tree, inner = machine.files.place(root.rstrip("/"))
    start = f"{inner}/" if inner else ""
    return {
        path[len(start) :]: node
        for path, node in tree.items()
        if path.startswith(start) and path != inner
    }


def entry(node: Node) -> TreeEntry:
    """A node as an entry; what only stands in for bytes is equal when its size is."""
    text = node.data if node.size is None else f"{node.size} bytes".encode()
    digest = hashlib.sha256(text).hexdigest() if node.kind == "file" else ""
    return TreeEntry(
        _KINDS[node.kind],
        node.mode,
        node.uid,
        node.gid,
        node.flags,
        node.length if node.kind == "file" else 0,
        digest,
        node.target,
    )


def set_attributes(machine: Machine, path: str, attributes: Attributes) -> None:
    """Mode, owner, group and flags of what is at a path."""
    tree, inner = machine.files.place(path)
    mode, uid, gid, flags = attributes
    node = tree[inner]
    mode = node.mode if node.kind == "link" else mode
    tree[inner] = replace(node, mode=mode, uid=uid, gid=gid, flags=flags)
