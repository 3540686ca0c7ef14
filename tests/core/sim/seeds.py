"""Changes on the recorded host between two recordings, so that one machine replays all."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, bastille
from tests.core.sim.replay import Renaming

Step = Callable[[Machine], None]
IMAGE = "zroot/jails/image/15.1-RELEASE"


def run(machine: Machine, *argv: str) -> str:
    """A command that must work."""
    done = machine.now_run(argv)
    assert done.status == 0, f"{argv}: {done.stderr}"
    return done.stdout


def fresh() -> Machine:
    """The host when recording 01 began."""
    return base.fresh()


def _tidy(machine: Machine) -> None:
    """Before 03: what the refusals of 02 left behind."""
    run(machine, "zfs", "destroy", "zroot/bad name")
    run(machine, "zfs", "set", "quota=none", "zroot/jails/image")
    text = machine.files.read("/etc/rc.conf").replace(b'bad-name="1"\n', b"")
    machine.files.write("/etc/rc.conf", text)


def _give_the_base_back(machine: Machine) -> None:
    """Before 06: the second promote of 05 had taken `@base` away from the image."""
    run(machine, "zfs", "promote", IMAGE)


def _bastille(machine: Machine) -> None:
    """Before 08: Bastille was installed and made two jails; left interfaces were destroyed."""
    for name in run(machine, "ifconfig", "-g", "epair").split():
        if name.endswith("a"):
            run(machine, "ifconfig", name, "destroy")
    bastille.install(machine)
    bastille.create(machine, "thick1", "10.0.2.31", thin=False)
    run(machine, "bastille", "start", "thick1")
    bastille.create(machine, "shop", "10.0.2.30", thin=True)
    run(machine, "bastille", "start", "shop")


def _nothing_runs(machine: Machine) -> None:
    """Before 12: all jails were removed with -R, and most of what that leaves was tidied up."""
    for jail in list(machine.state.jails.values()):
        if "." not in jail.name:
            run(machine, "jail", "-R", jail.name)
    run(machine, "ifconfig", "vtnet0", "inet", "10.0.2.21", "-alias")
    run(machine, "ifconfig", "vtnet0", "inet6", "fd00::21", "-alias")
    for name in run(machine, "ifconfig", "-g", "epair").split():
        if name.endswith("a"):
            run(machine, "ifconfig", name, "destroy")
    for mount in list(machine.state.mounts):
        if mount.fstype == "devfs" and mount.path.startswith("/usr/local/jails/"):
            run(machine, "umount", mount.path)


BETWEEN: dict[str, Step] = {
    "03": _tidy,
    "06": _give_the_base_back,
    "08": _bastille,
    "12": _nothing_runs,
}
SESSIONS = tuple(f"{number:02}" for number in range(1, 13))


def between(machine: Machine, session: str) -> None:
    """Do what was done before that recording began."""
    step = BETWEEN.get(session)
    if step is not None:
        step(machine)


def renamed(machine: Machine, renaming: Renaming) -> Machine:
    """The same machine with other names."""
    return Machine(renaming.state(machine.state))
