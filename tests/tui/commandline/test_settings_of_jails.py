"""`limits`, `get` and `set` as a user types them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jailer_core.model import CommandResult, HostFacts, Inventory
from jailer_core.operations.settings import rctl_conf
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build

On = Callable[..., Any]


def test_limits_of_all_jails_and_of_one(on: On, small: Machine) -> None:
    assert on(small, "limits", "set", "app0", "memory=512M", "files=1000").status == 0
    row = next(line for line in on(small, "limits").lines if line.startswith("app0"))
    assert " of 512M" in row
    assert row.endswith("files=1000")
    found = {jail["name"]: jail["limits"] for jail in on(small, "limits", "-j").json}
    assert found["app0"]["memory"]["allowed"] == 512 << 20
    assert found["www0"]["memory"]["allowed"] is None
    one = on(small, "limits", "app0", "-j").json["limits"]
    assert one["memory"]["at_start"] == 512 << 20
    assert one["cpuset"] == {"used": None, "allowed": "0-1", "at_start": None, "known": True}
    assert any(
        line.startswith("memory") and "512M" in line for line in on(small, "limits", "app0").lines
    )
    assert on(small, "undo", "-y").status == 0
    assert small.state.rctl == []
    on(small, "tag", "app0", "+web")
    for command, column in (("limits", "name"), ("mount", "jail"), ("tag", "name")):
        rows = on(small, command, "@web", "ww*", "-j").json
        assert {row[column] for row in rows} <= {"app0", "www0"}, command
        assert "nosuch" in on(small, command, "app0", "nosuch").err, command
    assert [jail["name"] for jail in on(small, "limits", "@web", "ww*", "-j").json] == [
        "app0",
        "www0",
    ]


def test_a_dry_run_of_limits_changes_nothing(on: On, small: Machine) -> None:
    ran = on(small, "limits", "set", "app0", "memory=1G", "-D")
    assert "rctl -a jail:app0:memoryuse:deny=1073741824" in ran.out
    assert small.state.rctl == []


def test_without_racct_the_next_boot_is_offered(on: On) -> None:
    host = build("small")
    host.state.sysctl["kern.racct.enable"] = "0"
    assert "limits enable" in on(host, "limits", "set", "app0", "memory=1G").err
    assert "resource accounting (racct) is off" in on(host, "limits").err
    assert on(host, "limits", "enable", "-y").status == 0
    assert "kern.racct.enable=1" in host.files.read("/boot/loader.conf").decode()
    assert on(host, "limits", "set", "app0", "quota=5G", "cpuset=1").status == 0


def test_an_ordinary_user_sees_unknown_limits(on: On, small: Machine) -> None:
    on(small, "limits", "set", "app0", "memory=512M")
    found = {jail["name"]: jail["limits"] for jail in on(small, "limits", "-j", user="nobody").json}
    assert found["app0"]["memory"]["known"] is False
    assert on(small, "limits", "set", "app0", "memory=1G", user="nobody").status == 1


def test_parameters_are_shown_and_set(on: On, small: Machine) -> None:
    assert on(small, "set", "app0", "allow.mlock", "children.max=4").status == 0
    found = {one["name"]: one for one in on(small, "get", "app0", "-j").json}
    assert (found["allow.mlock"]["configured"], found["allow.mlock"]["running"]) == ("true", "true")
    assert found["children.max"]["running"] == "4"
    assert found["allow.mlock"]["description"] == "Jail may lock (unlock) physical pages in memory"
    one = on(small, "get", "app0", "allow.mlock")
    assert "Risk:" in one.out
    assert on(small, "get", "app0", "allow.nomlock").out == one.out
    assert on(small, "get", "app0", "allow.mlok").status == 1
    assert "Did you mean allow.mlock?" in on(small, "get", "app0", "allow.mlok").err


def test_every_parameter_has_its_group_and_words(on: On, small: Machine) -> None:
    for one in on(small, "get", "app0", "-j").json:
        assert one["group"] != "Other", one
        assert one["allows"].endswith("."), one


def test_presets(on: On, small: Machine) -> None:
    assert "allow.sysvipc" in on(small, "set", "app0", "--preset", "postgresql,mlock", "-D").out
    assert "Presets:" in on(small, "set", "app0", "--preset", "nothing").err
    assert on(small, "set", "app0", "devfs_ruleset=4", "--restart", "-y").status == 0


def test_several_jails_get_the_same_settings(on: On, small: Machine) -> None:
    ran = on(small, "limits", "set", "app0", "www0", "memory=512M", "files=100", "-j")
    assert [one["name"] for one in ran.json] == ["app0", "www0"]
    found = {jail["name"]: jail["limits"] for jail in on(small, "limits", "-j").json}
    assert {found[name]["memory"]["allowed"] for name in ("app0", "www0")} == {512 << 20}
    assert on(small, "set", "www0", "app0", "allow.mlock", "children.max=3").status == 0
    assert on(small, "set", "www0", "app0", "--preset", "ping").status == 0
    for name in ("app0", "www0"):
        values = {one["name"]: one["running"] for one in on(small, "get", name, "-j").json}
        assert (values["allow.mlock"], values["children.max"]) == ("true", "3"), name
        assert values["allow.raw_sockets"] == "true", name


def test_a_mistyped_name_changes_no_jail(on: On, small: Machine) -> None:
    """What is no jail is a setting, and a wrong one is refused for each of the jails."""
    ran = on(small, "limits", "set", "app0", "wwww0", "memory=512M")
    assert ran.status == 1
    assert "there is no limit 'wwww0'" in ran.err
    assert small.state.rctl == []
    assert on(small, "set", "app0", "wwww0", "allow.mlock").status == 1
    assert "no limit is given" in on(small, "limits", "set", "app0", "www0").err


def test_limits_in_rctl_conf_go_and_come_back_with_the_jail(on: On, small: Machine) -> None:
    text = "# rules\njail:app0:maxproc:deny=50 # few\njail:www0:memoryuse:deny=1G\n"
    small.files.write("/etc/rctl.conf", text.encode())
    small.now_run(("rctl", "-a", "jail:app0:maxproc:deny=50"))
    assert on(small, "destroy", "app0", "-y").status == 0
    assert "app0" not in small.files.read("/etc/rctl.conf").decode()
    assert small.state.rctl == []
    assert on(small, "undo", "-y").status == 0
    assert "jail:app0:maxproc:deny=50 # few\n" in small.files.read("/etc/rctl.conf").decode()
    assert small.state.rctl == ["jail:app0:maxproc:deny=50"]


@pytest.mark.parametrize(
    ("listed", "note"),
    [
        ("jail:db:nthr:deny=9/process\njail:db:maxproc:deny=5\n", "1 of its rules stay"),
        ("jail:db:pcpu:log=5\njail:db:pcpu:log=6\n", "2 of its rules stay"),
        ("nonsense\n", "could not be read"),
        ("jail:db:maxproc:deny=5\n", ""),
        ("jail:db:maxproc:deny=5\njail:db:memoryuse:deny=1000\n", ""),  # of a hook
        ("", ""),
    ],
)
def test_rules_that_stay_in_the_kernel_are_named(listed: str, note: str) -> None:
    lines = ("maxproc:deny=5", "nthr:deny=9/process", "pcpu:log=6")
    inventory = Inventory(
        host=HostFacts("h", "15.1-RELEASE", racct=True),
        file_texts={rctl_conf.FILE: "".join(f"jail:db:{line}\n" for line in lines)},
        command_results={("rctl", "jail:db"): CommandResult(0, listed, "")},
    )
    steps, notes = rctl_conf.dropped(inventory, "db")
    assert note in "".join(notes)
    assert bool(notes) is bool(note)
    assert len(steps) == 1 + ("maxproc" in listed)
