"""Update an image to its newest patch level, as a new image beside the one that jails use.

The new one begins as a clone. freebsd-update(8), or pkg(8) where the base is made of packages,
works in it; then it gets its own snapshot @base. What freebsd-update and pkg print, and how they
end, is # not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Image, Inventory
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.images import catalog
from jailer_core.operations.images.catalog import BASE, base_snapshot, places
from jailer_core.operations.shared import file_steps as own
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.operations.updates import bases, packages
from jailer_core.operations.updates.requests import ImageUpdate
from jailer_core.plan import Needs, PathExists, Plan, Run, Step
from jailer_core.text import sanitize

TIMEOUT = 6 * 3600.0
WORK = "update"
"""A dataset for the working files of freebsd-update: the host's directory is left alone."""


@dataclass(frozen=True, slots=True)
class Update:
    """An image, the new image made from it, and the place of its files."""

    old: Image
    version: str
    dataset: str
    root: str


def needs(inventory: Inventory, request: ImageUpdate) -> Needs:
    """Whether its base system is made of packages; the directory of freebsd-update."""
    asked = packages.first_needs(inventory) | packages.kind_needs(inventory)
    try:
        made = update_of(inventory, request)
    except JailerError:
        return asked  # `update` says why
    return asked | Needs(snapshots=True, paths=(made.root,))


def update_of(inventory: Inventory, request: ImageUpdate) -> Update:
    """The update of an image. Raises Refused."""
    guards.require_stamp(request.stamp, "an image")
    image = bases.find(inventory, request.version)
    release = image.userland or image.version
    version = f"{catalog.release_version(release)}-{request.stamp.partition('T')[0]}"
    spot = places(inventory, version)
    return Update(image, version, spot.dataset, spot.root)


def update(inventory: Inventory, request: ImageUpdate) -> Plan:
    """The plan that updates an image. Raises Refused."""
    made = update_of(inventory, request)
    _possible(inventory, made)
    old = sanitize(made.old.version)
    title = f"Clone {old} to {sanitize(made.version)}"
    clone = zfs_steps.clone(f"{made.old.dataset}@{BASE}", made.dataset, title)
    if packages.kind(inventory, bases.mounted_at(inventory, made.old)) == packages.PACKAGES:
        steps = [clone, _by_packages(made)]
    else:
        place = own.place(inventory)
        work = f"{inventory.layout.own}/{WORK}"
        steps = [*place.steps, _work(inventory, work), clone]
        steps += _by_sets(made, f"{place.state}/{WORK}")
        title = f"Destroy {sanitize(work)}, which is no longer needed"
        steps.append(zfs_steps.destroy_made(work, title))
    steps.append(base_snapshot(made.dataset))
    notes = [
        f"{old} is not changed: jails cloned from it stay as they are.",
        f"Move a jail to the new image: rebase NAME --to {word(made.version)}",
    ]
    title = f"Update {old} to its newest patch level as {sanitize(made.version)}"
    return Plan(request, title, tuple(steps), notes=tuple(notes))


def _possible(inventory: Inventory, made: Update) -> None:
    image = made.old
    bases.require_base(image)
    if not image.userland:
        raise Refused(
            f"the release of the image {sanitize(image.version)} is unknown",
            "Its bin/freebsd-version could not be read.",
        )
    if inventory.dataset(made.dataset) is not None or made.root in inventory.file_stats:
        raise Refused(
            f"the image {sanitize(made.version)} already exists",
            "It was made today. To make it again, destroy it first: "
            f"image destroy {word(made.version)}",
        )
    if not packages.kind(inventory, bases.mounted_at(inventory, image)):
        raise Refused(
            f"whether {sanitize(image.version)} is made of packages could not be read",
            "Install pkg on this host: pkg bootstrap",
        )


def _work(inventory: Inventory, work: str) -> Step:
    if inventory.dataset(work) is not None:
        raise Refused(
            f"{sanitize(work)} is left over from an earlier attempt",
            f"Destroy it first: zfs destroy {word(work)}",
        )
    return zfs_steps.create(work, "Create a dataset for the working files of freebsd-update")


def _by_sets(made: Update, work: str) -> list[Step]:
    """No pager, nothing asked, nothing of the host's own state (freebsd-update(8))."""
    release = catalog.release_version(made.old.userland)
    options = ("-b", made.root, "-d", work, "--currently-running", release)
    program = ("env", "PAGER=cat", "freebsd-update", *options, "--not-running-from-cron")
    built = (PathExists(f"{made.root}/bin"),)
    return [
        Step(
            Run((*program, "fetch")),
            "Fetch the updates",
            timeout=TIMEOUT,
            preconditions=built,
            wait_reason="all files are compared with those of the release",
            failure_means="the updates could not be fetched",
            hint="Check the network, and whether the release is still supported: image list",
        ),
        Step(
            Run((*program, "install")),
            "Install the updates",
            timeout=TIMEOUT,
            preconditions=built,
            failure_means="there are no updates, or they could not be installed",
            hint="The image may already have the newest patch level: outdated",
        ),
    ]


def _by_packages(made: Update) -> Step:
    return Step(
        Run(("pkg", "-r", made.root, "upgrade", "-y")),
        "Upgrade the packages of the base system",
        timeout=TIMEOUT,
        preconditions=(PathExists(f"{made.root}/bin"),),
        failure_means="the packages could not be upgraded",
        hint="Check the network and the repositories: pkg -vv",
    )
