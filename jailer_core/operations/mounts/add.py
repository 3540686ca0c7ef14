"""Mount something inside a jail: a line in its record, a directory, and the mount itself."""

from __future__ import annotations

from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Jail, Owner
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.mounts import entries, places, records
from jailer_core.operations.mounts.requests import PSEUDO, TYPES, MountAdd
from jailer_core.operations.mounts.steps import FileSystem, mount, read_only
from jailer_core.operations.shared import bastille, created, file_steps
from jailer_core.parse import mount_tables
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize

PARAMETERS = {"procfs": "/proc", "fdescfs": "/dev/fd", "devfs": "/dev"}
"""Types that jail(8) mounts by a parameter of its own, and where."""


def problems(inventory: Inventory, request: MountAdd) -> dict[str, tuple[str, str]]:
    """Problems by field; {} if there are none."""
    wrong = guards.problem("options", places.options, request.options)
    jail = inventory.jail(request.name)
    if jail is not None:
        wrong |= guards.problem("target", places.target, jail, request.target)
    return wrong | guards.problem("source", _source, request, fstype(inventory, request))


def form_hints(inventory: Inventory, _request: MountAdd) -> dict[str, FieldHint]:
    """Completions besides directories: datasets that are not mounted, and types."""
    may = (
        dataset.name
        for dataset in inventory.datasets or ()
        if not dataset.mounted and not dataset.jailed
    )
    return {"source": FieldHint(words=(*sorted(may), *PSEUDO))}


def fstype(inventory: Inventory, request: MountAdd) -> str:
    """The requested type, or the one that fits the source."""
    if request.type:
        return request.type
    source = request.source.strip()
    if source in TYPES:
        return source
    return "zfs" if inventory.dataset(source) is not None else "nullfs"


def _source(request: MountAdd, kind: str) -> str:
    if kind not in TYPES:
        raise UsageError(f"type '{sanitize(kind)}' is not supported", f"Use {', '.join(TYPES)}.")
    source = request.source.strip()
    if kind == "nullfs":
        return checks.path(source)
    if kind == "zfs":
        if not source or source.startswith(("/", "-")) or not source.isprintable():
            raise UsageError(f"'{sanitize(source)}' does not name a dataset", "Example: zroot/data")
        return source
    if source not in (kind, "none", "."):
        raise UsageError(f"{kind} has no source", f"Use {kind} as the source.")
    return kind


def wanted(inventory: Inventory, jail: Jail, request: MountAdd) -> FileSystem:
    """The request after all checks that read nothing. Raises UsageError."""
    kind = fstype(inventory, request)
    source = _source(request, kind)
    target = places.target(jail, request.target)
    more = places.options(request.options)
    options = ("ro" if request.readonly else "rw", *more)
    if kind in PARAMETERS:
        if target != PARAMETERS[kind]:
            raise UsageError(
                f"jail(8) mounts {kind} on {PARAMETERS[kind]}, not on {sanitize(target)}",
                f"Use the target {PARAMETERS[kind]}.",
            )
        if more or request.readonly:
            raise UsageError(f"{kind} takes no options here", f"jail(8) mounts it by mount.{kind}.")
        options = ()
    return FileSystem(source, normal(jail.path) + target, kind, options)


def needs(inventory: Inventory, request: MountAdd) -> Needs:
    """The jail's mount configuration, and the directories on both sides."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    try:
        want = wanted(inventory, jail, request)
    except UsageError:  # the form is still empty
        return records.needs(inventory, jail)
    looked_at = list(places.chain("/", want.path))
    if want.fstype == "nullfs":
        looked_at += places.chain("/", want.source)
    need = records.needs(inventory, jail) | Needs(paths=tuple(looked_at))
    if jail.owner is Owner.BASTILLE:
        return need
    return need | records.read_by_jail(inventory, lambda: _record(inventory, jail, want))


def add(inventory: Inventory, request: MountAdd) -> Plan:
    """The plan that mounts something inside a jail."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    want = wanted(inventory, jail, request)
    target = want.path[len(normal(jail.path)) :]
    title = f"Mount {sanitize(want.source)} on {sanitize(target)} in {sanitize(jail.name)}"
    title += read_only(want.options)
    present = _present(inventory, jail, want, target)
    if present is not None and (present.mounted or not jail.running):
        return Plan(request, title, notes=("It is already mounted there.",), jail=jail.name)
    _may(inventory, jail, want)
    missing = places.missing(inventory, jail, want.path)
    places.may_create(inventory, jail, missing)
    steps = [replace(created.directory(below), jail=jail.name) for below in missing]
    if jail.owner is Owner.BASTILLE:
        steps.append(bastille.step(jail, want, target, on=True))
        return Plan(request, title, tuple(steps), jail=jail.name)
    now = jail.running and want.fstype != "devfs"
    steps += [mount(jail, want)] if now else []
    if present is None:
        change = _record(inventory, jail, want)
        steps += change.steps(inventory, "Record the mount", "Add the line by hand: edit.")
    notes = () if now else ("It is mounted when the jail starts.",)
    return Plan(request, title, tuple(steps), notes=notes, jail=jail.name)


def _may(inventory: Inventory, jail: Jail, want: FileSystem) -> None:
    """Raises Refused where source or target are not possible."""
    file_steps.require_root(inventory, jail)
    places.no_links(inventory, jail)
    places.free(inventory, jail, want.path)
    if want.fstype == "nullfs":
        places.directory(inventory, want.source)
    if want.fstype == "zfs":
        places.dataset(inventory, want.source)
    # jail(8) takes ruleset 4 where none is set; 0 is none
    ruleset = jail.config.first("devfs_ruleset", "4") if jail.config is not None else ""
    if want.fstype == "devfs" and (not ruleset.isdigit() or ruleset == "0"):
        raise Refused(
            f"{sanitize(jail.name)} has no devfs ruleset: it would see all devices of the host",
            "Set devfs_ruleset first, for example to 4.",
        )


def _present(
    inventory: Inventory, jail: Jail, want: FileSystem, target: str
) -> entries.Entry | None:
    """The same mount where it is configured already. Raises Refused for another one there."""
    entries.must_be_read(inventory, jail)
    for entry in entries.at(inventory, jail, target):
        if entry.place in (entries.Place.NOWHERE, entries.Place.DATASET):
            continue
        same = (entry.source, entry.fstype) == (want.source, want.fstype)
        if same and entry.read_only is ("ro" in want.options):
            return entry
        raise Refused(
            f"{sanitize(entry.source)} is already configured for {sanitize(target)}",
            f"Remove it first: mount remove {guards.word(jail.name)} {guards.word(target)}",
        )
    return None


def _record(inventory: Inventory, jail: Jail, want: FileSystem) -> records.Change:
    if want.fstype in PARAMETERS:
        return records.switched(inventory, jail, f"mount.{want.fstype}", on=True)
    line = mount_tables.FstabLine(want.source, want.path, want.fstype, want.options)
    return records.added(inventory, jail, line)
