"""Settings lost with the datasets that an undo destroys, for its preview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jailer_core.model import Inventory
from jailer_core.parse import zfs
from jailer_core.plan import Action, Needs, Run, Step
from jailer_core.text import sanitize

SHOWN = 6
"""How many properties a note names."""


def needs(actions: Iterable[Action]) -> Needs:
    """What is set on the datasets that these actions destroy, and who has permissions there."""
    names = dict.fromkeys(filter(None, map(_destroyed, actions)))
    asked = (ask for name in names for ask in (_properties(name), _permissions(name)))
    return Needs(commands=tuple(asked))


def notes(inventory: Inventory, done: Iterable[Step], steps: Iterable[Step]) -> Iterator[str]:
    """One for each dataset that `steps` destroy and on which more is set than `done` has set."""
    own = {word for step in done for word in _options(step.action)}
    for name in dict.fromkeys(filter(None, (_destroyed(step.action) for step in steps))):
        lost = [*_set(inventory, name, own), *_allowed(inventory, name)]
        if lost:
            more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            shown = ", ".join(map(sanitize, lost[:SHOWN]))
            yield f"{sanitize(name)} is destroyed with what was set on it: {shown}{more}"


def _destroyed(action: Action) -> str:
    """The dataset or pool that it destroys, "" where it does something else."""
    argv = action.argv if isinstance(action, Run) else ()
    destroys = argv[:2] in (("zfs", "destroy"), ("zpool", "destroy"))
    return argv[-1] if destroys and "@" not in argv[-1] else ""


def _options(action: Action) -> Iterator[str]:
    """The properties that a command sets, as PROPERTY=VALUE."""
    if isinstance(action, Run) and action.argv[0] in ("zfs", "zpool"):
        yield from (word for word in action.argv[2:] if "=" in word)


def _properties(name: str) -> tuple[str, ...]:
    """Recording 14 of 15.0."""
    columns = ",".join(zfs.PROPERTIES)
    return ("zfs", "get", "-Hp", "-s", "local,received", "-o", columns, "all", name)


def _permissions(name: str) -> tuple[str, ...]:
    """Recording 14 of 15.0."""
    return ("zfs", "allow", name)


def _set(inventory: Inventory, name: str, own: set[str]) -> Iterator[str]:
    for row in zfs.properties(_output(inventory, _properties(name))).value:
        setting = f"{row.name}={row.value}"
        if row.dataset == name and setting not in own:
            yield setting


def _allowed(inventory: Inventory, name: str) -> Iterator[str]:
    """A block of lines for each dataset that permissions come from; only its own one counts."""
    of_dataset = False
    for line in _output(inventory, _permissions(name)).split("\n"):
        if line.startswith("----"):
            of_dataset = line.startswith(f"---- Permissions on {name} ")
        elif of_dataset and line.startswith("\t"):
            yield f"permissions of {line.strip()}"


def _output(inventory: Inventory, command: tuple[str, ...]) -> str:
    answer = inventory.command_results.get(command)
    return answer.stdout if answer is not None and answer.status == 0 else ""
