"""Undos that remove what a step has made, and nothing else."""

from __future__ import annotations

from jailer_core.plan import (
    NEW_GUID,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    InterfaceExists,
    MakeDir,
    NotInUse,
    PathExists,
    RemoveDir,
    RemoveFile,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize

CLONED = "Created clone interfaces: "
"""What `service netif start` prints when it made an interface (recording 04)."""


def is_dataset(name: str) -> DatasetHasGuid:
    """The dataset or snapshot of that name is the one that the step created."""
    return DatasetHasGuid(name, NEW_GUID)


def no_dataset(name: str, *when: Condition, title: str = "") -> Undo:
    """Destroy the dataset or snapshot that the step created, if `when` also holds."""
    return Undo(
        Run(("zfs", "destroy", name)),
        title or f"Destroy {sanitize(name)}",
        preconditions=(is_dataset(name), *when),
        done_when=(DatasetExists(name, exists=False),),
        created_if_output="",
    )


def no_file(path: str, *when: Condition) -> Undo:
    """Remove the file that the step made, while `when` holds as well."""
    return Undo(
        RemoveFile(path),
        f"Remove {sanitize(path)}",
        preconditions=(PathExists(path), *when),
        done_when=(PathExists(path, exists=False),),
    )


def no_directory(path: str, *when: Condition) -> Undo:
    """Remove the directory that the step made, while `when` holds as well."""
    return Undo(
        RemoveDir(path),
        f"Remove the directory {sanitize(path)}",
        preconditions=(PathExists(path), *when),
        done_when=(PathExists(path, exists=False),),
        created_if_output="",
    )


def no_interface(name: str, *when: Condition) -> Undo:
    """Destroy the interface that `service netif start` created, if `when` also holds."""
    return Undo(
        Run(("ifconfig", name, "destroy")),
        f"Destroy {name}",
        preconditions=(InterfaceExists(name), *when),
        done_when=(InterfaceExists(name, exists=False),),
        created_if_output=CLONED,
    )


def directory(path: str, title: str = "", mode: int = 0o755) -> Step:
    """Create a directory that does not exist."""
    path_exists = PathExists(path, exists=False)
    return Step(
        MakeDir(path, mode),
        title or f"Create the directory {sanitize(path)}",
        undo=(no_directory(path, NotInUse("directory", path)),),
        preconditions=(path_exists,),
        postconditions=(PathExists(path),),
    )
