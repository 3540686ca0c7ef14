"""Find a usable pyzfs: OpenZFS's own, not the one of PyPI (docs/freebsd-facts.md, ZFS).

The release on PyPI (0.2.3, of 2016) imports, but ends every failure in an AttributeError and
crashes the interpreter in lzc_send_space: it is told by what it lacks, and never called.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
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
