"""Steps that mount and unmount inside a running jail, each with its undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jailer_core.model import Jail
from jailer_core.plan import (
    JailRuns,
    JailStopped,
    MountedAt,
    PathExists,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A file system and the path of the host on which it is mounted."""

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]

    @property
    def what(self) -> str:
        """Its source, or its type where the source is only a word; safe to print."""
        return sanitize(self.source if self.source.startswith("/") else self.fstype)

    @property
    def argv(self) -> tuple[str, ...]:
        """The mount command, as recorded for nullfs and tmpfs (17); others are not recorded."""
        given = ",".join(self.options) or "rw"
        return ("mount", "-t", self.fstype, "-o", given, self.source, self.path)


def mount(jail: Jail, system: FileSystem) -> Step:
    """Mount it in a running jail. The undo unmounts it, whether or not the jail still runs."""
    path = system.path
    mounted, not_there = MountedAt(path, source=system.source), MountedAt(path, mounted=False)
    undo = Undo(
        Run(("umount", path)),
        f"Unmount {sanitize(path)}",
        preconditions=(mounted,),
        done_when=(not_there,),
    )
    return Step(
        Run(system.argv),
        f"Mount {system.what} on {sanitize(path)}{read_only(system.options)}",
        undo=(undo,),
        preconditions=(JailRuns(jail.name, jail.jid), PathExists(path), not_there),
        postconditions=(mounted,),
        jail=jail.name,
        failure_means=f"{system.what} could not be mounted",
    )


def unmount(jail: Jail, system: FileSystem, *, force_from: str | None = None) -> Step:
    """Unmount it. Its undo mounts it again where the jail runs: at a start jail(8) mounts it.

    `force_from`: by force, and from which processes their files are taken ("" none).
    """
    path = system.path
    mounted, not_there = MountedAt(path, source=system.source), MountedAt(path, mounted=False)
    undo = Undo(
        Run(system.argv),
        f"Mount {system.what} on {sanitize(path)} again",
        preconditions=(JailRuns(jail.name), not_there, PathExists(path)),
        done_when=(mounted,),
        or_done_when=(JailStopped(jail.name),),
    )
    tmpfs = system.fstype == "tmpfs"
    lost = f"what the tmpfs on {sanitize(path)} contained is lost" if tmpfs else ""
    taken = f"files on {sanitize(path)} were taken from {force_from}" if force_from else ""
    flags = () if force_from is None else ("-f",)
    return Step(
        Run(("umount", *flags, path)),
        f"Unmount {sanitize(path)}" + (" by force" if flags else ""),
        undo=(undo,) if jail.running else (),
        irreversible_because="" if jail.running else f"a start mounts {system.what} again",
        preconditions=(mounted,),
        postconditions=(not_there,),
        jail=jail.name,
        warning=lost,
        side_effect="; ".join(filter(None, (lost, taken))),
    )


def read_only(options: Sequence[str]) -> str:
    """The words for these options in a title, which is all that many people read."""
    return ", read-only" if "ro" in options else ""
