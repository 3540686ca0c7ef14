"""`image` and `network`: what exists, what is available, and the defaults of new jails.

`outdated`: release, patch level and end of life of host, images and jails.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

from jailer_core.errors import HostError, Refused
from jailer_core.model import Image, Inventory
from jailer_core.operations import guards
from jailer_core.operations.images import catalog, catalog as core, defaults, mirror as mirrors
from jailer_core.operations.images.requests import ImageFetch, ImageUse, NetworkUse
from jailer_core.operations.in_jail.commands import has_pkg
from jailer_core.operations.updates import packages
from jailer_core.operations.updates.packages import PackageCounts
from jailer_core.operations.updates.standing import VERSIONS, Standing, Subject, standings
from jailer_core.plan import Needs
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.cli.jail_list import matching
from jailer_tui.cli.operations import mirror
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

FETCHED = ("", "VERSION", "SIZE", "FETCHED", "END OF LIFE", "JAILS")
REMOTE = ("", "VERSION", "FETCHED", "END OF LIFE", "REMARK")


async def listing(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image list`: fetched images, those on the mirror, or a test for one."""
    if operands == ("remote",):
        return await _remote(session)
    inventory = await session.inventory()
    if operands:
        return _one(session, inventory, core.named_version(inventory, operands[0]))
    images = sorted(
        inventory.images,
        key=lambda image: catalog.release_number(image.version) or (0, 0),
        reverse=True,
    )
    if session.flags.json:
        session.json([_as_json(inventory, image) for image in images])
    elif images:
        session.table(FETCHED, [_row(inventory, image) for image in images])
    else:
        session.terminal.err("no image has been fetched; see what is available: image list remote")
    return session.warn(inventory.problems)


def _one(session: Session, inventory: Inventory, version: str) -> int:
    existing = core.image(inventory, version)
    if session.flags.json:
        session.json(None if existing is None else _as_json(inventory, existing))
    elif existing is not None:
        session.terminal.out(sanitize(existing.version))
    else:
        session.terminal.fail(f"there is no image {version}", f"Fetch it: image fetch {version}")
    return 0 if existing is not None else 1


def _row(inventory: Inventory, image: Image) -> tuple[str, ...]:
    users = core.users(inventory, image.version)
    return (
        "*" if image.default else "",
        sanitize(image.version),
        human_bytes(image.used),
        time.strftime("%Y-%m-%d", time.gmtime(image.created)),
        str(catalog.end_of_life(image.version) or "-"),
        sanitize(", ".join(users)) or "-",
    )


def _as_json(inventory: Inventory, image: Image) -> dict[str, Any]:
    ends = catalog.end_of_life(image.version)
    return {
        "version": image.version,
        "default": image.default,
        "dataset": image.dataset,
        "used": image.used,
        "created": image.created,
        "userland": image.userland or None,
        "end_of_life": None if ends is None else str(ends),
        "jails": list(core.users(inventory, image.version)),
    }


async def _remote(session: Session) -> int:
    where = mirror(session)
    inventory = await session.inventory()
    inventory = await session.reader.gather(Needs(commands=(mirrors.list_ask(inventory, where),)))
    remotes = mirrors.remotes(inventory, where)
    return session.listing(
        REMOTE,
        remotes,
        _remote_row,
        lambda remote: (
            asdict(remote) | {"end_of_life": remote.end_of_life and str(remote.end_of_life)}
        ),
    )


def _remote_row(remote: mirrors.Remote) -> tuple[str, ...]:
    return (
        "*" if remote.default else "",
        sanitize(remote.version),
        "yes" if remote.fetched else "-",
        str(remote.end_of_life or "-"),
        "" if remote.fetched else sanitize(remote.why_not),
    )


async def fetch(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image fetch`."""
    version = operands[0] if operands else ""
    return await carry_out(
        session,
        [(version or "image", ImageFetch(version, mirror(session), session.flags.on("packages")))],
    )


async def use(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image use`: set the default, or show it."""
    if operands:
        return await carry_out(session, [(operands[0], ImageUse(operands[0]))])
    inventory = await session.inventory()
    default = next((image.version for image in inventory.images if image.default), "")
    return _show(session, default, "no default image is set", "Choose one: image use VERSION")


async def network(session: Session, operands: tuple[str, ...]) -> int:
    """Run `network use`: set the default type, or show it."""
    if operands:
        return await carry_out(session, [(operands[0], NetworkUse(operands[0]))])
    inventory = await session.inventory()
    needs = Needs(files=(defaults.network_file(inventory),))
    inventory = await session.reader.gather(needs)
    return _show(session, defaults.default_network(inventory), "", "")


def _show(session: Session, value: str, missing: str, hint: str) -> int:
    if session.flags.json:
        session.json(value or None)
    elif value:
        session.terminal.out(sanitize(value))
    else:
        session.terminal.fail(missing, hint)
    return 0 if value else 1


HEADER = ("", "NAME", "USERLAND", "NEWEST", "END OF LIFE", "BASE", "PACKAGES", "REMARK")


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `outdated`. The exit status is always 0."""
    inventory = await _read(session)
    cached = await _counts(session, inventory)
    chosen = _chosen(session, inventory, operands)
    if session.flags.on("behind"):
        chosen = [standing for standing in chosen if standing.behind is not False]
    session.listing(
        HEADER,
        chosen,
        partial(_outdated_row, inventory, cached),
        partial(as_json, inventory, cached),
    )
    counted = [(standing.name, cached.get(standing.name)) for standing in chosen]
    unknown = [name for name, counts in counted if counts and counts.vulnerable is None]
    if unknown and not session.flags.json:
        # pkg compares with a list that it fetches into each jail (pkg-audit(8))
        session.terminal.fail(
            f"vulnerable packages of {', '.join(map(sanitize, unknown))} are unknown: pkg may not "
            "have the list of vulnerabilities there",
            f"Fetch it, then count again: pkg {guards.word(unknown[0])} -- audit -F",
        )
    return session.warn(inventory.problems)


async def _read(session: Session) -> Inventory:
    """What is asked second depends on what the first answers say."""
    inventory = await session.inventory()
    asked = Needs(
        commands=(VERSIONS,), files=(packages.cache_file(inventory.layout),)
    ) | packages.first_needs(inventory)
    first = await session.inventory(needs=asked)
    more = packages.kind_needs(first)
    if session.flags.on("packages"):
        more |= packages.count_needs(first, first.jails)
    return await session.inventory(needs=asked | more) if more.commands else first


async def _counts(session: Session, inventory: Inventory) -> Mapping[str, PackageCounts]:
    """The counts that are kept, with those that were asked for now."""
    path = packages.cache_file(inventory.layout)
    cached = packages.from_json(inventory.file_texts.get(path, ""))
    if not session.flags.on("packages"):
        return cached
    if not has_pkg(inventory):
        raise Refused(
            "packages cannot be counted: this host has no pkg",
            "Install it on the host: pkg bootstrap",
        )
    for jail in inventory.jails:
        counts = packages.counts(inventory, jail)
        if counts is not None:
            cached[jail.name] = counts
    if not session.flags.read_only:
        with suppress(HostError):
            await session.host.mkdir(inventory.layout.state, 0o700)
        with suppress(HostError):  # an ordinary user sees the counts, but cannot keep them
            await session.host.write(path, packages.to_json(cached), mode=0o600)
    return cached


def _chosen(session: Session, inventory: Inventory, words: tuple[str, ...]) -> list[Standing]:
    """What the arguments name: host, images and jails by name or pattern, jails by tag."""
    everything = standings(inventory)
    names = (standing.name for standing in everything)
    meant = matching(session, inventory.jails, words, names, things="jail or image")
    return [standing for standing in everything if not words or standing.name in meant]


# --- words -----------------------------------------------------------------------------------

_SIGNS = {True: "!", False: "", None: "?"}


def _outdated_row(
    inventory: Inventory, cached: Mapping[str, PackageCounts], standing: Standing
) -> tuple[str, ...]:
    newest = standing.newest if standing.newest != standing.release else ""
    return (
        _SIGNS[standing.behind],
        sanitize(standing.name),
        sanitize(standing.release) or "?",
        sanitize(newest) or "-",
        str(standing.ends or "-"),
        _kind(inventory, standing) or "?",
        _packages(inventory, cached.get(standing.name), standing),
        _remark(standing),
    )


def _kind(inventory: Inventory, standing: Standing) -> str:
    """Of the host, and of what cannot be read, it is not known."""
    if standing.subject is Subject.HOST or not standing.release:
        return ""
    return packages.kind(inventory, packages.roots(inventory).get(standing.name, ""))


def _packages(inventory: Inventory, counts: PackageCounts | None, standing: Standing) -> str:
    if standing.subject is not Subject.JAIL:
        return "-"
    if counts is None:
        return "?"
    age = max(0, int(inventory.taken) - counts.asked)
    old = f" ({human_age(age)} ago)" if age >= 60 else ""
    return f"{_number(counts.outdated)} old, {_number(counts.vulnerable)} vulnerable{old}"


def _number(count: int | None) -> str:
    return "?" if count is None else str(count)


def _remark(standing: Standing) -> str:
    words = [reason.value for reason in standing.reasons]
    installed, running = standing.kernels
    if installed and running and installed != running:
        words.append(f"kernel {sanitize(running)} runs, {sanitize(installed)} is installed")
    return ", ".join(words)


def as_json(
    inventory: Inventory, cached: Mapping[str, PackageCounts], standing: Standing
) -> dict[str, Any]:
    """One userland as JSON; null for unknown values."""
    counts = cached.get(standing.name) if standing.subject is Subject.JAIL else None
    installed, running = standing.kernels
    return {
        "kind": standing.subject.value,
        "name": standing.name,
        "userland": standing.release or None,
        "newest": standing.newest or None,
        "behind": standing.behind,
        "reasons": [reason.value for reason in standing.reasons],
        "end_of_life": None if standing.ends is None else str(standing.ends),
        "origin": standing.origin or None,
        "base": _kind(inventory, standing) or None,
        "kernel_installed": installed or None,
        "kernel_running": running or None,
        "packages": None
        if counts is None
        else {
            "outdated": counts.outdated,
            "vulnerable": counts.vulnerable,
            "asked": counts.asked,
        },
    }
