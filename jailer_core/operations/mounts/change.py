"""Change the options of a mount, in the jail's record and in the running jail."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.mounts import entries, places, records, remove
from jailer_core.operations.mounts.entries import Entry, Place
from jailer_core.operations.mounts.requests import MountChange, MountRemove
from jailer_core.operations.mounts.steps import FileSystem, mount, unmount
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize

_ACCESS = ("ro", "rw")
NONE = "-"


def form_facts(inventory: Inventory, request: MountChange) -> dict[str, str]:
    """The mounts with options of their own."""
    jail = inventory.jail(request.name)
    entry_list = entries.entries(inventory, jail) if jail is not None else ()
    may = [
        f"{sanitize(entry.target)} ({sanitize(entry.options)})"
        for entry in entry_list
        if entry.place in (Place.FSTAB, Place.LINE)
    ]
    return {"Mounts": ", ".join(may) or "none"}


def form_hints(inventory: Inventory, request: MountChange) -> dict[str, FieldHint]:
    """Completions: the targets that the jail has."""
    return remove.form_hints(inventory, MountRemove(request.name, request.target))


def problems(inventory: Inventory, request: MountChange) -> dict[str, tuple[str, str]]:
    """Problems by field; {} if there are none."""
    options = "" if request.options.strip() == NONE else request.options
    wrong = guards.problem("options", places.options, options)
    jail = inventory.jail(request.name)
    if jail is not None:
        wrong |= guards.problem("target", _entry, inventory, jail, request)
    return wrong


def needs(inventory: Inventory, request: MountChange) -> Needs:
    """The jail's mount configuration, and processes that use the mount."""
    jail = guards.require_jail(inventory, request.name)

    def record() -> records.Change:
        entry = _entry(inventory, jail, request)
        return records.changed(inventory, jail, entry, _options(entry, request))

    need = remove.needs(inventory, MountRemove(request.name, request.target))
    return need | records.read_by_jail(inventory, record)


def change(inventory: Inventory, request: MountChange) -> Plan:
    """The plan that changes the options of a mount."""
    jail = guards.require_jail(inventory, request.name, records.refusal, guards.require_owned)
    guards.refuse(problems(inventory, request))
    entry = _entry(inventory, jail, request)
    options = _options(entry, request)
    title = f"Mount {sanitize(entry.target)} in {sanitize(jail.name)} with {','.join(options)}"
    if list(options) == entry.options.split(","):
        return Plan.unchanged(request, title, jail.name)
    steps: list[Step] = []
    notes: list[str] = []
    if entry.mounted and jail.running:
        _, notes = remove.may_unmount(inventory, entry, force=False)
        old = FileSystem(entry.source, entry.path, entry.fstype, tuple(entry.options.split(",")))
        steps = [unmount(jail, old), mount(jail, replace(old, options=options))]
    record = records.changed(inventory, jail, entry, options)
    steps += record.steps(inventory, "Change the mount", "Change the line by hand: edit.")
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def _entry(inventory: Inventory, jail: Jail, request: MountChange) -> Entry:
    """The mount that is meant. Raises Refused and UsageError."""
    entry = remove.find(inventory, jail, MountRemove(request.name, request.target))
    if entry.place not in (Place.FSTAB, Place.LINE):
        raise Refused(
            f"{sanitize(entry.target)} is mounted without a line of its own",
            "Only mounts of an fstab or of mount lines have options.",
        )
    return entry


def _options(entry: Entry, request: MountChange) -> tuple[str, ...]:
    """The options that it is to have, whether it can be written to first."""
    old = entry.options.split(",") if entry.options else []
    read_only = entry.read_only if request.readonly is None else request.readonly
    more = [word for word in old if word not in _ACCESS]
    if request.options.strip():
        text = request.options.strip()
        more = list(places.options("" if text == NONE else text))
    return ("ro" if read_only else "rw", *more)
