"""`nat` and `rdr`: as jailer-behaviour.md has them, with -j and -D."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
RULES = "/usr/local/etc/jailer-tui/pf"


def test_nat_from_the_first_rule_to_none(on: On, small: Machine) -> None:
    assert on(small, "nat", "list").out == "no jail has NAT\n"
    assert on(small, "nat", "add", "-y", "-i", "vtnet0", "fd1dafdc").status == 0
    assert on(small, "nat", "list").lines == [
        "JAIL      FROM       ON      AS            PACKETS  BYTES  STATE",
        "fd1dafdc  10.0.0.10  vtnet0  vtnet0's own  0        0B     loaded",
    ]
    shown = small.now_run(("pfctl", "-a", "jailer/fd1dafdc", "-s", "nat")).stdout
    assert shown == "nat on vtnet0 inet from 10.0.0.10 to any -> (vtnet0:0)\n"
    assert on(small, "nat", "del", "fd1dafdc").status == 0
    assert on(small, "nat", "list", "-j").json == []
    assert small.files.listdir(RULES) == []


def test_redirections_have_the_indexes_of_the_list(on: On, small: Machine) -> None:
    add = ("rdr", "add", "-y", "-p", "tcp")
    assert on(small, *add, "-r", "8080", "-d", "80", "www0").status == 0
    assert on(small, *add, "-r", "8443", "fd1dafdc").status == 0
    assert on(small, *add, "-r", "8081", "www0").status == 0
    assert on(small, "rdr", "list").lines == [
        "#  JAIL      ON      INCOMING  GOES TO              PACKETS  BYTES  STATE",
        "2  fd1dafdc  vtnet0  tcp 8443  10.0.0.10 port 8443  0        0B     loaded",
        "1  www0      vtnet0  tcp 8080  10.0.2.21 port 80    0        0B     loaded",
        "3  www0      vtnet0  tcp 8081  10.0.2.21 port 8081  0        0B     loaded",
    ]
    which = on(small, "rdr", "del", "www0")
    assert which.status == 1
    assert "Use -i 1, -i 3, or -f for all of them." in which.err
    assert on(small, "rdr", "del", "-i", "1", "www0").status == 0
    assert [one["index"] for one in on(small, "rdr", "list", "-j", "www0").json] == [3]
    assert on(small, "rdr", "del", "-f", "www0").status == 0
    assert [one["jail"] for one in on(small, "rdr", "list", "-j").json] == ["fd1dafdc"]


def test_json_names_everything(on: On, small: Machine) -> None:
    on(small, "rdr", "add", "-y", "-p", "udp", "-r", "53", "www0")
    assert on(small, "rdr", "list", "-j").json == [
        {
            "jail": "www0",
            "kind": "rdr",
            "index": 1,
            "state": "loaded",
            "interface": "vtnet0",
            "family": 4,
            "address": "10.0.2.21",
            "outside": "",
            "protocol": "udp",
            "port": 53,
            "jail_port": 53,
            "packets": 0,
            "bytes": 0,
            "states": 0,
            "rule": "rdr pass on vtnet0 inet proto udp from any to (vtnet0:0) port 53 "
            "-> 10.0.2.21 port 53",
        }
    ]


def test_a_dry_run_changes_nothing(on: On, small: Machine) -> None:
    before = dump(small)
    ran = on(small, "rdr", "add", "-D", "-p", "tcp", "-r", "8080", "www0")
    assert ran.status == 0
    assert '     +rdr-anchor "jailer/*"' in ran.lines
    assert dump(small) == before
    (plan,) = on(small, "rdr", "add", "-D", "-j", "-p", "tcp", "-r", "8080", "www0").json
    assert plan["name"] == "www0"
    assert dump(small) == before


def test_the_host_s_own_filter_is_asked_about(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(small)
    ran = on(small, "nat", "add", "www0")
    assert ran.status == 1
    assert "this changes the host" in ran.err
    assert dump(small) == before

    async def yes(_self: Terminal, _question: str) -> str:
        return "y"

    monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
    monkeypatch.setattr(Terminal, "ask", yes)
    assert on(small, "nat", "add", "www0").status == 0
    assert small.state.pf.enabled


def test_without_root_the_list_says_what_it_cannot_read(on: On, small: Machine) -> None:
    on(small, "nat", "add", "-y", "www0")
    ran = on(small, "nat", "list", user="nobody")
    assert "pfctl: " in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rdr", "add", "-p", "tcp", "-r", "22", "www0"), "used by the host's sshd"),
        (("rdr", "add", "-r", "80", "www0"), "no protocol given"),
        (("rdr", "add", "-p", "tcp", "www0"), "no port given"),
        (("rdr", "del", "-i", "x", "www0"), '--index: "x" is not a positive number'),
        (("rdr", "del", "-i", "1", "-f", "www0"), "give either an index or -f"),
        (("rdr", "list", "nosuch"), "there is no jail nosuch"),
        (("nat", "add", "99d6c13c"), "99d6c13c uses the host's own addresses"),
        (("nat", "add", "-6", "fd1dafdc"), "no default route of IPv6"),
        (("nat", "load", "nosuch"), "there is no jail nosuch"),
    ],
)
def test_refusals(on: On, small: Machine, words: tuple[str, ...], said: str) -> None:
    ran = on(small, *words)
    assert ran.status != 0
    assert said in ran.err


def test_rules_that_are_not_loaded_are_shown_and_loaded(on: On, small: Machine) -> None:
    on(small, "nat", "add", "-y", "www0")
    small.now_run(("pfctl", "-a", "jailer/www0", "-F", "nat"))
    small.now_run(
        ("pfctl", "-a", "jailer/app0", "-f", "-"),
        stdin=b"rdr on vtnet0 inet proto tcp from any to any port 80 -> 10.0.0.7\n",
    )
    found = {one["jail"]: one["state"] for one in on(small, "nat", "list", "-j").json}
    assert found == {"www0": "stored"}
    assert [one["state"] for one in on(small, "rdr", "list", "-j").json] == ["not stored"]
    assert on(small, "nat", "load", "www0", "app0").status == 0
    assert [one["state"] for one in on(small, "nat", "list", "-j").json] == ["loaded"]
    assert on(small, "rdr", "list", "-j").json == []


def test_rules_of_the_original_are_listed_and_taken_over(on: On, small: Machine) -> None:
    nat = "/etc/jail.conf.d/.pf.nat.jailer.conf"
    small.files.write(nat, b"nat on vtnet0 inet from 10.0.0.10 to any -> (vtnet0:0) #fd1dafdc\n")
    small.files.write("/etc/pf.conf", f'include "{nat}"\n'.encode())
    small.now_run(("service", "pf", "onestart"))
    assert [one["state"] for one in on(small, "nat", "list", "-j").json] == ["original's"]
    assert on(small, "nat", "takeover", "-y").status == 0
    assert [one["state"] for one in on(small, "nat", "list", "-j").json] == ["loaded"]
    shown = small.now_run(("pfctl", "-s", "nat")).stdout
    assert shown == 'nat-anchor "jailer/*" all\nrdr-anchor "jailer/*" all\n'
    assert small.files.read(nat) == b""


def test_what_is_of_no_jail_is_named_by_its_command(on: On, small: Machine) -> None:
    said = on(small, "nat", "takeover", "-y").out
    assert "nat takeover: nothing to do\n  jailer's shared files contain no rules.\n" in said


def change(on: On, machine: Machine, word: str) -> str:
    """The id of the last change whose title has that word."""
    found = [one for one in on(machine, "activity", "-j").json if word in one["title"]]
    return str(found[0]["entry"])


def test_undoing_the_only_rule_switches_the_filter_off_again(on: On, small: Machine) -> None:
    assert on(small, "nat", "add", "-y", "www0").status == 0
    assert on(small, "undo", "-y").status == 0
    assert not small.state.pf.enabled
    assert not small.files.exists("/etc/pf.conf")
    assert not small.files.exists(RULES)


def test_undoing_the_first_rule_leaves_those_of_other_jails(on: On, small: Machine) -> None:
    on(small, "rdr", "add", "-y", "-p", "tcp", "-r", "8080", "fd1dafdc")
    first = change(on, small, "fd1dafdc")
    on(small, "nat", "add", "-y", "www0")
    on(small, "rdr", "add", "-y", "-p", "tcp", "-r", "8443", "fd1dafdc")
    assert on(small, "undo", "-y", first).status == 0
    assert small.state.pf.enabled
    assert [one["state"] for one in on(small, "nat", "list", "-j").json] == ["loaded"]
    assert [one["port"] for one in on(small, "rdr", "list", "-j").json] == [8443]
    again = on(small, "undo", "-y", first)
    assert again.status == 1


def test_an_undo_finds_its_rule_or_says_that_it_is_gone(on: On, small: Machine) -> None:
    on(small, "rdr", "add", "-y", "-p", "tcp", "-r", "8080", "www0")
    first = change(on, small, "www0")
    on(small, "nat", "add", "-y", "fd1dafdc")
    on(small, "rdr", "del", "-f", "www0")
    ran = on(small, "undo", "-y", first)
    assert ran.status == 1
    assert "that rule of www0 no longer exists" in ran.err
    assert small.state.pf.enabled


def test_the_set_up_of_the_filter_is_not_undone_under_rules_of_jails(
    on: On, small: Machine
) -> None:
    assert on(small, "init", "nat", "-y").status == 0
    first = change(on, small, "")
    assert on(small, "nat", "add", "-y", "www0").status == 0
    ran = on(small, "undo", "-y", first)
    assert ran.status == 1
    assert small.state.pf.enabled
    assert [one["state"] for one in on(small, "nat", "list", "-j").json] == ["loaded"]
    assert on(small, "nat", "del", "www0").status == 0
    assert on(small, "undo", "-y", first).status == 0
    assert not small.state.pf.enabled
