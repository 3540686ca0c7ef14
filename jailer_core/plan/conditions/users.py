"""Find what uses a resource of the host, before an undo removes it.

`find_users(inventory, kind, name)` lists them by the kinds of plan.NotInUse:

    ruleset NUMBER    jails with that devfs ruleset, running or configured, and rc.conf
    bridge NAME       members, addresses, jails whose configuration names it, and rc.conf
    interface NAME    its addresses, and the bridges that it is in
    dataset NAME      datasets and snapshots below it, and what else is mounted in its directory;
                      of a snapshot: its clones and holds
    mount PATH        what is mounted below it
    mountpoint NAME   what is mounted below the directory of a dataset, but for its own
    directory PATH    what lies in it
    anchors NAME      jails whose rules the packet filter has loaded
    boot NAME         jails that start at boot
    forwarding NAME   jails with their own network
    zfs NAME          pools
    package NAME      packages that need it

A configuration that cannot be read may use anything: it counts as a user.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jailer_core.errors import ParseError
from jailer_core.model import (
    OWN_STACK,
    CommandResult,
    Interface,
    Inventory,
    Jail,
    JailConfig,
    Mount,
)
from jailer_core.model.network import ANCHOR
from jailer_core.needs import Needs
from jailer_core.parse import mount_tables, pf

MOUNTS = ("mount", "-p")
ANCHORS = ("pfctl", "-a", ANCHOR, "-s", "Anchors")
_OWN_OF_BRIDGE = "cloned_interfaces"


@dataclass(frozen=True, slots=True)
class User:
    """One user, by the name it is shown with; `how` and `what` tell which action ends the use.

    runs and anchor: a jail; mount: a path; hold: a snapshot; configured: a file; member: an
    interface; dataset, entry, rc, pool and package: what they say; address: its interface. Of a
    configuration that cannot be read it is not known whether it uses the thing.
    """

    name: str
    how: str
    what: str
    known: bool = True


Find = Callable[[Inventory, str], "list[User] | None"]


def needs_of(kind: str, name: str) -> Needs:
    """What must be read besides the usual; then only the answers to its commands count."""
    match kind:
        case "dataset":
            mounts = () if "@" in name else (MOUNTS,)
            return Needs(commands=(_below(name), *mounts))
        case "mount" | "mountpoint":
            return Needs(commands=(MOUNTS,))
        case "directory":
            return Needs(commands=(_entries(name),))
        case "anchors":
            return Needs(commands=(ANCHORS,))
        case "package":
            return Needs(commands=(_needing(name),))
    return Needs()


def find_users(inventory: Inventory, kind: str, name: str) -> tuple[User, ...] | None:
    """Its users; None if unknown."""
    users = _KINDS[kind](inventory, name)
    return None if users is None else tuple(dict.fromkeys(users))


def names(inventory: Inventory, kind: str, name: str) -> tuple[str, ...]:
    """The names of all current users: possible values of `NotInUse.except_jails`."""
    return tuple(dict.fromkeys(user.name for user in find_users(inventory, kind, name) or ()))


# --- jails -----------------------------------------------------------------------------------


def word(name: str) -> Callable[[str], object]:
    """A function that tells whether a text contains the name as a separate word."""
    return re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])").search


def _alive(inventory: Inventory, uses: Callable[[Jail], bool]) -> list[User]:
    """Jails by what the kernel says of them."""
    names = [jail.name for jail in inventory.jails if jail.jid is not None and uses(jail)]
    return [User(name, "runs", name) for name in names]


def _configured(inventory: Inventory, uses: Callable[[JailConfig], object]) -> list[User]:
    """Jails by their configurations; those that cannot be read may use anything."""
    users = []
    for config in inventory.configs:
        path = config.source or config.path
        if not config.params:
            users.append(User(f"{config.name} (not readable)", "configured", path, known=False))
        elif uses(config):
            users.append(User(config.name, "configured", path))
    return users


def _values(config: JailConfig) -> Iterable[str]:
    return (value for values in config.params.values() for value in values)


def _ruleset(inventory: Inventory, name: str) -> list[User] | None:
    if inventory.rc is None:
        return None
    number = int(name)
    in_command = re.compile(rf"(?:ruleset[= ]|-s +){number}(?!\d)").search

    def uses(config: JailConfig) -> bool:
        if name in config.params.get("devfs_ruleset", ()):
            return True
        return any(in_command(value) for value in _values(config))

    named = re.compile(rf"(?:jailer_vnet_)?{number}\Z").match
    boot = inventory.rc.get("devfs_system_ruleset", "")
    running = _alive(inventory, lambda jail: jail.ruleset == number)
    rc = [User("devfs_system_ruleset of rc.conf", "rc", "devfs_system_ruleset")]
    return [*running, *_configured(inventory, uses), *(rc if named(boot) else [])]


def _bridge(inventory: Inventory, name: str) -> list[User] | None:
    if inventory.interfaces is None or inventory.rc is None:
        return None
    users = []
    for card in inventory.interfaces:
        if card.name == name:
            users += [User(member, "member", member) for member in card.members]
            users += _addresses(card)
    mentions = word(name)
    users += _configured(inventory, lambda config: any(map(mentions, _values(config))))
    for variable, value in inventory.rc.items():
        own = variable == _OWN_OF_BRIDGE or variable.startswith(f"ifconfig_{name}")
        if mentions(value) and not own:
            users.append(User(f"{variable} of rc.conf", "rc", variable))
    return users


def _interface(inventory: Inventory, name: str) -> list[User] | None:
    if inventory.interfaces is None:
        return None
    users = []
    for card in inventory.interfaces:
        users += _addresses(card) if card.name == name else []
    bridges = [card.name for card in inventory.interfaces if name in card.members]
    return [*users, *(User(bridge, "member", bridge) for bridge in bridges)]


def _addresses(card: Interface) -> list[User]:
    return [
        User(f"{address.address}/{address.prefix}", "address", card.name)
        for address in card.addresses
        if not address.address.lower().startswith("fe80:")
    ]


def _boot(inventory: Inventory, _name: str) -> list[User] | None:
    if inventory.rc is None:
        return None
    return [
        User(jail.name, "configured", jail.config.source if jail.config is not None else "")
        for jail in inventory.jails
        if jail.boots
    ]


def _forwarding(inventory: Inventory, _name: str) -> list[User] | None:
    own = ("new", "true", "1")

    def uses(config: JailConfig) -> bool:
        values = config.params.get("vnet")
        return values is not None and (not values or values[0] in own)

    running = _alive(inventory, lambda jail: jail.network in OWN_STACK)
    return [*running, *_configured(inventory, uses)]


def _anchors(inventory: Inventory, _name: str) -> list[User] | None:
    answer = inventory.command_results.get(ANCHORS)
    if answer is None:
        return None
    if answer.status != 0:
        # without the module there is no /dev/pf (recording 06), without rules no anchor
        missing = pf.missing(answer.stderr) or "No such file" in answer.stderr
        return [] if missing else None
    try:
        names = pf.anchors(answer.stdout).entire()
    except ParseError:
        return None
    plain = (anchor.removeprefix(f"{ANCHOR}/") for anchor in names)
    return [User(anchor, "anchor", anchor) for anchor in plain]


# --- storage ---------------------------------------------------------------------------------


def _below(name: str) -> tuple[str, ...]:
    if "@" in name:
        return ("zfs", "get", "-Hp", "-o", "property,value", "clones,userrefs", name)
    return ("zfs", "list", "-H", "-r", "-t", "all", "-o", "name", name)


def _dataset(inventory: Inventory, name: str) -> list[User] | None:
    answer = inventory.command_results.get(_below(name))
    if answer is None or (answer.status != 0 and "does not exist" not in answer.stderr):
        return None
    lines = answer.stdout.split("\n") if answer.status == 0 else []
    if "@" not in name:
        mounted = _mountpoint(inventory, name)
        below = [User(line, "dataset", line) for line in lines if line not in ("", name)]
        return None if mounted is None else [*below, *mounted]
    told = dict(line.split("\t", 1) for line in lines if "\t" in line)
    clones = [clone for clone in told.get("clones", "").split(",") if clone not in ("", "-")]
    held = told.get("userrefs", "0") not in ("0", "-")
    users = [User(clone, "dataset", clone) for clone in clones]
    return [*users, User("a hold", "hold", name)] if held else users


def _mount(inventory: Inventory, path: str) -> list[User] | None:
    mounted = _mounts(inventory)
    return None if mounted is None else _mounted_below(mounted, [path])


def _mountpoint(inventory: Inventory, name: str) -> list[User] | None:
    mounted = _mounts(inventory)
    if mounted is None:
        return None
    places = [entry.path for entry in mounted if entry.device == name]
    foreign = [entry for entry in mounted if not f"{entry.device}/".startswith(f"{name}/")]
    return _mounted_below(foreign, places)


def _mounts(inventory: Inventory) -> tuple[Mount, ...] | None:
    return inventory.parsed(MOUNTS, lambda text: mount_tables.mounts(text).entire())


def _mounted_below(mounted: Iterable[Mount], places: Iterable[str]) -> list[User]:
    starts = tuple(f"{place.rstrip('/')}/" for place in places)
    paths = [entry.path for entry in mounted if entry.path.startswith(starts)]
    return [User(path, "mount", path) for path in paths]


def _entries(path: str) -> tuple[str, ...]:
    return ("ls", "-A", path)


def _directory(inventory: Inventory, path: str) -> list[User] | None:
    names_in = _lines(inventory.command_results.get(_entries(path)), "No such file")
    if names_in is None:
        return None
    mounted = {
        dataset.mountpoint: dataset.name for dataset in inventory.datasets or () if dataset.mounted
    }
    entries = [f"{path.rstrip('/')}/{name}" for name in names_in]
    return [
        User(entry, "dataset", mounted[entry]) if entry in mounted else User(entry, "entry", entry)
        for entry in entries
    ]


def _zfs(inventory: Inventory, _name: str) -> list[User] | None:
    if inventory.pools is None:
        return None
    return [User(pool.name, "pool", pool.name) for pool in inventory.pools]


# --- packages --------------------------------------------------------------------------------


def _needing(name: str) -> tuple[str, ...]:
    """pkg-query(8); # not recorded. All that is installed needs pkg itself."""
    return ("pkg", "query", "-a", "%n") if name == "pkg" else ("pkg", "query", "%rn", name)


def _package(inventory: Inventory, name: str) -> list[User] | None:
    answer = inventory.command_results.get(_needing(name))
    if answer is not None and answer.status != 0:
        return []  # it is not installed: its undo has nothing to do
    names = _lines(answer, "")
    if names is None:
        return None
    return [User(package, "package", package) for package in names if package != name]


def _lines(answer: CommandResult | None, missing: str) -> list[str] | None:
    if answer is None:
        return None
    if answer.status != 0:
        return [] if missing and missing in answer.stderr else None
    return [line for line in answer.stdout.split("\n") if line]


_KINDS: dict[str, Find] = {
    "ruleset": _ruleset,
    "bridge": _bridge,
    "interface": _interface,
    "dataset": _dataset,
    "mount": _mount,
    "mountpoint": _mountpoint,
    "directory": _directory,
    "anchors": _anchors,
    "boot": _boot,
    "forwarding": _forwarding,
    "zfs": _zfs,
    "package": _package,
}
