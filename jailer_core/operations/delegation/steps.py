"""Steps that attach datasets to a running jail, and detach them."""

from __future__ import annotations

from jailer_core.model import Dataset, Jail, Mount
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import (
    CommandSucceeds,
    DatasetHasGuid,
    JailRuns,
    JailStopped,
    MountedAt,
    ParameterIs,
    PropertyIs,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize


def set_property(dataset: Dataset, name: str, old: tuple[str, str], new: str, jail: str) -> Step:
    """Set a ZFS property; `old` is its value and source. It is inherited again where it was."""
    value, source = old
    own = source in ("local", "received")
    back = ("zfs", "set", f"{name}={value}") if own else ("zfs", "inherit", name)
    return reversible(
        (Run(("zfs", "set", f"{name}={new}", dataset.name)), f"Set {name}={new} on {dataset.name}"),
        (Run((*back, dataset.name)), f"Restore {name} of {dataset.name}"),
        before=(PropertyIs(dataset.name, name, value),),
        after=(PropertyIs(dataset.name, name, new),),
        same=(DatasetHasGuid(dataset.name, dataset.guid),),
        jail=jail,
    )


def attached(jail: Jail, name: str, *, succeeds: bool = True) -> CommandSucceeds:
    """Whether a running jail has a dataset: the host has no other way to ask.

    In a jail whose devfs ruleset hides /dev/zfs nothing can be listed (recording 14).
    """
    argv = ("jexec", jail.name, "zfs", "list", "-H", "-o", "name", name)
    message = f"{sanitize(jail.name)} {'does not have' if succeeds else 'has'} the dataset {name}"
    return CommandSucceeds(argv, f"{name}\n", succeeds=succeeds, description=message)


def attach(jail: Jail, dataset: Dataset, *, on: bool) -> Step:
    """`zfs jail` and `zfs unjail` (recording 14)."""
    words = {
        True: ("jail", f"Attach {dataset.name} to {sanitize(jail.name)}"),
        False: ("unjail", f"Detach {dataset.name} from {sanitize(jail.name)}"),
    }
    (verb, title), (back, back_title) = words[on], words[not on]
    before = attached(jail, dataset.name, succeeds=not on)
    after = attached(jail, dataset.name, succeeds=on)
    same = DatasetHasGuid(dataset.name, dataset.guid)
    return Step(
        Run(("zfs", verb, jail.name, dataset.name)),
        title,
        undo=(
            Undo(
                Run(("zfs", back, jail.name, dataset.name)),
                f"{back_title} again",
                preconditions=(same, JailRuns(jail.name), after),
                done_when=(before,),
                or_done_when=(JailStopped(jail.name),),
            ),
        ),
        preconditions=(
            same,
            JailRuns(jail.name, jail.jid),
            PropertyIs(dataset.name, "jailed", "on"),
            before,
        ),
        postconditions=(after,),
        jail=jail.name,
    )


def allow(jail: Jail, param: str, old: str, new: str) -> Step:
    """Change a parameter of a running jail (recording 17)."""

    def argv(value: str) -> tuple[str, ...]:
        number = {"true": "1", "false": "0"}.get(value, value)
        return ("jail", "-m", f"name={jail.name}", f"{param}={number}")

    before, after = ParameterIs(jail.name, param, old), ParameterIs(jail.name, param, new)
    return Step(
        Run(argv(new)),
        f"Set {param}={new} in {sanitize(jail.name)} now",
        undo=(
            Undo(
                Run(argv(old)),
                f"Set {param}={old} in {sanitize(jail.name)} again",
                preconditions=(JailRuns(jail.name), after),
                done_when=(before,),
                or_done_when=(JailStopped(jail.name),),
            ),
        ),
        preconditions=(JailRuns(jail.name, jail.jid), before),
        postconditions=(after,),
        jail=jail.name,
    )


def unmount(jail: Jail, mount: Mount) -> Step:
    """Unmount what the jail has mounted of its dataset; it mounts it again itself."""
    path = mount.path
    return Step(
        Run(("umount", path)),
        f"Unmount {sanitize(mount.device)} from {sanitize(path)}",
        irreversible_because=f"{sanitize(jail.name)} mounts it itself: zfs mount",
        preconditions=(MountedAt(path),),
        postconditions=(MountedAt(path, mounted=False),),
        jail=jail.name,
    )
