"""A failed command becomes a line on the screen, and its facts are unknown, not zero."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core.facts import Reader
from jailer_core.facts.jail_networks import Networks
from jailer_core.model import HostFacts, Inventory
from jailer_core.parse import sysctl
from jailer_core.parse.process_tables import KernelJail
from tests.core.reading.busy import JLS, StandIn, busy, named
from tests.examples import some

UNKNOWN: dict[str, Any] = {
    "jls": lambda found: found.jails == (),
    "ps": lambda found: (
        {(one.cpu, one.memory, one.processes) for one in found.jails} == {(None, None, None)}
    ),
    "zfs": lambda found: found.datasets is None and {one.disk for one in found.jails} == {None},
    "zpool": lambda found: found.pools is None,
    "mount": lambda found: found.mounts is None,
    "ifconfig": lambda found: (
        found.interfaces is None
        and str((named(found, "www0").addresses or ("",))[0]) == "10.0.2.21"
    ),
    "sysctl": lambda found: found.host == HostFacts(uid=0),
    "id": lambda found: found.host.uid is None and not found.host.root,
}
PROBES = tuple(UNKNOWN)


def of(host: StandIn, program: str) -> tuple[str, ...]:
    """The command of the refresh that runs this program."""
    known = [one for one in host.answers if one[0] == program and "-j" not in one]
    return min(known, key=lambda one: ("-rn" in one, "jid,etimes" in one))


def check(found: Inventory, program: str, said: str) -> None:
    assert UNKNOWN[program](found)
    problem = next(one for one in found.problems if one.source.startswith(program))
    assert said in problem.message
    assert problem.message.isprintable()


@pytest.mark.parametrize("program", PROBES)
async def test_a_program_that_is_missing(program: str) -> None:
    host = busy()
    del host.answers[of(host, program)]
    check(await Reader(host).gather(), program, "no such program")


@pytest.mark.parametrize("program", PROBES)
async def test_a_program_that_fails(program: str) -> None:
    host = busy()
    host.says(of(host, program), "half\n", "it is \x1b[31mbroken\nusage: long\n", 1)
    check(await Reader(host).gather(), program, "it is ^[[31mbroken")


@pytest.mark.parametrize("program", PROBES)
async def test_a_program_that_prints_garbage(program: str) -> None:
    host = busy()
    host.says(of(host, program), "\x00gar\tbage\n")
    check(await Reader(host).gather(), program, "printed")


@pytest.mark.parametrize("program", PROBES)
async def test_what_failed_comes_back(program: str) -> None:
    host = busy()
    good = host.answers[of(host, program)]
    reader = Reader(host)
    before = await reader.gather()
    host.says(good.argv, "", "busy", 1)
    during = await reader.gather()
    host.answers[good.argv] = good
    after = await reader.gather()
    assert during.problems or program == "id"  # who runs this program is asked once
    assert after.problems == ()
    assert after.jails == before.jails


async def test_a_program_that_prints_too_much() -> None:
    host = busy()
    host.answers[of(host, "mount")] = host.answers[of(host, "mount")]._replace(cut=True)
    found = await Reader(host).gather()
    assert found.mounts is None
    assert "printed more than" in found.problems[0].message


async def test_many_networks_are_asked_a_few_at_a_time() -> None:
    host, networks = StandIn(), Networks()
    jails = [KernelJail(jid, f"j{jid}", vnet=True) for jid in range(1, 21)]
    await networks.read(host, jails)
    asked: list[str] = []
    for _ in range(3):
        host.now += 60
        host.log.clear()
        await networks.read(host, jails)
        now = [one[2] for one in host.log if one[0] == "ifconfig"]
        assert len(now) <= 8
        asked += now
    assert {int(one) for one in asked} == set(range(1, 21))


async def test_nothing_works_at_all() -> None:
    host = StandIn()
    found = await Reader(host).gather()
    assert found.jails == ()
    assert {one.source for one in found.problems} >= {"jls", "ps", "zfs list", "mount", "sysctl"}
    assert (await Reader(host).gather(quick=True)).problems


async def test_a_kernel_that_lacks_a_sysctl() -> None:
    host = busy()
    argv = of(host, "sysctl")
    lines = host.answers[argv].stdout.splitlines(keepends=True)
    gone = argv.index("kern.racct.enable") - 1
    rest = "".join(lines[:gone] + lines[gone + 1 :])
    host.says(argv, rest, "sysctl: unknown oid 'kern.racct.enable'\n", 1)
    host.says(tuple(one for one in argv if one != "kern.racct.enable"), rest)
    reader = Reader(host)
    found = await reader.gather()
    assert found.problems == ()
    assert (found.host.racct, found.host.cpus, found.host.vimage) == (False, 2, True)
    host.log.clear()
    assert (await reader.gather()).host == found.host
    assert "kern.racct.enable" not in next(one for one in host.log if one[0] == "sysctl")
    assert len(sysctl.FACTS) == 12


async def test_a_kernel_that_lacks_a_jail_parameter() -> None:
    host = busy()
    full = host.answers[JLS]
    host.says(JLS, "", "jls: unknown parameter: vnet\n", 1)
    host.says(("jls", "-d", "-n", "--libxo=json"), full.stdout)
    reader = Reader(host)
    assert len((await reader.gather()).jails) == 7
    host.log.clear()
    again = await reader.gather()
    assert again.problems == ()
    assert [one[1:] for one in host.log if one[0] == "jls"] == [("-d", "-n", "--libxo=json")]


async def test_a_vnet_jail_that_may_not_be_looked_into() -> None:
    host = busy()
    for jid in ("76", "77"):
        argv = ("ifconfig", "-j", jid, "-f", "inet:cidr,inet6:cidr")
        host.says(argv, "", "ifconfig: jail_attach: Operation not permitted\n", 1)
    found = await Reader(host).gather()
    app1 = named(found, "app1")
    assert (app1.addresses, app1.gateway) == (None, None)
    assert "Operation not permitted" in app1.problems[0].message
    problem = next(one for one in found.problems if one.source == "network")
    assert "2 jails" in problem.message


async def test_an_ordinary_user() -> None:
    host = busy()
    host.says(("id", "-u"), "1001\n")
    host.denied |= {"/usr/local/bastille/jails"}
    found = await Reader(host).gather()
    assert not found.host.root
    assert len(found.jails) == 7
    shop = named(found, "shop")
    assert (shop.config, shop.boots, shop.jid) == (None, None, 74)
    assert [one.source for one in found.problems] == ["/usr/local/bastille/jails"]
    assert "Permission denied" in found.problems[0].message


@settings(max_examples=some(60), deadline=None)
@given(data=st.data())
async def test_whatever_is_printed_a_refresh_never_raises(data: st.DataObject) -> None:
    """Any commands print something else, or fail, and any files hold something else."""
    host = busy()
    noise = st.text(st.characters(exclude_categories=()), max_size=40)
    for argv in data.draw(st.lists(st.sampled_from(sorted(host.answers)), max_size=4)):
        said = host.answers[argv].stdout
        cut = data.draw(st.integers(0, len(said)))
        said = data.draw(st.sampled_from([said[:cut] + data.draw(noise) + said[cut + 3 :], ""]))
        host.says(argv, said, data.draw(noise), data.draw(st.sampled_from([0, 0, 1, -9])))
    for path in data.draw(st.lists(st.sampled_from(sorted(host.files)), max_size=3)):
        host.files[path] = host.files[path][: data.draw(st.integers(0, 80))] + data.draw(noise)
    reader = Reader(host)
    for quick in (data.draw(st.booleans()), False):
        found = await reader.gather(quick=quick)
        assert all(one.message.isprintable() for one in found.problems)


async def test_one_interface_that_cannot_be_read_costs_that_one() -> None:
    host = busy()
    argv = of(host, "ifconfig")
    before = await Reader(host).gather()
    host.says(argv, f"odd0: something else\n\tinet 10.0.0.9/24\n{host.answers[argv].stdout}")
    reader = Reader(host)
    found = await reader.gather()
    assert found.interfaces == before.interfaces
    assert found.jails == before.jails
    assert found.incomplete == {"interfaces"}
    (problem,) = [one for one in found.problems if one not in before.problems]
    assert problem.message == "ifconfig printed no interface: odd0: something else"
    assert (await reader.gather()).interfaces is found.interfaces


async def test_a_jail_with_an_odd_interface_keeps_the_others() -> None:
    host = busy()
    before = named(await Reader(host).gather(), "app0")
    argv = ("ifconfig", "-j", str(before.jid), "-f", "inet:cidr,inet6:cidr")
    host.says(argv, f"{host.answers[argv].stdout}odd0: something else\n")
    found = await Reader(host).gather()
    assert named(found, "app0").addresses == before.addresses
    assert "odd0" in named(found, "app0").problems[0].message
    assert found.incomplete == {"jails"}
