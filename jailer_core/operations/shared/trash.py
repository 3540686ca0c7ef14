"""The record of a jail in the trash: written when it goes there, read when it is restored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from jailer_core.errors import Refused
from jailer_core.model import Dataset, FileStamp, Inventory, Jail, JailConfig, TrashEntry
from jailer_core.operations import guards
from jailer_core.operations.shared import paths as places
from jailer_core.text import sanitize

RECORD = "trash.json"
CONFIG = "jail.conf"
RULES = "pf.conf"
LIMITS = "rctl.conf"
DAY = 86400


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset of a destroyed jail: its name below the jail's ("" for itself), how it was.

    `canmount` is what its own canmount was when it had a mount point of its own ("" when that
    is not set on it, None when it follows its parent).
    """

    below: str
    mountpoint: str
    mounted: bool
    canmount: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that brings a jail back as it was.

    `config_path` is the file that is written again, `start_with` the one that jail(8) is given.
    `because` says why a state of a jail that still exists is here ("" for one that was destroyed),
    `kept` are the guids of datasets that this state shares with the one that took its place.
    `limits` are its rules in the kernel, where rctl.conf had them.
    """

    name: str
    dataset: str
    ran: bool
    config_path: str
    start_with: str
    mode: int
    owner: tuple[int, int]
    params: Mapping[str, tuple[str, ...]]
    boot_list: tuple[str, ...]
    parts: tuple[Part, ...]
    because: str = ""
    kept: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    @property
    def config(self) -> JailConfig:
        """The configuration once its file is restored."""
        return JailConfig(self.name, self.start_with, self.params, source=self.config_path)


def record_of(
    inventory: Inventory, jail: Jail, config: JailConfig, parts: tuple[Part, ...]
) -> Record:
    """The trash record of a jail in its current state."""
    stamp = config.stamp or FileStamp(0, 0)
    return Record(
        name=jail.name,
        dataset=jail.dataset,
        ran=jail.running,
        config_path=guards.source(config),
        start_with=config.path,
        mode=stamp.mode & 0o7777,
        owner=(stamp.uid, stamp.gid),
        params=dict(config.params),
        boot_list=inventory.boot_list,
        parts=parts,
    )


def since(entry: TrashEntry) -> datetime | None:
    """When it went into the trash: the time in its stamp (UTC), if valid."""
    try:
        return datetime.strptime(entry.stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def is_old(entry: TrashEntry, now: float, days: int) -> bool:
    """Whether it has been in the trash for more than `days`; never if that is 0.

    Nothing is purged because of it: it is marked, and offered.
    """
    when = since(entry)
    return bool(days) and when is not None and now - when.timestamp() > days * DAY


def entry_id(inventory: Inventory, jail: Jail, stamp: str) -> str:
    """NAME-STAMP, where NAME is the last part of the dataset: that is a legal name in ZFS.

    Shortened when a name would become longer than the 255 bytes that ZFS allows.
    """
    last = jail.dataset.rpartition("/")[2]
    longest = max(len(dataset.name) for dataset in inventory.below(jail.dataset)) - len(
        jail.dataset
    )
    room = 255 - len(inventory.layout.trash) - longest - len(stamp) - 2
    if room < 1:
        raise Refused(
            f"the names of the datasets of {sanitize(jail.name)} are too long for the trash"
        )
    return f"{last[:room]}-{stamp}"


def to_json(record: Record) -> str:
    """The text of trash.json; it does not change while a jail merely runs."""
    value: dict[str, object] = {
        "name": record.name,
        "dataset": record.dataset,
        "ran": record.ran,
        "config": {
            "path": record.config_path,
            "start_with": record.start_with,
            "mode": record.mode,
            "owner": list(record.owner),
            "params": {key: list(values) for key, values in record.params.items()},
        },
        "boot_list": list(record.boot_list),
        "parts": [asdict(part) for part in record.parts],
    }
    if record.because:
        value |= {"because": record.because, "kept": list(record.kept)}
    if record.limits:
        value["limits"] = list(record.limits)
    return json.dumps(value) + "\n"


def from_meta(entry: TrashEntry) -> Record | None:
    """The record of an entry; None if there is none, or it is unreadable."""
    meta = entry.meta
    try:
        config = _dict(meta["config"])
        return Record(
            name=str(meta["name"]),
            dataset=str(meta["dataset"]),
            ran=meta["ran"] is True,
            config_path=str(config["path"]),
            start_with=str(config["start_with"]),
            mode=int(str(config["mode"])),
            owner=(int(str(_list(config["owner"])[0])), int(str(_list(config["owner"])[1]))),
            params={
                str(key): tuple(map(str, _list(values)))
                for key, values in _dict(config["params"]).items()
            },
            boot_list=tuple(map(str, _list(meta["boot_list"]))),
            parts=tuple(_part(_dict(part)) for part in _list(meta["parts"])),
            because=because(entry),
            kept=tuple(map(str, _list(meta.get("kept", [])))),
            limits=tuple(map(str, _list(meta.get("limits", [])))),
        )
    except (KeyError, ValueError, TypeError, IndexError):
        return None


def because(entry: TrashEntry) -> str:
    """Why an earlier state is in the trash; "" for a destroyed jail."""
    return str(entry.meta.get("because", ""))


def _part(value: Mapping[str, object]) -> Part:
    canmount = value["canmount"]
    return Part(
        str(value["below"]),
        str(value["mountpoint"]),
        value["mounted"] is True,
        None if canmount is None else str(canmount),
    )


def _dict(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return list(value)


def the_entry(inventory: Inventory, entry_id: str) -> TrashEntry:
    """The entry of that id, or the only one of that name. Raises Refused.

    A jail that was destroyed takes precedence over states of one that still exists.
    """
    guards.require_datasets(inventory)
    for entry in inventory.trash:
        if entry.id == entry_id:
            return entry
    every = [entry for entry in inventory.trash if entry.name == entry_id]
    entries = [entry for entry in every if not because(entry)] or every
    if len(entries) == 1:
        return entries[0]
    if entries:
        ids = ", ".join(sanitize(entry.id) for entry in entries)
        raise Refused(f"the trash holds several {sanitize(entry_id)}", f"Give one of them: {ids}.")
    raise Refused(f"the trash holds no {sanitize(entry_id)}", "See its entries: trash list")


def nothing_in_it(inventory: Inventory) -> str:
    """Why nothing can be restored or purged, or ""."""
    return guards.no_datasets(inventory) or ("" if inventory.trash else "the trash is empty")


def kept_files(inventory: Inventory, entry: TrashEntry) -> dict[str, str]:
    """Path and text of an entry's saved files."""
    texts = inventory.file_texts
    return {path: texts[path] for path in paths(inventory, entry) if path in texts}


def paths(inventory: Inventory, entry: TrashEntry) -> tuple[str, ...]:
    """The directories where its files may be."""
    return tuple(
        f"{places.kept_folder(state, entry.id)}/{name}"
        for state in places.states(inventory.layout)
        for name in (CONFIG, RECORD, RULES, LIMITS)
    )


def moved(entry: TrashEntry, target: str, dataset: Dataset) -> str:
    """The name of an entry's dataset once the entry is at `target`."""
    return target + dataset.name[len(entry.dataset) :]
