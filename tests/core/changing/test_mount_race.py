"""A jail puts a link in the place of a target between the look at it and the mount."""

from __future__ import annotations

from typing import Any

import pytest

from jailer_core.errors import CommandTimedOut
from jailer_core.execution import prepare
from jailer_core.host import Result
from jailer_core.operations.mounts.requests import MountAdd
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.host import SimulatedHost
from tests.core.changing.workbench import Bench

TARGETS = {
    "app0": "/usr/local/jails/app0/mnt/data",
    "shop": "/usr/local/bastille/jails/shop/root/mnt/data",
}


class Swapping(SimulatedHost):
    """As soon as something is to be mounted, the target becomes a link to a path of the host."""

    stuck = False
    target = ""
    late = False

    async def stream(self, commands: Any, *rest: Any, **options: Any) -> Result:
        mounts = commands[0][:2] in (("mount", "-t"), ("bastille", "mount"))
        if mounts:
            self.machine.files.remove(self.target)
            self.machine.files.link(self.target, "/srv/jails/mnt/data")
        result = await super().stream(commands, *rest, **options)
        if mounts and self.late:
            raise CommandTimedOut(commands[0], 60.0)
        return result

    async def run(self, argv: Any, **options: Any) -> Result:
        if self.stuck and tuple(argv) == ("umount", "/srv/jails/mnt/data"):
            return Result(tuple(argv), 1, "", "umount: /srv/jails/mnt/data: Device busy\n")
        return await super().run(argv, **options)


@pytest.mark.parametrize(
    ("jail", "way"),
    [("app0", ""), ("app0", "stuck"), ("app0", "late"), ("shop", ""), ("shop", "late")],
)
async def test_what_was_mounted_elsewhere_is_unmounted(jail: str, way: str) -> None:
    """Also through bastille, and when the command did not end in time."""
    bench, stuck = Bench(scenario="busy"), way == "stuck"
    target = TARGETS[jail]
    bench.run_now("mkdir", "-p", "/export", "/srv/jails/mnt/data", target)
    plan = await prepare(bench.reader, MountAdd(jail, source="/export", target="/mnt/data"))
    host = Swapping(bench.machine)
    host.stuck, host.late, host.target = stuck, way == "late", target
    bench.reader.host = host
    before = bench.machine.now_run(("mount", "-p")).stdout
    done = await bench.carry_out(plan)
    assert done.status is OutcomeStatus.FAILED
    assert f"{target} has become a symbolic link to /srv/jails/mnt/data" in done.message
    after = bench.machine.now_run(("mount", "-p")).stdout
    assert (after == before) is not stuck
    if stuck:
        assert "umount /srv/jails/mnt/data" in done.hint
    if jail == "shop":
        assert "fstab of shop" in done.hint
    else:
        assert "/export" not in bench.text("/etc/jail.conf.d/app0.conf")
