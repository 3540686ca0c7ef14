"""Find what is outdated: releases of host, images and jails, by what this host knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from jailer_core.model import Inventory
from jailer_core.operations.images import catalog

VERSIONS = ("freebsd-version", "-kru")
"""Installed kernel, running kernel, userland of the host, a line each (recording 01)."""
SOON = timedelta(days=60)


class Subject(StrEnum):
    """The kinds of things that have a userland."""

    HOST = "host"
    IMAGE = "image"
    JAIL = "jail"


class Reason(StrEnum):
    """Why something should be updated."""

    PATCHES = "patches"  # a newer patch level of its release is known on this host
    ENDED = "end of life"
    ENDING = "end of life soon"
    TOO_NEW = "newer than the kernel"
    REBOOT = "reboot"  # the installed kernel is another one than the running


BEHIND = frozenset(Reason) - {Reason.ENDING}


@dataclass(frozen=True, slots=True)
class Standing:
    """One userland. `release` is "" while it is unknown, `newest` the newest known patch level.

    `ends` is the day on which the support of its release ends, None when that is not known.
    `origin` is the image that a jail is a clone of. `kernels` are the host's installed and running
    one.
    """

    subject: Subject
    name: str
    release: str
    newest: str = ""
    ends: date | None = None
    reasons: tuple[Reason, ...] = ()
    origin: str = ""
    kernels: tuple[str, str] = ("", "")

    @property
    def behind(self) -> bool | None:
        """Whether it should be updated; None while its release is unknown."""
        if BEHIND.intersection(self.reasons):
            return True
        return False if self.release else None


def standings(inventory: Inventory) -> tuple[Standing, ...]:
    """All userlands: the host, then images, then jails, each by name."""
    newest = _newest(inventory)
    images = sorted(inventory.images, key=lambda image: image.version)
    standings = [_host(inventory, newest)]
    standings += [
        _judged(inventory, newest, Subject.IMAGE, image.version, image.userland) for image in images
    ]
    for jail in sorted(inventory.jails, key=lambda jail: (jail.name, jail.jid or 0)):
        dataset = inventory.dataset(jail.dataset) if jail.dataset else None
        standing = _judged(inventory, newest, Subject.JAIL, jail.name, jail.userland)
        origin = dataset.origin if dataset is not None else ""
        standings.append(replace(standing, origin=origin))
    return tuple(standings)


def of_jail(inventory: Inventory, name: str) -> Standing | None:
    """The standing of the jail of that name."""
    for standing in standings(inventory):
        if standing.subject is Subject.JAIL and standing.name == name:
            return standing
    return None


def host_versions(inventory: Inventory) -> tuple[str, str, str]:
    """Installed kernel, running kernel and userland of the host; "" if unknown."""
    lines = (inventory.output(VERSIONS) or "").splitlines()
    if len(lines) != 3:
        return "", inventory.host.release, ""
    return lines[0], lines[1], lines[2]


def today(inventory: Inventory) -> date:
    """The host's date when it was read."""
    return datetime.fromtimestamp(inventory.taken, UTC).date()


def _newest(inventory: Inventory) -> dict[tuple[int, int], str]:
    """The newest patch level of each release that anything on this host has."""
    versions: dict[tuple[int, int], str] = {}
    for release in _known(inventory):
        level = catalog.patch_level(release)
        if level is None:
            continue
        best = catalog.patch_level(versions.get(level[:2], ""))
        if best is None or level > best:
            versions[level[:2]] = release
    return versions


def _known(inventory: Inventory) -> Iterator[str]:
    yield from host_versions(inventory)
    yield inventory.host.release
    yield from (image.userland for image in inventory.images)
    yield from (jail.userland for jail in inventory.jails)


def _host(inventory: Inventory, newest: dict[tuple[int, int], str]) -> Standing:
    installed, running, userland = host_versions(inventory)
    name = inventory.host.hostname or "host"
    made = _judged(inventory, newest, Subject.HOST, name, userland)
    reboot = bool(installed and running and installed != running)
    reasons = (*made.reasons, *((Reason.REBOOT,) if reboot else ()))
    return replace(made, reasons=reasons, kernels=(installed, running))


def _judged(
    inventory: Inventory,
    newest: dict[tuple[int, int], str],
    subject: Subject,
    name: str,
    release: str,
) -> Standing:
    level = catalog.patch_level(release)
    best = newest.get(level[:2], "") if level is not None else ""
    ends = catalog.end_of_life(release)
    reasons = []
    if best and best != release:
        reasons.append(Reason.PATCHES)
    if ends is not None and inventory.taken:
        if ends < today(inventory):
            reasons.append(Reason.ENDED)
        elif ends <= today(inventory) + SOON:
            reasons.append(Reason.ENDING)
    if catalog.newer_release(release, inventory.host.release):
        reasons.append(Reason.TOO_NEW)
    return Standing(subject, name, release, best, ends, tuple(reasons))
