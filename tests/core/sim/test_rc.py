"""rc.conf, sysrc and service."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.rc import rcconf
from jailer_core.simulator.scenarios import build


@pytest.fixture
def machine() -> Machine:
    return build("fresh")


def run(machine: Machine, *argv: str, user: str = "root", jid: int = 0) -> Done:
    return machine.now_run(argv, Call((), b"", user, jid))


def text(machine: Machine, path: str = "/etc/rc.conf") -> str:
    return machine.files.read(path).decode()


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ('a="x y"\n', {"a": "x y"}),
        ("a='$b'\n", {"a": "$b"}),
        ('b=1\na="${b}/2 $b"\n', {"b": "1", "a": "1/2 1"}),
        ("a=x # why\n", {"a": "x"}),
        ("  a=x; b=y\n", {"a": "x"}),
        ('a="one\ntwo"\n', {"a": "one\ntwo"}),
        ('a="1"\na="2"\n', {"a": "2"}),
        ('a="quo\\"te"\n', {"a": 'quo"te'}),
        ('bad-name="1"\n', {}),
        ("#a=1\n\nif true; then\n", {}),
    ],
)
def test_assignments_as_a_shell_reads_them(source: str, values: dict[str, str]) -> None:
    assert rcconf.evaluate(source) == values


def test_changing_keeps_every_other_line_and_what_stands_behind() -> None:
    before = '# mine\na="1"   # one\nb="2"\n'
    assert rcconf.with_line(before, "a", "3") == '# mine\na="3"   # one\nb="2"\n'
    assert rcconf.with_line(before, "c", "3") == before + 'c="3"\n'
    assert rcconf.without_line(before, "a") == '# mine\nb="2"\n'
    assert rcconf.with_line('a="1"\na="2"\n', "a", "3") == 'a="1"\na="3"\n'
    assert rcconf.with_line('a="1"', "b", "2") == 'a="1"\nb="2"\n'


def test_words_are_added_and_removed_once(machine: Machine) -> None:
    run(machine, "sysrc", "jail_list+=blog")
    run(machine, "sysrc", "jail_list+=blog")
    assert run(machine, "sysrc", "jail_list+=shop").stdout == "jail_list: blog -> blog shop\n"
    assert run(machine, "sysrc", "jail_list-=blog").stdout == "jail_list: blog shop -> shop\n"
    assert run(machine, "sysrc", "-n", "jail_list").stdout == "shop\n"
    assert text(machine).count("jail_list") == 1


def test_a_bad_name_is_written_all_the_same_and_counts_for_nothing(machine: Machine) -> None:
    assert run(machine, "sysrc", "my-name=1").stdout == "my-name: name -> name\n"
    assert 'my-name="1"\n' in text(machine)
    assert "my-name" not in run(machine, "sysrc", "-ae").stdout


def test_only_what_was_assigned_is_listed(machine: Machine) -> None:
    run(machine, "sysrc", "pf_enable=NO")
    listed = run(machine, "sysrc", "-a").stdout
    assert "pf_enable: NO\n" in listed
    assert "cron_enable" not in listed


def test_an_unknown_one_among_several_is_told_and_the_others_come(machine: Machine) -> None:
    done = run(machine, "sysrc", "-n", "hostname", "nosuch", "jail_enable")
    assert (done.status, done.stdout) == (1, "armbsd15\nNO\n")
    assert done.stderr == "sysrc: unknown variable 'nosuch'\n"


def test_an_ordinary_user_reads_only(machine: Machine) -> None:
    before = text(machine)
    assert run(machine, "sysrc", "-n", "hostname", user="nobody").status == 0
    assert run(machine, "sysrc", "x=1", user="nobody").status == 1
    assert run(machine, "sysrc", "-x", "hostname", user="nobody").status == 1
    assert text(machine) == before


def test_another_root_has_its_own_settings(machine: Machine) -> None:
    machine.files.mkdir("/srv/it/etc", parents=True)
    run(machine, "sysrc", "-R", "/srv/it", "cron_enable=NO")
    assert text(machine, "/srv/it/etc/rc.conf") == 'cron_enable="NO"\n'
    run(machine, "jail", "-c", "name=it", "path=/srv/it", "persist")
    assert run(machine, "sysrc", "-j", "it", "-n", "cron_enable").stdout == "NO\n"
    assert run(machine, "sysrc", "-n", "cron_enable").stdout == "YES\n"


def test_a_service_that_is_off_says_how_to_start_it(machine: Machine) -> None:
    done = run(machine, "service", "pf", "start")
    said = "Set pf_enable to YES in /etc/rc.conf or use 'onestart' instead of 'start'."
    assert (done.status, done.stdout) == (0, f"Cannot 'start' pf. {said}\n")
    assert not machine.state.pf.enabled
    machine.files.write("/etc/pf.conf", b"pass in\n")
    assert run(machine, "service", "pf", "onestart").stdout == "Enabling pf.\n"
    assert machine.state.pf.enabled


def test_enabling_writes_rc_conf(machine: Machine) -> None:
    assert run(machine, "service", "pf", "enabled").status == 1
    assert run(machine, "service", "pf", "enable").stdout == "pf enabled in /etc/rc.conf\n"
    assert run(machine, "service", "pf", "enabled").status == 0
    assert 'pf_enable="YES"' in run(machine, "service", "pf", "rcvar").stdout
    run(machine, "service", "pf", "disable")
    assert run(machine, "service", "pf", "enabled").status == 1


def test_scripts_of_packages_are_services_too(machine: Machine) -> None:
    assert run(machine, "service", "blogd", "enable").status == 1
    machine.files.mkdir("/usr/local/etc/rc.d", parents=True)
    machine.files.write("/usr/local/etc/rc.d/blogd", b"#!/bin/sh\n", mode=0o755)
    assert run(machine, "service", "blogd", "enable").status == 0
    assert "/usr/local/etc/rc.d/blogd\n" in run(machine, "service", "-e").stdout


def test_daemons_of_the_host_restart_with_a_new_process(machine: Machine) -> None:
    before = {one.pid for one in machine.state.processes.values() if "cron" in one.command}
    done = run(machine, "service", "cron", "restart")
    after = {one.pid for one in machine.state.processes.values() if "cron" in one.command}
    assert done.stdout.endswith("Starting cron.\n")
    assert len(after) == 1
    assert after.isdisjoint(before)


def test_a_bridge_out_of_rc_conf(machine: Machine) -> None:
    run(machine, "sysrc", "cloned_interfaces=bridge7", "ifconfig_bridge7=inet 172.16.0.1/28 up")
    run(machine, "sysrc", "ifconfig_bridge7_alias0=inet 172.16.1.1/28")
    said = run(machine, "service", "netif", "start", "bridge7").stdout
    assert said.startswith("Created clone interfaces: bridge7.\nStarting Network: bridge7.\n")
    assert "inet 172.16.1.1 netmask 0xfffffff0" in said


def test_dhcp_waits_when_nobody_answers_and_not_when_somebody_does() -> None:
    machine = build("busy")
    before = machine.state.now
    for switch in ("-r", "-c"):
        done = run(machine, "jail", "-f", "/etc/jail.conf.d/app0.conf", switch, "app0")
        assert done.status == 0, done.stderr
    assert machine.state.now - before >= 30
    small = build("small")
    before = small.state.now
    for switch in ("-r", "-c"):
        run(small, "jail", "-f", "/etc/jail.conf.d/app0.conf", switch, "app0")
    assert small.state.now - before < 30
    assert "inet 10.0.0.2/24" in run(small, "ifconfig", "-j", "app0", "-f", "inet:cidr").stdout
