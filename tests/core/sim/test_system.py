"""sysctl, devfs rules, modules, and what else tells of the system."""

from __future__ import annotations

import json
import re

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.scenarios import build


@pytest.fixture
def machine() -> Machine:
    return build("fresh")


def run(machine: Machine, *argv: str, user: str = "root", jid: int = 0) -> Done:
    return machine.now_run(argv, Call((), b"", user, jid))


def test_sysctl_values_follow_the_host(machine: Machine) -> None:
    machine.state.hostname, machine.state.arch = "other.example", "arm64"
    asked = ("kern.hostname", "hw.machine", "security.jail.jailed")
    assert run(machine, "sysctl", "-n", *asked).stdout == "other.example\narm64\n0\n"


def test_sysctl_in_a_jail_knows_that_it_is_one(machine: Machine) -> None:
    run(machine, "jail", "-c", "name=it", "path=/", "host.hostname=it.example", "persist")
    jail = machine.jail_named("it")
    assert jail is not None
    answer = run(machine, "sysctl", "-n", "kern.hostname", "security.jail.jailed", jid=jail.jid)
    assert answer.stdout == "it.example\n1\n"


def test_sysctl_sets_what_may_be_set(machine: Machine) -> None:
    name = "net.inet.ip.forwarding"
    assert run(machine, "sysctl", f"{name}=1").stdout == f"{name}: 0 -> 1\n"
    assert run(machine, "sysctl", "-n", name).stdout == "1\n"
    assert run(machine, "sysctl", f"{name}=0", user="nobody").status == 1
    assert run(machine, "sysctl", "hw.ncpu=9").status == 1
    assert run(machine, "sysctl", "-n", "no.such", name).stdout == "1\n"


def test_racct_can_be_off(machine: Machine) -> None:
    machine.state.sysctl["kern.racct.enable"] = "0"
    assert run(machine, "sysctl", "-n", "kern.racct.enable").stdout == "0\n"


def test_devfs_rules_by_hand(machine: Machine) -> None:
    for words in (("include", "1"), ("path", "bpf*", "unhide")):
        assert run(machine, "devfs", "rule", "-s", "77", "add", *words).status == 0
    assert run(machine, "devfs", "rule", "-s", "77", "show").stdout == (
        "100 include 1\n200 path bpf* unhide\n"
    )
    assert "77\n" in run(machine, "devfs", "rule", "showsets").stdout
    run(machine, "devfs", "rule", "-s", "77", "delset")
    assert "77\n" not in run(machine, "devfs", "rule", "showsets").stdout


def test_devfs_names_of_rulesets_work_in_the_file_only(machine: Machine) -> None:
    done = run(machine, "devfs", "rule", "-s", "77", "add", "include", "$devfsrules_hide_all")
    assert done.status == 1
    rules = "[mine=40]\nadd include $devfsrules_hide_all\n[yours=41]\nadd include $mine\n"
    machine.files.write("/etc/devfs.rules", rules.encode())
    run(machine, "devfs", "rule", "-s", "77", "add", "include", "1")
    for _ in range(2):
        run(machine, "service", "devfs", "restart")
    assert run(machine, "devfs", "rule", "-s", "77", "show").stdout == "100 include 1\n"
    assert run(machine, "devfs", "rule", "-s", "40", "show").stdout == "100 include 1\n"
    assert run(machine, "devfs", "rule", "-s", "41", "show").stdout == "100 include 40\n"


def test_modules(machine: Machine) -> None:
    assert run(machine, "kldstat", "-q", "-m", "if_epair").status == 0
    run(machine, "kldunload", "if_epair")
    assert run(machine, "kldstat", "-q", "-m", "if_epair").status == 1
    assert run(machine, "kldload", "if_epair", user="nobody").status == 1


def test_time_goes_on(machine: Machine) -> None:
    machine.state.now = machine.state.boot_time + 2 * 86400 + 3 * 3600 + 240
    answer = json.loads(run(machine, "uptime", "--libxo=json").stdout)["uptime-information"]
    assert (answer["days"], answer["hours"], answer["minutes"]) == (2, 3, 4)
    assert answer["uptime-human"] == "2 days, 3:04"


def test_random_numbers_differ_and_repeat_with_the_host(machine: Machine) -> None:
    first, second = (run(machine, "openssl", "rand", "-hex", "3").stdout for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{6}\n", first)
    assert run(build("fresh"), "openssl", "rand", "-hex", "3").stdout == first
    assert run(machine, "uuidgen").stdout != run(machine, "uuidgen").stdout


def test_who_listens_where() -> None:
    machine = build("busy")
    shown = run(machine, "sockstat", "-j", "www0").stdout
    assert "udp4   10.0.2.21:514" in shown
    assert "sshd" not in shown
    everywhere = run(machine, "sockstat", "-l").stdout
    assert "*:22" in everywhere


def test_top_of_a_jail_shows_its_processes_only() -> None:
    machine = build("busy")
    done = run(machine, "top", "-b", "-d1", "-J", "shop", "9")
    assert "syslogd" in done.stdout
    assert "sshd" not in done.stdout
    assert run(machine, "top", "-b", "-J", "nosuch").stderr.endswith("nosuch: unknown jail\n")
