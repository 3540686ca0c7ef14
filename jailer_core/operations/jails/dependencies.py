"""Orders: which jail must run before another, and which trash entry goes before another.

The order in which several trash entries are purged: clones before what they depend on.

The order of dependent jails: which must run before one starts, or stop before it stops.

jail(8) looks for `depend` in the file that it reads alone: with a name that this file does not
define it neither starts nor stops the jail (dep_setup in state.c of jail(8); # not recorded). So
the names of jails in other files are kept in a variable of ours, which jail(8) ignores
(jailer_core.parse.statements.DEPENDS).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.operations.guards import word
from jailer_core.operations.jails.requests import Start, Stop, TrashPurge
from jailer_core.operations.shared import clones, ownership
from jailer_core.plan import Condition, DatasetExists, Request
from jailer_core.text import sanitize


def purge_order(inventory: Inventory, requests: Iterable[TrashPurge]) -> tuple[TrashPurge, ...]:
    """The same requests, each after those whose entries are clones of its own."""
    by_entry = {request.entry: request for request in requests}
    ordered: dict[str, TrashPurge] = {}

    def put(entry: str, above: tuple[str, ...]) -> None:
        if entry in ordered or entry in above:  # plans refuse two that need each other
            return
        before = _clones_of(inventory, entry, by_entry)
        for other in before:
            put(other, (*above, entry))
        first = tuple(other for other in before if other in ordered)
        ordered[entry] = replace(by_entry[entry], after=first)

    for entry in by_entry:
        put(entry, ())
    return tuple(ordered.values())


def _clones_of(inventory: Inventory, entry: str, among: Collection[str]) -> list[str]:
    """The entries that hold a clone of what is in an entry."""
    own = set(datasets(inventory, (entry,)))
    parts = tuple(dataset for dataset in inventory.datasets or () if dataset.name in own)
    needing = {dataset.name for dataset in clones.dependents(inventory, parts)}
    return [
        other
        for other in among
        if other != entry and needing.intersection(datasets(inventory, (other,)))
    ]


def datasets(inventory: Inventory, ids: Collection[str]) -> tuple[str, ...]:
    """The datasets of these entries of the trash."""
    return tuple(
        dataset.name
        for entry in inventory.trash
        if entry.id in ids or entry.name in ids
        for dataset in inventory.below(entry.dataset)
    )


def gone(inventory: Inventory, ids: Iterable[str]) -> tuple[Condition, ...]:
    """The conditions that hold once these entries are purged."""
    return tuple(DatasetExists(f"{inventory.layout.trash}/{name}", exists=False) for name in ids)


PARAMETER = "depend"


def in_its_file(inventory: Inventory, config: JailConfig, name: str) -> bool:
    """Whether jail(8) finds a jail of that name in the file that starts the other jail."""
    return any(other.name == name and other.path == config.path for other in inventory.configs)


def must_be_found(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused if jail(8) would neither start nor stop the jail with its file."""
    for name in config.params.get(PARAMETER, ()):
        if not in_its_file(inventory, config, name):
            raise Refused(
                f"{sanitize(config.name)} depends on {sanitize(name)}, which "
                f"{sanitize(config.path)} does "
                "not define: jail(8) neither starts nor stops it",
                f"Set it where jail(8) ignores it: depend {word(config.name)} -- "
                f"-{word(name)} +{word(name)}",
            )


# --- before a start --------------------------------------------------------------------------


def stopped(inventory: Inventory, jail: Jail) -> tuple[Jail, ...]:
    """The jails that must be started before it, in that order. Raises Refused for a circle."""
    by_name: dict[str, Jail] = {}

    def visit(other: Jail, above: tuple[str, ...]) -> None:
        if other.name in above:
            circle = " needs ".join(map(sanitize, (*above[above.index(other.name) :], other.name)))
            raise Refused(f"a circular dependency cannot start: {circle}", "Change it: depend")
        if other.running and above:
            return
        for name in other.config.depends if other.config is not None else ():
            visit(_defined(inventory, other, name), (*above, other.name))
        by_name[other.name] = other

    visit(jail, ())
    by_name.pop(jail.name, None)
    return tuple(by_name.values())


def _defined(inventory: Inventory, jail: Jail, name: str) -> Jail:
    other = inventory.jail(name)
    if other is None:
        raise Refused(
            f"{sanitize(jail.name)} depends on {sanitize(name)}, which does not exist",
            f"Remove it: depend {word(jail.name)} -- -{word(name)}",
        )
    return other


def must_run(inventory: Inventory, config: JailConfig, started: Collection[str] = ()) -> None:
    """Raises Refused if a jail that it depends on is neither running nor in `started`."""
    for name in config.depends:
        other = inventory.jail(name)
        if (other is None or not other.running) and name not in started:
            hint = f"Start {sanitize(name)} first"
            more = f", or both: start --with-dependencies {word(config.name)}"
            raise Refused(
                f"{sanitize(config.name)} depends on {sanitize(name)}, which is not running",
                f"{hint}{more if other is not None else ''}.",
            )


def nothing_shared(jails: Iterable[Jail]) -> None:
    """Raises Refused if two jails of one plan would have the same address or interface."""
    users: dict[ownership.Claim, str] = {}
    for jail in jails:
        for claim in ownership.claims_of(jail.config) if jail.config is not None else ():
            user = users.setdefault(claim, jail.name)
            if user != jail.name:
                kind, value = claim
                raise Refused(
                    f"{sanitize(user)} and {sanitize(jail.name)} both have {kind} "
                    f"{sanitize(value)}",
                    f"Change one of them: edit {word(jail.name)}",
                )


# --- before a stop ---------------------------------------------------------------------------


def running(inventory: Inventory, jail: Jail) -> tuple[Jail, ...]:
    """The running jails that must be stopped before it, in that order."""
    by_name: dict[str, Jail] = {}

    def visit(other: Jail, above: frozenset[str]) -> None:
        if other.name in by_name or other.name in above:
            return
        for user in _users(inventory, other.name):
            visit(user, above | {other.name})
        by_name[other.name] = other

    visit(jail, frozenset())
    by_name.pop(jail.name, None)
    return tuple(by_name.values())


def _users(inventory: Inventory, name: str) -> Iterator[Jail]:
    """The running jails that depend on it."""
    return (jail for jail in _users_by_name(inventory).get(name, ()) if jail.name != name)


@of_latest
def _users_by_name(inventory: Inventory) -> dict[str, list[Jail]]:
    users: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        for name in jail.config.depends if jail.running and jail.config is not None else ():
            users[name].append(jail)
    return users


def left_without(inventory: Inventory, name: str) -> list[str]:
    """Notes on the jails that cannot start once a jail is gone."""
    return [
        f"{sanitize(config.name)} depends on it, and cannot start without it: "
        f"depend {word(config.name)} -- -{word(name)}"
        for config in _dependents(inventory).get(name, ())
        if config.name != name
    ]


@of_latest
def _dependents(inventory: Inventory) -> dict[str, list[JailConfig]]:
    """The configurations that name each jail as one that they depend on."""
    dependents: defaultdict[str, list[JailConfig]] = defaultdict(list)
    for config in inventory.configs:
        for name in dict.fromkeys(config.depends):
            dependents[name].append(config)
    return dependents


def require_no_dependents(
    inventory: Inventory, jail: Jail, stopped_before: Collection[str] = ()
) -> None:
    """Raises Refused if a running jail depends on it and is not stopped first."""
    for user in _users(inventory, jail.name):
        if user.name not in stopped_before:
            raise Refused(
                f"{sanitize(user.name)} is running and depends on {sanitize(jail.name)}",
                f"Stop {sanitize(user.name)} first, or both: "
                f"stop --with-dependents {word(jail.name)}.",
            )


# --- several at once -------------------------------------------------------------------------


def together(inventory: Inventory, requests: Iterable[Request]) -> tuple[Request, ...]:
    """Starts and stops of several jails in an order in which each finds what it needs.

    Entries of the trash go in an order in which none is needed by another.

    What a jail needs and is not among them stays a reason to refuse it.
    """
    given = tuple(requests)
    purges = [request for request in given if isinstance(request, TrashPurge)]
    if len(purges) == len(given):
        return purge_order(inventory, purges)
    by_jail = {request.name: request for request in given if isinstance(request, Start | Stop)}
    if len(by_jail) != len(given):
        return given
    ordered: dict[str, Request] = {}
    for name, request in by_jail.items():
        jail = inventory.jail(name)
        try:
            before = _before(inventory, jail, request) if jail is not None else ()
        except Refused:  # its own plan says so
            before = ()
        possible = all(other.name in by_jail for other in before)
        for other in before if possible else ():
            ordered.setdefault(other.name, by_jail[other.name])
        ordered[name] = _with_others(request) if before and possible else request
    return tuple(ordered.values())


def _before(inventory: Inventory, jail: Jail, request: Start | Stop) -> tuple[Jail, ...]:
    if isinstance(request, Start):
        return stopped(inventory, jail) if not jail.running else ()
    return running(inventory, jail) if jail.running else ()


def _with_others(request: Start | Stop) -> Request:
    if isinstance(request, Start):
        return Start(request.name, dependencies=True)
    return Stop(request.name, dependents=True)
