"""Undos that take away what a step has made, and nothing that somebody else has made."""

from __future__ import annotations

from jailer_core.operations.guards import named
from jailer_core.plan import (
    NEW_GUID,
    DatasetIs,
    DatasetThere,
    InterfaceThere,
    MakeDir,
    PathThere,
    RemoveDir,
    Run,
    State,
    Step,
    Undo,
    Unused,
)

CLONED = "Created clone interfaces: "
"""What `service netif start` prints when it made an interface (recording 04)."""


def is_dataset(name: str) -> DatasetIs:
    """The dataset or snapshot of that name is the one that the step made."""
    return DatasetIs(name, NEW_GUID)


def no_dataset(name: str, *when: State, title: str = "") -> Undo:
    """Destroy the dataset or snapshot that the step made, while `when` holds as well."""
    return Undo(
        Run(("zfs", "destroy", name)),
        title or f"Destroy {named(name)}",
        when=(is_dataset(name), *when),
        settled=(DatasetThere(name, there=False),),
        proof="",
    )


def no_interface(name: str, *when: State) -> Undo:
    """Destroy the interface that `service netif start` made, while `when` holds as well."""
    return Undo(
        Run(("ifconfig", name, "destroy")),
        f"Destroy {name}",
        when=(InterfaceThere(name), *when),
        settled=(InterfaceThere(name, there=False),),
        proof=CLONED,
    )


def directory(path: str, title: str = "", mode: int = 0o755) -> Step:
    """Make a directory that does not exist."""
    gone = PathThere(path, there=False)
    return Step(
        MakeDir(path, mode),
        title or f"Make the directory {named(path)}",
        undo=(
            Undo(
                RemoveDir(path),
                f"Remove the directory {named(path)}",
                when=(PathThere(path), Unused("directory", path)),
                settled=(gone,),
                proof="",
            ),
        ),
        before=(gone,),
        goal=(PathThere(path),),
    )
