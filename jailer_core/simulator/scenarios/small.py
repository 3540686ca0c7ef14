"""The host of jailer's README: four jails, one for each kind of network, and a snapshot."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, native
from jailer_core.simulator.scenarios.base import run

JAILS = "zroot/jails"
ROOT = "/usr/local/jails"
DOMAIN = "armbsd15"
DEVFS_RULES = "[devfsrules_jail_vnet_jailer=10]\nadd path 'bpf*' unhide\n"
"""jailer's ruleset, which hides nothing (docs/freebsd-facts.md, Starting and stopping)."""

DHCPD_CONF = """\
subnet 10.0.0.0 netmask 255.255.255.0 {
  range 10.0.0.2 10.0.0.254;
  option routers 10.0.0.1;
}
"""
EPAIRS = {"fd1dafdc": 3, "app0": 4}
"""Jails with an epair, and its number."""

SERVED = {"www0": "nginx", "app0": "postgresql"}
"""What runs in them, so that there is something to see."""


def build() -> Machine:
    """99d6c13c inherits, www0 has an address of vtnet0, fd1dafdc and app0 are on bridge0."""
    machine = base.fresh()
    base.jails_dataset(machine, JAILS)
    snapshot = base.image(machine, JAILS, base.RELEASE, base.PATCH)
    base.put(
        machine, {f"{ROOT}/image/.default": base.RELEASE, f"{ROOT}/image/.default_nettype": "eb"}
    )
    _bridge(machine)
    texts = {
        "99d6c13c": native.original_inherit("99d6c13c", 1, DOMAIN),
        "www0": native.original_shared("www0", 2, DOMAIN, "vtnet0", "10.0.2.21"),
        "fd1dafdc": native.original_epair("fd1dafdc", EPAIRS["fd1dafdc"], DOMAIN),
        "app0": native.original_epair("app0", EPAIRS["app0"], DOMAIN),
    }
    for name, text in texts.items():
        _jail(machine, snapshot, name, text)
    run(machine, "zfs", "snapshot", f"{JAILS}/app0@prod")
    machine.state.now += 2 * 86400 + 3600
    return machine


def _bridge(machine: Machine) -> None:
    base.rc(machine, "cloned_interfaces+=bridge0", "ifconfig_bridge0=inet 10.0.0.1/24 up")
    run(machine, "service", "netif", "start", "bridge0")
    dhcpd = "#!/bin/sh\n# PROVIDE: dhcpd\n"
    base.put(
        machine,
        {
            "/etc/devfs.rules": DEVFS_RULES,
            "/usr/local/etc/dhcpd.conf": DHCPD_CONF,
            "/usr/local/etc/rc.d/dhcpd": dhcpd,
            "/usr/local/sbin/dhcpd": "",
        },
    )
    base.rc(machine, "dhcpd_enable=YES", "dhcpd_ifaces=bridge0")
    run(machine, "service", "devfs", "restart")
    run(machine, "service", "dhcpd", "start")


def _jail(machine: Machine, snapshot: str, name: str, text: str) -> None:
    """What `jailer create` does: send and receive, configuration, resolver, start."""
    dataset = f"{JAILS}/{name}"
    stream = run(machine, "zfs", "send", snapshot)
    machine.now_run(("zfs", "recv", dataset), stdin=stream.encode(errors="surrogateescape"))
    base.put(machine, {f"/etc/jail.conf.d/{name}.conf": text})
    run(machine, "cp", "/etc/resolv.conf", f"{ROOT}/{name}/etc/resolv.conf")
    settings = ["sendmail_enable=NONE", "syslogd_flags=-ss"]
    settings += [f"{SERVED[name]}_enable=YES"] if name in SERVED else []
    if name in EPAIRS:
        card = f"epair{EPAIRS[name]}b"
        if name == "app0":
            settings.append(f"ifconfig_{card}=SYNCDHCP")
            mac = machine.state.mac(f"{card} fixed")
            start = {f"{ROOT}/{name}/etc/start_if.{card}": f"ifconfig {card} ether {mac}\n"}
            base.put(machine, start)
        else:
            settings += [f"ifconfig_{card}=inet 10.0.0.10 netmask 255.255.255.0"]
            settings += ["defaultrouter=10.0.0.1"]
    run(machine, "sysrc", "-f", f"{ROOT}/{name}/etc/rc.conf", *settings)
    run(machine, "jail", "-q", "-f", f"/etc/jail.conf.d/{name}.conf", "-c", name)
