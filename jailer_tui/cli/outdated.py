"""`outdated`: release, patch level and end of life of host, images and jails."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from jailer_core.errors import HostError, Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.in_jail.commands import has_pkg
from jailer_core.operations.updates import packages
from jailer_core.operations.updates.packages import PackageCounts
from jailer_core.operations.updates.standing import VERSIONS, Standing, Subject, standings
from jailer_core.plan import Needs
from jailer_core.text import human_age, sanitize
from jailer_tui.cli.selection import matching
from jailer_tui.cli.session import Session

HEADER = ("", "NAME", "USERLAND", "NEWEST", "END OF LIFE", "BASE", "PACKAGES", "REMARK")


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Print what is outdated. The exit status is 0 in either case."""
    inventory = await _read(session)
    cached = await _counts(session, inventory)
    chosen = _chosen(session, inventory, operands)
    if session.flags.on("behind"):
        chosen = [standing for standing in chosen if standing.behind is not False]
    session.listing(
        HEADER, chosen, partial(_row, inventory, cached), partial(as_json, inventory, cached)
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


def _row(
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
    """One userland for a program; null where something is not known."""
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
