"""The packet filter: what pfctl accepts, how it prints it back, anchors, all or nothing."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.pf import rules
from jailer_core.simulator.scenarios import build


@pytest.fixture
def machine() -> Machine:
    return build("fresh")


def pfctl(machine: Machine, *words: str, stdin: str = "", user: str = "root") -> Done:
    return machine.now_run(("pfctl", *words), Call((), b"", user), stdin.encode())


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (
            "nat on em1 inet from 192.0.2.0/24 to any -> (em1:0)",
            "nat on em1 inet from 192.0.2.0/24 to any -> (em1:0)",
        ),
        ("nat on em1 from 192.0.2.7 to any -> em1", "nat on em1 inet from 192.0.2.7 to any -> em1"),
        (
            "rdr pass on em1 inet proto tcp from any to (em1) port 443 -> 192.0.2.7 port 8443",
            "rdr pass on em1 inet proto tcp from any to (em1) port = https -> 192.0.2.7 port 8443",
        ),
        (
            "rdr on em1 inet6 proto udp from any to any port 4711 -> fd00::7",
            "rdr on em1 inet6 proto udp from any to any port = 4711 -> fd00::7",
        ),
        ('rdr-anchor "mine/*"', 'rdr-anchor "mine/*" all'),
    ],
)
def test_translation_rules(rule: str, shown: str) -> None:
    assert rules.parse(rule, "stdin").ordered_nat() == [shown]


def test_macros_comments_and_joined_lines() -> None:
    text = 'ext = "em1" # out\nnat on $ext \\\n  from 192.0.2.7 to any -> ($ext)\n'
    rule = "nat on em1 inet from 192.0.2.7 to any -> (em1) round-robin"
    assert rules.parse(text, "x").nat == [rule]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rdr pas on em1\n", "stdin:1: syntax error"),
        ("\n\nbroken here\n", "stdin:3: syntax error"),
        ("nat on em1 from any to any\n", "stdin:1: syntax error"),
        ("set skip on lo0\nnat on em1 from a to b -> c trailing\n", "stdin:2: syntax error"),
        (
            "nat on em1 from 999.0.2.7 to any -> em1\n",
            "no IP address found for 999.0.2.7\nstdin:1: could not parse host specification",
        ),
        (
            "rdr on em1 from any to any port 70000 -> 192.0.2.7\n",
            "stdin:1: illegal port value 70000",
        ),
    ],
)
def test_refusals(machine: Machine, text: str, said: str) -> None:
    done = pfctl(machine, "-n", "-f", "-", stdin=text)
    assert (done.status, done.stderr) == (1, f"{said}\n")


def test_a_failed_load_leaves_the_old_rules(machine: Machine) -> None:
    pfctl(machine, "-a", "mine/blog", "-f", "-", stdin='nat-anchor "x"\n')
    before = pfctl(machine, "-a", "mine/blog", "-s", "nat").stdout
    assert pfctl(machine, "-a", "mine/blog", "-f", "-", stdin="nonsense\n").status == 1
    assert pfctl(machine, "-a", "mine/blog", "-s", "nat").stdout == before != ""


def test_an_empty_anchor_is_none(machine: Machine) -> None:
    rule = "nat on vtnet0 from 192.0.2.7 to any -> vtnet0\n"
    pfctl(machine, "-a", "mine/blog", "-f", "-", stdin=rule)
    assert pfctl(machine, "-s", "Anchors").stdout == "  mine\n  mine/blog\n"
    pfctl(machine, "-a", "mine/blog", "-F", "nat")
    assert pfctl(machine, "-s", "Anchors").stdout == ""
    gone = pfctl(machine, "-a", "mine/blog", "-s", "nat")
    assert (gone.status, gone.stderr) == (0, "pfctl: DIOCGETRULES: Invalid argument\n")


def test_anchors_from_files_load_together_or_not_at_all(machine: Machine) -> None:
    machine.files.write("/etc/pf.conf", b'load anchor "mine/blog" from "/etc/blog.pf"\n')
    done = pfctl(machine, "-f", "/etc/pf.conf")
    assert done.status == 1
    assert done.stderr.startswith("pfctl: pushfile: /etc/blog.pf: No such file or directory\n")
    machine.files.write("/etc/blog.pf", b"nat on vtnet0 from 192.0.2.7 to any -> vtnet0\n")
    assert pfctl(machine, "-f", "/etc/pf.conf").status == 0
    assert list(machine.state.pf.nat) == ["mine/blog"]


def test_only_looking_changes_nothing(machine: Machine) -> None:
    rule = "nat on vtnet0 from 192.0.2.7 to any -> vtnet0\n"
    assert pfctl(machine, "-n", "-a", "mine", "-f", "-", stdin=rule).status == 0
    assert machine.state.pf.nat == {}


def test_switched_on_and_off(machine: Machine) -> None:
    assert pfctl(machine, "-e").stderr == "pf enabled\n"
    assert pfctl(machine, "-e").status == 1
    assert pfctl(machine, "-s", "info").stdout.startswith("Status: Enabled for 0 days 00:00:00")
    assert machine.now_run(("service", "pf", "status")).status == 0
    assert pfctl(machine, "-d").stderr == "pf disabled\n"
    assert machine.now_run(("service", "pf", "status")).status == 1


def test_unloading_the_module_forgets_everything(machine: Machine) -> None:
    pfctl(machine, "-f", "-", stdin="pass in\n")
    machine.now_run(("kldunload", "pf"))
    assert pfctl(machine, "-s", "rules").stderr == "pfctl: /dev/pf: No such file or directory\n"
    machine.now_run(("kldload", "pf"))
    assert pfctl(machine, "-s", "rules").stdout == ""


def test_only_for_root(machine: Machine) -> None:
    done = pfctl(machine, "-s", "rules", user="nobody")
    assert (done.status, done.stderr) == (1, "pfctl: /dev/pf: Permission denied\n")


def test_an_anchor_that_is_not_there_cannot_be_looked_into(machine: Machine) -> None:
    said = pfctl(machine, "-a", "nosuch", "-s", "Anchors")
    assert said.status == 1
    assert said.stderr == "pfctl: Anchor does not exist.\n"
    machine.files.write("/etc/pf.conf", b'nat-anchor "nosuch/*"\n')
    pfctl(machine, "-f", "/etc/pf.conf")
    said = pfctl(machine, "-a", "nosuch", "-s", "Anchors")
    assert (said.status, said.stdout) == (0, "")


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("pass out all", ["pass out all flags S/SA keep state"]),
        (
            "pass in on em1 proto udp to port { 53, 4711 }",
            [
                "pass in on em1 proto udp from any to any port = domain keep state",
                "pass in on em1 proto udp from any to any port = 4711 keep state",
            ],
        ),
        (
            "block in log quick on em1 from { 192.0.2.1, fd00::1 } to any",
            [
                "block drop in log quick on em1 inet from 192.0.2.1 to any",
                "block drop in log quick on em1 inet6 from fd00::1 to any",
            ],
        ),
        (
            "pass in inet proto tcp from <bad> to (em1:0) port 8000:8100 no state",
            ["pass in inet proto tcp from <bad> to (em1:0) port 8000:8100 no state"],
        ),
        (
            "match out on em1 from 192.0.2.0/24 nat-to (em1:0)",
            ["match out on em1 inet from 192.0.2.0/24 to any nat-to (em1:0)"],
        ),
    ],
)
def test_filter_rules(machine: Machine, rule: str, shown: list[str]) -> None:
    pfctl(machine, "-f", "-", stdin=f"{rule}\n")
    assert pfctl(machine, "-s", "rules").stdout.splitlines() == shown


def test_what_a_filter_rule_may_say_besides_is_not_guessed(machine: Machine) -> None:
    done = pfctl(machine, "-f", "-", stdin="pass in route-to (em1 192.0.2.1) all\n")
    assert done.status == 1
    assert "route-to is not simulated" in done.stderr
