"""Fetch a release and make an image of it: download, check, extract, snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

from jailer_core.errors import Already, Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.images import catalog, mirror, packages
from jailer_core.operations.images.catalog import (
    Places,
    above_images,
    base_snapshot,
    image,
    places,
    version_of,
)
from jailer_core.operations.images.mirror import Distribution
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.operations.shared import created, file_steps
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Needs, PathExists, Plan, Run, Step, Undo
from jailer_core.plan.steps import Work
from jailer_core.text import human_bytes

DOWNLOAD_TIMEOUT = 6 * 3600.0
MOVE_TIMEOUT = 600.0
EXTRACT_TIMEOUT = 3600.0
MARGIN, MOST = 1 << 20, 4 << 30
"""Bytes that an archive may have beyond its announced size; and at most, without a size."""
ONLY_MIRROR = (
    "The checksum comes from the mirror itself: it proves that the archive is "
    "complete, not who made it. The port freebsd-release-manifests provides one to compare it with."
)


def fetch_needs(inventory: Inventory, version: str, where: str) -> Needs:
    """The manifest and size on the mirror, the local manifest, and an existing archive."""
    if not inventory.host.arch or mirror.refusal(inventory, version):
        return Needs()
    spot = places(inventory, version)
    asks = [
        mirror.manifest_ask(inventory, where, version),
        mirror.size_ask(inventory, where, version),
    ]
    existing = [path for path in (spot.archive, spot.staged) if path in inventory.file_stats]
    asks += [("sha256", "-q", path) for path in existing]
    return Needs(
        files=(mirror.local_manifest(inventory, version),),
        paths=(spot.files, spot.archive, spot.staged, spot.root),
        commands=tuple(asks),
    )


def needs(inventory: Inventory, request: ImageFetch) -> Needs:
    """What `fetch` needs."""
    try:
        version = version_of(inventory, request.version)
        if request.packages:
            return packages.needs(inventory, version)
        return fetch_needs(inventory, version, request.mirror)
    except (Refused, UsageError):
        return Needs()


def fetch(inventory: Inventory, request: ImageFetch) -> Plan:
    """The plan that fetches an image."""
    version = version_of(inventory, request.version)
    if request.packages:
        return packages.fetch(inventory, request, version)
    steps, notes = fetch_steps(inventory, version, request.mirror)
    return Plan(request, f"Fetch {version}", tuple(steps), notes=tuple(notes))


def fetch_steps(inventory: Inventory, version: str, where: str) -> Work:
    """Steps and notes that fetch an image, check it, and extract it. Raises Refused."""
    guards.require_set_up(inventory)
    why_not = mirror.refusal(inventory, version)
    if why_not:
        kind = Refused if image(inventory, version) is None else Already
        raise kind(why_not, "See what the mirror has: image list remote")
    spot = places(inventory, version)
    url = mirror.archive_url(inventory, where, version)
    distribution, notes = _wanted(inventory, version, where)
    size = _size(inventory, version, where)
    staged = _is_whole(inventory, spot.staged, distribution)
    if not staged:
        _room(inventory, size)
    guards.require_free(inventory, spot.root)
    notes += _support(inventory, version)
    if _is_whole(inventory, spot.archive, distribution):
        notes.append(f"{spot.archive} already exists and is complete: it is used.")
        steps = _folders(inventory, spot)
    else:
        if staged:
            notes.append(f"{spot.staged} is complete: it is used.")
            steps = []
        else:
            notes.append(f"Downloads {human_bytes(size)} from {url}")
            steps = _stage(inventory, spot, where, url, size)
        steps += [*_folders(inventory, spot), *_move(inventory, spot)]
    steps += [_check(spot, distribution), *_extract(spot, version, distribution)]
    return steps, notes


def _support(inventory: Inventory, version: str) -> list[str]:
    ends = catalog.end_of_life(version)
    if ends is None:
        return []
    over = inventory.taken and ends < datetime.fromtimestamp(inventory.taken, UTC).date()
    return [f"The support of {version} {'ended' if over else 'ends'} on {ends}."]


def _wanted(inventory: Inventory, version: str, where: str) -> tuple[Distribution, list[str]]:
    """The archive as the manifests describe it, and which of them were used."""
    ask = mirror.manifest_ask(inventory, where, version)
    remote = mirror.distribution(mirror.answer(inventory, ask, version).stdout, version)
    path = mirror.local_manifest(inventory, version)
    text = inventory.file_texts.get(path)
    if text is None:
        return remote, [ONLY_MIRROR]
    own = mirror.distribution(text, path)
    if own.sha256 != remote.sha256:
        raise Refused(
            f"the mirror's checksum of {version} differs from the one in {path}",
            "Use another mirror; do not trust this one.",
        )
    return own, [f"The checksum is the one in {path}; the mirror's is the same."]


def _size(inventory: Inventory, version: str, where: str) -> int:
    result = mirror.answer(inventory, mirror.size_ask(inventory, where, version), version)
    text = result.stdout.strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _room(inventory: Inventory, size: int) -> None:
    top = inventory.dataset(inventory.layout.dataset)
    if top is not None and top.available < size:
        raise Refused(
            f"{top.name} has only {human_bytes(top.available)} left; "
            f"the archive alone takes {human_bytes(size)}",
            "Free some space, or raise the quota.",
        )


def _folders(inventory: Inventory, spot: Places) -> list[Step]:
    steps = above_images(inventory)
    if spot.files not in inventory.file_stats:
        steps.append(created.directory(spot.files))
    return steps


def _move_back(spot: Places) -> tuple[Undo, ...]:
    """Between two datasets mv(1) copies: when it is ended, both files are there."""
    back = Undo(
        Run(("mv", spot.archive, spot.staged)),
        f"Move {spot.archive} back",
        (PathExists(spot.archive), PathExists(spot.staged, exists=False)),
        (PathExists(spot.archive, exists=False),),
        timeout=MOVE_TIMEOUT,
        or_done_when=(PathExists(spot.staged),),
    )
    return back, created.no_file(spot.archive, PathExists(spot.staged))


def _is_whole(inventory: Inventory, path: str, distribution: Distribution) -> bool:
    checksum = inventory.output(("sha256", "-q", path)) or ""
    return path in inventory.file_stats and checksum.strip() == distribution.sha256


def _remove_part(inventory: Inventory, path: str, *, staging: bool) -> list[Step]:
    if path not in inventory.file_stats:
        return []
    title, because = f"Remove {path}, a part of an earlier download", "it was incomplete or wrong"
    return [file_steps.remove_for_good(path, title, because, staging=staging)]


def _stage(inventory: Inventory, spot: Places, where: str, url: str, size: int) -> list[Step]:
    """Download the archive beside its place, while other changes go on."""
    return [
        *_remove_part(inventory, spot.staged, staging=True),
        Step(
            Run(("fetch", "-T", mirror.PATIENCE, "-o", spot.staged, url)),
            f"Download {url}",
            timeout=DOWNLOAD_TIMEOUT,
            undo=(created.no_file(spot.staged),),
            preconditions=(PathExists(spot.staged, exists=False),),
            postconditions=(PathExists(spot.staged),),
            growing_file=spot.staged,
            total=size,
            limit=size + size // 20 + MARGIN if size else MOST,
            warning=mirror.warning(where),
            failure_means="the download was interrupted",
            hint=(
                "Check the network and the free space of the pool, or try another mirror "
                "(--mirror)."
            ),
            staging=True,
        ),
    ]


def _move(inventory: Inventory, spot: Places) -> list[Step]:
    """Put what was downloaded in its place; an archive there that is not whole is not used."""
    return [
        *_remove_part(inventory, spot.archive, staging=False),
        Step(
            Run(("mv", spot.staged, spot.archive)),
            f"Move it to {spot.archive}",
            timeout=MOVE_TIMEOUT,
            undo=_move_back(spot),
            preconditions=(PathExists(spot.staged), PathExists(spot.archive, exists=False)),
            postconditions=(PathExists(spot.archive), PathExists(spot.staged, exists=False)),
            failure_means="the archive could not be moved into place",
            hint="Check the free space of the pool: zpool list",
        ),
    ]


def _check(spot: Places, distribution: Distribution) -> Step:
    """Exit status 2 when the sum is another one (recording 02)."""
    return Step(
        Run(("sha256", "-q", "-c", distribution.sha256, spot.archive)),
        "Verify its checksum",
        timeout=600.0,
        failure_means="the archive's checksum is wrong: it is damaged, or not what it should be",
        hint="Fetch it again, or from another mirror (--mirror).",
    )


def _extract(spot: Places, version: str, distribution: Distribution) -> list[Step]:
    return [
        zfs_steps.create(spot.dataset, f"Create the dataset of {version}"),
        Step(
            Run(("tar", "-xvf", spot.archive, "-C", spot.root)),
            f"Extract it into {spot.root}",
            timeout=EXTRACT_TIMEOUT,
            wait_reason="thousands of files are written",
            total=distribution.files,
            counts_lines=True,
            failure_means="the archive could not be extracted",
            hint="Check the free space of the pool: zpool list",
        ),
        base_snapshot(spot.dataset),
    ]
