"""`create`, `image`, `network use` as a user types them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, build

Ran = Any
On = Callable[..., Ran]


def test_create_by_all_the_flags_of_the_original(on: On, small: Machine) -> None:
    words = ("-r", "15.1-RELEASE", "-t", "eb", "-b", "bridge0", "-a", "10.0.0.50", "-g", "10.0.0.2")
    more = ("-m", "255.255.255.0", "-d", "example.org", "-e", "9.9.9.9", "-n", "db0")
    assert on(small, "stop", "app0").status == 0
    made = on(small, "create", *words, *more)
    assert made.status == 0, made.err
    line = next(one for one in on(small, "list").lines if one.startswith("db0"))
    assert line.split() == [
        "db0",
        "Active",
        "56",
        "db0.example.org",
        "10.0.0.50",
        "10.0.0.2",
        "jailer",
    ]
    rc = small.files.read("/usr/local/jails/db0/etc/rc.conf").decode()
    assert 'cron_enable="NO"' in rc
    assert small.files.read("/usr/local/jails/db0/etc/resolv.conf") == b"nameserver 9.9.9.9\n"


def test_create_without_a_name_gives_eight_hex_digits(on: On, small: Machine) -> None:
    assert on(small, "create", "-t", "inherit").status == 0
    names = {line.split()[0] for line in on(small, "list").lines[1:]}
    (new,) = names - {"99d6c13c", "www0", "fd1dafdc", "app0"}
    assert re.fullmatch(r"[0-9a-f]{8}", new)


def test_create_from_a_snapshot(on: On, small: Machine) -> None:
    assert on(small, "create", "-t", "eb", "-s", "app0@prod", "app01").status == 0
    assert small.state.datasets["zroot/jails/app01"].origin == "zroot/jails/app0@prod"


def test_the_dry_run_has_the_headings_of_the_original_in_its_order(on: On, small: Machine) -> None:
    said = on(small, "create", "-D", "-t", "eb", "db0")
    assert said.status == 0
    headings = [line for line in said.lines if line.endswith(" =>")]
    assert headings == [
        "First =>",
        "jail.conf file =>",
        "ZFS commands =>",
        "Resolver commands =>",
        "Network setup commands =>",
        "Post-Installation =>",
        "Then =>",
    ]
    assert "zroot/jails/db0" not in small.state.datasets
    assert "  zfs clone zroot/jails/image/15.1-RELEASE@base zroot/jails/db0" in said.lines
    assert '    ifconfig_epair5b="SYNCDHCP"' in said.lines
    mac = re.search(r"ifconfig epair5b ether (02(?::[0-9a-f]{2}){5})", said.out)
    assert mac is not None


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("-t", "eb", "-b", "bridge9"), "there is no bridge bridge9", "init bridge"),
        (("-t", "zz"), "jailer-tui: 'zz' is not a network type", "Use eb (own network)"),
        (("-t", "ng"), "netgraph (ng) is not supported", "new (own address)"),
        (
            ("-t", "eb", "-a", "10.0.0.10"),
            "10.0.0.10 is in use by the jail fd1dafdc",
            "another",
        ),
        (("-r", "15.2"), "newer than this host", "older"),
    ],
)
def test_a_refusal_is_one_line_and_a_hint(
    on: On, small: Machine, words: tuple[str, ...], message: str, hint: str
) -> None:
    said = on(small, "create", *words, "db0")
    assert said.status == 1
    first, second = said.err.splitlines()
    assert message in first
    assert hint in second


def test_images_from_the_list_to_their_end(on: On) -> None:
    machine = build("fresh")
    base.jails_dataset(machine, "zroot/jails")
    assert on(machine, "image", "list").out == ""
    remote = on(machine, "image", "list", "remote").lines
    assert [line.split()[0] for line in remote[1:]] == [
        "15.2-RELEASE",
        "15.1-RELEASE",
        "14.3-RELEASE",
        "13.5-RELEASE",
    ]
    assert "newer than this host" in remote[1]
    fetched = on(machine, "image", "fetch", "14.3")
    assert fetched.status == 0
    assert "19.7M of 19.7M" in fetched.out
    assert on(machine, "image", "list", "14.3-RELEASE").status == 0
    assert on(machine, "image", "list", "15.1").status == 1
    assert on(machine, "image", "use", "14.3").status == 0
    assert on(machine, "image", "use").lines == ["14.3-RELEASE"]
    (one,) = on(machine, "image", "list", "-j").json
    assert (one["version"], one["default"], one["jails"]) == ("14.3-RELEASE", True, [])
    assert on(machine, "create", "-t", "inherit", "web01").status == 0
    refused = on(machine, "image", "destroy", "-y", "14.3")
    assert refused.status == 1
    assert "needed by web01" in refused.err
    assert on(machine, "destroy", "-y", "--purge", "web01").status == 0
    assert on(machine, "image", "destroy", "-y", "14.3").status == 0
    assert on(machine, "image", "list", "-j").json == []
    assert on(machine, "image", "use").status == 1


def test_the_mirror_of_the_environment_and_of_the_option(
    on: On, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = build("fresh")
    monkeypatch.setenv("FreeBSD_mirror", "http://10.0.2.2:8000")
    assert len(on(machine, "image", "list", "remote").lines) == 2
    said = on(machine, "image", "list", "remote", "--mirror", "https://no-such-host.invalid")
    assert said.status == 1
    assert "Host does not resolve" in said.err


def test_network_use(on: On, small: Machine) -> None:
    assert on(small, "network", "use").lines == ["eb"]
    assert on(small, "network", "use", "inherit").status == 0
    assert on(small, "network", "use").lines == ["inherit"]
    assert on(small, "network", "use", "ng").status == 1


def test_from_nothing_to_a_jail_with_its_own_address(run: Callable[..., Ran], state: str) -> None:
    where = ("--demo=fresh", "--state", state)
    for words in (
        ("init", "-y"),
        ("init", "bridge", "-y"),
        ("image", "fetch"),
        ("create", "-t", "eb", "-a", "10.0.0.2", "web01"),
    ):
        said = run(*words, *where)
        assert said.status == 0, (words, said.err)
    line = run("list", *where).lines[1].split()
    assert line[:2] + line[4:6] == ["web01", "Active", "10.0.0.2", "10.0.0.1"]


def test_rename_and_boot_order(on: On, small: Machine) -> None:
    assert on(small, "boot", "order", "app0", "www0").status == 0
    assert on(small, "boot", "list").lines == ["app0", "www0"]
    assert on(small, "rename", "app0", "db0").status == 0
    assert on(small, "boot", "list", "-j").json == ["db0", "www0"]
    line = next(one for one in on(small, "list").lines if one.startswith("db0"))
    assert line.split()[1:2] + line.split()[3:5] == ["Active", "db0.armbsd15", "10.0.0.2"]
    assert on(small, "boot", "order", "nobody").status == 1


def test_clone(on: On, small: Machine) -> None:
    assert on(small, "clone", "app0", "app1", "-a", "10.0.0.77").status == 0
    assert on(small, "clone", "app0@prod", "app2", "--no-start").status == 0
    assert small.state.datasets["zroot/jails/app2"].origin == "zroot/jails/app0@prod"
    rows = {one.split()[0]: one.split() for one in on(small, "list").lines}
    assert (rows["app1"][1], rows["app1"][4]) == ("Active", "10.0.0.77")
    assert rows["app2"][1] == "Stopped"
    assert rows["app0"][1] == "Active"


def test_a_note_is_set_changed_and_removed(on: On, small: Machine) -> None:
    assert on(small, "note", "app0", "the shop; $(id)").status == 0
    assert on(small, "info", "-j", "app0").json["note"] == "the shop; $(id)"
    assert on(small, "note", "app0", "").status == 0
    assert on(small, "info", "-j", "app0").json["note"] == ""
    assert on(small, "undo", "-y").status == 0
    assert on(small, "info", "-j", "app0").json["note"] == "the shop; $(id)"
    assert on(small, "note", "", "text").status == 2
    assert on(small, "note", "app0").status == 2


def test_a_note_is_kept_with_the_dataset(on: On, small: Machine) -> None:
    note = "the [bold] database; $(id)"
    assert on(small, "create", "-t", "inherit", "--note", note, "db0").status == 0
    assert on(small, "info", "db0").lines[-1].split(maxsplit=1) == ["Note:", note]
    assert on(small, "info", "-j", "db0").json["note"] == note
    assert on(small, "info", "-j", "app0").json["note"] == ""


@pytest.mark.parametrize("words", [("image", "list"), ("boot", "list")])
def test_an_empty_list_says_so_and_what_to_do(
    words: tuple[str, ...], run: Callable[..., Ran]
) -> None:
    ran = run(*words, "--demo=fresh")
    assert (ran.status, ran.out) == (0, "")
    assert re.search(rf"no (image|jail) .*{words[0]} ", ran.err)
