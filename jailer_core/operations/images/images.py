"""Base images: fetch, choose the default, destroy.

Layout of `jailer`: dataset `POOL/jails/image/VERSION@base`, archives in
`image/dist-files/base-VERSION.txz`, the default's name in `image/.default`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from jailer_core.errors import Already, Refused, UsageError
from jailer_core.model import Dataset, Image, Inventory
from jailer_core.operations.guards import named
from jailer_core.operations.images import mirror, packages, releases
from jailer_core.operations.images.places import Places, base_snapshot, new_dataset, places
from jailer_core.operations.jails.requests import ImageDestroy, ImageFetch, ImageUse, NetworkUse
from jailer_core.operations.shared import clones, created
from jailer_core.operations.shared import file_steps as files
from jailer_core.parse.manifest import Distribution
from jailer_core.plan import (
    Danger,
    DatasetHasGuid,
    Needs,
    PathExists,
    Plan,
    RemoveFile,
    Run,
    Step,
    Undo,
)
from jailer_core.text import human_bytes

NETWORKS = ("eb", "new", "inherit")
DOWNLOAD_TIMEOUT = 6 * 3600.0
MOVE_TIMEOUT = 600.0
EXTRACT_TIMEOUT = 3600.0
MARGIN, MOST = 1 << 20, 4 << 30
"""Bytes that an archive may have beyond its announced size; and at most, without a size."""
ONLY_MIRROR = (
    "The checksum comes from the mirror itself: it proves that the archive is "
    "complete, not who made it. The port freebsd-release-manifests provides one to compare it with."
)


def own_version(inventory: Inventory) -> str:
    """The release of the host's own kernel, "" while it is not known."""
    try:
        return releases.version(inventory.host.release)
    except UsageError:
        return ""


def version_of(inventory: Inventory, wanted: str) -> str:
    """The version that is meant; "" is the host's own. Raises Refused, UsageError."""
    version = releases.version(wanted) if wanted else own_version(inventory)
    if not version:
        raise Refused("the host's release is unknown", "Name the version to fetch.")
    return version


def named_version(inventory: Inventory, wanted: str) -> str:
    """The image of exactly that name, else the release that it means. Raises UsageError."""
    return wanted if image(inventory, wanted) is not None else releases.version(wanted)


def image(inventory: Inventory, version: str) -> Image | None:
    """A fetched image."""
    return next((image for image in inventory.images if image.version == version), None)


def dependants(inventory: Inventory, version: str) -> tuple[str, ...]:
    """Datasets that are clones of an image, by name."""
    parts = inventory.below(places(inventory, version).dataset)
    return tuple(dataset.name for dataset in clones.dependents(inventory, parts))


def users(inventory: Inventory, version: str) -> tuple[str, ...]:
    """Jails and images that depend on an image, by name; other datasets by theirs."""
    names = {jail.dataset: jail.name for jail in inventory.jails if jail.dataset}
    names |= {image.dataset: image.version for image in inventory.images}
    return tuple(names.get(dependant, dependant) for dependant in dependants(inventory, version))


# --- fetching --------------------------------------------------------------------------------


def fetch_needs(inventory: Inventory, version: str, where: str) -> Needs:
    """The manifest and the size on the mirror, a manifest here, an archive that is there."""
    if not inventory.host.arch or mirror.refusal(inventory, version):
        return Needs()
    spot = places(inventory, version)
    asks = [
        mirror.manifest_ask(inventory, where, version),
        mirror.size_ask(inventory, where, version),
    ]
    there = [path for path in (spot.archive, spot.staged) if path in inventory.file_stats]
    asks += [("sha256", "-q", path) for path in there]
    return Needs(
        files=(mirror.local_manifest(inventory, version),),
        paths=(spot.files, spot.archive, spot.staged, spot.root),
        commands=tuple(asks),
    )


def needs(inventory: Inventory, request: ImageFetch) -> Needs:
    """What `fetch` must know."""
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


def fetch_steps(inventory: Inventory, version: str, where: str) -> tuple[list[Step], list[str]]:
    """Steps and notes that fetch an image, check it, and extract it. Raises Refused."""
    layout = inventory.layout
    if not layout.dataset:
        raise Refused("there is no dataset for jails yet", "Set up the host first: init")
    why_not = mirror.refusal(inventory, version)
    if why_not and image(inventory, version) is not None:
        raise Already(why_not, "See what the mirror has: image list remote")
    if why_not:
        raise Refused(why_not, "See what the mirror has: image list remote")
    spot = places(inventory, version)
    url = mirror.archive_url(inventory, where, version)
    distribution, notes = _wanted(inventory, version, where)
    size = _size(inventory, version, where)
    staged = _is_whole(inventory, spot.staged, distribution)
    if not staged:
        _room(inventory, size)
    if spot.root in inventory.file_stats:
        raise Refused(f"{spot.root} is in the way", "Move it away first.")
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
    ends = releases.end_of_life(version)
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
    here = mirror.distribution(text, path)
    if here.sha256 != remote.sha256:
        raise Refused(
            f"the mirror's checksum of {version} differs from the one in {path}",
            "Use another mirror; do not trust this one.",
        )
    return here, [f"The checksum is the one in {path}; the mirror's is the same."]


def _size(inventory: Inventory, version: str, where: str) -> int:
    result = mirror.answer(inventory, mirror.size_ask(inventory, where, version), version)
    text = result.stdout.strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _room(inventory: Inventory, size: int) -> None:
    top = inventory.dataset(inventory.layout.dataset)
    if top is not None and top.available < size:
        raise Refused(
            f"{top.name} has only {human_bytes(top.available)} left, "
            f"the archive alone takes {human_bytes(size)}",
            "Free some space, or raise the quota.",
        )


def _folders(inventory: Inventory, spot: Places) -> list[Step]:
    steps: list[Step] = []
    images = inventory.layout.images
    if inventory.dataset(images) is None:
        steps.append(new_dataset(images, "Create the dataset of the images"))
    if spot.files not in inventory.file_stats:
        steps.append(created.directory(spot.files))
    return steps


def _move_back(spot: Places) -> tuple[Undo, ...]:
    """Between two datasets mv(1) copies: when it is ended, both files are there."""
    absent = PathExists(spot.archive, exists=False)
    back = Undo(
        Run(("mv", spot.archive, spot.staged)),
        f"Move {spot.archive} back",
        (PathExists(spot.archive), PathExists(spot.staged, exists=False)),
        (absent,),
        timeout=MOVE_TIMEOUT,
        or_done_when=(PathExists(spot.staged),),
    )
    remove_part = Undo(
        RemoveFile(spot.archive),
        f"Remove {spot.archive}",
        (PathExists(spot.archive), PathExists(spot.staged)),
        (absent,),
    )
    return back, remove_part


def _is_whole(inventory: Inventory, path: str, wanted: Distribution) -> bool:
    result = inventory.command_results.get(("sha256", "-q", path))
    if path not in inventory.file_stats or result is None:
        return False
    return result.status == 0 and result.stdout.strip() == wanted.sha256


def _remove_part(path: str, *, staging: bool) -> Step:
    return Step(
        RemoveFile(path),
        f"Remove {path}, a part of an earlier download",
        irreversible_because="it was incomplete or wrong",
        preconditions=(PathExists(path),),
        postconditions=(PathExists(path, exists=False),),
        staging=staging,
    )


def _stage(inventory: Inventory, spot: Places, where: str, url: str, size: int) -> list[Step]:
    """Download the archive beside its place, while other changes go on."""
    left_over = spot.staged in inventory.file_stats
    return [
        *([_remove_part(spot.staged, staging=True)] if left_over else []),
        Step(
            Run(("fetch", "-T", mirror.PATIENCE, "-o", spot.staged, url)),
            f"Download {url}",
            timeout=DOWNLOAD_TIMEOUT,
            undo=(
                Undo(
                    RemoveFile(spot.staged),
                    f"Remove {spot.staged}",
                    (PathExists(spot.staged),),
                    (PathExists(spot.staged, exists=False),),
                ),
            ),
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
    broken = spot.archive in inventory.file_stats
    return [
        *([_remove_part(spot.archive, staging=False)] if broken else []),
        Step(
            Run(("mv", spot.staged, spot.archive)),
            f"Move it to {spot.archive}",
            timeout=MOVE_TIMEOUT,
            undo=_move_back(spot),
            preconditions=(PathExists(spot.staged), PathExists(spot.archive, exists=False)),
            postconditions=(PathExists(spot.archive), PathExists(spot.staged, exists=False)),
            failure_means="the archive could not be moved to its place",
            hint="Check the free space of the pool: zpool list",
        ),
    ]


def _check(spot: Places, wanted: Distribution) -> Step:
    """Exit status 2 when the sum is another one (recording 02)."""
    return Step(
        Run(("sha256", "-q", "-c", wanted.sha256, spot.archive)),
        "Verify its checksum",
        timeout=600.0,
        failure_means="the archive's checksum is wrong: it is damaged, or not what it should be",
        hint="Fetch it again, or from another mirror (--mirror).",
    )


def _extract(spot: Places, version: str, wanted: Distribution) -> list[Step]:
    return [
        new_dataset(spot.dataset, f"Create the dataset of {version}"),
        Step(
            Run(("tar", "-xvf", spot.archive, "-C", spot.root)),
            f"Extract it into {spot.root}",
            timeout=EXTRACT_TIMEOUT,
            wait_reason="thousands of files are written",
            total=wanted.files,
            counts_lines=True,
            failure_means="the archive could not be extracted",
            hint="Check the free space of the pool: zpool list",
        ),
        base_snapshot(spot.dataset),
    ]


# --- choosing --------------------------------------------------------------------------------


def default_file(inventory: Inventory) -> str:
    """Where the name of the default image stands."""
    return f"{inventory.layout.mountpoint.rstrip('/')}/image/.default"


def network_file(inventory: Inventory) -> str:
    """Where the default network type stands."""
    return f"{inventory.layout.mountpoint.rstrip('/')}/image/.default_nettype"


def default_network(inventory: Inventory) -> str:
    """The default network type; jailer's is inherit when none was chosen."""
    text = inventory.file_texts.get(network_file(inventory), "").strip()
    return text if text in NETWORKS else "inherit"


def default_needs(inventory: Inventory, request: ImageUse | NetworkUse) -> Needs:
    """The file that holds the default now."""
    path = (default_file if isinstance(request, ImageUse) else network_file)(inventory)
    return Needs(files=(path,))


def use(inventory: Inventory, request: ImageUse) -> Plan:
    """The plan that makes an image the default."""
    version = named_version(inventory, request.version)
    if image(inventory, version) is None:
        raise Refused(f"there is no image {version}", f"Fetch it first: image fetch {version}")
    title = f"Make {version} the default image"
    return _choose(inventory, request, default_file(inventory), version, title)


def network_use(inventory: Inventory, request: NetworkUse) -> Plan:
    """The plan that makes a network type the default."""
    if request.network == "ng":
        raise Refused("netgraph (ng) is not supported", "Use eb, new or inherit.")
    if request.network not in NETWORKS:
        raise Refused(
            f"'{named(request.network)}' is not a network type", "Use eb, new or inherit."
        )
    if not inventory.layout.dataset:
        raise Refused("there is no dataset for jails yet", "Set up the host first: init")
    title = f"Make {request.network} the default network type"
    return _choose(inventory, request, network_file(inventory), request.network, title)


def _choose(
    inventory: Inventory, request: ImageUse | NetworkUse, path: str, value: str, title: str
) -> Plan:
    old = inventory.file_texts.get(path)
    if old is not None and old.strip() == value:
        return Plan(request, title, notes=(f"{value} is already the default.",))
    steps: list[Step] = []
    if inventory.dataset(inventory.layout.images) is None:
        steps.append(new_dataset(inventory.layout.images, "Create the dataset of the images"))
    if old is None:
        steps.append(files.new_file(path, f"{value}\n", 0o644, f"Write {path}"))
    else:
        steps.append(files.change_file(path, old, f"{value}\n", None, f"Write {path}"))
    danger = Danger.NONE if len(steps) == 1 else Danger.CHANGES
    return Plan(request, title, tuple(steps), danger)


# --- destroying ------------------------------------------------------------------------------


def destroy_needs(inventory: Inventory, request: ImageDestroy) -> Needs:
    """Its snapshots, its archive, whether it is the default."""
    try:
        spot = places(inventory, named_version(inventory, request.version))
    except UsageError:
        return Needs()
    return Needs(
        snapshots=True,
        files=(default_file(inventory),),
        paths=(spot.archive,),
        commands=(clones.volumes_ask(spot.dataset),),
    )


def destroy(inventory: Inventory, request: ImageDestroy) -> Plan:
    """The plan that destroys an image which nothing depends on."""
    version = named_version(inventory, request.version)
    spot = places(inventory, version)
    parts = inventory.below(spot.dataset)
    if not parts:
        raise Refused(f"there is no image {version}", "See the images: image list")
    _nobody(inventory, version, parts)
    steps: list[Step] = []
    default = inventory.file_texts.get(default_file(inventory))
    if default is not None and default.strip() == version:
        path = default_file(inventory)
        steps.append(files.drop_file(path, default, None, f"Remove {path}: it is the default"))
    notes = clones.what_goes(inventory, parts)
    if spot.archive in inventory.file_stats:
        steps.append(
            Step(
                RemoveFile(spot.archive),
                f"Remove its archive {spot.archive}",
                irreversible_because="it can be fetched again",
                preconditions=(PathExists(spot.archive),),
                postconditions=(PathExists(spot.archive, exists=False),),
            )
        )
    same = (DatasetHasGuid(parts[0].name, parts[0].guid),)
    steps.append(clones.destroy_step(parts[0], same, ""))
    return Plan(
        request,
        f"Destroy the image {version}",
        tuple(steps),
        Danger.DESTROYS,
        confirm=version,
        notes=tuple(notes),
    )


def _nobody(inventory: Inventory, version: str, parts: tuple[Dataset, ...]) -> None:
    using = users(inventory, version)
    if using:
        raise Refused(
            f"the image {version} is needed by {', '.join(map(named, using))}",
            "Jails that are clones of it depend on it: destroy them first, or keep it.",
        )
    clones.not_held(inventory, parts)
