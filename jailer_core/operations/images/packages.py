"""Fetch an image as packages (pkgbase), as bsdinstall does; FreeBSD 16 offers nothing else.

pkg takes the paths of keys as below its root directory, so the host's keys are copied there first.
What pkg prints, and how it ends, is # not recorded (pkg(8), freebsd-base(7)).
"""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.images import catalog, mirror
from jailer_core.operations.images.catalog import above_images, base_snapshot, places
from jailer_core.operations.images.mirror import MACHINES
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.operations.in_jail.commands import HAS_PKG, has_pkg
from jailer_core.operations.shared import file_steps
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Needs, PathExists, Plan, Run, Step
from jailer_core.text import sanitize

SET = "FreeBSD-set-base-jail"
REPOSITORY = "FreeBSD-base"
KEYS = "/usr/share/keys"
TIMEOUT = 6 * 3600.0


def keys(version: str) -> str:
    """The keys that sign the packages of a release."""
    return f"{KEYS}/pkgbase-{version.partition('.')[0]}"


def folder(inventory: Inventory) -> str:
    """The directory that holds only the description of the repository."""
    return f"{file_steps.place(inventory).state}/pkgbase"


def description(version: str) -> str:
    """The text that describes the repository of this release's base packages."""
    minor = version.partition("-")[0].partition(".")[2]
    return (
        f"{REPOSITORY}: {{\n"
        f'  url: "pkg+https://pkg.FreeBSD.org/${{ABI}}/base_release_{minor}",\n'
        '  mirror_type: "srv",\n'
        '  signature_type: "fingerprints",\n'
        f'  fingerprints: "{keys(version)}",\n'
        "  enabled: yes\n"
        "}\n"
    )


def needs(inventory: Inventory, version: str) -> Needs:
    """Whether the host has pkg and the keys, and whether paths are free."""
    where = folder(inventory)
    conf = f"{where}/{REPOSITORY}.conf"
    return Needs(
        files=(conf,),
        paths=(keys(version), where, conf, places(inventory, version).root),
        commands=(HAS_PKG,),
    )


def fetch(inventory: Inventory, request: ImageFetch, version: str) -> Plan:
    """The plan that makes an image of packages. Raises Refused."""
    _possible(inventory, version)
    spot = places(inventory, version)
    conf = f"{folder(inventory)}/{REPOSITORY}.conf"
    steps = [*file_steps.place(inventory).steps, *_repository(inventory, version)]
    steps += [
        *above_images(inventory),
        zfs_steps.create(spot.dataset, f"Create the dataset of {version}"),
        *_keys(spot.root),
        _install(inventory, version, spot.root),
        base_snapshot(spot.dataset),
    ]
    notes = [
        f"{SET} is installed from the packages of {version}, described in {conf}.",
        f"Their signatures are checked with the keys in {keys(version)}.",
    ]
    return Plan(request, f"Fetch {version} as packages", tuple(steps), notes=tuple(notes))


def _possible(inventory: Inventory, version: str) -> None:
    guards.require_set_up(inventory)
    why_not = mirror.refusal(inventory, version)
    if why_not:
        raise Refused(why_not, "See the images: image list")
    number = catalog.release_number(version)
    if number is None or number[0] < 15:
        raise Refused(
            f"{sanitize(version)} does not come as packages", "Fetch it without --packages."
        )
    if not has_pkg(inventory):
        raise Refused("this host has no pkg", "Install it: pkg bootstrap")
    if keys(version) not in inventory.file_stats:
        raise Refused(
            f"the host has no keys for these packages: {keys(version)}",
            "Without them the origin of the packages cannot be verified. Update the host first.",
        )
    guards.require_free(inventory, places(inventory, version).root)


def _repository(inventory: Inventory, version: str) -> list[Step]:
    where, text = folder(inventory), description(version)
    conf = f"{where}/{REPOSITORY}.conf"
    old = inventory.file_texts.get(conf)
    if old == text:
        return []
    title = "Describe the repository of the base packages"
    folders = [] if where in inventory.file_stats else [file_steps.make_dir(where)]
    return [*folders, file_steps.put_file(conf, old, text, title, mode=0o600)]


def _keys(root: str) -> list[Step]:
    share = f"{root}/usr/share"
    return [
        Step(
            Run(("mkdir", "-p", share)),
            f"Create the directory {share}",
            preconditions=(PathExists(root),),
            postconditions=(PathExists(share),),
        ),
        Step(
            Run(("cp", "-R", KEYS, f"{share}/")),
            "Copy the host's keys to where pkg looks for them",
            preconditions=(PathExists(share),),
            postconditions=(PathExists(f"{share}/keys"),),
        ),
    ]


def _install(inventory: Inventory, version: str, root: str) -> Step:
    arch = MACHINES.get(inventory.host.arch, inventory.host.arch)
    major = version.partition(".")[0]
    return Step(
        Run(
            (
                *("env", f"ABI=FreeBSD:{major}:{arch}", "pkg", "--rootdir", root),
                *("--repo-conf-dir", folder(inventory), "-o", "IGNORE_OSVERSION=yes"),
                *("install", "-y", "-r", REPOSITORY, SET),
            )
        ),
        f"Install {SET}",
        timeout=TIMEOUT,
        preconditions=(PathExists(root),),
        postconditions=(PathExists(f"{root}/bin/freebsd-version"),),
        wait_reason="packages are downloaded and installed",
        failure_means="the packages could not be installed",
        hint="Check the network and the free space of the pool: zpool list",
    )
