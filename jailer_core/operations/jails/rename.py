"""Rename a jail: its dataset, its configuration, its entry in the boot list.

One that runs is stopped with the file that it was started with and started again: a dataset
whose files are in use cannot be renamed (recording 12).
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Dataset, Inventory, Jail, JailConfig
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails import (
    boot,
    create_defaults,
    jailconf,
    lifecycle,
    starting,
    stopping,
)
from jailer_core.operations.jails.requests import Rename
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.settings import limit_state, rctl_conf
from jailer_core.operations.shared import (
    config_check,
    dataset_copies,
    file_steps,
    jail_commands,
    jail_mounts,
    jailconf_edit,
    network_parts,
    ownership,
    paths as places,
    starting_context,
)
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.operations.shared.leftovers import of_running
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import JailStopped, MountedAt, Needs, Plan, Step
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize


def problems(inventory: Inventory, request: Rename) -> dict[str, tuple[str, str]]:
    """Problems of the new name; {} if there are none."""
    return guards.problem("new", _name, inventory, request)


def form_facts(inventory: Inventory, request: Rename) -> dict[str, str]:
    """What follows the name."""
    jail = guards.require_jail(inventory, request.name)
    boots = "it starts at boot" if jail.name in inventory.boot_list else "it is not in the list"
    return {
        "Files": jail.dataset,
        "Configuration": jail.config.source if jail.config is not None else "",
        "Host name": jail.hostname,
        "Boot order": boots,
        "Now": "running: it will be restarted" if jail.running else "not running",
    }


def _name(inventory: Inventory, request: Rename) -> None:
    new = checks.jail_name(request.new)
    if new == request.name:
        raise UsageError(f"it is already called {sanitize(new)}", "Use another name.")
    create_defaults.require_free_name(inventory, new)


def needs(inventory: Inventory, request: Rename) -> Needs:
    """The text of its file, what jail(8) reads in the new one, kept files when it runs."""
    jail = guards.require_jail(inventory, request.name)
    live = lifecycle.needs_of(inventory, jail)
    config, new = jail.config, request.new.strip()
    if not guards.may_be_named(new):
        return live  # `rename` says why
    name = _name_of(inventory, jail, new)
    tables = jail_mounts.needed(config, name, clone=False)
    paths = [name.root, jailconf.file_of(new), *tables]
    confs: tuple[str, ...] = ()
    if config is not None and config.text:
        paths.append(jailconf_edit.file_for(config, new))
        changes = _changes(inventory, jail, config, name)
        confs = starting_context.confs(inventory, changes) if changes else ()
    keys = (dataset_copies.roots_ask(inventory, jail.dataset),) if jail.dataset else ()
    return Needs(
        jails=(jail.name,),
        files=(*live.files, *jail_hooks.paths(jail.name, new), *tables, rctl_conf.FILE),
        paths=tuple(dict.fromkeys(paths)),
        commands=(limit_state.rules_ask(jail.name), *keys),
        jail_confs=confs,
    )


def _changes(
    inventory: Inventory, jail: Jail, config: JailConfig, name: Name
) -> dict[str, str | None]:
    """Changes to its files; {} when its block cannot be edited automatically."""
    text = jailconf_edit.renamed(config, config.text or "", name.new, name.root)
    if not text:
        return {}
    text = jail_commands.renamed_delegation(text, _datasets(inventory, jail, config, name))
    return {guards.source(config): None, jailconf_edit.file_for(config, name.new): text}


def _datasets(
    inventory: Inventory, jail: Jail, config: JailConfig, name: Name
) -> jail_commands.Pairs:
    """The datasets that it was given and that get another name with its own."""
    move = _moves(inventory, jail, name.new)
    return jail_commands.moved_delegation(config, move[0].name, move[1]) if move is not None else ()


def _moves(inventory: Inventory, jail: Jail, new: str) -> tuple[Dataset, str] | None:
    """Its dataset and that one's new name when it bears the jail's; another one keeps its own."""
    dataset = inventory.dataset(jail.dataset)
    if dataset is None:
        return None
    above, _, leaf = dataset.name.rpartition("/")
    fresh = places.leaf(leaf, jail.name, new)
    parent = inventory.dataset(above)
    inherits = parent is not None and dataset.mountpoint == f"{parent.mountpoint}/{leaf}"
    return (dataset, f"{above}/{fresh}") if inherits and fresh != leaf else None


def _name_of(inventory: Inventory, jail: Jail, new: str) -> Name:
    move = _moves(inventory, jail, new)
    old_root = jail.config.root if jail.config is not None else jail.path
    if move is None:
        return Name(jail.name, new, old_root, old_root)
    dataset, target = move
    root = f"{dataset.mountpoint.rpartition('/')[0]}/{target.rpartition('/')[2]}"
    return Name(jail.name, new, old_root, root)


def rename(inventory: Inventory, request: Rename) -> Plan:
    """The plan that renames a jail."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    guards.refuse(problems(inventory, request))
    old = ownership.alone(jail)
    parts = ownership.own_datasets(inventory, jail, old)
    ownership.nothing_foreign(inventory, jail, old, parts)
    _nobody_depends(inventory, jail)
    new = request.new.strip()
    name = _name_of(inventory, jail, new)
    if name.root != name.old_root:
        guards.require_free(inventory, name.root, "Move it away first, or use another name.")
    table = jail_mounts.follow(inventory, old, name, clone=False)
    fresh, text = _configured(inventory, jail, name, table)
    steps, notes = stopping.down(inventory, jail, old)
    if jail.running:
        notes = ["The running jail is stopped, and started again with its new name.", *notes]
    steps += _dataset(inventory, jail, new, steps)
    steps += _files(inventory, old, fresh, text)
    steps += jail_mounts.moved(inventory, old, table)
    steps += jail_hooks.renamed(inventory, jail.name, new)
    steps += rctl_conf.renamed(inventory, jail.name, new)
    listed, notes_boot = _boot(inventory, jail.name, new)
    steps += listed
    if jail.running:
        network_parts.not_taken(inventory, jail.name, fresh)
        made = of_running(jail_mounts.known(inventory, table), fresh)
        steps.append(starting.start_step(fresh.path, new, fresh, made))
    notes += notes_boot
    mention = name.mentions_old(fresh.params)
    if mention:
        notes.append(f"A command still contains the old name; check it: {sanitize(mention)}")
    notes += _named_by_others(inventory, name)
    title = f"Rename {sanitize(jail.name)} to {new}"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def _configured(
    inventory: Inventory, jail: Jail, name: Name, table: jail_mounts.Fstab | None
) -> tuple[JailConfig, str]:
    """What jail(8) will read for the new name, and the text of its file. Raises Refused."""
    old = guards.require_configured(jail)
    changes = _changes(inventory, jail, old, name)
    name = replace(name, more=_datasets(inventory, jail, old, name))
    path = jailconf_edit.file_for(old, name.new)
    text = jailconf_edit.plain(old, changes.get(path) or "")
    fresh = jailconf_edit.configured(inventory, name.new, path, changes)
    exact = {"path": (name.root,)} if name.root != name.old_root else {}
    exact |= {jail_mounts.PARAM: (table.new_path,)} if table is not None else {}
    config_check.follows(name, old.params, fresh.params, exact)
    jail_mounts.mounts_own(name, fresh)
    acts = name.acts_on_old(fresh.params)
    if acts:
        raise Refused(
            f"a command of {sanitize(name.new)} would still act on {sanitize(name.old)}: "
            f"{sanitize(acts)}",
            "Change that command by hand first: edit.",
        )
    return fresh, text


def _named_by_others(inventory: Inventory, name: Name) -> list[str]:
    """Commands of other jails that name this one; nothing here changes them."""
    places = []
    for other in inventory.configs:
        message = Name(name.old, name.new).acts_on_old(other.params)
        if message and other.name != name.old:
            what = f"A command of {sanitize(other.name)} uses {sanitize(name.old)}"
            places.append(f"{what}; it is unchanged: {sanitize(message)}")
    return places


def _nobody_depends(inventory: Inventory, jail: Jail) -> None:
    for other in inventory.configs:
        if jail.name in other.depends:
            raise Refused(
                f"{sanitize(other.name)} depends on {sanitize(jail.name)} by name",
                f"Remove that first, and add it again afterwards: depend {word(other.name)} -- "
                f"-{word(jail.name)}",
            )


def _dataset(inventory: Inventory, jail: Jail, new: str, before: list[Step]) -> list[Step]:
    move = _moves(inventory, jail, new)
    if move is None:
        return []
    dataset, target = move
    dataset_copies.key_allows_move(inventory, dataset.name, target)
    title, back = f"Rename {dataset.name} to {target}", f"Rename {target} back to {dataset.name}"
    step = zfs_steps.rename(dataset.name, target, dataset.guid, title, back)
    empty = (
        MountedAt(path, mounted=False)
        for path in jail_mounts.by_parameter(guards.require_configured(jail))
    )
    return [
        replace(
            step,
            preconditions=(JailStopped(jail.name), *step.preconditions, *empty),
            jail=jail.name if before else "",
            hint="A process of the host may have its working directory there: see fstat -f.",
        )
    ]


def _files(inventory: Inventory, old: JailConfig, new: JailConfig, text: str) -> list[Step]:
    place = guards.source(new)
    if place in inventory.file_stats:
        raise Refused(f"{sanitize(place)} already exists", "Move that file away first.")
    mode = old.stamp.mode & 0o7777 if old.stamp else 0o644
    owner = (old.stamp.uid, old.stamp.gid) if old.stamp else None
    path = guards.source(old)
    return [
        file_steps.new_file(place, text, mode, f"Write {sanitize(place)}", owner=owner),
        file_steps.drop_file(path, old.text or "", old.stamp, f"Remove {sanitize(path)}"),
    ]


def _boot(inventory: Inventory, old: str, new: str) -> Work:
    if old not in inventory.boot_list:
        return [], []
    names = tuple(new if name == old else name for name in inventory.boot_list)
    return boot.ordered(inventory, names)
