"""A stand-in for OpenZFS's pyzfs: its names, bytes and exceptions, over a simulated machine.

Signatures and exceptions are those of the real module, read from its sources (pyzfs.json). Every
function takes bytes, blocks, and is atomic.
"""

from __future__ import annotations

import errno
import json
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.zfs import move
from jailer_core.simulator.zfs.sizes import logical
from jailer_core.simulator.zfs.store import Zfs, ZfsError

RELEASE = "2.4.2"
SIGNATURES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "pyzfs.json").read_text(encoding="utf-8")
)
"""Functions and exceptions of the real module, by release of OpenZFS."""


def exceptions(release: str = RELEASE) -> SimpleNamespace:
    """Those of the real module: names, bases, error numbers, and what each is made of."""
    made: dict[str, type[Exception]] = {"Exception": Exception}
    declared = SIGNATURES[release]["exceptions"]
    while len(made) <= len(declared):
        for name, kind in declared.items():
            if name not in made and kind["base"] in made:
                made[name] = _kind(name, made[kind["base"]], kind)
    return SimpleNamespace(**made)


def _kind(name: str, base: type[Exception], kind: dict[str, str]) -> type[Exception]:
    fields = [field.partition("=")[0] for field in kind["init"].split(", ") if field]
    members: dict[str, Any] = {}
    if kind["errno"]:
        members["errno"] = getattr(errno, kind["errno"], kind["errno"])
    if fields:

        def init(self: Any, *values: object) -> None:
            Exception.__init__(self, *values)
            for field, value in zip(fields, values, strict=False):
                setattr(self, field, value)

        members["__init__"] = init
    return type(name, (base,), members)


class PyZfs(ModuleType):
    """OpenZFS's own; `calls` are the functions that were called, each in a thread."""

    def __init__(self, machine: Machine) -> None:
        super().__init__("libzfs_core")
        self.machine = machine
        self.exceptions: Any = exceptions()
        self.calls: list[str] = []

    def _called(self, name: str) -> Zfs:
        assert threading.current_thread() is not threading.main_thread()
        self.calls.append(name)
        return Zfs(self.machine)

    @staticmethod
    def is_supported(func: Any) -> bool:
        return callable(func)

    def lzc_exists(self, name: bytes) -> bool:
        zfs = self._called("exists")
        text = name.decode()
        return text in zfs.state.datasets or zfs.find_snapshot(text) is not None

    def lzc_snapshot(self, snaps: list[bytes], props: dict[bytes, bytes] | None = None) -> None:
        zfs, wrong = self._called("snapshot"), self.exceptions
        if any(name.count(b"@") != 1 for name in snaps):
            raise wrong.SnapshotFailure([wrong.NameInvalid(None if snaps[1:] else snaps[0])], 0)
        names = [name.decode() for name in snaps]
        if any(name.partition("@")[0] not in zfs.state.datasets for name in names):
            raise wrong.SnapshotFailure(
                [wrong.FilesystemNotFound(None if snaps[1:] else snaps[0])], 0
            )
        there = [name for name in reversed(names) if zfs.find_snapshot(name) is not None]
        if there:
            raise wrong.SnapshotFailure([wrong.SnapshotExists(one.encode()) for one in there], 0)
        txg = zfs.txg()
        values = {key.decode(): value.decode() for key, value in (props or {}).items()}
        for name in names:
            dataset, _, own = name.partition("@")
            zfs.take(zfs.dataset(dataset), own, txg, dict(values))

    def lzc_destroy_snaps(self, snaps: list[bytes], defer: bool) -> None:
        zfs, wrong = self._called("destroy_snaps"), self.exceptions
        assert not defer
        found = [snap for name in snaps if (snap := zfs.find_snapshot(name.decode()))]
        errors: list[Exception] = []
        for snap in found:
            if snap.snapshot.holds:
                errors.append(wrong.SnapshotIsHeld(snap.name.encode()))
            elif zfs.clones(snap):
                errors.append(wrong.SnapshotIsCloned(snap.name.encode()))
        if errors:
            raise wrong.SnapshotDestructionFailure(errors, 0)
        for snap in found:
            snap.dataset.snapshots.remove(snap.snapshot)

    def lzc_clone(
        self, name: bytes, origin: bytes, props: dict[bytes, bytes] | None = None
    ) -> None:
        zfs, wrong = self._called("clone"), self.exceptions
        text, source = name.decode(), zfs.find_snapshot(origin.decode())
        if text in zfs.state.datasets:
            raise wrong.FilesystemExists(name)
        if source is None or text.rpartition("/")[0] not in zfs.state.datasets:
            raise wrong.DatasetNotFound(name)
        values = {key.decode(): value.decode() for key, value in (props or {}).items()}
        zfs.make(text, values, source)
        made = zfs.dataset(text)
        if zfs.mount_of(text) is not None:  # the library mounts nothing
            path, kind = zfs.mountpoint(text)
            zfs.unmount(made)
            zfs.clear_mountpoint(path, kind)

    def lzc_promote(self, name: bytes) -> None:
        zfs, wrong = self._called("promote"), self.exceptions
        text = name.decode()
        if text not in zfs.state.datasets:
            raise wrong.FilesystemNotFound(name)
        try:
            move.promote(zfs, text)
        except ZfsError as error:
            kind = wrong.NotClone if "not a cloned" in error.message else wrong.SnapshotExists
            raise kind(name) from None

    def lzc_send_space(
        self, snapname: bytes, fromsnap: bytes | None = None, flags: list[str] | None = None
    ) -> int:
        zfs, wrong = self._called("send_space"), self.exceptions
        snap = zfs.find_snapshot(snapname.decode())
        if snap is None:
            raise wrong.SnapshotNotFound(snapname)
        assert fromsnap is None
        assert flags is None
        return logical(snap.snapshot.tree)

    def lzc_channel_program(self) -> None:
        raise AssertionError("not used")

    lzc_rename = lzc_channel_program


class OldPyZfs(ModuleType):
    """Shaped like PyPI's 0.2.3, where calling anything kills the interpreter."""

    def __init__(self) -> None:
        super().__init__("libzfs_core")
        self.exceptions = exceptions()
        self.called: list[str] = []
        for name in ("exists", "snapshot", "destroy_snaps", "clone", "rollback", "send_space"):
            setattr(self, f"lzc_{name}", self._dead(name))
        self.is_supported = self._dead("is_supported")

    def _dead(self, name: str) -> Any:
        def call(*_args: object) -> None:
            self.called.append(name)
            raise AttributeError("'dict' object has no attribute 'iteritems'")

        return call
