"""MANIFEST of a release on a mirror.

The mirror that images come from: its URLs, what is asked there, what the answers mean.

A mirror lays out `releases/ARCH/VERSION/{MANIFEST,base.txz}` with a listing in HTML
(docs/freebsd-facts.md, Images; recording 02).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from jailer_core.errors import ParseError, Refused, first_line
from jailer_core.model import CommandResult, Inventory
from jailer_core.operations.images import catalog
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole, wrong
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Distribution:
    """One archive of a release; `sha256` proves that it is whole, not who made it."""

    file: str
    sha256: str
    files: int


def manifest(text: str) -> Parsed[tuple[Distribution, ...]]:
    """Tab separated: file, sum, number of files, name, description, default (02 line 28)."""
    return each(_distribution, lines(text))


def _distribution(line: str) -> Distribution:
    file, digest, count, _name, _description, _default = tabbed("MANIFEST", line, 6)
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or "/" in file:
        wrong("MANIFEST", "no checksum", digest)
    return Distribution(file, digest, whole("MANIFEST", count))


DEFAULT = "https://download.freebsd.org"
MANIFESTS = "/usr/local/share/freebsd/MANIFESTS"
"""Where the port freebsd-release-manifests puts the manifests of all releases."""
ARCHIVE = "base.txz"
PATIENCE = "20"
"""Seconds without a byte after which fetch(1) gives up."""

_ADDRESS = re.compile(r"(?:https?|ftp|file)://[^\s\"'<>\\^`{|}]+")
_LINK = re.compile(r"""<a\s[^>]*href=["']?(?:\./)?(\d+\.\d+-RELEASE)/?["'\s>]""", re.IGNORECASE)
MACHINES = {"arm64": "aarch64", "powerpc": "powerpc64", "riscv": "riscv64"}
"""hw.machine and the hw.machine_arch of its only supported kind, for the names of manifests."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A release on a mirror. `why_not` says why it cannot be fetched, "" when it can."""

    version: str
    fetched: bool
    default: bool
    end_of_life: date | None
    why_not: str


def base_of(mirror: str) -> str:
    """The address of a mirror without a slash at its end. Raises Refused."""
    text = mirror.strip().rstrip("/") or DEFAULT
    if not _ADDRESS.fullmatch(text) or not text.isprintable():
        raise Refused(
            f"'{sanitize(mirror)}' is not the address of a mirror", f"For example: {DEFAULT}"
        )
    return text


def warning(mirror: str) -> str:
    """What is unsafe about the address of a mirror, or ""."""
    scheme = base_of(mirror).partition(":")[0]
    if scheme in ("http", "ftp"):
        return (
            f"{scheme} is not encrypted: anyone in between can change both the archive and "
            "the checksum. Use https."
        )
    if scheme == "file":
        return "file takes the archive from files on this host, without any check of their origin."
    return ""


def folder(inventory: Inventory, mirror: str) -> str:
    """Where the releases of the host's architecture are."""
    return f"{base_of(mirror)}/releases/{inventory.host.arch}"


def list_ask(inventory: Inventory, mirror: str) -> tuple[str, ...]:
    """The query for all releases."""
    return ("fetch", "-T", PATIENCE, "-qo", "-", f"{folder(inventory, mirror)}/")


def manifest_ask(inventory: Inventory, mirror: str, version: str) -> tuple[str, ...]:
    """The query for the manifest of a release."""
    url = f"{folder(inventory, mirror)}/{version}/MANIFEST"
    return ("fetch", "-T", PATIENCE, "-qo", "-", url)


def size_ask(inventory: Inventory, mirror: str, version: str) -> tuple[str, ...]:
    """The query for the size of its archive."""
    return ("fetch", "-T", PATIENCE, "-s", archive_url(inventory, mirror, version))


def archive_url(inventory: Inventory, mirror: str, version: str) -> str:
    """The archive of a release."""
    return f"{folder(inventory, mirror)}/{version}/{ARCHIVE}"


def local_manifest(inventory: Inventory, version: str) -> str:
    """The manifest of a release that may be installed here."""
    arch = inventory.host.arch
    return f"{MANIFESTS}/{arch}-{MACHINES.get(arch, arch)}-{version}"


# --- answers ---------------------------------------------------------------------------------


def answer(inventory: Inventory, argv: tuple[str, ...], what: str) -> CommandResult:
    """The answer of the mirror. Raises Refused with the reason in one line, and a hint."""
    result = inventory.command_results.get(argv)
    if result is None:
        problems = (problem for problem in inventory.problems if problem.source == argv[0])
        reasons = (f": {problem.message}" for problem in problems if problem.message)
        raise Refused(f"the mirror could not be reached{next(reasons, '')}", "Try again.")
    if result.status == 0:
        return result
    message = sanitize(first_line(result.stderr).removeprefix("fetch: "))
    reason = message.rpartition(": ")[2]
    if reason == "Not Found":
        raise Refused(f"the mirror has no {what}", "See what it has: image list remote")
    raise Refused(
        f"the mirror does not answer: {message or f'exit status {result.status}'}",
        "Check the network and the name of the mirror (--mirror, FreeBSD_mirror).",
    )


def releases_there(inventory: Inventory, mirror: str) -> tuple[str, ...]:
    """Versions in the mirror's listing, the newest first. Raises Refused."""
    page = answer(inventory, list_ask(inventory, mirror), f"releases for {inventory.host.arch}")
    versions = dict.fromkeys(version.upper() for version in _LINK.findall(page.stdout))
    return tuple(
        sorted(
            versions, key=lambda version: catalog.release_number(version) or (0, 0), reverse=True
        )
    )


def remotes(inventory: Inventory, mirror: str) -> tuple[Remote, ...]:
    """All releases of the mirror with what is known of each. Raises Refused."""
    images = {image.version: image for image in inventory.images}
    return tuple(
        Remote(
            version,
            version in images,
            version in images and images[version].default,
            catalog.end_of_life(version),
            refusal(inventory, version),
        )
        for version in releases_there(inventory, mirror)
    )


def refusal(inventory: Inventory, version: str) -> str:
    """Why a release cannot be fetched, or ""."""
    if not inventory.layout.dataset:
        return "there is no dataset for jails yet"
    if any(image.version == version for image in inventory.images):
        return f"{version} already exists"
    if catalog.newer_release(version, inventory.host.release):
        return f"{version} is newer than this host ({inventory.host.release})"
    return ""


def distribution(text: str, where: str) -> Distribution:
    """The line of base.txz in a manifest. Raises Refused."""
    try:
        distributions = manifest(text).value
    except ParseError as error:
        raise Refused(f"the MANIFEST of {where} cannot be read: {error.message}") from None
    for distribution in distributions:
        if distribution.file == ARCHIVE:
            return distribution
    raise Refused(
        f"the release of {where} has no {ARCHIVE}",
        "FreeBSD 16 and later come as packages only: fetch it with --packages.",
    )
