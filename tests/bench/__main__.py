"""The numbers of the design, measured: `python -m tests.bench [NAME...]`; see GROUPS."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tests.bench import (
    console,
    flooded_screen,
    hosts,
    logs,
    overview,
    planning,
    rebase,
    refresh,
    screen,
    spawning,
    zipapp,
)
from tests.bench.figures import Figure

GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "processes": refresh.processes,
    "applying": refresh.applying,
    "traffic": screen.traffic,
    "ready": screen.ready,
    "memory": screen.memory,
    "idle": screen.idle,
    "starting": screen.starting,
    "zipapp": zipapp.zipapp,
    "console": console.console,
    "logs": logs.logs,
    "spawning": spawning.spawning,
    "floods": spawning.floods,
    "overview": overview.overview,
    "planning": planning.planning,
    "rebase": rebase.rebase,
    "hosts": hosts.hosts,
    "flooded": flooded_screen.flooded_screen,
}


def main(names: list[str]) -> int:
    """Print the groups of that name, or all; 1 when a number does not hold."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        sys.stderr.write(f"unknown: {' '.join(unknown)}; there are: {' '.join(GROUPS)}\n")
        return 2
    failed = 0
    for name in names or GROUPS:
        for figure in GROUPS[name]():
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()
            failed += figure.bound is not None and figure.value > figure.bound
    if failed:
        sys.stdout.write(f"{failed} of them do not hold\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
