"""Paths as a command sees them: from inside its jail, and with what its user may do."""

from __future__ import annotations

import errno
import posixpath

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine
from jailer_core.simulator.kernel.state import Node

READ, WRITE, SEARCH = 4, 2, 1


class Paths:
    """File calls of one command; every path is given as the command was given it."""

    def __init__(self, machine: Machine, call: Call) -> None:
        self.machine = machine
        self.call = call
        self.files = machine.files
        jail = machine.state.jails.get(call.jid)
        self.root = jail.path.rstrip("/") if jail else ""
        self.uid = machine.state.users.get(call.user, 65534)

    def real(self, path: str) -> str:
        """The host's path of a path of the command."""
        return self.root + posixpath.normpath(posixpath.join("/", self.call.cwd, path))

    def allow(self, path: str, want: int) -> None:
        """EACCES unless the user may pass all directories above and do that at the end."""
        if self.call.root:
            return
        real = self.real(path)
        parts = real.strip("/").split("/")
        for depth in range(len(parts)):
            above = "/" + "/".join(parts[:depth])
            self._allow_node(self.files.get(above), SEARCH, path)
        if self.files.exists(real):
            self._allow_node(self.files.get(real), want, path)

    def _allow_node(self, node: Node, want: int, path: str) -> None:
        bits = node.mode >> 6 if node.uid == self.uid else node.mode
        if bits & want != want:
            raise SimOSError(errno.EACCES, path)

    # --- calls -------------------------------------------------------------------------------

    def get(self, path: str, *, follow: bool = True) -> Node:
        """stat(2), or lstat(2)."""
        self.allow(path, 0)
        return self.files.get(self.real(path), follow=follow)

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        self.allow(path, READ)
        return self.files.read(self.real(path))

    def listdir(self, path: str) -> list[str]:
        """Names in a directory, sorted."""
        self.allow(path, READ)
        return self.files.listdir(self.real(path))

    def write(self, path: str, data: bytes, *, size: int | None = None) -> None:
        """Write a whole file."""
        self.allow_change(path)
        self.files.write(self.real(path), data, size=size, owner=self._owner(path))

    def mkdir(self, path: str, mode: int = 0o755, *, parents: bool = False) -> None:
        """Make a directory."""
        self.allow_change(path)
        self.files.mkdir(self.real(path), mode, parents=parents)

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link."""
        self.allow_change(path)
        self.files.link(self.real(path), target)

    def remove(self, path: str) -> None:
        """Remove a file, a link or an empty directory."""
        self.allow_change(path)
        self.files.remove(self.real(path))

    def _owner(self, path: str) -> tuple[int, int] | None:
        return (
            None if self.call.root or self.files.exists(self.real(path)) else (self.uid, self.uid)
        )

    def allow_change(self, path: str) -> None:
        """EACCES unless the user may make or remove that path: that writes to what is above."""
        if self.call.root:
            return
        if self.files.exists(self.real(path)):
            self.allow(path, WRITE)
        try:
            self.allow(posixpath.dirname(self.real(path))[len(self.root) :] or "/", WRITE)
        except SimOSError as error:
            raise SimOSError(error.code, path) from None
