"""The part of a host that stories use: a pool on a file, jails, a bridge. Made, and removed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.scenarios.network import SavedNetwork
from tests.scenarios.saved import SavedFiles
from tests.scenarios.stage import PREFIX, Stage, StageError, lines, must

POOL = "storypool"
SPARE = "storypool2"
"""A second pool, for the story that creates one."""
BRIDGE = "bridge99"
SIZE = "2G"


@contextmanager
def corner(stage: Stage, files: SavedFiles | None, network: SavedNetwork) -> Iterator[None]:
    """A pool for one story; afterwards the host is as it was. Raises StageError."""
    try:
        image = f"{stage.variables['dir']}/{POOL}.img"
        must(stage, "truncate", "-s", SIZE, image)
        must(stage, "zpool", "create", "-m", "none", POOL, image)
        yield
    finally:
        with _uninterrupted():
            left = tidy(stage, network)
            if files is not None:
                files.restore()
            network.restore(stage)
    if left:
        raise StageError(f"left behind: {', '.join(left)}")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-c does not stop the tidying; its commands ignore it too."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tidy(stage: Stage, network: SavedNetwork) -> tuple[str, ...]:
    """Remove what stories made, whatever state they left it in.

    Returns what could not be removed.
    """
    for jail in _jails(stage):
        if stage.run(("jail", "-r", jail)).status != 0:
            stage.run(("jail", "-R", jail))
    folder = stage.variables["dir"]
    for line in reversed(lines(stage, "mount", "-p")):
        words = line.split()
        if words[1:] and words[1].startswith(f"{folder}/") and words[2:3] != ["zfs"]:
            stage.run(("umount", "-f", words[1]))
    for pool in _pools(stage):
        stage.run(("zpool", "destroy", "-f", pool))
        stage.run(("rmdir", f"/{pool}"))
    for pool in (POOL, SPARE):
        stage.run(("rm", "-f", f"{folder}/{pool}.img"))
    return (*_jails(stage), *_pools(stage), *network.remove_interfaces(stage))


def _jails(stage: Stage) -> list[str]:
    return [name for name in lines(stage, "jls", "name") if name.startswith(PREFIX)]


def _pools(stage: Stage) -> list[str]:
    pools = lines(stage, "zpool", "list", "-H", "-o", "name")
    return [pool for pool in pools if pool in (POOL, SPARE)]
