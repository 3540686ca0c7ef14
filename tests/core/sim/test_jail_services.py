"""`service jail` and bastille: order, isolation, messages (03, 07, 08, 12)."""

from __future__ import annotations

import json
import shlex

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.scenarios import base, build

NOT_THERE = (
    "/etc/rc.d/jail: WARNING: Invalid configuration for {0}  "
    "(no jail.conf, no hostname, or no path).   Jail {0} was ignored.\n"
)
ALL = "thick1 shop www0 app0 app1 byhand byhand.child"


@pytest.fixture
def host() -> Machine:
    return build("busy")


def run(machine: Machine, line: str, *, user: str = "root") -> Done:
    return machine.now_run(shlex.split(line), Call((), user=user))


def running(machine: Machine) -> list[str]:
    return run(machine, "jls name").stdout.split()


def test_each_from_its_own_file_in_the_order_of_the_list(host: Machine) -> None:
    run(host, "sysrc 'jail_list=db01 nosuch www0'")
    run(host, "service jail stop www0 app0")
    done = run(host, "service jail start")
    assert done == Done(0, "Starting jails: db01 www0.\n", NOT_THERE.format("nosuch"))
    assert running(host)[-2:] == ["db01", "www0"]
    assert host.files.read("/var/run/jail_db01.id").decode().strip() in run(host, "jls jid").stdout
    done = run(host, "service jail stop")
    assert done.stdout == "Stopping jails: db01 www0.\n"
    assert not host.files.exists("/var/run/jail_db01.id")
    assert "10.0.2.22" not in run(host, "ifconfig vtnet0").stdout


def test_stop_with_an_empty_list_stops_all_and_cleans_nothing_up(host: Machine) -> None:
    assert run(host, "service jail stop").stdout == f"Stopping jails: {ALL}.\n"
    assert running(host) == []
    assert {"epair1a", "epair1b"} <= set(run(host, "ifconfig -l").stdout.split())
    assert host.files.mounted("/usr/local/jails/www0/dev") is not None
    done = run(host, "service jail start app0")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == (
        'Starting jails: cannot start jail  "app0": \n'
        "ifconfig: interface epair1 already exists\n"
        "jail: app0: ifconfig epair1 create up: failed\n.\n"
    )


def test_without_a_list_and_a_common_file_nothing_starts(host: Machine) -> None:
    run(host, "jail -R www0")
    done = run(host, "service jail start")
    text = "Starting jails:jail: /etc/jail.conf: No such file or directory\n.\n"
    assert done == Done(0, text, "")
    assert "www0" not in running(host)


def test_with_an_include_all_start_and_one_broken_file_stops_them_all(host: Machine) -> None:
    run(host, "jail -R www0")
    host.files.write("/etc/jail.conf", b'.include "/etc/jail.conf.d/*.conf";\n')
    host.files.write("/etc/jail.conf.d/broken.conf", b'broken {\n  path = "/"\n  persist;\n}\n')
    done = run(host, "service jail start")
    assert done.stdout == (
        "Starting jails:jail: /etc/jail.conf.d/broken.conf line 3: persist: syntax error\n.\n"
    )
    host.files.remove("/etc/jail.conf.d/broken.conf")
    started = run(host, "service jail start").stdout
    assert started.startswith("Starting jails: ")
    assert started.endswith(" db01 www0.\n")


def test_messages_of_what_is_running_and_what_is_not(host: Machine) -> None:
    assert run(host, "service jail start www0").stdout == (
        'Starting jails: cannot start jail  "www0": \njail: "www0" already exists\n.\n'
    )
    assert run(host, "service jail stop db01").stdout == "Stopping jails:.\n"
    assert run(host, "service jail restart db01").stdout == (
        "Stopping jails:.\nStarting jails: db01.\n"
    )
    assert run(host, "service jail status").stdout == run(host, "jls -N").stdout


def test_a_jail_whose_stop_fails_is_told_and_keeps_running(host: Machine) -> None:
    text = "x { path = /; persist; exec.stop = /usr/bin/false; }"
    host.files.write("/etc/jail.conf.d/x.conf", text.encode())
    run(host, "service jail start x")
    done = run(host, "service jail stop x")
    assert done.stdout == (
        'Stopping jails: x cannot stop jail "x": \njail: x: /usr/bin/false: failed\n.\n'
    )
    assert "x" in running(host)


def test_dots_and_slashes_become_underscores(host: Machine) -> None:
    assert run(host, "service jail start a.b/c").stderr == NOT_THERE.format("a_b_c")


# --- bastille ----------------------------------------------------------------------------------


def test_bastille_lists_its_jails(host: Machine) -> None:
    run(host, "bastille stop shop")
    lines = run(host, "bastille list").stdout.splitlines()
    assert lines[0] == " JID NAME   BOOT PRIO STATE TYPE  IP ADDRESS PORTS RELEASE         TAGS"
    assert lines[1] == " -   shop   on   99   Down  thin  10.0.2.30  -     15.1-RELEASE-p1 -"
    rows = json.loads(run(host, "bastille list -j").stdout)
    assert [(row["NAME"], row["STATE"], row["TYPE"]) for row in rows] == [
        ("shop", "Down", "thin"),
        ("thick1", "Up", "thick"),
    ]


def test_bastille_stops_and_starts(host: Machine) -> None:
    assert run(host, "bastille stop shop") == Done(0, "\n[shop]:\nshop: removed\n", "")
    assert host.files.mounted("/usr/local/bastille/jails/shop/root/.bastille") is None
    assert run(host, "bastille start shop") == Done(0, "\n[shop]:\nshop: created\n", "")
    assert running(host)[-1] == "shop"


def test_what_bastille_refuses(host: Machine) -> None:
    for action in ("start", "stop", "destroy"):
        assert run(host, f"bastille {action} www0") == Done(
            1, "", "[ERROR]: Jail not found: www0\n"
        )
    assert run(host, "bastille version").stdout == "1.4.4\n"
    assert run(build("fresh"), "bastille list") == Done(127, "", "sh: bastille: not found\n")


def test_bastille_destroys_with_its_datasets(host: Machine) -> None:
    assert run(host, "bastille destroy shop").status == 1
    assert run(host, "bastille destroy -a shop").status == 0
    assert "shop" not in run(host, "zfs list -Hp -o name").stdout
    assert "shop" not in run(host, "bastille list").stdout


# --- pkg ---------------------------------------------------------------------------------------


def test_a_host_without_packages_and_without_names(host: Machine) -> None:
    assert run(build("fresh"), "pkg -N") == Done(1, "", "pkg: pkg is not installed\n")
    assert "Host does not resolve" in run(base.fresh(), "pkg install -y x").stderr
    assert run(host, "pkg -j www0 info").stderr.startswith("The package management tool is not")
    assert "bastille-1.4.4\n" in run(host, "pkg info").stdout
