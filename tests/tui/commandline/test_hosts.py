"""`--host` and `hosts` as a user types them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jailer_core.host.remote.channel import ConnectionLost
from jailer_core.host.ssh.connect import ConnectFailed, Trouble
from jailer_core.host.ssh.definitions import Chosen, HostEntry
from jailer_tui import host_selection
from jailer_tui.cli import fleet
from jailer_tui.cli.terminal import Terminal
from tests.core.remote.sshd import PROGRAMS, Server, server

__all__ = ["server"]
Run = Callable[..., Any]
BOTH = ("--host", "demo:small", "--host", "demo:wired")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def write(text: str) -> None:
        folder = tmp_path / "jailer-tui"
        folder.mkdir(mode=0o700)
        (folder / "settings.toml").write_text(text)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    return write


def test_one_host_is_as_this_machine(run: Run) -> None:
    assert run("list", "--host", "demo:small").out == run("list", "--demo=small").out
    assert run("list", "-j", "--host", "demo:small").json == run("list", "-j", "--demo=small").json


def test_a_table_of_several_hosts_has_a_column_more(run: Run) -> None:
    ran = run("list", *BOTH)
    assert ran.status == 0
    assert ran.lines[0].split()[:2] == ["HOST", "NAME"]
    assert {line.split()[0] for line in ran.lines[1:]} == {"small", "wired"}
    assert ran.lines[1:] == sorted(ran.lines[1:], key=lambda line: line.split()[0])


def test_every_list_is_one_table_and_a_console_is_on_one_host(run: Run) -> None:
    for words in (("mount",), ("limits",), ("bridge",), ("image", "list"), ("outdated",)):
        assert run(*words, *BOTH).lines[0].split()[0] == "HOST"
    ran = run("console", "www0", *BOTH)
    assert ran.status == 1
    assert "a console is opened on one host" in ran.err


async def test_what_is_followed_on_several_hosts_is_seen_at_once_and_ends_on_all() -> None:
    """Each of them ends well when it is interrupted, as `log --follow` does."""
    printed, said = io.StringIO(), asyncio.Event()

    async def work(entry: HostEntry, _host: Any, terminal: Terminal) -> int:
        terminal.out(f"a line of {entry.demo}")
        if printed.getvalue().count("a line of") == 2:
            said.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return 0
        return 1

    entries = [HostEntry(name, demo=name) for name in ("fresh", "small")]
    terminal = Terminal(printed, printed, io.StringIO())
    running = asyncio.create_task(
        fleet.run(entries, terminal, fleet.Answers(), work, order=fleet.Order.LIVE)
    )
    async with asyncio.timeout(30):
        await said.wait()
        running.cancel()
        assert await running == 0
    assert printed.getvalue() == "fresh: a line of fresh\nsmall: a line of small\n"


def test_json_is_grouped_by_host(run: Run) -> None:
    grouped = run("list", "-j", *BOTH).json
    assert list(grouped) == ["small", "wired"]
    assert grouped["small"] == run("list", "-j", "--demo=small").json


def test_a_change_on_several_hosts_is_told_by_host(run: Run) -> None:
    ran = run("stop", "-j", "www0", "--host", "demo:small", "--host", "demo:busy")
    assert ran.status == 0
    assert [ran.json[name][0]["ok"] for name in ("small", "busy")] == [True, True]
    text = run("stop", "www0", "--host", "demo:small", "--host", "demo:busy")
    assert all(line.startswith(("small: ", "busy: ")) for line in text.lines)


def test_a_command_in_jails_of_several_hosts(run: Run) -> None:
    ran = run("exec", "www0", "--host", "demo:small", "--host", "demo:busy", "--", "echo", "hello")
    assert ran.lines == ["small: hello", "busy: hello"]


def test_a_host_that_cannot_be_reached_costs_only_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = host_selection.open_entry

    async def opened(entry: HostEntry, **options: Any) -> Any:
        if entry.ssh:
            raise ConnectFailed(Trouble.UNREACHABLE, f"{entry.name}: No route to host", "Look.")
        return await opening(entry, **options)

    monkeypatch.setattr(host_selection, "open_entry", opened)
    ran = run("list", "-j", "--host", "web1", "--host", "demo:small")
    assert ran.status == 1
    assert ran.json["web1"] == {"error": "web1: No route to host", "hint": "Look."}
    assert ran.json["small"]
    assert "No route to host" in ran.err
    assert run("list", "--host", "web1").status == 1
    checked = run("hosts", "check", "web1", "demo:small")
    assert checked.status == 1
    assert [line.split()[1] for line in checked.lines[1:]] == ["unreachable", "up"]
    assert isinstance(ConnectFailed(Trouble.VERSION, ""), ConnectionLost)


def test_hosts_of_the_settings_by_name_tag_pattern_and_all(
    run: Run, own: Callable[[str], None]
) -> None:
    own(
        '[host.web1]\nssh = "root@web1"\ntags = ["web"]\n'
        '[host.web2]\nssh = "ssh://admin@192.0.2.7:2222"\nbecome = "doas"\nproduction = true\n'
        '[host.db]\nread-only = true\ntags = ["web"]\n'
    )
    listed = run("hosts").lines
    assert [line.split()[:2] for line in listed[1:]] == [
        ["web1", "root@web1"],
        ["web2", "admin@192.0.2.7:2222"],
        ["db", "db"],
    ]
    assert listed[2].split()[2:] == ["doas", "-", "production"]
    names = [host["name"] for host in run("hosts", "@web", "-j").json]
    assert names == ["web1", "db"]
    assert [host["name"] for host in run("hosts", "web*", "-j").json] == ["web1", "web2"]
    assert [host["name"] for host in run("hosts", "all", "-j").json] == ["web1", "web2", "db"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("list", "--host", "demo:none"), "no such simulated host"),
        (("list", "--host", "@none"), "no such host"),
        (("list", "--host", "all"), "no such host"),
        (("list", "--host", "-oProxyCommand=id"), "must name a host"),
        (("list", "--host", "demo:small", "--demo"), "cannot be combined"),
    ],
)
def test_a_word_that_means_no_host(run: Run, argv: tuple[str, ...], message: str) -> None:
    ran = run(*argv)
    assert ran.status == 2
    assert message in ran.err


def test_a_mistake_in_the_settings_is_named_with_its_line(
    run: Run, own: Callable[[str], None]
) -> None:
    own('mouse = false\n[host.web1]\nssh = "-oProxyCommand=id"\n')
    ran = run("list", "--host", "web1")
    assert ran.status == 2
    assert "settings.toml:2" in ran.err or "settings.toml:3" in ran.err


def test_on_a_production_host_y_alone_destroys_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = host_selection.chosen

    def chosen(words: tuple[str, ...]) -> Chosen:
        found = opening(words)
        marked = tuple(replace(entry, production=entry.name != "wired") for entry in found.entries)
        return replace(found, entries=marked)

    monkeypatch.setattr(host_selection, "chosen", chosen)
    three = (*BOTH, "--host", "demo:busy", "destroy", "www0", "-j")
    refused = run(*three)
    assert "Use -y and --production small" in refused.err
    ran = run(*three, "-y", "--production", "busy")
    assert ran.status == 1
    assert "small is a production host" in ran.err
    assert "Add --production small" in ran.err
    assert ran.json["busy"][0]["ok"]
    assert run("stop", "www0", "--host", "demo:small", "-y").status == 0
    assert run("destroy", "www0", "--host", "demo:small", "-yD").status == 0
    both = run(*three, "-y", "--production", "busy", "--production", "small")
    assert [both.json[name][0]["ok"] for name in ("small", "busy")] == [True, True]


@pytest.mark.processes(*PROGRAMS)
def test_over_ssh(
    run: Run,
    own: Callable[[str], None],
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/dev/null")
    entry = server.entry()
    agent = ", ".join(f'"{word}"' for word in entry.agent)
    there = f'ssh = "ssh://{entry.user}@127.0.0.1:{entry.port}"\nconfig = "{entry.config}"\n'
    own(
        f"[host.web1]\n{there}agent = [{agent}]\n"
        f"[host.web2]\n{there}agent = [{agent}]\nread-only = true\n"
    )
    ran = run("stop", "www0", "-j", "--host", "all")
    assert ran.json["web1"][0]["ok"]
    assert "web2 is marked read-only" in ran.json["web2"]["error"]
    assert ran.status == 1
