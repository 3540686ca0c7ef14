"""Clone a jail: a ZFS clone of a snapshot, and its configuration with new values.

Defaults of a clone where its request says nothing: addresses, hardware address, network.

Clone a jail: a ZFS clone of a snapshot, and its configuration with new numbers and addresses.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Dataset, Inventory, Jail, JailConfig, JailState, Network, Owner, tags
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.jails import clone_config, create, create_defaults, jailconf, starting
from jailer_core.operations.jails.requests import Clone, Create
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.settings import rctl_conf
from jailer_core.operations.shared import (
    addresses,
    clones as volumes,
    dataset_copies,
    file_steps,
    jail_commands,
    jail_mounts,
    jailconf_edit,
    ownership,
    paths as places,
    starting_context,
)
from jailer_core.operations.shared.base_image import Source
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize

KINDS = {Network.EPAIR: "eb", Network.SHARED: "new", Network.INHERIT: "inherit"}
_BRIDGE = re.compile(r"\bifconfig\s+(\S+)\s+addm\b")


def _draft(inventory: Inventory, jail: Jail, request: Clone) -> Create:
    """The equivalent `create` request, whose defaults know which addresses fit."""
    config = guards.require_configured(jail)
    kind = KINDS.get(jail.network, "")
    if not kind:
        raise Refused(
            f"the network of {sanitize(jail.name)} cannot be given to a second jail",
            "Make one from a snapshot of it instead: create -s JAIL@SNAP.",
        )
    want = Create(
        name=request.new.strip(),
        network=kind,
        bridge=card_of(config, kind),
        address=request.address,
        address6=request.address6,
        mac=request.mac,
    )
    if want.address6:
        return want
    if kind == "eb" and any(address.family == 6 for address in jail.addresses or ()):
        return _with_six(inventory, want)
    if kind == "new" and config.has("ip6.addr"):
        want = replace(want, address6=addresses.free_address(inventory, want.bridge, 6))
        if not want.address and config.has("ip4.addr"):
            want = replace(want, address=addresses.free_address(inventory, want.bridge, 4))
    return want


def _with_six(inventory: Inventory, want: Create) -> Create:
    """The next free address of IPv6 besides the usual one, where the bridge has a net of it."""
    free = addresses.free_address(inventory, want.bridge, 6)
    usual = create_defaults.suggest(inventory, want)
    return replace(want, address=usual.address, address6=free) if free else want


def card_of(config: JailConfig, kind: str) -> str:
    """The bridge or interface of a jail."""
    if kind == "eb":
        lines = config.params.get("exec.prestart", ())
        return next((match[1] for line in lines if (match := _BRIDGE.search(line))), "")
    values = (*config.params.get("ip4.addr", ()), *config.params.get("ip6.addr", ()))
    named_there = next((value.partition("|")[0] for value in values if "|" in value), "")
    return config.first("interface") or named_there if kind == "new" else ""


def problems(inventory: Inventory, request: Clone) -> dict[str, tuple[str, str]]:
    """Message and hint of each invalid field: new, address, address6, mac, snapshot."""
    jail = guards.require_jail(inventory, request.name)
    try:
        draft = _draft(inventory, jail, request)
    except Refused as error:
        return {"name": (error.message, error.hint)}
    wrong = create_defaults.problems(inventory, draft)
    wrong.pop("base", None)
    given = {"new" if key == "name" else key: value for key, value in wrong.items()}
    snapshot = inventory.snapshot(f"{jail.dataset}@{request.snapshot}")
    if request.snapshot and inventory.snapshots is not None and snapshot is None:
        message = f"{sanitize(jail.name)} has no snapshot {sanitize(request.snapshot)}"
        given["snapshot"] = (message, "Omit it: a snapshot is taken.")
    return given


def becomes(inventory: Inventory, request: Clone) -> Create:
    """What the clone gets, as `create` would be asked for it: name, addresses, gateway, MAC.

    Raises Refused when the jail's network cannot be given to a second one.
    """
    jail = guards.require_jail(inventory, request.name)
    return create_defaults.suggest(inventory, _draft(inventory, jail, request))


def form_hints(inventory: Inventory, request: Clone) -> dict[str, FieldHint]:
    """The snapshots of the jail, and what empty fields become."""
    try:
        full = becomes(inventory, request)
    except Refused:
        full = Create(request.new)
    own = full.network == "eb"
    off = "uses the host's" if full.network == "inherit" else ""
    snapshots = ((name, "") for name in _names(inventory, request))
    return {
        "new": FieldHint(beside="free"),
        "snapshot": FieldHint(
            (("", "A snapshot is taken first."), *snapshots), none="as it is now"
        ),
        "address": FieldHint(
            suggestion=full.address, beside="" if full.address == "dhcp" else "free", off=off
        ),
        "address6": FieldHint(suggestion=full.address6, off=off),
        "mac": FieldHint(
            suggestion=full.mac,
            beside=f"epair{addresses.free_number(inventory)}b" if own else "",
            off="" if own else off or "the host's",
        ),
    }


def _names(inventory: Inventory, request: Clone) -> list[str]:
    """The snapshots of the jail, the latest first."""
    jail = inventory.jail(request.name)
    return [
        snapshot.name
        for snapshot in reversed(inventory.snapshots or ())
        if jail is not None and snapshot.dataset == jail.dataset
    ]


def needs(inventory: Inventory, request: Clone) -> Needs:
    """The text of its file, what jail(8) reads in the new one, the snapshots."""
    jail = guards.require_jail(inventory, request.name)
    new = request.new.strip()
    if not guards.may_be_named(new):
        return Needs()  # `clone` says why
    config, name = jail.config, Name(jail.name, new)
    tables = jail_mounts.needed(config, name, clone=True)
    paths = [target(inventory, jail, new)[1], jailconf.LOGS, jailconf.file_of(new), *tables]
    confs: tuple[str, ...] = ()
    if config is not None and config.text and inventory.interfaces is not None:
        paths.append(jailconf_edit.file_for(config, new))
        try:
            full = becomes(inventory, request)
            twin = _twin(inventory, jail, config, full, request)
            confs = starting_context.confs(inventory, {twin.path: twin.text})
        except JailerError:
            confs = ()  # `clone` says why
    return Needs(
        snapshots=True,
        jails=(jail.name,),
        commands=_asks(inventory, jail),
        files=(*tables, rctl_conf.FILE),
        paths=tuple(dict.fromkeys(paths)),
        jail_confs=confs,
    )


def _asks(inventory: Inventory, jail: Jail) -> tuple[tuple[str, ...], ...]:
    """Which volumes stay behind; keys where something is not mounted."""
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    keys = [dataset_copies.key_ask(part.name for part in parts)] if _unmounted(parts) else []
    return (*([volumes.volumes_ask(jail.dataset)] if parts else []), *keys)


def _unmounted(parts: tuple[Dataset, ...]) -> list[str]:
    return [part.name for part in parts if not part.mounted]


def target(inventory: Inventory, jail: Jail, new: str) -> tuple[str, str]:
    """The clone's dataset and root: beside the jail's own, else where new jails go."""
    layout = inventory.layout
    dataset = inventory.dataset(jail.dataset)
    above, _, last = jail.dataset.rpartition("/")
    parent = inventory.dataset(above)
    if dataset is not None and parent is not None:
        fresh = places.leaf(last, jail.name, new)
        inherits = dataset.mountpoint == f"{parent.mountpoint}/{last}"
        if inherits and above.rpartition("/")[2] != jail.name:
            fresh = new if fresh == last else fresh
            return f"{above}/{fresh}", f"{parent.mountpoint}/{fresh}"
    return f"{layout.dataset}/{new}", f"{layout.mountpoint.rstrip('/')}/{new}"


def _twin(
    inventory: Inventory, jail: Jail, config: JailConfig, full: Create, request: Clone
) -> clone_config.Twin:
    """The clone's configuration, with datasets of its own below its own one."""
    dataset, root = target(inventory, jail, full.name)
    twin = clone_config.twin(inventory, jail, config, full, root, request.address)
    pairs = jail_commands.moved_delegation(config, jail.dataset, dataset)
    name = replace(twin.name, more=(*twin.name.more, *pairs))
    return replace(twin, name=name, text=jail_commands.renamed_delegation(twin.text, pairs))


def clone(inventory: Inventory, request: Clone) -> Plan:
    """The plan that clones a jail."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    old = ownership.alone(jail)
    parts = ownership.own_datasets(inventory, jail, old)
    dataset_copies.key_loaded(
        inventory, dataset_copies.key_ask(part.name for part in parts), _unmounted(parts)
    )
    guards.refuse(problems(inventory, request))
    full = becomes(inventory, request)
    dataset, root = target(inventory, jail, full.name)
    twin = _twin(inventory, jail, old, full, request)
    full = twin.full
    _room_for(inventory, dataset, root, twin.path)
    table = jail_mounts.follow(inventory, old, twin.name, clone=True)
    config = clone_config.read(inventory, old, twin, table)
    steps, source = _snapshot(inventory, jail, request)
    steps += _dataset(inventory, jail, source, full.name, dataset)
    if not twin.by_commands:
        steps += create.network_inside(inventory, full, source, twin.number, root)
    steps += jail_mounts.copied(inventory, table)
    write = file_steps.new_file(twin.path, twin.text, 0o644, f"Write {sanitize(twin.path)}")
    steps.append(replace(write, jail=full.name))
    notes = ["A clone takes no space until its files change.", *twin.notes]
    notes += volumes.volume_notes(inventory, jail.dataset, volumes.NOT_CLONED)
    if jail.tags is None:
        notes.append(f"The tags of {sanitize(jail.name)} could not be read: the clone gets none.")
    notes += _limits_left(inventory, jail, full.name)
    if jail_hooks.there(old):
        notes.append(f"The NAT and redirections of {sanitize(jail.name)} stay its own.")
    if request.start:
        stopped = Jail(full.name, JailState.STOPPED, Owner.NATIVE, path=config.root)
        up, notes_up = starting.bring_up(jail_mounts.known(inventory, table), stopped, config)
        steps += up
        notes += notes_up
    title = f"Clone {sanitize(jail.name)} to {full.name}"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=full.name)


def _limits_left(inventory: Inventory, jail: Jail, new: str) -> list[str]:
    """Warn that limits outside its configuration are not copied, and name the command for them."""
    text = rctl_conf.text_of(inventory)
    if not rctl_conf.rules_of(text, jail.name):
        return []
    message = f"The limits of {sanitize(jail.name)} in {rctl_conf.FILE} are not copied"
    limits = rctl_conf.configured(text, jail.name)
    words = " ".join(f"{limit.word}={amount}" for limit, amount in limits.items())
    return [f"{message}: limits set {new} {words}" if words else f"{message}."]


def _room_for(inventory: Inventory, dataset: str, root: str, file: str) -> None:
    if inventory.dataset(dataset) is not None:
        raise Refused(f"the dataset {sanitize(dataset)} already exists", "Use another name.")
    guards.require_free(inventory, root)
    guards.require_free(inventory, file)


def _snapshot(inventory: Inventory, jail: Jail, request: Clone) -> tuple[list[Step], Source]:
    """The snapshot that is cloned, and the step that takes it when there is none yet."""
    if request.snapshot:
        return [], Source(jail.dataset, request.snapshot)
    guards.require_stamp(request.stamp, "a snapshot")
    source = Source(jail.dataset, f"clone-{request.stamp}")
    full = [f"{part.name}@{source.snapshot}" for part in inventory.below(jail.dataset)]
    title = f"Take the snapshot {source.full}" + (", while it runs" if jail.running else "")
    return [zfs_steps.snapshot(full, title)], source


def _dataset(
    inventory: Inventory, jail: Jail, source: Source, name: str, dataset: str
) -> list[Step]:
    every = tuple(dataset.name[len(jail.dataset) :] for dataset in inventory.below(jail.dataset))
    fresh = inventory.snapshot(f"{jail.dataset}@{source.snapshot}") is None
    properties = _tags(inventory, jail, dataset)
    return dataset_copies.clones(
        inventory, source, dataset, properties, name, every if fresh else None
    )


def _tags(inventory: Inventory, jail: Jail, dataset: str) -> tuple[str, ...]:
    """The tags as a property of the clone, unless it inherits them; its note is not copied."""
    parent = inventory.dataset(dataset.rpartition("/")[0])
    if not jail.tags or (parent is not None and parent.tags == jail.tags):
        return ()
    return (f"{tags.PROPERTY}={tags.text(jail.tags)}",)
