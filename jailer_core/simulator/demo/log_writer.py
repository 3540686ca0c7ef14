"""Log lines of a live host's jails: one now and then, written when a log is read.

Like activity.py: a function of the host's clock, nothing runs in the background. The form of a
line is recorded (07, line 57: `Nov 24 00:07:37 armbsd15 kernel: …`), what the lines say is made up.
"""

from __future__ import annotations

import time
import zlib

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimJail

FOLDER = "/var/log"
PERIOD = 3
"""Seconds between two lines, about."""
PAST = 40
"""Lines that a log holds when it is looked at for the first time."""
MOST = 50
"""Lines that are made up at once."""

SAYINGS = (
    "newsyslog[{pid}]: logfile turned over",
    "app[{pid}]: GET /status 200 {number} ms",
    "app[{pid}]: GET /orders/{number} 200 {pid} bytes",
    "app[{pid}]: cache: {number} entries, none too old",
    "app[{pid}]: POST /orders 201, order {number} accepted",
    "app[{pid}]: WARNING: the database answered after {number} ms",
    "cron[{pid}]: (root) CMD (/usr/libexec/save-entropy)",
    "app[{pid}]: ERROR: connection {number} reset by peer",
)


def wake(machine: Machine, path: str) -> None:
    """Let the log that is looked at (or the folder of logs) be as it would be by now."""
    root, found, rest = path.rpartition(FOLDER)
    if not found or rest.strip("/") not in ("", "messages") or not root:
        return
    jail = next((one for one in machine.state.jails.values() if one.path == root), None)
    if jail is None or jail.dying:
        return
    try:
        _write(machine, jail, f"{root}{FOLDER}/messages")
    except SimOSError:
        return  # a quota, or a tree without /var/log: then nothing is written


def _write(machine: Machine, jail: SimJail, path: str) -> None:
    files, now = machine.files, int(machine.state.now)
    if not files.exists(path):
        files.mkdir(path.rpartition("/")[0], parents=True)
        files.write(path, _lines(jail, now - PAST * PERIOD * 20, now, PERIOD * 20), mode=0o644)
        return
    node = files.get(path, follow=False)
    if node.kind != "file" or node.size is not None:
        return
    since = max(int(node.mtime), now - MOST * PERIOD)
    more = _lines(jail, since, now, PERIOD)
    if more:
        files.write(path, node.data + more)


def _lines(jail: SimJail, since: int, until: int, period: int) -> bytes:
    """The lines of the seconds behind `since`, up to `until`."""
    host = jail.params.get("host.hostname", [jail.name])[0].partition(".")[0]
    found = []
    for second in range(since + 1, until + 1):
        chance = zlib.crc32(f"{jail.name} {second}".encode())
        if chance % period == 0:
            stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(second))
            saying = SAYINGS[chance // period % len(SAYINGS)]
            pid, number = 1000 + jail.jid * 7, chance // 97 % 900 + 3
            found.append(f"{stamp} {host} {saying.format(pid=pid, number=number)}\n")
    return "".join(found).encode()
