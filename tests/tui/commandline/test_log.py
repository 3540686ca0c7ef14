from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]
MESSAGES = "/usr/local/jails/www0/var/log/messages"
CONSOLE = "/var/log/jail/www0.log"


@pytest.fixture
def busy() -> Machine:
    machine = build("busy")
    machine.files.mkdir("/usr/local/jails/www0/var/log", parents=True)
    text = "".join(f"Nov 24 00:00:{n:02d} www0 app[1]: line {n}\n" for n in range(50))
    machine.files.write(MESSAGES, text.encode())
    return machine


def test_the_end_of_the_console_log(on: On, busy: Machine) -> None:
    ran = on(busy, "log", "www0", "-n", "2")
    whole = busy.files.read(CONSOLE).decode()
    assert ran.status == 0
    assert ran.out == "".join(f"{line}\n" for line in whole.splitlines()[-2:])


def test_a_file_of_the_jail(on: On, busy: Machine) -> None:
    ran = on(busy, "log", "www0", "--file", "messages")
    assert len(ran.lines) == 20
    assert ran.lines[-1].endswith("line 49")
    assert on(busy, "log", "www0", "--file", "messages", "-n", "0").out == ""
    # a jail made by hand has no console log: messages instead
    assert on(busy, "log", "byhand", "-n", "1").status == 0


def test_json_has_the_file_and_its_lines(on: On, busy: Machine) -> None:
    ran = on(busy, "log", "www0", "-j", "--file", "messages", "-n", "2")
    assert ran.json["file"] == MESSAGES
    assert ran.json["lines"][-1].endswith("line 49")
    assert len(ran.json["lines"]) == 2
    assert on(busy, "log", "www0", "-j", "-f").status == 2


def test_a_link_in_the_jail_is_not_followed(on: On, busy: Machine) -> None:
    busy.files.remove(MESSAGES)
    busy.files.link(MESSAGES, "/etc/rc.conf")
    ran = on(busy, "log", "www0", "--file", "messages")
    assert ran.status == 1
    assert ran.out == ""
    assert "Too many levels of symbolic links" in ran.err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("log", "nosuch"), 1, "there is no jail nosuch"),
        (("log", "byhand", "--file", "console"), 1, "byhand has no console log"),
        (("log", "www0", "--file", "../../etc/passwd"), 1, "is not a file in /var/log"),
        (("log", "www0", "--file", "none"), 1, "No such file or directory"),
        (("log", "www0", "-n", "x"), 2, '-n: "x" is not a number of lines'),
    ],
)
def test_what_cannot_be_shown(run: Run, words: tuple[str, ...], status: int, said: str) -> None:
    ran = run("--demo", "busy", *words)
    assert ran.status == status
    assert said in ran.err


def test_following_tells_what_comes_and_ends_well(
    on: On, busy: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0

    async def pause(_seconds: float) -> None:
        nonlocal turns
        turns += 1
        old = busy.files.read(MESSAGES) if turns < 3 else b""
        match turns:
            case 1:
                busy.files.write(MESSAGES, old + b"new 1\nnew")
            case 2:
                busy.files.write(MESSAGES, old + b" 2\n")
            case 3:
                busy.files.write(MESSAGES, b"rotated\n")
            case 4:
                busy.files.remove(MESSAGES)
            case 5:
                busy.files.write(MESSAGES, b"back\n")
            case 6:
                raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", pause)
    ran = on(busy, "log", "www0", "--file", "messages", "-f", "-n", "1")
    assert ran.status == 0
    assert [line.rpartition(": ")[2] for line in ran.lines] == [
        "line 49",
        "new 1",
        "new 2",
        "rotated",
        "back",
    ]
    assert "-- another file --" in ran.err
