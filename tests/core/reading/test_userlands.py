"""The release of jails and images, read from their files; who is behind."""

from __future__ import annotations

import json

import pytest

from jailer_core.facts import Reader
from jailer_core.facts.probes import InSight
from jailer_core.facts.stopped_jails import version
from jailer_core.operations.updates import packages
from jailer_core.operations.updates.standing import VERSIONS, Reason, Standing, standings
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import small
from tests.core.parse.commands import RECORDED

ROOT = "/usr/local/jails"


def host_of() -> SimulatedHost:
    return SimulatedHost(small.build())


def release_of(host: SimulatedHost, root: str, release: str) -> None:
    text = f'#!/bin/sh\nset -e\nUSERLAND_VERSION="{release}"\n'
    host.machine.files.write(f"{root}/bin/freebsd-version", text.encode())


async def judged(host: SimulatedHost) -> dict[str, Standing]:
    inventory = await Reader(host).gather(Needs(commands=(VERSIONS,)))
    return {standing.name: standing for standing in standings(inventory)}


def test_the_recorded_program() -> None:
    lines = (RECORDED / "17-jails-more.jsonl").read_text().splitlines()
    (text,) = (
        entry["text"]
        for entry in map(json.loads, lines)
        if entry.get("read") == "/bin/freebsd-version"
    )
    assert version(text) == "15.0-RELEASE"


@pytest.mark.parametrize(
    "text", ["", "USERLAND_VERSION=15.0", 'x USERLAND_VERSION="15.0"', 'USERLAND_VERSION="\x1b[1m"']
)
def test_what_is_not_plain_is_unknown(text: str) -> None:
    assert version(text) == ""


async def test_a_running_jail_has_the_release_of_its_files() -> None:
    host = host_of()
    release_of(host, f"{ROOT}/www0", "14.3-RELEASE-p2")
    inventory = await Reader(host).gather()
    jail = inventory.jail("www0")
    assert jail is not None
    assert (jail.release, jail.userland) == ("15.1-RELEASE-p1", "14.3-RELEASE-p2")
    assert [image.userland for image in inventory.images] == ["15.1-RELEASE-p1"]


async def test_a_link_in_the_jail_is_not_followed() -> None:
    for path, target in (("bin/freebsd-version", "/bin/freebsd-version"), ("bin", "/bin")):
        host = host_of()
        files = host.machine.files
        for name in reversed(list(files.walk(f"{ROOT}/www0/{path}"))):
            files.remove(name)
        files.link(f"{ROOT}/www0/{path}", target)
        jail = (await Reader(host).gather()).jail("www0")
        assert jail is not None
        assert jail.userland == ""


async def test_an_update_in_a_jail_is_seen() -> None:
    host = host_of()
    reader = Reader(host)
    await reader.gather()
    host.machine.state.now += 100
    release_of(host, f"{ROOT}/www0", "15.1-RELEASE-p2")
    jail = (await reader.gather()).jail("www0")
    assert jail is not None
    assert jail.userland == "15.1-RELEASE-p2"


async def test_a_quick_reading_does_not_forget_it() -> None:
    reader = Reader(host_of())
    await reader.refresh(InSight())
    await reader.gather(quick=True)
    jail = (await reader.refresh(InSight())).jail("www0")
    assert jail is not None
    assert jail.userland == "15.1-RELEASE-p1"


async def test_who_is_behind() -> None:
    host = host_of()
    release_of(host, f"{ROOT}/www0", "15.1-RELEASE-p3")
    release_of(host, f"{ROOT}/app0", "14.3-RELEASE-p9")
    release_of(host, f"{ROOT}/fd1dafdc", "15.2-RELEASE")
    release_of(host, f"{ROOT}/99d6c13c", "broken")
    found = await judged(host)
    assert found["www0"].reasons == ()
    assert found["15.1-RELEASE"].reasons == (Reason.PATCHES,)
    assert found["15.1-RELEASE"].newest == "15.1-RELEASE-p3"
    assert found["app0"].reasons == (Reason.ENDED,)
    assert found["fd1dafdc"].reasons == (Reason.TOO_NEW,)
    assert [found[name].behind for name in ("www0", "app0", "99d6c13c")] == [False, True, False]
    assert found["armbsd15"].kernels == ("15.1-RELEASE-p1", "15.1-RELEASE-p1")


async def test_an_unknown_release_is_neither_behind_nor_current() -> None:
    host = host_of()
    host.machine.files.remove(f"{ROOT}/www0/bin/freebsd-version")
    assert (await judged(host))["www0"].behind is None


def test_the_cache_of_counts() -> None:
    counts = {"www0": packages.PackageCounts(3, None, 17)}
    assert packages.from_json(packages.to_json(counts)) == counts
    for text in ("", "[]", '{"a": 1}', '{"a": {"outdated": "x", "vulnerable": 0, "asked": 1}}'):
        assert packages.from_json(text) == {}
    good = packages.to_json(counts).strip()[1:]
    assert packages.from_json(f'{{"bad": {{"outdated": 1}}, "odd": 7, {good}') == counts
