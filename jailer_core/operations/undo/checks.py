"""Checks of an undo before its first step, and what it loses.

Check that an undo can start or stop a jail: jail(8) reads its file and its fstab.

Settings lost with the datasets that an undo destroys, for its preview.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.jails.dependencies import must_be_found
from jailer_core.operations.shared import paths
from jailer_core.operations.shared.jail_mounts import PARAM
from jailer_core.operations.shared.starting_context import DIRECTORY, changed, reached
from jailer_core.operations.snapshots import dataset_properties
from jailer_core.operations.undo.conditions import ProjectedState
from jailer_core.operations.undo.entry import destroyed
from jailer_core.parse import zfs
from jailer_core.plan import Action, Needs, PathExists, Step
from jailer_core.plan.actions import argv_of
from jailer_core.text import sanitize


def jail_file_needs(inventory: Inventory, actions: Iterable[Action]) -> Needs:
    """The files that jail(8) reads for these actions."""
    return Needs(paths=tuple(dict.fromkeys(_files(inventory, actions))))


def _files(inventory: Inventory, actions: Iterable[Action]) -> Iterator[str]:
    for words in map(_words, actions):
        if words is not None:
            file, name = words
            config = _config(inventory, file, name)
            table = config.first(PARAM) if config is not None else ""
            yield from (file, table) if table else (file,)


def obstacle(inventory: Inventory, time: ProjectedState, action: Action) -> str:
    """Why jail(8) would fail, or ""."""
    words = _words(action)
    if words is None or time.touches(PathExists(words[0])):
        return ""  # its text is by then what it was before
    file, name = words
    if file not in inventory.file_stats:
        # without it jail(8) stops a jail by its name alone, and leaves its mounts
        return f"{sanitize(file)} no longer exists"
    if any(file.startswith(f"{state}/running/") for state in paths.states(inventory.layout)):
        return ""  # the file that it was started with
    config = _config(inventory, file, name)
    if config is None and _will_be_included(inventory, time, file, name):
        return ""
    if config is None or not config.params:
        return f"{sanitize(file)} cannot be read, or no longer defines {sanitize(name)}"
    return _incomplete(inventory, time, config)


def _incomplete(inventory: Inventory, time: ProjectedState, config: JailConfig) -> str:
    table = config.first(PARAM)
    if table and table not in inventory.file_stats and not time.touches(PathExists(table)):
        return f"{sanitize(table)}, which {sanitize(config.path)} names, no longer exists"
    try:
        must_be_found(inventory, config)
    except Refused as refused:
        return refused.message
    return ""


def _words(action: Action) -> tuple[str, str] | None:
    """The file and the jail of a command of jail(8) that starts or stops it."""
    match tuple(word for word in argv_of(action) if word not in ("-v", "--")):
        case "jail", "-f", file, "-c" | "-r", name:
            return file, name
    return None


def _config(inventory: Inventory, file: str, name: str) -> JailConfig | None:
    """What defines the jail in that file, or in one that it includes."""
    read = reached(inventory.files, file)
    configs = inventory.configs
    return next((conf for conf in configs if conf.name == name and conf.path in read), None)


def _will_be_included(inventory: Inventory, time: ProjectedState, file: str, name: str) -> bool:
    """Whether the undo puts back a file that defines the jail, and that the given one includes."""
    own = f"{DIRECTORY}/{paths.file_name(name)}.conf"
    after = changed(inventory.files, {own: ""})
    return time.touches(PathExists(own)) and own in reached(after, file)


SHOWN = 6
"""How many properties a note names."""


def settings_lost_needs(actions: Iterable[Action]) -> Needs:
    """The properties and permissions of the datasets that these actions destroy."""
    names = dict.fromkeys(filter(None, map(destroyed, actions)))
    asked = (
        ask for name in names for ask in (_properties(name), dataset_properties.allow_ask(name))
    )
    return Needs(commands=tuple(asked))


def settings_lost(
    inventory: Inventory, done: Iterable[Step], steps: Iterable[Step]
) -> Iterator[str]:
    """A note for each dataset that `steps` destroy, with settings other than those of `done`."""
    own = {word for step in done for word in _options(step.action)}
    for name in dict.fromkeys(filter(None, (destroyed(step.action) for step in steps))):
        allowed = dataset_properties.allowed(inventory, name)
        lost = [*_set(inventory, name, own), *(f"permissions of {who}" for who in allowed)]
        if lost:
            more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            shown = ", ".join(map(sanitize, lost[:SHOWN]))
            yield f"{sanitize(name)} is destroyed with what was set on it: {shown}{more}"


def _options(action: Action) -> Iterator[str]:
    """The properties that a command sets, as PROPERTY=VALUE."""
    argv = argv_of(action)
    if argv[:1] in (("zfs",), ("zpool",)):
        yield from (word for word in argv[2:] if "=" in word)


def _properties(name: str) -> tuple[str, ...]:
    """Recording 14 of 15.0."""
    columns = ",".join(zfs.PROPERTIES)
    return ("zfs", "get", "-Hp", "-s", "local,received", "-o", columns, "all", name)


def _set(inventory: Inventory, name: str, own: set[str]) -> Iterator[str]:
    for row in zfs.properties(inventory.output(_properties(name)) or "").value:
        setting = f"{row.name}={row.value}"
        if row.dataset == name and setting not in own:
            yield setting
