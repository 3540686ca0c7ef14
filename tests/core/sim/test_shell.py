"""The small shell of the simulated host: what hooks and people write, and its hostile uses."""

from __future__ import annotations

import random

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.scenarios import build


@pytest.fixture
def host() -> Machine:
    return build("fresh")


def sh(machine: Machine, text: str, **call: str) -> Done:
    return machine.now_run(("sh", "-c", text), Call((), **call))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("echo a; echo b", "a\nb\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("! false && echo yes", "yes\n"),
        ("(exit 3); echo $?", "3\n"),
        ("{ echo a; echo b; } | cat", "a\nb\n"),
        ("(cd /tmp && pwd); pwd", "/tmp\n/root\n"),
        ("echo 'a  $HOME' \"b  $HOME\" c  d", "a  $HOME b  /root c d\n"),
        ("x='1 2'; echo $x \"$x\"", "1 2 1 2\n"),
        ("echo a\\ b '' \"\" c", "a b   c\n"),
        ("echo $nosuch end", "end\n"),
        ('echo $(echo in; echo side) "$(id -u)"', "in side 0\n"),
        ("echo # no comment\necho 'a # b'", "\na # b\n"),
        ("echo one >/tmp/f; echo two >>/tmp/f; cat </tmp/f", "one\ntwo\n"),
        ("cat /nosuch 2>&1 | cat", "cat: /nosuch: No such file or directory\n"),
        ("cat /nosuch 2>/dev/null; echo $?", "1\n"),
        ("touch /tmp/g1 /tmp/g2; echo /tmp/g* /tmp/no*", "/tmp/g1 /tmp/g2 /tmp/no*\n"),
        ("mkdir /tmp/d; cd /tmp/d; touch a b; echo '*' \\* *", "* * a b\n"),
        ("echo longer >/tmp/f; echo x >/tmp/f; cat /tmp/f", "x\n"),
        ("echo '/tmp/*' \"/tmp/*\"", "/tmp/* /tmp/*\n"),
        ("[ -d /etc ] && test ! -e /nosuch && echo right", "right\n"),
        ("A=1 B=2; export C=3; echo $A$B$C", "123\n"),
        ("sh -c 'echo $0 $1 $#' name arg", "name arg 1\n"),
        ("env X=1 sh -c 'echo $X'", "1\n"),
    ],
)
def test_what_it_prints(host: Machine, text: str, out: str) -> None:
    assert sh(host, text) == Done(0, out, "")


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("exit 7", 7, ""),
        ("false", 1, ""),
        ("nosuch", 127, "sh: nosuch: not found\n"),
        ("/no/such", 127, "sh: /no/such: not found\n"),
        ("echo >/no/such", 2, "sh: cannot create /no/such: No such file or directory\n"),
        ("cat </no/such", 2, "sh: cannot open /no/such: No such file or directory\n"),
        ("cd /nosuch", 2, "cd: /nosuch: No such file or directory\n"),
        ("echo 'open", 2, "sh: Syntax error: Unterminated quoted string\n"),
        ("(echo", 2, "sh: Syntax error: end of file unexpected\n"),
        ("; ;; x", 2, 'sh: Syntax error: ";;" unexpected\n'),
    ],
)
def test_how_it_fails(host: Machine, text: str, status: int, message: str) -> None:
    assert sh(host, text) == Done(status, "", message)


def test_an_ordinary_user_writes_nothing_of_roots(host: Machine) -> None:
    host.now_run(("pw", "useradd", "-n", "guest", "-m"))
    done = sh(host, "echo x >>/etc/rc.conf", user="guest")
    assert done == Done(2, "", "sh: cannot create /etc/rc.conf: Permission denied\n")
    assert sh(host, "echo x >/tmp/mine && cat /tmp/mine", user="guest").stdout == "x\n"


def test_what_waits_in_the_background_stays_as_a_process(host: Machine) -> None:
    text = "cd /var/run && (sleep 60 >/dev/null 2>&1 &) ; echo ok"
    assert sh(host, text).stdout == "ok\n"
    (sleeper,) = [one for one in host.state.processes.values() if one.command == "sleep 60"]
    assert (sleeper.jid, sleeper.cwd) == (0, "/var/run")
    host.state.now += 61
    sh(host, "true")
    assert sleeper.pid not in host.state.processes


def test_what_does_not_wait_leaves_nothing(host: Machine) -> None:
    before = set(host.state.processes)
    assert sh(host, "sh -c 'echo done' & echo next").stdout == "done\nnext\n"
    assert set(host.state.processes) == before


def test_in_a_jail_every_path_is_below_its_own() -> None:
    host = build("busy")
    jail = host.jail_named("www0")
    assert jail is not None
    inner = "echo jailed >/tmp/f; cat /tmp/f; ls /tmp/*; cd /etc && ls rc"
    done = host.now_run(("jexec", "www0", "sh", "-c", inner))
    assert done.stdout == "jailed\n/tmp/f\nrc\n"
    assert host.files.read(f"{jail.path}/tmp/f") == b"jailed\n"
    assert not host.files.exists("/tmp/f")


def test_a_script_runs_by_its_path(host: Machine) -> None:
    host.files.mkdir("/usr/local/bin", parents=True)
    host.files.write("/usr/local/bin/hello", b'#!/bin/sh\necho "$0 says $1"\n', mode=0o755)
    done = sh(host, "/usr/local/bin/hello you")
    assert done.stdout == "/usr/local/bin/hello says you\n"
    assert host.now_run(("sh", "/usr/local/bin/hello", "me")).stdout.endswith("says me\n")


def test_a_script_of_ones_own_goes_before_a_program_of_that_name(host: Machine) -> None:
    host.files.write("/tmp/ls", b"#!/bin/sh\necho mine\n", mode=0o755)
    assert sh(host, "/tmp/ls; cd /tmp; ./ls").stdout == "mine\nmine\n"
    assert sh(host, "/bin/ls /tmp").stdout == "ls\n"


def test_commands_may_come_from_standard_input(host: Machine) -> None:
    assert host.now_run(("sh",), stdin=b"echo a\nexit 4\necho b\n") == Done(4, "a\n", "")


@pytest.mark.parametrize("name", ["$(id)", "a;b", "`id`", "-n", "*", "x\ty"])
def test_hostile_arguments_are_no_commands(host: Machine, name: str) -> None:
    assert host.now_run(("sh", "-c", 'echo "<$1>"', "sh", name)).stdout == f"<{name}>\n"


def test_nothing_that_is_written_breaks_the_shell(host: Machine) -> None:
    pieces = [*"ab;&|()<>$\"'\\# \n{}!*?[]=", "echo ", "$(", "&&", "||", ">>", "2>&1", "cd /tmp"]
    pieces += ["exit 3", "sleep 5 ", "x=1", "/tmp/f", "trap '' TERM", "$x", "cat "]
    chance = random.Random(7)  # noqa: S311 - the same every time
    statuses = set()
    for _ in range(1500):
        text = "".join(chance.choices(pieces, k=chance.randint(1, 14)))
        statuses.add(sh(host, text).status)
    assert statuses == {0, 1, 2, 3, 127}
