"""Conditions on files and mounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from jailer_core.model import Inventory, Layout, Mount
from jailer_core.needs import Needs
from jailer_core.parse import mount_tables
from jailer_core.plan.actions import Action, AwaitConfirmation, Pipe, Run, commands_of
from jailer_core.plan.conditions.base import (
    DATASET_PROGRAMS,
    JAIL_PROGRAMS,
    Condition,
    existence,
    program,
    related,
)
from jailer_core.plan.conditions.effects import keeps_file, keeps_mounts

_FILE_PROGRAMS = DATASET_PROGRAMS | {"mount", "umount", "tar"}
_CONFIG_PROGRAMS = frozenset({"sysrc", "service", "pkg", "bastille"})


@dataclass(frozen=True, slots=True)
class MountedAt(Condition):
    """Something is mounted on exactly that path; `mounted` False: nothing is.

    With `source`, it is that and nothing else: umount(8) takes what was mounted last.
    """

    ANSWER: ClassVar[str] = "mounted"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | DATASET_PROGRAMS | {"mount", "umount"}
    UNKNOWN: ClassVar[str] = "{0.path} could not be read"

    path: str
    mounted: bool = True
    source: str = field(default="", repr=False)

    def query(self) -> tuple[str, ...]:
        return ("mount", "-p")

    def answer_of(self, stdout: str) -> bool:
        return self._right(mount_tables.mounts(stdout).entire())

    def needs(self) -> Needs:
        return Needs()

    def holds(self, inventory: Inventory) -> bool | None:
        return None if inventory.mounts is None else self._right(inventory.mounts)

    def _right(self, mounts: Sequence[Mount]) -> bool:
        devices = [mount.device for mount in mounts if mount.path == self.path]
        if not self.source or not self.mounted:
            return bool(devices) is self.mounted
        # the names of what has no path, such as tmpfs, are free to choose
        return len(devices) == 1 and ("/" not in self.source or devices[0] == self.source)

    def implies(self, other: Condition) -> bool | None:
        match other:
            case MountedAt(path=self.path) if self.mounted and other.mounted:
                return True if other.source in ("", self.source) else None
            case MountedAt(path=self.path):
                return self.mounted is other.mounted
        return None

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return program(argv) in self.PROGRAMS and not keeps_mounts(argv, self.path)

    def _failure(self) -> str:
        if self.source and self.mounted:
            return f"{self.path} is not {self.source} alone"
        return f"{self.path} is {'not ' if self.mounted else ''}mounted"


@dataclass(frozen=True, slots=True)
class _OfPath(Condition):
    """One on what is at a path."""

    UNKNOWN: ClassVar[str] = "{0.path} could not be read"

    path: str

    def affected_by(self, action: Action, layout: Layout) -> bool:
        return _may_change(action, self.path, layout)


@dataclass(frozen=True, slots=True)
class FileHasText(_OfPath):
    """The file holds exactly that text; None: there is no such file.

    With `beneath` (a jail's root) no symbolic link is followed below it.
    """

    text: str | None
    beneath: str = field(default="", repr=False)

    def needs(self) -> Needs:
        if self.beneath:
            inside = ((self.beneath, self.path),)
            return Needs(files_in_jails=inside, paths=(self.beneath, self.path))
        return Needs(files=(self.path,), paths=(self.path,))

    def holds(self, inventory: Inventory) -> bool | None:
        if self.beneath and self.beneath not in inventory.file_stats:
            return None  # it may be in a dataset that is not mounted yet
        if self.path in inventory.file_texts:
            return inventory.file_texts[self.path] == self.text
        return None if self.path in inventory.file_stats else self.text is None

    def implies(self, other: Condition) -> bool | None:
        match other:
            case FileHasText(path=self.path):
                return self.text == other.text
            case PathExists(path=self.path):
                return (self.text is not None) is other.exists
        return None

    def affected_by(self, action: Action, layout: Layout) -> bool:
        if self.text and isinstance(action, Run) and action.argv[:2] == ("pkg", "delete"):
            return False  # it takes a file only as it had brought it
        return _may_change(action, self.path, layout)

    def _failure(self) -> str:
        return f"{self.path} {'exists' if self.text is None else 'has changed since it was read'}"


@dataclass(frozen=True, slots=True)
class PathExists(_OfPath):
    """Something exists at that path; `exists` False: nothing does."""

    exists: bool = True

    def needs(self) -> Needs:
        return Needs(paths=(self.path,))

    def holds(self, inventory: Inventory) -> bool | None:
        return (self.path in inventory.file_stats) is self.exists

    def implies(self, other: Condition) -> bool | None:
        match other:
            case PathExists(path=self.path):
                return self.exists is other.exists
            case FileHasText(path=self.path):
                if not self.exists:
                    return other.text is None
                return None if other.text else False
        return None

    def _failure(self) -> str:
        return f"{self.path} {existence(self.exists)}"


def _may_change(action: Action, path: str, layout: Layout) -> bool:
    match action:
        case AwaitConfirmation():
            return False
        case Run() | Pipe():
            below = f"{path}/".startswith(f"{layout.mountpoint.rstrip('/')}/")
            programs = _FILE_PROGRAMS if below else _CONFIG_PROGRAMS
            return any(
                not keeps_file(argv, path)
                and (
                    program(argv) in programs
                    or any(related(path, word) for word in argv if word.startswith("/"))
                )
                for argv in commands_of(action)
            )
    # what goes or comes in a directory leaves the directory
    return related(path, action.path) and not action.path.startswith(f"{path}/")
