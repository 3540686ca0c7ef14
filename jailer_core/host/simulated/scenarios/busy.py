"""The host of recording 08: native jails, two of Bastille's, one made by hand with a child.

`recorded` is that host right before the first command of the recording, with what its history had
left behind: mounts of devfs that nobody took away, pf rules of an earlier test. `build` is the same
host clean, with its jails running, and with a configuration for the stopped db01.
"""

from __future__ import annotations

from jailer_core.host.simulated import network
from jailer_core.host.simulated.kernel import Machine
from jailer_core.host.simulated.scenarios import bastille, native
from jailer_core.host.simulated.scenarios.base import (
    ARCHIVE,
    PATCH,
    RELEASE,
    fresh,
    image,
    jails_dataset,
    put,
    rc,
    run,
)
from jailer_core.host.simulated.state import Node, SimMount

JAILS = "zroot/jails"
ROOT = "/usr/local/jails"
NATIVE = ("www0", "app0", "app1")


def build() -> Machine:
    """The host with its jails running; db01 is stopped."""
    machine = recorded(clean=True)
    put(
        machine,
        {"/etc/jail.conf.d/db01.conf": native.shared("db01", 4, "vtnet0", "10.0.2.22/32")},
    )
    for name in NATIVE:
        run(machine, "jail", "-q", "-f", f"/etc/jail.conf.d/{name}.conf", "-c", name)
    by_hand = ("name=byhand", "path=/", "persist", "host.hostname=byhand.lan", "ip4=inherit")
    run(machine, "jail", "-c", *by_hand, "children.max=3")
    run(machine, "jexec", "byhand", "jail", "-c", "name=child", "path=/", "persist")
    machine.state.now += 240
    return machine


def recorded(*, clean: bool = False) -> Machine:
    """The host as it was when recording 08 began."""
    machine = fresh()
    jails_dataset(machine, JAILS)
    snapshot = image(machine, JAILS, RELEASE, PATCH)
    archive = f"dist-files/base-{RELEASE}.txz"
    pictures = machine.state.datasets[f"{JAILS}/image"].tree
    pictures["dist-files"] = Node("dir", mode=0o755)
    pictures[archive] = Node(size=ARCHIVE * 11 // 5)
    _datasets(machine, snapshot, clean=clean)
    _bridge(machine)
    _configurations(machine)
    rc(machine, "pf_enable=NO")
    bastille.install(machine)
    state = machine.state
    if not clean:
        rules = ['nat-anchor "jailer/*" all', 'rdr-anchor "jailer/*" all']
        state.pf.nat[""] = rules
    network.enable_ipv6(state.interfaces["vtnet0"])
    state.counters["pid"] = 18480
    for name, address, jid, thin in (
        ("thick1", "10.0.2.31", 72, False),
        ("shop", "10.0.2.30", 74, True),
    ):
        bastille.create(machine, name, address, thin=thin)
        state.counters["jid"] = jid - 1
        run(machine, "bastille", "start", name)
        state.now += 100
    return machine


def _datasets(machine: Machine, snapshot: str, *, clean: bool) -> None:
    stream = run(machine, "zfs", "send", snapshot)
    received = stream.encode(errors="surrogateescape")
    machine.now_run(("zfs", "recv", f"{JAILS}/www0"), stdin=received)
    for name in ("app0", "app1", "db01"):
        run(machine, "zfs", "clone", snapshot, f"{JAILS}/{name}")
    run(machine, "zfs", "snapshot", f"{JAILS}/db01@prod")
    if not clean:
        _leave_mounts(machine)


def _leave_mounts(machine: Machine) -> None:
    """The mounts of devfs that recording 08 shows under later ones."""
    left = {"www0": ("www0",), "app1": ("app1", "app0")}
    mounts: list[SimMount] = []
    for mount in machine.state.mounts:
        mounts.append(mount)
        names = left.get(mount.device.removeprefix(f"{JAILS}/"), ())
        mounts += [SimMount("devfs", f"{ROOT}/{name}/dev", "devfs", ruleset=4) for name in names]
    machine.state.mounts[:] = mounts


def _bridge(machine: Machine) -> None:
    rc(machine, "cloned_interfaces+=bridge0", "ifconfig_bridge0=inet 10.0.0.1/24 up")
    run(machine, "service", "netif", "start", "bridge0")
    put(machine, {"/etc/devfs.rules": native.DEVFS_RULES})
    run(machine, "service", "devfs", "restart")


def _configurations(machine: Machine) -> None:
    put(
        machine,
        {
            "/etc/jail.conf.d/app0.conf": native.epair("app0", 1),
            "/etc/jail.conf.d/app1.conf": native.epair("app1", 2),
            "/etc/jail.conf.d/www0.conf": native.shared(
                "www0", 2, "vtnet0", "10.0.2.21/32", "fd00::21"
            ),
            f"{ROOT}/app0/etc/rc.conf": 'sendmail_enable="NONE"\nsyslogd_flags="-ss"\n'
            'ifconfig_epair1b="DHCP"\n',
            f"{ROOT}/app1/etc/rc.conf": 'ifconfig_epair2b="inet 10.0.0.12/24"\n'
            'ifconfig_epair2b_ipv6="inet6 fd00:0:0:1::12/64"\n'
            'defaultrouter="10.0.0.1"\nsendmail_enable="NONE"\n',
        },
    )
