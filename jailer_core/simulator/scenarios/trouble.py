"""The host of `busy` with many problems, and more that arise while it is watched.

A jail dies after 20 seconds, the pool degrades after 40, and a jail reaches its memory limit
after 60.
"""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node, SimIncident
from jailer_core.simulator.scenarios import busy
from jailer_core.simulator.scenarios.base import rc, run
from jailer_core.simulator.zfs.sizes import Sizes


def build() -> Machine:
    """The host, just before it happens."""
    machine = busy.build()
    state = machine.state
    rc(machine, "jail_enable=YES", "jail_list=www0 app0 app1 db01")
    run(machine, "rctl", "-a", "jail:app1:memoryuse:deny=96M")
    run(
        machine,
        "zfs",
        "create",
        "-o",
        "mountpoint=none",
        "-o",
        "canmount=off",
        f"{busy.JAILS}/.trash",
    )
    run(
        machine,
        "zfs",
        "clone",
        f"{busy.JAILS}/db01@prod",
        f"{busy.JAILS}/.trash/mail0-20260901T081500",
    )
    run(machine, "zfs", "set", "quota=40M", f"{busy.JAILS}/www0")
    _snapshots(machine)
    used = Sizes(state).usage("zroot").used
    state.pools["zroot"].size = used * 100 // 84
    for seconds, kind, name in (
        (20, "dies", "www0"),
        (40, "degrades", "zroot"),
        (60, "grows", "app1"),
    ):
        state.incidents.append(SimIncident(state.now + seconds, kind, name))
    return machine


def _snapshots(machine: Machine) -> None:
    """app1 has snapshots that hold gigabytes which are no longer there, and one that is held."""
    dataset = machine.state.datasets[f"{busy.JAILS}/app1"]
    for number in range(1, 6):
        machine.state.now += 3600
        dataset.tree["var/db/dump"] = Node(size=number << 29, mtime=machine.state.now)
        run(machine, "zfs", "snapshot", f"{dataset.name}@daily-{number}")
    del dataset.tree["var/db/dump"]
    run(machine, "zfs", "hold", "keep", f"{dataset.name}@daily-2")
