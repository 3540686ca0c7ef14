"""Find a usable pyzfs, and translate `zfs` argument lists into its requests.

Find a usable pyzfs: OpenZFS's own, not the one of PyPI (docs/freebsd-facts.md, ZFS).

The release on PyPI (0.2.3, of 2016) imports, but ends every failure in an AttributeError and
crashes the interpreter in lzc_send_space: it is told by what it lacks, and never called.

Translate `zfs` argument lists into requests that libzfs_core can handle.

Only what it does exactly as the command: no flag beyond -r, no property but a user's own (the
library wants numbers where the command takes `10G`), no range (`a%b`), names that both accept.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MODULE = "libzfs_core"
NEWER = ("lzc_channel_program", "lzc_promote", "lzc_rename")
"""What 0.2.3 lacks."""
USED = (
    *("lzc_exists", "lzc_snapshot", "lzc_destroy_snaps", "lzc_clone", "lzc_promote"),
    "lzc_send_space",
)

ABSENT = "not installed"
NOT_ROOT = "installed, but only root can use it"
OLD_RELEASE = "found, but it is PyPI's old 0.2.3, which crashes"


@dataclass(frozen=True, slots=True)
class Found:
    """The module, or why it is not used."""

    module: Any = None
    why_not: str = ""


def look() -> Found:
    """Find, import and judge it; blocks, and takes a moment. Raises nothing."""
    try:
        installed = importlib.util.find_spec(MODULE) is not None
    except (ImportError, ValueError, AttributeError):
        installed = False
    if not installed:
        return Found(why_not=ABSENT)
    if os.geteuid() != 0:
        return Found(why_not=NOT_ROOT)
    try:
        module = importlib.import_module(MODULE)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's module does
        return Found(why_not=f"found, but it cannot be imported: {_said(error)}")
    return judge(module)


def judge(module: Any) -> Found:
    """Whether a module can be used; nothing of an unsound one is called."""
    if any(not hasattr(module, name) for name in NEWER):
        return Found(why_not=OLD_RELEASE)
    missing = [name for name in USED if not hasattr(module, name)]
    if missing or not hasattr(module, "exceptions"):
        return Found(why_not=f"found, but it has no {(*missing, 'exceptions')[0]}")
    try:
        # the first call that opens the C library: it says so when that cannot be done
        old = [name for name in USED if not module.is_supported(getattr(module, name))]
    except Exception as error:  # noqa: BLE001 - see above
        return Found(why_not=f"found, but it does not work: {_said(error)}")
    if old:
        return Found(why_not=f"found, but the host's libzfs_core is too old: no {old[0]}")
    return Found(module)


def _said(error: Exception) -> str:
    """Its own words, in one line."""
    lines = str(error).splitlines()
    return lines[0] if lines and lines[0].strip() else type(error).__name__


LONGEST = 255
_PART = r"[A-Za-z0-9_.:\- ]+"
_DATASET = re.compile(rf"{_PART}(/{_PART})*")
_SNAPSHOT = re.compile(rf"{_PART}(/{_PART})*@{_PART}")


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """`zfs snapshot [-r] [-o x:y=z] A@s…`."""

    names: tuple[str, ...]
    recursive: bool
    props: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DestroyRequest:
    """`zfs destroy [-r] A@s[,t…]`."""

    dataset: str
    snapshots: tuple[str, ...]
    recursive: bool


@dataclass(frozen=True, slots=True)
class CloneRequest:
    """`zfs clone [-o x:y=z] A@s B`."""

    origin: str
    name: str
    props: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PromoteRequest:
    """`zfs promote A`."""

    name: str


@dataclass(frozen=True, slots=True)
class SizeRequest:
    """`zfs send -nvP A@s`: how large a full stream would be."""

    name: str


Wish = SnapshotRequest | DestroyRequest | CloneRequest | PromoteRequest | SizeRequest


def read(argv: Sequence[str]) -> Wish | None:  # noqa: PLR0911 - one for each command
    """What the library is asked to do; None for everything that is the command's alone."""
    if len(argv) < 3 or argv[0].rpartition("/")[2] != "zfs":
        return None
    verb, args = argv[1], list(argv[2:])
    if verb == "send":
        return SizeRequest(args[1]) if args[0] == "-nvP" and _snapshots(args[1:]) == 1 else None
    flags, props, rest = _options(args)
    if flags is None or props is None:
        return None
    pools = {re.split("[/@]", name, maxsplit=1)[0] for name in rest}
    match verb:
        case "snapshot" | "snap" if flags <= {"r"} and _snapshots(rest) and len(pools) == 1:
            return SnapshotRequest(tuple(dict.fromkeys(rest)), "r" in flags, props)
        case "destroy" if flags <= {"r"} and not props and len(rest) == 1:
            return _removal(rest[0], recursive="r" in flags)
        case "clone" if not flags and len(rest) == 2 and _snapshots(rest[:1]):
            return CloneRequest(rest[0], rest[1], props) if _is_dataset(rest[1]) else None
        case "promote" if not flags and not props and len(rest) == 1 and _is_dataset(rest[0]):
            return PromoteRequest(rest[0])
    return None


def _removal(spec: str, *, recursive: bool) -> DestroyRequest | None:
    dataset, sign, listed = spec.partition("@")
    names = tuple(dict.fromkeys(listed.split(",")))
    if not sign or not all(_is_snapshot(f"{dataset}@{name}") for name in names):
        return None
    return DestroyRequest(dataset, names, recursive)


def _options(
    args: list[str],
) -> tuple[frozenset[str] | None, tuple[tuple[str, str], ...] | None, list[str]]:
    """Letters, user properties, the rest; None where something else was given."""
    flags: set[str] = set()
    props: dict[str, str] = {}
    while args and args[0].startswith("-"):
        word = args.pop(0)
        if word == "-o" and args:
            name, sign, value = args.pop(0).partition("=")
            if not sign or ":" not in name or not name.isascii() or name in props:
                return None, None, args
            props[name] = value
        elif re.fullmatch(r"-[a-z]", word) and word != "-o":
            flags.add(word[1])
        else:
            return None, None, args
    return frozenset(flags), tuple(props.items()), args


def _is_dataset(name: str) -> bool:
    return len(name) <= LONGEST and _DATASET.fullmatch(name) is not None


def _is_snapshot(name: str) -> bool:
    return len(name) <= LONGEST and _SNAPSHOT.fullmatch(name) is not None


def _snapshots(names: Sequence[str]) -> int:
    """How many they are, 0 when one of them is not the name of a snapshot."""
    return len(names) if all(_is_snapshot(name) for name in names) else 0
