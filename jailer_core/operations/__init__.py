"""Operations: pure functions from what a host holds and what is wanted to a plan.

    requests.py       what can be asked for
    guards.py         who may be changed: refusals that all share
    running.py        start, stop, restart: the plans
    starting.py       clean up, mount, start         stopping.py  stop, with the right file
    remains.py        what an interrupted one leaves bastille.py  Bastille's jails
    jail8.py, stopped.py          command lines, time-outs, what every stop says
    destroy.py        into the trash, or for good    destroyable.py  what may be
    busy.py           holders, own mount points      trash.py        what is kept of an entry
    restore.py        out of the trash; empty it     edit.py         a new configuration text
    network.py, mounts.py, boot.py, depend.py     epairs and addresses, mounts, jail_list, clones
    files.py, own.py, places.py   steps on files, our own datasets and directories
    create.py         make a jail                    suggest.py      what empty fields become
    links.py, nets.py             how a jail is linked, which addresses and numbers are free
    bases.py, copies.py           what it is made of, as clones or copies
    jailconf.py, limits.py, devfs.py   its configuration, resource limits, a safe ruleset
    context.py, meaning.py, configcheck.py   what jail(8) reads in changed files, and whether it may
    clone.py, rename.py           a second one, another name; conftext.py changes the file
    images.py         fetch, choose, destroy images  mirror.py, releases.py   where from, how old
    setup/            the set-up of a host, and the doctor
    keeping.py        the guard of the present connection, cutting.py  which steps touch it
    snapshots/  undoing/  firewall/  bridges/  inside/     a room each: requests and plans (room.py)

Nothing here asks or touches a host: no asyncio, no clock, no random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jailer_core.errors import JailerError, Refused
from jailer_core.operations import boot as _boot
from jailer_core.operations import bridges as _bridges
from jailer_core.operations import clone as _clone
from jailer_core.operations import configcheck as _configcheck
from jailer_core.operations import create as _create
from jailer_core.operations import destroy as _destroy
from jailer_core.operations import edit as _edit
from jailer_core.operations import firewall as _firewall
from jailer_core.operations import guards
from jailer_core.operations import images as _images
from jailer_core.operations import inside as _inside
from jailer_core.operations import keeping as _keeping
from jailer_core.operations import rename as _rename
from jailer_core.operations import restore as _restore
from jailer_core.operations import running as _running
from jailer_core.operations import setup as _setup
from jailer_core.operations import snapshots as _snapshots
from jailer_core.operations import trash as _trash
from jailer_core.operations import undoing as _undoing
from jailer_core.operations.requests import (
    BootOrder,
    Clone,
    Create,
    Destroy,
    Edit,
    ImageDestroy,
    ImageFetch,
    ImageUse,
    NetworkUse,
    Rename,
    Restart,
    Start,
    StartAll,
    Stop,
    StopAll,
    TrashPurge,
    TrashRestore,
)
from jailer_core.operations.room import NeedsOf, PlanOf
from jailer_core.plan import Needs, Plan, Request

if TYPE_CHECKING:
    from jailer_core.model import Inventory, Jail

__all__ = ["decide", "expand", "needs", "why_not"]


def _of_jail(make: Callable[[Inventory, Jail], Needs]) -> Callable[[Inventory, Any], Needs]:
    return lambda inventory, request: make(inventory, guards.the_jail(inventory, request.name))


def _destroy_needs(inventory: Inventory, request: Destroy) -> Needs:
    return _destroy.needs(inventory, guards.the_jail(inventory, request.name), request)


def _trash_needs(inventory: Inventory, request: TrashRestore | TrashPurge) -> Needs:
    entry = _trash.the_entry(inventory, request.entry)
    return _restore.needs(inventory, entry, purge=isinstance(request, TrashPurge))


def _use_needs(inventory: Inventory, request: ImageUse | NetworkUse) -> Needs:
    image = isinstance(request, ImageUse)
    path = (_images.default_file if image else _images.network_file)(inventory)
    return Needs(files=(path,))


_ROOMS = (_snapshots.ROOM, _undoing.ROOM, _firewall.ROOM, _bridges.ROOM, _inside.ROOM)

_NEEDS: dict[type[Request], NeedsOf] = {
    Start: _of_jail(_running.needs),
    Stop: _of_jail(_running.needs),
    Restart: _of_jail(_running.needs),
    Destroy: _destroy_needs,
    Edit: _of_jail(_edit.needs),
    TrashRestore: _trash_needs,
    TrashPurge: _trash_needs,
    Create: _create.needs,
    ImageFetch: _images.needs,
    ImageDestroy: _images.destroy_needs,
    ImageUse: _use_needs,
    NetworkUse: _use_needs,
    BootOrder: _boot.needs,
    Clone: _clone.needs,
    Rename: _rename.needs,
}
for _room in _ROOMS:
    _NEEDS.update(_room.needs)

_PLANS: dict[type[Request], PlanOf] = {
    Start: _running.start,
    Stop: _running.stop,
    Restart: _running.restart,
    Destroy: _destroy.destroy,
    TrashRestore: _restore.restore,
    TrashPurge: _restore.purge,
    Edit: _edit.edit,
    Create: _create.create,
    ImageFetch: _images.fetch,
    ImageUse: _images.use,
    ImageDestroy: _images.destroy,
    NetworkUse: _images.network_use,
    Clone: _clone.clone,
    Rename: _rename.rename,
    BootOrder: _boot.order,
}
for _room in _ROOMS:
    _PLANS.update(_room.plans)


def needs(inventory: Inventory, request: Request) -> Needs:
    """What `decide` must be told besides what every refresh reads.

    `inventory` may be a quick one: jails, configurations, datasets and the trash are enough.
    What was asked for may lead to more: ask again with the inventory that it gave.
    """
    make = _setup.needs if request.op == _setup.OP else _NEEDS.get(type(request))
    try:
        wanted = make(inventory, request) if make is not None else Needs()
    except Refused:
        return Needs()
    return _configcheck.with_confs(inventory, wanted, _sketch(inventory, request))


_WRITES = (
    *("create", "clone", "rename", "edit", "destroy", "restore", "undo", "go-on", "address"),
    *("nat", "unnat", "rdr", "unrdr", "takeover", _setup.OP),
)
"""Operations that write files which configure jails."""


def _sketch(inventory: Inventory, request: Request) -> Plan | None:
    """The plan as far as it is known, for the files that it changes; None: too little is known."""
    make = _setup.decide if request.op == _setup.OP else _PLANS.get(type(request))
    if make is None or request.op not in _WRITES or inventory.mounts is None:
        return None
    try:
        return make(inventory, request)
    except JailerError:
        return None


def decide(inventory: Inventory, request: Request) -> Plan:
    """The plan for one request. Raises errors.Refused with a message and a hint.

    One that may cut the connection that this program is reached over gets its guard here, and
    what it makes of the configuration of jails is judged here (configcheck.py).

    StartAll and StopAll are TypeErrors: they are `expand`ed first, one plan for each jail.
    """
    make = _setup.decide if request.op == _setup.OP else _PLANS.get(type(request))
    if make is None:
        raise TypeError(f"{type(request).__name__} is not one plan: expand it first")
    plan = _configcheck.checked(inventory, make(inventory, request))
    return _keeping.guarded(inventory, plan)


def expand(inventory: Inventory, request: Request) -> tuple[Request, ...]:
    """StartAll and StopAll as single requests in their order; anything else as itself.

    Only our own jails, never foreign ones: in the order of the boot list, then by name, what
    one depends on before it; stopping is the reverse.
    """
    match request:
        case StartAll():
            names = [one.name for one in _in_order(inventory) if not one.running]
            return tuple(Start(name) for name in names)
        case StopAll():
            names = [one.name for one in _in_order(inventory) if one.running]
            return tuple(Stop(name) for name in reversed(names))
    return (request,)


def _in_order(inventory: Inventory) -> list[Jail]:
    ours = {
        one.name: one
        # a running jail hides a dying one of its name
        for one in sorted(inventory.jails, key=lambda jail: jail.running)
        if one.owner in guards.OURS and one.config is not None and not one.parent
    }
    boot = {name: index for index, name in enumerate(inventory.boot_list)}
    names = sorted(ours, key=lambda name: (boot.get(name, len(boot)), name))
    ordered: dict[str, Jail] = {}

    def put(name: str, above: frozenset[str]) -> None:
        if name in ordered or name not in ours or name in above:
            return
        config = ours[name].config
        for other in config.params.get("depend", ()) if config else ():
            put(other, above | {name})
        ordered[name] = ours[name]

    for name in names:
        put(name, frozenset())
    return list(ordered.values())


# --- disabled actions ------------------------------------------------------------------------


def _start(jail: Jail) -> None:
    guards.startable(jail)
    guards.stopped(jail)
    guards.addressable(jail.name, starting=True)


def _stop(jail: Jail) -> None:
    guards.stoppable(jail)
    guards.running(jail)
    guards.addressable(jail.name, starting=False)


def _restart(jail: Jail) -> None:
    guards.startable(jail)
    guards.running(jail)
    guards.addressable(jail.name, starting=False)


def _remove(jail: Jail) -> None:
    guards.owned(jail)
    config = guards.configured(jail)
    if not config.alone or guards.source(config) == "/etc/jail.conf":
        raise Refused(f"{guards.named(guards.source(config))} holds more than this jail")
    if not jail.dataset:
        raise Refused(f"{guards.named(jail.name)} has no dataset of its own")


_OF_DATASETS = (Destroy.op, TrashRestore.op, TrashPurge.op)


def _enter(jail: Jail) -> None:
    guards.running(jail)


_CHECKS: dict[str, Callable[[Jail], None]] = {
    Start.op: _start,
    Stop.op: _stop,
    Restart.op: _restart,
    Destroy.op: _remove,
    Clone.op: _remove,
    Rename.op: _remove,
    Edit.op: guards.owned,
    "console": _enter,
} | {op: check for room in _ROOMS for op, check in room.of_jail.items()}

_OF_HOST: dict[str, Callable[[Inventory], str]] = {
    op: check for room in _ROOMS for op, check in room.of_host.items()
}


def why_not(inventory: Inventory, op: str, jail: Jail | None) -> str:
    """Why an action (Request.op) is disabled for a jail, or "": cheap, for every key press.

    What only shows when more is read (who holds files, clones) comes with `decide`.
    """
    if inventory.host.uid is None:
        return "who runs this is not known"
    if not inventory.host.root:
        return "only root may change jails"
    said = _OF_HOST[op](inventory) if op in _OF_HOST else _of_host(inventory, op)
    if said or op not in _CHECKS:
        return said
    if jail is None:
        return "no jail is chosen"
    try:
        _CHECKS[op](jail)
    except Refused as error:
        return error.message
    return ""


def _of_host(inventory: Inventory, op: str) -> str:
    """Why an operation is disabled whatever jail is chosen."""
    if inventory.datasets is None and op in _OF_DATASETS:
        return "the datasets could not be read"
    if op in (TrashRestore.op, TrashPurge.op):
        return "" if inventory.trash else "the trash is empty"
    if op in (StartAll.op, StopAll.op):
        wanted = StartAll() if op == StartAll.op else StopAll()
        return "" if expand(inventory, wanted) else f"no jail of ours to {op.removesuffix('all')}"
    if op == Create.op and not inventory.layout.dataset:
        return "this host is not set up for jails yet"
    return ""
