"""Complete a partly filled request, and find what is wrong with each of its fields.

For forms, at every key press, and for the plan itself: `decide` refuses with the first problem.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from jailer_core import checks
from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import Inventory, JailState
from jailer_core.operations.images import defaults, mirror
from jailer_core.operations.jails import limits, network_options
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses, base_image as _bases
from jailer_core.operations.shared.addresses import free_mac, networks_of
from jailer_core.operations.shared.base_image import Base
from jailer_core.text import sanitize

__all__ = [
    "Base",
    "bases",
    "epair",
    "free_address",
    "free_mac",
    "free_name",
    "networks_of",
    "plain_name",
    "problems",
    "suggest",
]

bases = _bases.bases


def free_name(inventory: Inventory, seed: bytes) -> str:
    """8 hex digits made of 4 random bytes, as jailer's, that no jail has."""
    number = int.from_bytes(seed[:4].ljust(4, b"\0"), "big")
    while True:
        name = f"{number:08x}"
        if not name.isdigit() and not taken(inventory, name):
            return name
        number = (number + 1) % (1 << 32)


def plain_name(inventory: Inventory) -> str:
    """A word and the first number that no jail has, to be suggested to people: `jail1`."""
    numbers = itertools.count(1)
    return next(name for number in numbers if not taken(inventory, name := f"jail{number}"))


def taken(inventory: Inventory, name: str) -> str:
    """What has that name already, "" when nothing has. The trash does not count."""
    jail = inventory.jail(name)
    if jail is not None and jail.state is not JailState.DYING:
        return f"the jail {sanitize(name)} already exists"
    for config in inventory.configs:
        if config.name == name:
            return f"{sanitize(config.path)} already defines a jail {sanitize(name)}"
    dataset = f"{inventory.layout.dataset}/{name}"
    if inventory.dataset(dataset) is not None:
        return f"the dataset {sanitize(dataset)} already exists"
    return ""


def epair(inventory: Inventory, request: Create) -> tuple[int, str]:
    """The `$id` that it gets, and the end of the epair that is inside ("" for none)."""
    number = addresses.free_number(inventory)
    kind = request.network or defaults.default_network(inventory)
    return number, f"epair{number}b" if kind == "eb" else ""


def free_address(inventory: Inventory, request: Create) -> str:
    """The next free IPv4 address of the bridge or interface, "" when there is none."""
    kind = request.network or defaults.default_network(inventory)
    return addresses.free_address(inventory, request.bridge or addresses.usual(inventory, kind), 4)


def suggest(inventory: Inventory, request: Create) -> Create:
    """The request with every empty field filled that has a usual value."""
    network = request.network or defaults.default_network(inventory)
    bridge = request.bridge
    if network != "inherit":
        bridge = bridge or addresses.usual(inventory, network)
    filled = replace(
        request,
        base=request.base or _bases.usual(inventory),
        network=network,
        bridge=bridge,
        domain=request.domain or _domain(inventory),
    )
    return network_options.suggest(inventory, filled)


def _domain(inventory: Inventory) -> str:
    try:
        return checks.hostname(inventory.host.hostname)
    except UsageError:
        return ""


# --- checking --------------------------------------------------------------------------------


@dataclass
class _Found:
    """Problems by field, the first of a field counting."""

    problems: dict[str, tuple[str, str]] = field(default_factory=dict)

    def check(self, name: str, what: Callable[[], object]) -> None:
        try:
            what()
        except (Refused, UsageError) as error:
            self.problems.setdefault(name, (error.message, error.hint))

    def add(self, name: str, error: JailerError) -> None:
        self.problems.setdefault(name, (error.message, error.hint))


def problems(inventory: Inventory, request: Create) -> dict[str, tuple[str, str]]:
    """Message and hint of every field that is wrong, in the order of a form; {} when all is well.

    Empty fields are judged by what they would become.
    """
    full = suggest(inventory, request)
    _found = _Found()
    _found.check("name", lambda: _name(inventory, full.name))
    _found.check("base", lambda: _bases.source(inventory, full.base))
    for name, check in network_options.checks_of(inventory, request, full):
        _found.check(name, check)
    if full.domain:
        _found.check("domain", lambda: checks.hostname(full.domain))
    if full.resolver.strip():
        _found.check("resolver", lambda: resolvers(full.resolver))
    _found.check("mirror", lambda: mirror.base_of(full.mirror))
    _found.check("memory", lambda: _limit(inventory, full.memory, limits.memory))
    _found.check("cpu", lambda: _limit(inventory, full.cpu, limits.cpu))
    _found.check("processes", lambda: _limit(inventory, full.processes, limits.processes))
    _found.check("note", lambda: checks.note(full.note))
    _found.check("before", lambda: _before(inventory, full))
    return _found.problems


def _name(inventory: Inventory, name: str) -> None:
    checks.jail_name(name)
    if not inventory.layout.dataset:
        raise Refused("there is no dataset for jails yet", "Set up the host first: init")
    if name == "image":
        raise Refused("the name image is reserved for images", "Use another name.")
    what = taken(inventory, name)
    if what:
        raise Refused(what, "Use another name.")
    checks.dataset(f"{inventory.layout.dataset}/{name}")


def resolvers(text: str) -> tuple[str, ...]:
    """Addresses of name servers, separated by blanks or commas. Raises UsageError."""
    return tuple(checks.ip(word) for word in text.replace(",", " ").split())


def _limit(inventory: Inventory, value: str, check: Callable[[str], str]) -> None:
    if not value.strip():
        return
    check(value)
    if inventory.host.racct is not True:
        raise Refused(*limits.OFF)


def _before(inventory: Inventory, request: Create) -> None:
    if request.before and request.before not in inventory.boot_list:
        raise Refused(
            f"{sanitize(request.before)} is not in jail_list, so it does not start at boot",
            "See the order: boot list",
        )
