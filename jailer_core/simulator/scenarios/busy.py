"""The host of recording 08: native jails, two of Bastille's, one made by hand with a child.

db01, of which the recording has only the dataset, has a configuration here, so that one is stopped.
"""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node
from jailer_core.simulator.net import network
from jailer_core.simulator.scenarios import bastille, native
from jailer_core.simulator.scenarios.base import (
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

JAILS = "zroot/jails"
ROOT = "/usr/local/jails"
NATIVE = ("www0", "app0", "app1")


def build() -> Machine:
    """The host with its jails running; db01 is stopped."""
    machine = fresh()
    jails_dataset(machine, JAILS)
    snapshot = image(machine, JAILS, RELEASE, PATCH)
    pictures = machine.state.datasets[f"{JAILS}/image"].tree
    pictures["dist-files"] = Node("dir", mode=0o755)
    pictures[f"dist-files/base-{RELEASE}.txz"] = Node(size=ARCHIVE * 11 // 5)
    _datasets(machine, snapshot)
    _bridge(machine)
    _configurations(machine)
    rc(machine, "pf_enable=NO")
    bastille.install(machine)
    # since an earlier jail with an address of IPv6 the card has a link-local one
    network.enable_ipv6(machine.state.interfaces["vtnet0"])
    _start_all(machine)
    machine.state.now += 240
    return machine


def _start_all(machine: Machine) -> None:
    counters = machine.state.counters
    counters["pid"] = 18480
    for name, address, jid, thin in (
        ("thick1", "10.0.2.31", 72, False),
        ("shop", "10.0.2.30", 74, True),
    ):
        bastille.create(machine, name, address, thin=thin)
        counters["jid"] = jid - 1
        run(machine, "bastille", "start", name)
        machine.state.now += 100
    for name in NATIVE:
        run(machine, "jail", "-q", "-f", f"/etc/jail.conf.d/{name}.conf", "-c", name)
    by_hand = ("name=byhand", "path=/", "persist", "host.hostname=byhand.lan", "ip4=inherit")
    run(machine, "jail", "-c", *by_hand, "children.max=3")
    run(machine, "jexec", "byhand", "jail", "-c", "name=child", "path=/", "persist")


def _datasets(machine: Machine, snapshot: str) -> None:
    stream = run(machine, "zfs", "send", snapshot)
    received = stream.encode(errors="surrogateescape")
    machine.now_run(("zfs", "recv", f"{JAILS}/www0"), stdin=received)
    for name in ("app0", "app1", "db01"):
        run(machine, "zfs", "clone", snapshot, f"{JAILS}/{name}")
    run(machine, "zfs", "snapshot", f"{JAILS}/db01@prod")


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
            "/etc/jail.conf.d/db01.conf": native.shared("db01", 4, "vtnet0", "10.0.2.22/32"),
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
