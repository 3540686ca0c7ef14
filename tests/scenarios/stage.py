"""What a story is played on, and its own corner of that host: pool, bridge, jails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

PREFIX = "story"
"""What the names of all jails of stories begin with."""
POOL = "storypool"
SPARE = "storypool2"
"""A second pool, for the story that makes one."""
BRIDGE = "bridge99"
SIZE = "2G"


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str


class Stage(Protocol):
    """A host on which stories are played.

    `variables`: `dir` is a directory of the story on the host, `files` one for files that the
    program reads, `mirror` where `version` can be fetched from, `card` the interface to outside
    and `address` its address.
    """

    variables: Mapping[str, str]

    def run(self, argv: Sequence[str], ssh: str = "") -> Ran:
        """Run the program (argv[0] is jailer-tui) or a command of the host."""
        ...

    def missing(self, need: str) -> str:
        """Why this host lacks what a story needs, "" when it does not."""
        ...


def prepare(stage: Stage) -> frozenset[str]:
    """Create the pool. Returns the interfaces that were there before. Raises StageError."""
    image = f"{stage.variables['dir']}/{POOL}.img"
    before = interfaces(stage)
    must(stage, "truncate", "-s", SIZE, image)
    must(stage, "zpool", "create", "-m", "none", POOL, image)
    return before


def tidy(stage: Stage, before: frozenset[str]) -> tuple[str, ...]:
    """Remove everything that stories made, whatever state they left it in.

    Returns what could not be removed.
    """
    for jail in lines(stage, "jls", "-d", "name"):
        if jail.startswith(PREFIX) and stage.run(("jail", "-r", jail)).status != 0:
            stage.run(("jail", "-R", jail))
    folder = stage.variables["dir"]
    for line in reversed(lines(stage, "mount", "-p")):
        words = line.split()
        if words[1:] and words[1].startswith(f"{folder}/") and words[2:3] != ["zfs"]:
            stage.run(("umount", "-f", words[1]))
    pools = [pool for pool in lines(stage, "zpool", "list", "-H", "-o", "name") if _ours(pool)]
    for pool in pools:
        stage.run(("zpool", "destroy", "-f", pool))
        stage.run(("rm", "-f", f"{folder}/{pool}.img"))
        stage.run(("rmdir", f"/{pool}"))
    for interface in sorted(interfaces(stage) - before):
        if interface.startswith(("bridge", "epair")):
            stage.run(("ifconfig", interface, "destroy"))
    return left_over(stage, before)


def left_over(stage: Stage, before: frozenset[str]) -> tuple[str, ...]:
    """What is still there of stories."""
    jails = [jail for jail in lines(stage, "jls", "-d", "name") if jail.startswith(PREFIX)]
    pools = [pool for pool in lines(stage, "zpool", "list", "-H", "-o", "name") if _ours(pool)]
    return (*jails, *pools, *sorted(interfaces(stage) - before))


def _ours(pool: str) -> bool:
    return pool in (POOL, SPARE)


def interfaces(stage: Stage) -> frozenset[str]:
    return frozenset(stage.run(("ifconfig", "-l")).stdout.split())


def lines(stage: Stage, *argv: str) -> list[str]:
    return stage.run(argv).stdout.splitlines()


class StageError(Exception):
    """The host cannot be prepared for stories."""


def must(stage: Stage, *argv: str) -> None:
    """Run a command that has to succeed. Raises StageError."""
    ran = stage.run(argv)
    if ran.status != 0:
        raise StageError(f"{' '.join(argv)}: {ran.stderr.strip() or f'status {ran.status}'}")
