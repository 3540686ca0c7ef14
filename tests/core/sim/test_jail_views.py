"""jls, ps, jexec, rctl, cpuset, kill, users: what they tell, in which form (01, 03, 08, 12)."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.scenarios import build


@pytest.fixture
def host() -> Machine:
    return build("busy")


def run(machine: Machine, line: str, *, user: str = "root", stdin: str = "") -> Done:
    return machine.now_run(shlex.split(line), Call((), user=user), stdin.encode())


def jid(machine: Machine, name: str) -> int:
    found = machine.jail_named(name)
    assert found is not None
    return found.jid


def jails(machine: Machine, line: str) -> list[dict[str, Any]]:
    answer = json.loads(run(machine, line).stdout)
    assert list(answer) == ["__version", "jail-information"]
    found: list[dict[str, Any]] = answer["jail-information"]["jail"]
    return found


# --- jls ---------------------------------------------------------------------------------------


def test_every_parameter_is_a_string_a_list_or_with_n_a_boolean(host: Machine) -> None:
    rows = {row["name"]: row for row in jails(host, "jls -d -n --libxo=json")}
    assert list(rows) == ["thick1", "shop", "www0", "app0", "app1", "byhand", "byhand.child"]
    types = {type(value) for row in rows.values() for value in row.values()}
    assert types == {str, bool, list}
    www, app, shop, child = (rows[name] for name in ("www0", "app0", "shop", "byhand.child"))
    assert (www["ip4"], www["ip4.addr"], www["vnet"]) == ("disable", ["10.0.2.21"], "inherit")
    assert (app["ip4"], app["ip4.addr"], app["vnet"]) == ("inherit", [], "new")
    assert (www["devfs_ruleset"], app["devfs_ruleset"]) == ("0", "61")
    assert (www["persist"], shop["persist"], shop["securelevel"]) == (True, False, "2")
    assert child["parent"] == rows["byhand"]["jid"]
    assert (rows["byhand"]["children.cur"], rows["byhand"]["children.max"]) == ("1", "3")


def test_named_parameters_are_strings(host: Machine) -> None:
    rows = jails(host, "jls -d --libxo=json jid name dying persist ip6.addr")
    assert rows[2] == {
        "jid": str(jid(host, "www0")),
        "name": "www0",
        "dying": "false",
        "persist": "true",
        "ip6.addr": ["fd00::21"],
    }


def test_the_short_forms_have_numbers(host: Machine) -> None:
    number = jid(host, "www0")
    path = "/usr/local/jails/www0"
    assert jails(host, "jls --libxo=json")[2] == {
        "jid": number,
        "ipv4": "10.0.2.21",
        "hostname": "www0.example.org",
        "path": path,
    }
    verbose = jails(host, "jls -v --libxo=json")[2]
    assert verbose["state"] == "ACTIVE"
    assert (verbose["ipv4_addrs"], verbose["ipv6_addrs"]) == (["10.0.2.21"], ["fd00::21"])


def test_the_table(host: Machine) -> None:
    lines = run(host, "jls").stdout.splitlines()
    assert lines[0] == "   JID  IP Address      Hostname                      Path"
    rest = "10.0.2.21       www0.example.org              /usr/local/jails/www0"
    assert lines[3] == f"{jid(host, 'www0'):6}  {rest}"
    assert run(host, "jls -N").stdout.splitlines()[3].startswith(" www0            10.0.2.21  ")


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("jls -j nosuch jid", Done(1, "", 'jls: jail "nosuch" not found\n')),
        ("jls -c -j nosuch", Done(1, "", "")),
        ("jls -c -j www0", Done(0, "", "")),
        ("jls -j db01", Done(1, "", 'jls: jail "db01" not found\n')),
        ("jls nosuch", Done(1, "", "jls: unknown parameter: nosuch\n")),
        ("jls -j www0 name ip4.addr allow.mount", Done(0, "www0 10.0.2.21 false\n", "")),
        ("jls -j app0 -q name ip4.addr", Done(0, 'app0 ""\n', "")),
    ],
)
def test_plain_answers(host: Machine, line: str, done: Done) -> None:
    assert run(host, line) == done


# --- ps ----------------------------------------------------------------------------------------


def processes(machine: Machine, line: str) -> list[dict[str, str]]:
    answer = json.loads(run(machine, line).stdout)
    found: list[dict[str, str]] = answer["process-information"]["process"]
    return found


def test_j_selects_a_jail_and_with_a_it_does_not(host: Machine) -> None:
    own = str(jid(host, "www0"))
    assert {one["jail-id"] for one in processes(host, "ps -J www0 -o jid,pid --libxo=json")} == {
        own
    }
    everything = processes(host, "ps -axo jid,pid --libxo=json -J www0")
    assert everything == processes(host, "ps -ax -o jid,pid --libxo=json")
    assert len({one["jail-id"] for one in everything}) > 3


def test_what_a_started_jail_runs(host: Machine) -> None:
    rows = processes(host, "ps -J app0 -o command,state,user,ppid --libxo=json")
    assert [row["command"] for row in rows] == [
        "/usr/sbin/syslogd -ss",
        "syslogd: syslogd.casper (syslogd)",
        "syslogd: system.net (syslogd)",
        "/usr/sbin/cron -s",
    ]
    assert {row["state"] for row in rows} == {"SCsJ", "SJ", "SsJ"}
    assert {(row["user"], row["ppid"]) for row in rows} == {("root", "1")}


def test_terminals_come_last(host: Machine) -> None:
    rows = processes(host, "ps -ax -o pid,command --libxo=json")
    kinds = ["getty" in row["command"] for row in rows]
    assert kinds == sorted(kinds)
    assert rows[kinds.index(True)]["command"].endswith("ttyu0")


def test_ps_in_a_jail_sees_its_own_and_itself(host: Machine) -> None:
    rows = processes(host, "jexec app0 ps -ax --libxo=json")
    assert list(rows[0]) == ["pid", "terminal-name", "state", "cpu-time", "command"]
    assert [row["command"].split()[0] for row in rows][-1] == "ps"
    assert len(rows) == 5


def test_load_moves_on_a_live_host_only(host: Machine) -> None:
    line = "ps -ax -o pcpu --libxo=json"
    seen = processes(host, line)
    host.state.now += 100
    assert processes(host, line) == seen
    host.live = True
    moved = processes(host, line)
    host.state.now += 30
    assert processes(host, line) != moved


def test_what_ps_refuses(host: Machine) -> None:
    assert run(host, "ps -ax -J nosuch") == Done(1, "", "ps: Invalid jail id: nosuch\n")
    assert run(host, "ps -o nosuch").status == 1


# --- jexec and people --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("jexec www0 hostname", Done(0, "www0.example.org\n", "")),
        ("jexec www0 sh -c 'exit 7'", Done(7, "", "")),
        ("jexec nosuch id", Done(1, "", 'jexec: jail "nosuch" not found\n')),
        (
            "jexec www0 nosuch",
            Done(1, "", "jexec: execvp: nosuch: No such file or directory\n"),
        ),
        (
            "jexec -l -U nobody www0 id",
            Done(1, "", "jexec: chdir: /nonexistent: No such file or directory\n"),
        ),
        ("jexec -l -U nosuch www0 id", Done(1, "", "jexec: nosuch: no such user\n")),
        (
            "jexec -U nobody www0 id",
            Done(0, "uid=65534(nobody) gid=65534(nobody) groups=65534(nobody)\n", ""),
        ),
        ("jexec www0 kill -TERM 999999", Done(1, "", "kill: 999999: No such process\n")),
        ("jexec www0 uname -r", Done(0, "15.1-RELEASE-p1\n", "")),
        ("jexec www0 freebsd-version", Done(0, "15.1-RELEASE-p1\n", "")),
        ("id -u", Done(0, "0\n", "")),
        ("which pkg zfs", Done(0, "/usr/sbin/pkg\n/sbin/zfs\n", "")),
        ("which dhcpd", Done(1, "", "")),
    ],
)
def test_inside_and_who(host: Machine, line: str, done: Done) -> None:
    assert run(host, line) == done


def test_a_jail_cannot_kill_what_is_not_its_own(host: Machine) -> None:
    pid = host.processes_of([jid(host, "app0")])[0].pid
    assert run(host, f"jexec www0 kill -9 {pid}").stderr == f"kill: {pid}: No such process\n"
    assert run(host, f"jexec app0 kill -9 {pid}").status == 0
    assert pid not in host.state.processes


def test_login_runs_what_is_typed_and_remembers(host: Machine) -> None:
    line = "jexec -l www0 /usr/bin/login -f root"
    first = run(host, line, stdin="hostname; tty; exit\n")
    assert first == Done(0, "www0.example.org\nnot a tty\n", "")
    assert run(host, "service jail console www0").stdout.startswith("Last login: ")


def test_users_come_and_go(host: Machine) -> None:
    assert run(host, "pw useradd -n guest -m -s /bin/sh").status == 0
    assert host.files.get("/home/guest").uid == host.state.users["guest"]
    assert (
        run(host, "su - guest -c 'echo $HOME $USER; id -u'").stdout == "/home/guest guest\n1001\n"
    )
    assert run(host, "su - guest -c 'jls name'").stdout.startswith("thick1\n")
    assert run(host, "pw userdel -n guest -r").status == 0
    assert not host.files.exists("/home/guest")


# --- limits ------------------------------------------------------------------------------------


def test_rules_are_listed_newest_first_and_removed_by_filter(host: Machine) -> None:
    for rule in ("memoryuse:deny=512M", "pcpu:deny=50"):
        assert run(host, f"rctl -a jail:www0:{rule}") == Done(0, "", "")
    run(host, "rctl -a jail:app0:maxproc:deny=9")
    assert run(host, "rctl jail:www0").stdout == (
        "jail:www0:pcpu:deny=50\njail:www0:memoryuse:deny=536870912\n"
    )
    assert "memoryuse:deny=512M\n" in run(host, "rctl -h jail:www0").stdout
    run(host, "rctl -r jail:www0")
    assert run(host, "rctl").stdout == "jail:app0:maxproc:deny=9\n"


def test_usage_is_of_the_jails_processes_and_zero_for_nobody(host: Machine) -> None:
    used = dict(line.split("=") for line in run(host, "rctl -u jail:www0").stdout.splitlines())
    own = host.processes_of([jid(host, "www0")])
    assert used["maxproc"] == str(len(own))
    assert used["memoryuse"] == str(sum(one.rss for one in own) * 1024)
    nobody = run(host, "rctl -u jail:nosuch")
    assert nobody.status == 0
    assert {line.split("=")[1] for line in nobody.stdout.splitlines()} == {"0"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "rctl -a jail:www0:nonsense:deny=1",
            "rctl: failed to add rule 'jail:www0:nonsense:deny=1': Invalid argument\n",
        ),
        (
            "rctl -a jail:www0:memoryuse:deny=zzz",
            "rctl: malformed rule 'jail:www0:memoryuse:deny=zzz': invalid numeric value 'zzz'\n",
        ),
        ("cpuset -l 9 -j www0", "cpuset: setaffinity: Invalid argument\n"),
    ],
)
def test_limits_that_are_refused(host: Machine, line: str, message: str) -> None:
    assert run(host, line) == Done(1, "", message)
    assert host.state.rctl == []


def test_processors_of_a_jail(host: Machine) -> None:
    number = jid(host, "www0")
    assert run(host, "cpuset -g -j www0").stdout.startswith(f"jail {number} mask: 0, 1\n")
    assert run(host, "cpuset -l 0 -j www0").status == 0
    assert run(host, "cpuset -g -j www0").stdout.startswith(f"jail {number} mask: 0\n")
