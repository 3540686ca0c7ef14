"""A jail puts a link in the place of a target between the look at it and the mount."""

from __future__ import annotations

from typing import Any

import pytest

from jailer_core.execution import prepare
from jailer_core.host import Result
from jailer_core.operations.mounts.requests import MountAdd
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.host import SimulatedHost
from tests.core.changing.workbench import Bench

TARGET = "/usr/local/jails/app0/mnt/data"


class Swapping(SimulatedHost):
    """As soon as something is to be mounted, the target becomes a link to a path of the host."""

    stuck = False

    async def stream(self, commands: Any, *rest: Any, **options: Any) -> Result:
        if commands[0][:2] == ("mount", "-t"):
            self.machine.files.remove(TARGET)
            self.machine.files.link(TARGET, "/srv/theirs")
        return await super().stream(commands, *rest, **options)

    async def run(self, argv: Any, **options: Any) -> Result:
        if self.stuck and tuple(argv) == ("umount", "/srv/theirs"):
            return Result(tuple(argv), 1, "", "umount: /srv/theirs: Device busy\n")
        return await super().run(argv, **options)


@pytest.mark.parametrize("stuck", [False, True])
async def test_what_was_mounted_elsewhere_is_unmounted(stuck: bool) -> None:
    bench = Bench()
    bench.run_now("mkdir", "-p", "/export", "/srv/theirs", TARGET)
    plan = await prepare(bench.reader, MountAdd("app0", source="/export", target="/mnt/data"))
    host = Swapping(bench.machine)
    host.stuck = stuck
    bench.reader.host = host
    before = bench.machine.now_run(("mount", "-p")).stdout
    done = await bench.carry_out(plan)
    assert done.status is OutcomeStatus.FAILED
    assert f"{TARGET} has become a symbolic link to /srv/theirs" in done.message
    after = bench.machine.now_run(("mount", "-p")).stdout
    assert (after == before) is not stuck
    if stuck:
        assert "umount /srv/theirs" in done.hint
    assert "/export" not in bench.text("/etc/jail.conf.d/app0.conf")
