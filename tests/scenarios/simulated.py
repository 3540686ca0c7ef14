"""The stage in memory: a simulated host, and the program in this very process."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from jailer_core import ssh_client
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, build
from jailer_tui import host_selection
from jailer_tui.cli.main import main
from tests.scenarios.stage import Ran
from tests.scenarios.story import PROGRAM


class Simulated:
    """A fresh simulated host."""

    def __init__(self, files: str, machine: Machine | None = None) -> None:
        self.machine = machine or build("fresh")
        self.variables: Mapping[str, str] = {
            "dir": "/var/tmp/stories",  # noqa: S108 - of the simulated host
            "files": files,
            "mirror": base.MIRROR.partition("/releases")[0],
            "version": base.RELEASE,
            "card": "vtnet0",
            "address": "10.0.2.15",
        }
        self.machine.files.mkdir(self.variables["dir"], parents=True)

    def missing(self, _need: str) -> str:
        """A simulated host has everything that stories need."""
        return ""

    def run(self, argv: Sequence[str], ssh: str = "") -> Ran:
        """See Stage. A second passes with each command."""
        self.machine.state.now += 1
        if argv[0] == PROGRAM:
            return self._program(tuple(argv), ssh)
        done = self.machine.now_run(argv)
        return Ran(tuple(argv), done.status, done.stdout, done.stderr)

    def write(self, path: str, text: str) -> None:
        """See Stage."""
        self.machine.files.write(path, text.encode())

    def _program(self, argv: tuple[str, ...], ssh: str) -> Ran:
        host = SimulatedHost(self.machine)
        host.connection = ssh_client.of({ssh_client.VARIABLE: ssh})
        with (
            patch.object(host_selection, "open_host", lambda _choice, **_options: host),
            _output() as both,
        ):
            status = main(("--demo=fresh", *argv[1:]))
            out, err = (stream.getvalue().decode() for stream in both)
        return Ran(argv, status, out, err)


@contextmanager
def _output() -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Standard output and error as pipes, which no terminal reads; nothing to read as input."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(raw, encoding="utf-8", write_through=True) for raw in (out, err)]
    with (
        patch.object(sys, "stdout", streams[0]),
        patch.object(sys, "stderr", streams[1]),
        patch.object(sys, "stdin", io.StringIO()),
    ):
        yield out, err
