from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import build
from jailer_tui.cli.parser import parse
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]


@pytest.fixture
def busy() -> Machine:
    return build("busy")


def test_output_of_one_jail_comes_as_it_is(run: Run) -> None:
    ran = run("--demo", "busy", "exec", "www0", "--", "hostname")
    assert (ran.status, ran.out, ran.err) == (0, "www0.example.org\n", "")


def test_of_several_each_line_has_its_jail(run: Run) -> None:
    ran = run("--demo", "busy", "exec", "www0", "app0", "db01", "--", "hostname")
    assert ran.status == 1
    assert ran.lines == ["www0: www0.example.org", "app0: app0.example.org"]
    assert "jailer-tui: db01 is not running" in ran.err
    assert "2 of 3 jails: done" in ran.err


def test_all_that_run(run: Run) -> None:
    ran = run("--demo", "busy", "exec", "-j", "--all", "--", "uname", "-r")
    assert ran.status == 0
    names = [one["name"] for one in ran.json]
    assert names == ["app0", "app1", "byhand", "byhand.child", "shop", "thick1", "www0"]


def test_json_has_one_object_a_jail(on: On, busy: Machine) -> None:
    busy.faults.append(Fault("hang", lambda argv: argv[0] == "jexec" and "76" in argv))
    ran = on(busy, "exec", "-j", "-t", "5", "www0", "app0", "--", "sh", "-c", "echo a; exit 7")
    assert ran.status == 1
    first, second = ran.json
    assert first | {"seconds": 0} == {
        "name": "www0",
        "ok": False,
        "ending": "failed",
        "status": 7,
        "message": "exit status 7",
        "seconds": 0,
        "stdout": "a\n",
        "stderr": "",
        "lines_left_out": 0,
        "snapshot": None,
    }
    assert (second["ending"], second["status"]) == ("out of time", None)
    assert second["message"] == "not finished after 5 s, and stopped"


def test_words_behind_the_dashes_are_the_commands_own(run: Run) -> None:
    ran = run("--demo", "busy", "exec", "www0", "--", "echo", "--json", "-D", "", "--", "x")
    assert ran.out == "--json -D  -- x\n"
    assert parse(["exec", "a", "-n", "2", "--", "help"]).operands == ("a", "--", "help")
    assert parse(["exec", "--all", "--", "help"]).operands == ("--", "help")


def test_a_dry_run_shows_what_would_run_where(on: On, busy: Machine) -> None:
    ran = on(busy, "exec", "-D", "-u", "www", "www0", "--", "sh", "-c", "echo 'a b'")
    assert ran.status == 0
    assert "$ env -i /usr/sbin/jexec -U www 75 sh -c 'echo '\"'\"'a b'\"'\"''" in ran.out
    assert "What it does cannot be undone." in ran.out
    assert not any("jexec" in line for line in ran.err.splitlines())


def test_a_terminal_is_not_at_the_mercy_of_a_jail(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--demo", "busy", "exec", "www0", "--", "echo", "\x1b[2J")
    assert run(*words).out == "\x1b[2J\n"  # into a file or pipe: as it is
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: False))
    assert run(*words).out == "^[[2J\n"


def test_bytes_go_on_as_they_are(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    terminal = Terminal()
    terminal.line("www0", b"a\xff\xfe\tb")
    terminal.line("", b"x", error=True)
    out, err = capfdbinary.readouterr()
    assert (out, err) == (b"www0: a\xff\xfe\tb\n", b"x\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exec", "www0"), "exec: no command given"),
        (("exec", "--", "id"), "exec needs a name"),
        (("exec", "--all", "www0", "--", "id"), "exec: --all and names cannot be combined"),
        (("exec", "-n", "0", "www0", "--", "id"), '--at-once: "0" is not a positive number'),
        (("exec", "-t", "x", "www0", "--", "id"), '--time: "x" is not a number of seconds'),
        (("pkg", "www0"), "pkg: no action given"),
        (("signal", "www0", "cron"), 'signal: "cron" is not a PID'),
    ],
)
def test_wrong_words(run: Run, words: tuple[str, ...], said: str) -> None:
    ran = run("--demo", "busy", *words)
    assert ran.status == 2
    assert said in ran.err


def test_services(run: Run) -> None:
    assert "/etc/rc.d/cron" in run("--demo", "busy", "service", "www0").lines
    one = run("--demo", "busy", "service", "www0", "cron", "status")
    assert one.out.startswith("cron is running as pid ")
    many = run("--demo", "busy", "service", "www0", "app0", "--", "cron", "restart")
    assert many.status == 0
    assert "app0: Starting cron." in many.lines
    off = run("--demo", "busy", "service", "www0", "sshd", "start")
    assert off.status == 1
    assert "the service is not enabled in the jail's rc.conf" in off.err


def test_reading_only_looks_still(run: Run) -> None:
    assert run("--demo", "busy", "--read-only", "service", "www0").status == 0
    ran = run("--demo", "busy", "--read-only", "exec", "www0", "--", "id")
    assert ran.status == 1
    assert "--read-only is set: nothing can be changed" in ran.err


def test_a_signal(on: On, busy: Machine) -> None:
    cron = next(
        one for one in busy.state.processes.values() if one.jid == 75 and "cron" in one.command
    )
    ran = on(busy, "signal", "www0", str(cron.pid))
    assert ran.status == 0
    assert cron.pid not in busy.state.processes
    gone = on(busy, "signal", "www0", str(cron.pid), "KILL")
    assert gone.status == 1
    assert f"no process {cron.pid} in www0" in gone.err


def test_the_status_of_a_command_in_one_jail_is_its_own(run: Run) -> None:
    for code in (0, 7, 255):
        ran = run("--demo", "busy", "exec", "www0", "--", "sh", "-c", f"exit {code}")
        assert ran.status == code
    assert run("--demo", "busy", "exec", "db01", "--", "true").status == 1
    assert run("--demo", "busy", "exec", "www0", "app0", "--", "sh", "-c", "exit 7").status == 1
