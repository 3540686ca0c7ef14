"""Complete a partly filled request, and find what is wrong with each of its fields.

For forms, at every key press, and for the plan itself: `decide` refuses with the first problem.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, JailState
from jailer_core.operations import guards
from jailer_core.operations.images import defaults, mirror
from jailer_core.operations.jails import limits, network_options
from jailer_core.operations.jails.network_options import Check
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses, base_image
from jailer_core.text import sanitize


def free_name(inventory: Inventory, seed: bytes) -> str:
    """A free name of 8 hex digits from 4 random bytes, as jailer makes them."""
    number = int.from_bytes(seed[:4].ljust(4, b"\0"), "big")
    while True:
        name = f"{number:08x}"
        if not name.isdigit() and not taken(inventory, name):
            return name
        number = (number + 1) % (1 << 32)


def plain_name(inventory: Inventory) -> str:
    """A free name to suggest: a word and the first free number, such as `jail1`."""
    numbers = itertools.count(1)
    return next(name for number in numbers if not taken(inventory, name := f"jail{number}"))


def taken(inventory: Inventory, name: str) -> str:
    """What already has that name, or "". The trash does not count."""
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
    """The `$id` of the new jail, and the inner end of its epair ("" for none)."""
    number = addresses.free_number(inventory)
    kind = request.network or defaults.default_network(inventory)
    return number, f"epair{number}b" if kind == "eb" else ""


def free_address(inventory: Inventory, request: Create) -> str:
    """The next free IPv4 address on the bridge or interface, or ""."""
    kind = request.network or defaults.default_network(inventory)
    return addresses.free_address(inventory, request.bridge or addresses.usual(inventory, kind), 4)


def suggest(inventory: Inventory, request: Create) -> Create:
    """The request with defaults in its empty fields."""
    network = request.network or defaults.default_network(inventory)
    bridge = request.bridge
    if network != "inherit":
        bridge = bridge or addresses.usual(inventory, network)
    filled = replace(
        request,
        base=request.base or base_image.usual(inventory),
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


def problems(inventory: Inventory, request: Create) -> dict[str, tuple[str, str]]:
    """Message and hint of every field that is wrong, in the order of a form; {} when all is well.

    Empty fields are judged by what they would become.
    """
    full = suggest(inventory, request)
    problems: dict[str, tuple[str, str]] = {}
    for name, check in _checks(inventory, request, full):
        for field, problem in guards.problem(name, check).items():
            problems.setdefault(field, problem)
    return problems


def _checks(inventory: Inventory, asked: Create, full: Create) -> Iterator[tuple[str, Check]]:
    """The check of each field; `full` is `asked` with its empty fields filled in."""
    yield "name", lambda: _name(inventory, full.name)
    yield "base", lambda: base_image.source(inventory, full.base)
    yield from network_options.checks_of(inventory, asked, full)
    if full.domain:
        yield "domain", lambda: checks.hostname(full.domain)
    yield "resolver", lambda: resolvers(full.resolver)
    yield "mirror", lambda: mirror.base_of(full.mirror)
    for kind, limit in limits.CHECKS.items():
        yield kind, lambda kind=kind, limit=limit: _limit(inventory, getattr(full, kind), limit)  # type: ignore[misc]
    yield "note", lambda: checks.note(full.note)
    yield "before", lambda: _before(inventory, full)


def _name(inventory: Inventory, name: str) -> None:
    checks.jail_name(name)
    guards.require_set_up(inventory)
    require_free_name(inventory, name)
    checks.dataset(f"{inventory.layout.dataset}/{name}")


def require_free_name(inventory: Inventory, name: str) -> None:
    """Raises Refused for a name that something has already, or that is reserved."""
    if name == "image":
        raise Refused("the name image is reserved for images", "Use another name.")
    what = taken(inventory, name)
    if what:
        raise Refused(what, "Use another name.")


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
