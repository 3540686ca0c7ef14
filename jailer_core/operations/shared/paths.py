"""Paths of our own files, and the names of jails in them.

    STATE/journal/                 one file a plan (journal.py)
    STATE/kept/NAME-STAMP/         what was kept of a destroyed jail: jail.conf, trash.json
    STATE/running/NAME-JID.conf    the file that a running jail was started with, since edited

None of them lies in a directory whose files something else loads by a glob.
"""

from __future__ import annotations

import hashlib
import re

from jailer_core.model import Inventory, Jail, Layout

VAR = "/var/db/jailer-tui"
"""Our directory before the set-up."""

CLOCK_DRIFT = 600
"""Seconds by which the kernel's boot time may move while the host runs (ntpd steps the clock)."""

_HEADER = re.compile(r"# jailer-tui: jail (\d+) of the boot at (\d+) was started with this\n")


def states(layout: Layout) -> tuple[str, ...]:
    """Both directories where our files may be, the current one first."""
    return tuple(dict.fromkeys((layout.state, VAR)))


def file_name(name: str) -> str:
    """A jail's name in a form for file names: no slashes or control characters, limited length."""
    plain = re.sub(r"[%/\x00-\x1f\x7f]", lambda match: f"%{ord(match[0]):02X}", name)
    raw = plain.encode(errors="surrogateescape")
    if len(raw) <= 200 and not plain.startswith("."):
        return plain
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return f"{raw[:160].decode(errors='ignore').lstrip('.')}%{digest}"


def running_files(layout: Layout, jail: Jail) -> tuple[str, ...]:
    """The saved file with which a running jail was started, if it was edited since."""
    if jail.jid is None:
        return ()
    return tuple(
        f"{state}/running/{file_name(jail.name)}-{jail.jid}.conf" for state in states(layout)
    )


def with_header(inventory: Inventory, jail: Jail, text: str) -> str:
    """The text of a running jail's file, marked with jid and boot (jids start over at boot)."""
    boot = inventory.host.boot_time or 0
    return f"# jailer-tui: jail {jail.jid} of the boot at {boot} was started with this\n{text}"


def started_with(inventory: Inventory, jail: Jail) -> str:
    """The kept file that this jail was started with, "" when its own is still that one.

    A kept file of another boot belongs to another jail that had the same jid.
    """
    for path in running_files(inventory.layout, jail):
        match = _HEADER.match(inventory.file_texts.get(path, ""))
        if match is None or int(match[1]) != jail.jid:
            continue
        boot = inventory.host.boot_time
        if boot is None or abs(int(match[2]) - boot) <= CLOCK_DRIFT:
            return path
    return ""


def kept_folder(state: str, entry: str) -> str:
    """The directory of a destroyed jail."""
    return f"{state}/kept/{entry}"


def leaf(last: str, old: str, new: str) -> str:
    """The last part of a dataset's name for another jail: `web`, `web-root`."""
    word = rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])"
    return re.sub(word, lambda _found: new, last, count=1)
