"""What a stopped jail's own rc reads about its network, not rc.conf alone."""

from __future__ import annotations

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.facts.stopped_jails import StoppedJail, StoppedJails, network
from jailer_core.model import FileStamp
from jailer_core.operations.network.bridges.requests import AddressChange
from tests.core.changing.workbench import Bench
from tests.core.reading.busy import StandIn

ROOT = "/usr/local/jails/db"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ('ifconfig_epair1b="inet 10.0.0.5/24 up"\n', ["10.0.0.5"]),
        ('ifconfig_epair1b="inet 10.0.0.5/24"\nifconfig_epair1b_alias0="inet 10.0.0.6/32"\n', 2),
        ('ifconfig_epair1b_aliases="\n inet 10.0.0.6/32\n inet6 fd00::6/64\n"\n', 2),
        ('ifconfig_epair1b_ipv6="inet6 fd00::5 prefixlen 64"\n', ["fd00::5"]),
    ],
)
def test_aliases_are_addresses_too(text: str, addresses: list[str] | int) -> None:
    found, _ = network(text, ("epair1b",))
    assert found is not None
    if isinstance(addresses, int):
        assert len(found) == addresses
    else:
        assert [one.address for one in found] == addresses


@pytest.mark.parametrize("text", ["", 'ifconfig_epair1b="DHCP"\n', 'ifconfig_epair1b="inet $x"\n'])
def test_what_is_not_said_plainly_is_not_known(text: str) -> None:
    assert network(text, ("epair1b",)) == (None, None)


def test_a_range_is_not_known() -> None:
    text = 'ifconfig_epair1b_aliases="inet 10.0.0.5-9/24"\n'
    assert network(text, ("epair1b",)) == (None, None)


async def test_the_last_file_counts() -> None:
    host = StandIn()
    for name, address in (("rc.conf", "10.0.0.5"), ("rc.conf.d/netif", "10.0.0.7")):
        path = f"{ROOT}/etc/{name}"
        host.files[path] = f'ifconfig_epair1b="inet {address}/24"\n'
        host.stamps[path] = FileStamp(1, 1)
    found = await StoppedJails().read(host, [StoppedJail(ROOT, interfaces=("epair1b",))])
    assert [one.address for one in found[ROOT].addresses or ()] == ["10.0.0.7"]
    assert set(host.roots.values()) == {ROOT}


async def test_an_address_is_not_written_where_it_does_not_count() -> None:
    bench = Bench()
    bench.machine.files.mkdir("/usr/local/jails/app0/etc/rc.conf.d", parents=True)
    jail = (await bench.reader.gather()).jail("app0")
    assert jail is not None
    assert jail.config is not None
    (card,) = jail.config.params["vnet.interface"]
    bench.write("/usr/local/jails/app0/etc/rc.conf.d/netif", f'ifconfig_{card}="DHCP"\n')
    with pytest.raises(Refused, match=r"rc\.conf\.d/netif also configures the network"):
        await prepare(bench.reader, AddressChange("app0", address="10.0.0.77"))
