"""Defaults of a clone where its request says nothing: addresses, hardware address, network."""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig, Network
from jailer_core.operations import guards
from jailer_core.operations.field_hints import FieldHint
from jailer_core.operations.jails import create_defaults
from jailer_core.operations.jails.requests import Clone, Create
from jailer_core.operations.shared import addresses
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
    """The bridge or interface that it is on."""
    if kind == "eb":
        lines = config.params.get("exec.prestart", ())
        return next((match[1] for line in lines if (match := _BRIDGE.search(line))), "")
    values = (*config.params.get("ip4.addr", ()), *config.params.get("ip6.addr", ()))
    named_there = next((value.partition("|")[0] for value in values if "|" in value), "")
    return config.first("interface") or named_there if kind == "new" else ""


def problems(inventory: Inventory, request: Clone) -> dict[str, tuple[str, str]]:
    """Message and hint of each field that is wrong: new, address, address6, mac, snapshot."""
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
