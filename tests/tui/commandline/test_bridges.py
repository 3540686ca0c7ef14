from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.errors import Refused
from jailer_core.operations.network.bridges.requests import (
    AddressChange,
    BridgeAdd,
    BridgeChange,
    BridgeRemove,
    MemberAdd,
    MemberRemove,
)
from jailer_core.plan import Request
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.cli import run as running
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("bridge add", BridgeAdd()),
        (
            "bridge add bridge3 -a 10.3.0.1/24 -6 next -d shop -i vlan10,vlan11",
            BridgeAdd("bridge3", "10.3.0.1/24", "next", "shop", ("vlan10", "vlan11")),
        ),
        ("bridge change bridge0", BridgeChange("bridge0")),
        ("bridge change bridge0 -a none -d x", BridgeChange("bridge0", "", None, "x")),
        ("bridge destroy bridge0", BridgeRemove("bridge0")),
        ("bridge destroy --release bridge0", BridgeRemove("bridge0", release=True)),
        ("bridge addm bridge0 vlan10", MemberAdd("bridge0", "vlan10")),
        ("bridge deletem bridge0 vlan10", MemberRemove("bridge0", "vlan10")),
        ("address app0 -a next", AddressChange("app0", address="next")),
        (
            "address app0 -b bridge1 -a 10.1.0.5 -m 24 -g 10.1.0.1 -6 none --gateway6 fd00::1",
            AddressChange("app0", "bridge1", "10.1.0.5", "24", "10.1.0.1", "none", "fd00::1"),
        ),
    ],
)
def test_words_become_requests(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch, words: str, wanted: Request
) -> None:
    asked: list[Request] = []

    async def prepare(_reader: object, request: Request) -> None:
        asked.append(request)
        raise Refused("enough")

    monkeypatch.setattr(running, "prepare", prepare)
    assert on(small, *words.split()).status == 1
    assert asked == [wanted]


def test_a_bridge_and_a_jail_on_it(on: On, small: Machine) -> None:
    assert on(small, "bridge", "add", "-a", "next", "-6", "next", "-y").status == 0
    bridge = small.state.interfaces["bridge1"]
    assert [one.address for one in bridge.addresses] == ["10.0.1.1", "fd00:0:0:1::1"]
    ran = on(small, "address", "fd1dafdc", "-b", "bridge1", "-6", "next", "-y")
    assert ran.status == 0, ran
    assert bridge.members == ["epair3a"]
    refused = on(small, "bridge", "remove", "bridge1")
    assert refused.status == 1
    assert "fd1dafdc uses bridge1" in refused.err
    assert on(small, "address", "fd1dafdc", "-b", "bridge0", "-6", "none", "-y").status == 0
    assert on(small, "bridge", "remove", "bridge1", "-y").status == 0
    assert "bridge1" not in small.state.interfaces
    assert "bridge1" not in small.files.read("/etc/rc.conf").decode()


def test_bridges_are_listed_with_what_is_connected(run: Run) -> None:
    lines = run("bridge", "--demo=wired").lines
    assert lines[1].split()[:2] == ["bridge0", "up"]
    assert "web db cache" in lines[1]
    bridge = run("bridge", "list", "-j", "--demo=wired").json[1]
    assert bridge["name"] == "bridge5"
    assert "vlan5" in bridge["members"]
    assert bridge["jails"] == ["dns", "ntp"]


def test_a_host_without_bridges_says_so(run: Run) -> None:
    assert run("bridge", "--demo=fresh").lines == ["no bridges"]
