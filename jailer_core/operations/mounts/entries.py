"""Compare what is mounted inside a jail with what its configuration mounts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, Mount
from jailer_core.model.trees import normal
from jailer_core.operations.shared import jail_mounts
from jailer_core.parse import mount_tables
from jailer_core.plan import Needs
from jailer_core.text import sanitize

FSTAB = "mount.fstab"


class Place(StrEnum):
    """Where a mount is configured, or why it exists without configuration."""

    FSTAB = "fstab"
    LINE = "mount line"
    PARAMETER = "parameter"
    DATASET = "dataset"
    NOWHERE = "nowhere"


class State(StrEnum):
    """The state of a mount."""

    BOTH = "mounted"
    CONFIGURED = "not mounted"
    DATASET = "dataset"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One mount: `target` is the path inside the jail, `path` that of the host.

    `mounted` None: what is mounted could not be read. `line` is the text of its place in the
    configuration, as jail(8) reads it.
    """

    target: str
    path: str
    source: str
    fstype: str
    options: str
    place: Place
    mounted: bool | None
    line: str = ""

    @property
    def state(self) -> State:
        """Configured, mounted, both, or neither by the jail."""
        if self.place in (Place.DATASET, Place.NOWHERE):
            return State.DATASET if self.place is Place.DATASET else State.FOREIGN
        if self.mounted is None:
            return State.UNKNOWN
        return State.BOTH if self.mounted else State.CONFIGURED

    @property
    def read_only(self) -> bool:
        """Whether it is mounted read-only, or configured to be."""
        return "ro" in self.options.split(",")


def needs(jails: Iterable[Jail]) -> Needs:
    """The fstab files of these jails."""
    configs = (jail.config for jail in jails)
    files = (config.first(FSTAB) for config in configs if config is not None)
    return Needs(files=tuple(dict.fromkeys(filter(None, files))))


def unread(inventory: Inventory, jail: Jail) -> str:
    """The path of the jail's fstab if it could not be read, or ""."""
    path = jail.config.first(FSTAB) if jail.config is not None else ""
    return path if path and path not in inventory.file_texts else ""


def must_be_read(inventory: Inventory, jail: Jail) -> None:
    """Raises Refused when the fstab of a jail could not be read."""
    path = unread(inventory, jail)
    if path:
        raise Refused(f"{sanitize(path)}, the fstab of {sanitize(jail.name)}, could not be read")


def entries(inventory: Inventory, jail: Jail) -> tuple[Entry, ...]:
    """All of a jail's mounts, by their paths; nothing for a jail on the host's own root."""
    root = normal(jail.path)
    if root in ("", "/"):
        return ()
    rest = None if inventory.mounts is None else list(jail_mounts.below(inventory, root))
    entry_list: list[Entry] = []
    for entry in _configured(inventory, jail, root):
        taken = _taken(rest or [], entry)
        entry_list.append(replace(entry, mounted=True) if taken else entry)
    entry_list += [_other(inventory, root, mount) for mount in rest or ()]
    return tuple(sorted(entry_list, key=lambda entry: entry.target))


def at(inventory: Inventory, jail: Jail, target: str) -> tuple[Entry, ...]:
    """What is configured or mounted at a path inside the jail."""
    return tuple(entry for entry in entries(inventory, jail) if entry.target == target)


def _taken(rest: list[Mount], entry: Entry) -> bool:
    """Whether a mount is this entry; it is taken out of the list."""
    for mount in rest:
        if mount.path == entry.path and mount.fstype == entry.fstype:
            rest.remove(mount)
            return True
    return False


def _configured(inventory: Inventory, jail: Jail, root: str) -> Iterator[Entry]:
    config = jail.config
    if config is None:
        return
    mounted = None if inventory.mounts is None else False
    text = inventory.file_texts.get(config.first(FSTAB), "")
    listed = [(Place.LINE, line) for line in config.params.get("mount", ())]
    listed += [
        (Place.FSTAB, text[line.start : line.end]) for line in mount_tables.fstab_lines(text)
    ]
    for place, line in listed:
        row = mount_tables.fstab_line(line)
        if row is None or not jail_mounts.inside(row.target, root) or row.target == root:
            continue
        yield Entry(
            row.target[len(root) :],
            row.target,
            row.source,
            row.fstype,
            ",".join(row.options),
            place,
            mounted,
            line,
        )
    for path, fstype in jail_mounts.by_parameter(config).items():
        if jail_mounts.inside(path, root):
            target = path[len(root) :]
            yield Entry(target, path, fstype, fstype, "rw", Place.PARAMETER, mounted)


def _other(inventory: Inventory, root: str, mount: Mount) -> Entry:
    dataset = inventory.dataset(mount.device) if mount.fstype == "zfs" else None
    place = Place.DATASET if dataset is not None else Place.NOWHERE
    target = mount.path[len(root) :]
    return Entry(target, mount.path, mount.device, mount.fstype, mount.options, place, mounted=True)
