"""Images and the mirror's list as text in columns: pure, without a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from jailer_core.model import Image, Inventory
from jailer_core.operations.images.catalog import (
    end_of_life,
    newer_release as newer,
    release_number,
    users,
)
from jailer_core.text import human_bytes, sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import NOTHING, UNKNOWN, Column, Line, Span, fit, has_words
from jailer_tui.state import Mirror
from jailer_tui.theme import Glyphs

COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("version", "RELEASE", 16, 0),
    Column("state", "STATE", 11, 0),
    Column("size", "SIZE", 6, 0, right=True),
    Column("date", "FETCHED", 10, 0),
    Column("jails", "JAILS", 5, 0, right=True),
    Column("support", "SUPPORT", 16, 0),
)
NO_WORK: Mapping[str, str] = {}
NARROW = ("glyph", "version", "state", "size", "support")


@dataclass(frozen=True, slots=True)
class Release:
    """One row: a release that is fetched, on the mirror, or both.

    `newer` than the host's kernel: then its programs may not run. `ends` is the day on which
    its support ends, `over` whether that was before today. `jails` are the names of those that
    use it. `doing` is what is being done to it now.
    """

    version: str
    image: Image | None
    remote: bool
    newer: bool
    ends: date | None
    over: bool
    jails: tuple[str, ...] = ()
    doing: str = ""

    @property
    def state(self) -> str:
        """In one word, or two."""
        if self.doing:
            return self.doing
        if self.image is None:
            return "too new" if self.newer else "to fetch"
        if self.image.has_base is False:
            return "incomplete"
        return "default" if self.image.default else "fetched"


def releases(
    inventory: Inventory | None, mirror: Mirror, doing: Mapping[str, str] = NO_WORK
) -> list[Release]:
    """All releases, the newest first; `doing` has running jobs by release."""
    if inventory is None:
        return []
    images = {image.version: image for image in inventory.images}
    listed = set(mirror.versions or ())
    today = datetime.fromtimestamp(inventory.taken, UTC).date()
    releases = []
    for version in images.keys() | listed | doing.keys():
        image, ends = images.get(version), end_of_life(version)
        over = ends is not None and ends < today
        jails = users(inventory, version) if image is not None else ()
        new = newer(version, inventory.host.release)
        work = doing.get(version, "")
        releases.append(Release(version, image, version in listed, new, ends, over, jails, work))
    releases.sort(key=lambda release: (release_number(release.version) or (0, 0), release.version))
    return releases[::-1]


def matches(release: Release, words: str) -> bool:
    """Whether version, state and support contain every word, and no `!word`."""
    mirror = "mirror" if release.remote else ""
    texts = (release.state, _support(release)[0], mirror)
    names = map(sanitize, (release.version, *release.jails))
    return has_words(" ".join((*texts, *names)).casefold(), words)


# --- the table -------------------------------------------------------------------------------


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that fit."""
    return COLUMNS if width >= 76 else tuple(column for column in COLUMNS if column.key in NARROW)


def cells(release: Release, columns: Sequence[Column], glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of a release for these columns."""
    sign, tone = {
        "default": (glyphs.running, "ok"),
        "fetched": (glyphs.running, "text"),
        "incomplete": (glyphs.broken, "bad"),
        "too new": (glyphs.stopped, "dim"),
        release.doing: (glyphs.active, "accent"),
    }.get(release.state, (glyphs.stopped, "dim"))
    image = release.image
    spans: dict[str, Span] = {
        "glyph": (sign, tone),
        "version": (sanitize(release.version), "strong" if image is not None else "text"),
        "state": (release.state, "warn" if release.state == "too new" else tone),
        "size": (human_bytes(image.used), "text") if image is not None else NOTHING,
        "date": (_day(image.created), "text") if image is not None else NOTHING,
        "jails": (str(len(release.jails)), "text") if release.jails else NOTHING,
        "support": _support(release),
    }
    return tuple(spans[column.key] for column in columns)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d")


def _support(release: Release) -> Span:
    if release.ends is None:
        return UNKNOWN
    return (f"ended {release.ends}", "warn") if release.over else (f"until {release.ends}", "text")


# --- the detail ------------------------------------------------------------------------------


def detail(release: Release, inventory: Inventory, glyphs: Glyphs, width: int) -> list[Line]:
    """Details of one release."""
    sentence = ("  " + _sentence(release), "text")
    lines: list[Line] = [((sanitize(release.version), "title"), sentence)]
    if release.newer:
        kernel = sanitize(inventory.host.release)
        message = f"{glyphs.broken} Newer than this host's kernel ({kernel}): "
        lines.append(((message, "warn"), ("its programs may not run.", "text")))
    if release.over:
        message = f"{glyphs.broken} No security fixes since {release.ends}."
        lines.append(((message, "warn"),))
    if release.image is not None:
        names = ", ".join(map(sanitize, release.jails)) or "none"
        lines += [
            (("Dataset    ", "dim"), (sanitize(release.image.dataset), "text")),
            (("Jails      ", "dim"), (fit(names, max(width - 12, 10), glyphs).rstrip(), "text")),
        ]
    return lines


def _sentence(release: Release) -> str:
    """What it is, and what can be done."""
    return {
        "default": "fetched; the default for new jails",
        "fetched": f"fetched; {key_for('image_next')} makes it the default for new jails",
        "incomplete": "its snapshot @base is missing: no jail can be created from it",
        "too new": "on the mirror, but refused",
        release.doing: f"{release.doing}; {key_for('image_next')} shows its progress",
    }.get(release.state, f"on the mirror; {key_for('image_next')} fetches it")


def mirror_line(mirror: Mirror, glyphs: Glyphs) -> Line | None:
    """The notice about the mirror above the table, None without one."""
    if not mirror.failure:
        return None
    message = f" {glyphs.broken} The mirror's list could not be read: {sanitize(mirror.failure)}"
    return ((message, "bad"), (f"  {sanitize(mirror.hint)}" if mirror.hint else "", "dim"))
