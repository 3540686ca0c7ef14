"""Packages of jails: how many are outdated or vulnerable, and whether the base is packages too.

All questions are put to the host's pkg, which works in the jail's database; nothing of the jail is
run. What pkg prints here is # not recorded: pkg-version(8), pkg-audit(8), pkg-info(8).

Packages that no longer fit a jail once it has moved to another base, and how to replace them.

Packages are built for a major version (their ABI). pkg(8) runs in the jail, so they can only be
replaced once it runs on its new base: that is a step of its own, after the move.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from jailer_core.model import CommandResult, Inventory, Jail
from jailer_core.model.host import Layout
from jailer_core.operations.guards import word
from jailer_core.operations.images import catalog
from jailer_core.operations.in_jail.commands import HAS_PKG, has_pkg
from jailer_core.operations.in_jail.requests import Packages
from jailer_core.operations.updates.bases import Move
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import Needs, Plan

DATABASE = "var/db/pkg/local.sqlite"
RUNTIME = "FreeBSD-runtime"
"""The package that every base system made of packages has (freebsd-base(7))."""
SETS, PACKAGES = "sets", "packages"


@dataclass(frozen=True, slots=True)
class PackageCounts:
    """Counts of a jail's packages; None if unknown. `asked`: seconds since 1970."""

    outdated: int | None
    vulnerable: int | None
    asked: int


def database(root: str) -> str:
    """The path of the package database below a root directory."""
    return f"{root.rstrip('/')}/{DATABASE}"


def roots(inventory: Inventory) -> dict[str, str]:
    """Root directories of jails and images, by name of the jail or version of the image."""
    paths = {jail.name: jail.path for jail in inventory.jails if jail.path not in ("", "/")}
    for image in inventory.images:
        dataset = inventory.dataset(image.dataset)
        if dataset is not None and dataset.mounted and dataset.mountpoint:
            paths[image.version] = dataset.mountpoint
    return paths


def first_needs(inventory: Inventory) -> Needs:
    """Whether the host has pkg, and which userlands have a database of packages."""
    paths = tuple(database(root) for root in roots(inventory).values())
    return Needs(commands=(HAS_PKG,), paths=paths)


def kind_needs(inventory: Inventory) -> Needs:
    """After `first_needs`: whether the base system is made of packages."""
    if not has_pkg(inventory):
        return Needs()
    with_database = [root for root in roots(inventory).values() if _has_database(inventory, root)]
    return Needs(commands=tuple(kind_ask(root) for root in with_database))


def kind_ask(root: str) -> tuple[str, ...]:
    """Whether the base system below a root is made of packages. # not recorded."""
    return ("pkg", "-r", root, "info", "-e", RUNTIME)


def kind(inventory: Inventory, root: str) -> str:
    """`sets`, `packages`, or "" if unknown."""
    if not root or database(root) not in inventory.file_stats:
        return SETS if root else ""
    result = inventory.command_results.get(kind_ask(root))
    if result is None or result.status not in (0, 1):
        return ""
    return PACKAGES if result.status == 0 else SETS


def _has_database(inventory: Inventory, root: str) -> bool:
    stamp = inventory.file_stats.get(database(root))
    return stamp is not None and not stamp.is_link and not stamp.is_dir


# --- counts ----------------------------------------------------------------------------------


def count_needs(inventory: Inventory, jails: tuple[Jail, ...]) -> Needs:
    """After `first_needs`: what is outdated and what is vulnerable in these jails."""
    if not has_pkg(inventory):
        return Needs()
    asks = [
        ask
        for jail in jails
        if _has_database(inventory, jail.path)
        for ask in (outdated_ask(jail), vulnerable_ask(jail))
    ]
    return Needs(commands=tuple(asks))


def _where(jail: Jail) -> tuple[str, ...]:
    return ("-j", str(jail.jid)) if jail.running else ("-r", jail.path)


def outdated_ask(jail: Jail) -> tuple[str, ...]:
    """Packages that are older than those of the repository, a line each."""
    return ("pkg", *_where(jail), "version", "-q", "-R", "-l", "<")


def vulnerable_ask(jail: Jail) -> tuple[str, ...]:
    """Packages with known vulnerabilities, a line each; exit status 1 when there are any."""
    return ("pkg", *_where(jail), "audit", "-q")


def counts(inventory: Inventory, jail: Jail) -> PackageCounts | None:
    """The counts of a jail; None if they were not read."""
    if database(jail.path) not in inventory.file_stats and jail.path not in ("", "/"):
        return PackageCounts(0, 0, int(inventory.taken))
    outdated = inventory.command_results.get(outdated_ask(jail))
    vulnerable = inventory.command_results.get(vulnerable_ask(jail))
    if outdated is None and vulnerable is None:
        return None
    return PackageCounts(_lines(outdated, (0,)), _lines(vulnerable, (0, 1)), int(inventory.taken))


def _lines(result: CommandResult | None, right: tuple[int, ...]) -> int | None:
    """How many lines it printed; with a complaint and nothing else, it could not tell."""
    if result is None or result.status not in right:
        return None
    lines = [line for line in result.stdout.splitlines() if line.strip()]
    return None if result.status and not lines else len(lines)


# --- kept between calls ----------------------------------------------------------------------


def cache_file(layout: Layout) -> str:
    """Where the counts are kept."""
    return f"{layout.state}/packages.json"


def to_json(cached: Mapping[str, PackageCounts]) -> str:
    """The text of that file."""
    return json.dumps({name: asdict(counts) for name, counts in sorted(cached.items())}) + "\n"


def from_json(text: str) -> dict[str, PackageCounts]:
    """The contents of that file, without jails that cannot be parsed."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    counts = {}
    for name, entry in value.items() if isinstance(value, dict) else ():
        with suppress(ValueError, TypeError, KeyError, OverflowError):
            counts[name] = PackageCounts(
                _count(entry["outdated"]), _count(entry["vulnerable"]), int(entry["asked"])
            )
    return counts


def _count(value: object) -> int | None:
    return int(str(value)) if value is not None else None


BUILT = "Its packages were built for FreeBSD "


def unfit_notes(inventory: Inventory, made: Move) -> list[str]:
    """Notes of a plan about packages that will no longer match."""
    if database(made.jail.path) not in inventory.file_stats:
        return []
    old = catalog.release_number(made.jail.userland or made.jail.release)
    new = catalog.release_number(made.new.userland or made.new.version)
    if old is None or new is None or old[0] == new[0]:
        return []
    return [f"{BUILT}{old[0]}; replace them afterwards: {command(made.jail.name)}"]


def command(name: str) -> str:
    """The command that replaces them."""
    return f"pkg {word(name)} --snapshot -- upgrade -f"


def upgrade(plan: Plan) -> Packages | None:
    """The request that replaces the packages after a plan; None if they match."""
    if not isinstance(plan.request, Rebase) or not any(
        note.startswith(BUILT) for note in plan.notes
    ):
        return None
    return Packages((plan.request.name,), "upgrade", ("-f",), snapshot=True)
