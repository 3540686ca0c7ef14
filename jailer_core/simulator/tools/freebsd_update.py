"""freebsd-update(8) `-b ROOT … fetch|install`; what it prints is # not recorded."""

from __future__ import annotations

import re

from jailer_core.simulator.kernel.base_tree import base_tree
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait, command, fail
from jailer_core.simulator.kernel.paths import Paths

LATEST = {"13.5-RELEASE": "-p4", "14.3-RELEASE": "-p3", "15.1-RELEASE": "-p2"}
"""The newest patch level of each release."""
_PENDING = "pending"


@command("freebsd-update")
def freebsd_update(machine: Machine, call: Call) -> Running:
    """Only for a directory, with a directory of its own for what it keeps."""
    args = list(call.args)
    root, work = (args[args.index(name) + 1] for name in ("-b", "-d"))
    release = args[args.index("--currently-running") + 1]
    paths = Paths(machine, call)
    try:
        text = paths.read(f"{root}/bin/freebsd-version").decode()
    except SimOSError:
        return (yield from fail("freebsd-update", f"Directory does not exist: {root}"))
    match = re.search(rf'="{re.escape(release)}(-p\d+)?"', text)
    latest = LATEST.get(release)
    if match is None or latest is None:
        return (yield from fail("freebsd-update", f"Cannot update {release}"))
    if "fetch" in args:
        yield Wait(3.0)
        if match[1] == latest:
            yield Say(f"No updates needed to update system to {release}{latest}.\n")
            return 0
        yield Say("Preparing to download files... done.\nFetching 12 patches... done.\n")
        paths.write(f"{work}/{_PENDING}", root.encode())
        return 0
    return (yield from _install(machine, paths, root, work, release + latest))


def _install(machine: Machine, paths: Paths, root: str, work: str, wanted: str) -> Running:
    pending = f"{work}/{_PENDING}"
    if not machine.files.exists(pending) or paths.read(pending).decode() != root:
        yield Say("No updates are available to install.\nRun 'freebsd-update fetch' first.\n")
        return 1
    yield Wait(5.0)
    release, _, patch = wanted.rpartition("-p")
    tree, inner = machine.files.place(paths.real(root))
    prefix = f"{inner}/" if inner else ""
    for path, node in base_tree(release, f"-p{patch}").items():
        if path:
            tree[prefix + path] = node
    machine.files.remove(pending)
    yield Say("Installing updates... done.\n")
    return 0
