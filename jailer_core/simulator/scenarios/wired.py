"""A host with a rich network: two cards, VLANs, bridges for jails and for a card, IPv6.

Three things are wrong with it: a stopped jail wants an address that another one has, the end of a
jail was taken down, and an epair was left over.
"""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.net import network
from jailer_core.simulator.scenarios import native
from jailer_core.simulator.scenarios.base import (
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
PF_CONF = """\
nat on vtnet0 inet from 10.0.0.0/24 to any -> (vtnet0)
pass all
"""
EPAIRS: dict[str, tuple[int, str, str, str]] = {
    "web": (1, "bridge0", "10.0.0.11/24", "fd00:0:0:1::11/64"),
    "db": (2, "bridge0", "10.0.0.12/24", "fd00:0:0:1::12/64"),
    "cache": (3, "bridge0", "10.0.0.13/24", ""),
    "dns": (4, "bridge5", "10.5.0.53/24", ""),
    "ntp": (5, "bridge5", "10.5.0.123/24", ""),
}
"""Jails with an epair: its number, the bridge, addresses."""
GATEWAYS = {"bridge0": "10.0.0.1", "bridge5": "10.5.0.1"}
SHARED = (
    ("mail", 6, "vtnet0", "10.0.2.25/32", "fd00:2::25"),
    ("git", 7, "vlan6", "10.6.0.9/24", ""),
)


def build() -> Machine:
    """Everything runs but `web-old`, which has the address of `web`."""
    machine = fresh()
    jails_dataset(machine, JAILS)
    snapshot = image(machine, JAILS, RELEASE, PATCH)
    put(machine, {f"{ROOT}/image/.default": RELEASE, f"{ROOT}/image/.default_nettype": "eb"})
    _interfaces(machine)
    put(machine, {"/etc/devfs.rules": native.DEVFS_RULES, "/etc/pf.conf": PF_CONF})
    run(machine, "service", "devfs", "restart")
    rc(machine, "pf_enable=YES", "gateway_enable=YES")
    run(machine, "service", "pf", "start")
    run(machine, "sysctl", "net.inet.ip.forwarding=1")
    for name in EPAIRS:
        _own(machine, snapshot, name)
    for name, number, card, ip4, ip6 in SHARED:
        _jail(machine, snapshot, name, native.shared(name, number, card, ip4, ip6))
    _jail(machine, snapshot, "proxy", native.inherit("proxy", 8))
    run(machine, "zfs", "clone", snapshot, f"{JAILS}/web-old")
    text = native.shared("web-old", 9, "vtnet0", "10.0.0.11/32")
    put(machine, {"/etc/jail.conf.d/web-old.conf": text})
    run(machine, "ifconfig", "epair3a", "down")
    run(machine, "ifconfig", "epair9", "create")
    run(machine, "ifconfig", "epair9a", "up", "descr", "vnet-web-old")
    machine.state.now += 6 * 3600
    return machine


def _interfaces(machine: Machine) -> None:
    card = network.add(machine.state, "vtnet1", "ether", up=True)
    card.received, card.sent = 9216004411, 402511900
    rc(
        machine,
        "cloned_interfaces=vlan5 vlan6 bridge0 bridge5",
        "create_args_vlan5=vlan 5 vlandev vtnet1",
        "create_args_vlan6=vlan 6 vlandev vtnet1",
        "ifconfig_vtnet1=up",
        "ifconfig_vlan5=up",
        "ifconfig_vlan6=inet 10.6.0.2/24",
        "ifconfig_bridge0=inet 10.0.0.1/24 up",
        "ifconfig_bridge0_ipv6=inet6 fd00:0:0:1::1/64",
        "ifconfig_bridge5=inet 10.5.0.2/24 addm vlan5 up",
    )
    run(machine, "service", "netif", "start")


def _own(machine: Machine, snapshot: str, name: str) -> None:
    """A jail with its own network."""
    number, bridge, ip4, ip6 = EPAIRS[name]
    end = f"epair{number}b"
    lines = [f'ifconfig_{end}="inet {ip4}"', f'defaultrouter="{GATEWAYS[bridge]}"']
    if ip6:
        lines.append(f'ifconfig_{end}_ipv6="inet6 {ip6}"')
        lines.append('ipv6_defaultrouter="fd00:0:0:1::1"')
    _jail(machine, snapshot, name, native.epair(name, number, bridge), lines)


def _jail(
    machine: Machine, snapshot: str, name: str, text: str, lines: list[str] | None = None
) -> None:
    run(machine, "zfs", "clone", snapshot, f"{JAILS}/{name}")
    own = ['sendmail_enable="NONE"', 'syslogd_flags="-ss"', *(lines or [])]
    put(
        machine,
        {
            f"/etc/jail.conf.d/{name}.conf": text,
            f"{ROOT}/{name}/etc/rc.conf": "".join(f"{line}\n" for line in own),
        },
    )
    run(machine, "jail", "-q", "-f", f"/etc/jail.conf.d/{name}.conf", "-c", name)
