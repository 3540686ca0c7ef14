"""What jail(8) does to the host's own addresses and routes is seen, said and put back."""

from __future__ import annotations

import pytest

from jailer_core.model import Address, Interface
from jailer_core.operations.jails.requests import Stop
from jailer_core.operations.shared import network_parts
from jailer_core.operations.shared.jail_commands import simple_commands
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.kernel.machine import Fault
from tests.core.changing.hosts import inventory
from tests.core.changing.workbench import Bench

PROXY = """\
proxy {
  path = "/usr/local/jails/proxy";
  ip4.addr = "vtnet0|10.0.2.15/24";
  persist;
}
"""


def with_proxy() -> Bench:
    made = Bench()
    made.run_now("zfs", "clone", "zroot/jails/image/15.1-RELEASE@base", "zroot/jails/proxy")
    made.write("/etc/jail.conf.d/proxy.conf", PROXY)
    made.run_now("jail", "-f", "/etc/jail.conf.d/proxy.conf", "-c", "proxy")
    return made


def keeps_its_network(made: Bench) -> bool:
    shown = made.machine.now_run(("ifconfig", "vtnet0")).stdout
    routed = made.machine.now_run(("route", "-n", "get", "default"))
    return "10.0.2.15" in shown and routed.status == 0


async def test_the_host_has_its_address_and_route_afterwards() -> None:
    made = with_proxy()
    done = await made.do(Stop("proxy"))
    assert done.status is OutcomeStatus.DONE
    assert "proxy" not in made.running()
    assert keeps_its_network(made)


@pytest.mark.parametrize("program", ["/sbin/ifconfig", "route"])
async def test_it_has_them_when_putting_them_back_fails_once(program: str) -> None:
    made = with_proxy()
    made.machine.faults.append(
        Fault("fail", lambda argv: argv[0] == program and bool({"alias", "add"} & {*argv}), 1)
    )
    done = await made.do(Stop("proxy"))
    assert done.status is OutcomeStatus.FAILED
    assert "proxy" in made.running()
    assert keeps_its_network(made)


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("/sbin/route add default 10.0.0.1", ["/sbin/route add default 10.0.0.1"]),
        ("sh -c 'ifconfig em0 down && route flush'", ["ifconfig em0 down", "route flush"]),
        (
            "A=1 ifconfig em0 up; if true; then pfctl -d; fi",
            ["ifconfig em0 up", "true", "pfctl -d", "fi"],
        ),
        ("ifconfig em0 down >/dev/null 2>&1 || true", ["ifconfig em0 down", "1", "true"]),
        ("echo 'without an end", ["echo 'without an end"]),
    ],
)
def test_the_commands_of_a_hook(line: str, commands: list[str]) -> None:
    assert [" ".join(one) for one in simple_commands(line)] == commands


CARD = Interface(
    "em0",
    up=True,
    addresses=(Address("192.0.2.5", 24, "em0"), Address("192.0.2.6", 32, "em0")),
)
LOOP = Interface("lo1", up=True, groups=("lo",), addresses=(Address("10.1.1.1", 24, "lo1"),))


@pytest.mark.parametrize(
    ("rc", "interface", "address", "own"),
    [
        ({"ifconfig_em0": "inet 192.0.2.5/24"}, "em0", "192.0.2.5", True),
        ({"ifconfig_em0": "inet 192.0.2.5/24"}, "em0", "192.0.2.6", False),
        ({"ifconfig_em0_aliases": "inet 192.0.2.4-8/32"}, "em0", "192.0.2.6", True),
        ({"ifconfig_em0": "SYNCDHCP"}, "em0", "192.0.2.5", True),
        ({"ifconfig_DEFAULT": "DHCP"}, "em0", "192.0.2.5", True),
        ({"ifconfig_em0": "SYNCDHCP"}, "em0", "192.0.2.6", False),
        ({}, "em0", "192.0.2.5", True),
        ({"cloned_interfaces": "lo1"}, "lo1", "10.1.1.1", False),
        ({"sshd_flags": "-o ListenAddress=192.0.2.6 192.0.2.6"}, "em0", "192.0.2.6", False),
        (None, "em0", "192.0.2.6", True),
    ],
)
def test_which_addresses_are_the_hosts(
    rc: dict[str, str] | None, interface: str, address: str, *, own: bool
) -> None:
    found = inventory(interfaces=(CARD, LOOP), rc=rc)
    assert network_parts.of_host(found, Alias(interface, address, "")) is own
