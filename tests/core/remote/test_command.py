"""The command line that the remote login shell reads, and that of ssh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from jailer_core.errors import UsageError
from jailer_core.host.ssh import bootstrap, command
from jailer_core.host.ssh.definitions import HostEntry, destined, of_table

SHELLS = [name for name in ("sh", "bash", "csh", "tcsh", "zsh", "fish") if shutil.which(name)]
pytestmark = pytest.mark.processes(*SHELLS)
HOSTILE: tuple[str, ...] = (
    "",
    "a b",
    "it's",
    "!!",
    "a!b",
    "\\",
    "\\'",
    "$HOME",
    "`id`",
    "$(id)",
    "*",
    "~root",
    "a;b",
)
HOSTILE += ("--", "-rf", "#x", "a\tb", '"', "{a,b}", "%s", "^a^b", "ö€", "\x01\x7f", "[a]?", "\\!'")
WORDS = st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]), max_size=12)
SAY = "import sys; sys.stdout.buffer.write(repr(list(map(ascii, sys.argv[1:]))).encode())"


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=12)
@given(st.lists(WORDS, max_size=4))
@example(list(HOSTILE))
def test_every_login_shell_reads_the_words_as_they_are(shell: str, words: list[str]) -> None:
    line = command.joined([sys.executable, "-I", "-S", "-X", "utf8", "-c", SAY, *words])
    said = subprocess.run(
        (shell, "-c", line),
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
    )
    assert said.stdout.decode() == repr(list(map(ascii, words)))


@pytest.mark.parametrize("word", ["a\nb", "a\0b", "a\r"])
def test_a_word_that_csh_cannot_read_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="line break"):
        command.quoted(word)


@pytest.mark.parametrize(("shell", "become"), [*((shell, "") for shell in SHELLS), ("sh", "sudo")])
def test_every_login_shell_starts_python(shell: str, become: str, tmp_path: Path) -> None:
    """The script finds a Python, and as root it needs neither doas nor sudo."""
    if become and os.geteuid() != 0:
        pytest.skip("sudo would be run")
    said = subprocess.run(
        (shell, "-c", command.remote(HostEntry("web1", ssh="web1", become=become))),
        check=True,
        capture_output=True,
        input=b"16\nprint('it runs')",
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert said.stdout == b"it runs\n"


def test_without_python_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PYTHONS", ("python-of-nobody",))
    line = command.remote(HostEntry("web1", ssh="web1"))
    said = subprocess.run(("sh", "-c", line), check=False, capture_output=True)
    assert (said.returncode, said.stdout) == (127, b"")
    assert command.NO_PYTHON in said.stderr.decode()


def test_the_command_of_ssh(tmp_path: Path) -> None:
    entry = HostEntry("web1", ssh="web1", user="admin", port=2222, config="/root/jails")
    argv = command.connecting(entry, {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert argv[:7] == ["ssh", "-F", "/root/jails", "-p", "2222", "-l", "admin"]
    assert "-oBatchMode=yes" in argv
    assert argv[-3:-1] == ["--", "web1"]


def test_a_directory_of_others_holds_no_sockets(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    environ = {"XDG_RUNTIME_DIR": str(folder)}
    made = command.runtime_folder(environ)
    (folder / "jailer-tui").chmod(0o755)
    assert command.runtime_folder(environ) is None
    assert made in (None, str(folder / "jailer-tui"))  # None where the path is too long


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("web1", "", "web1", 0),
        ("root@web1", "root", "web1", 0),
        ("ssh://root@web1.example.org:2222", "root", "web1.example.org", 2222),
        ("ssh://[2001:db8::1]:22", "", "2001:db8::1", 22),
        ("192.0.2.7", "", "192.0.2.7", 0),
    ],
)
def test_a_destination(text: str, user: str, host: str, port: int) -> None:
    entry = destined(text)
    assert (entry.user, entry.ssh, entry.port) == (user, host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-oProxyCommand=id", "ssh://-x", "a b", "web1;id", "ssh://web1/path", "root@"),
        *("ssh://web1:99999", "-x@web1", "ssh://root:secret@web1", "@web1", "ssh://"),
    ],
)
def test_what_is_no_destination(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|has no"):
        destined(text)


def test_a_table_of_the_settings() -> None:
    table = {
        "ssh": "ssh://admin@192.0.2.7:2222",
        "become": "doas",
        "tags": ["web", "production"],
        "colour": "red",
        "production": True,
        "read-only": True,
    }
    assert of_table("web1", table) == HostEntry(
        "web1",
        ssh="192.0.2.7",
        user="admin",
        port=2222,
        become="doas",
        tags=("web", "production"),
        colour="red",
        production=True,
        read_only=True,
    )
    assert of_table("web2", {}).ssh == "web2"


@pytest.mark.parametrize(
    ("name", "table", "message"),
    [
        ("all", {}, "needs a name"),
        ("-x", {}, "needs a name"),
        ("web1", {"shh": "x"}, "has no field shh"),
        ("web1", {"ssh": "-oProxyCommand=id"}, "ssh must name a host"),
        ("web1", {"ssh": 7}, "ssh must be text"),
        ("web1", {"become": "su"}, "become must be one of doas, sudo"),
        ("web1", {"tags": "web"}, "tags must be a list"),
        ("web1", {"tags": ["a b"]}, "tags must be words"),
        ("web1", {"colour": "#123"}, "colour must be one of"),
        ("web1", {"production": 1}, "production must be true or false"),
        ("web1", {"config": "a\nb"}, "config must be text"),
    ],
)
def test_a_mistake_in_a_table(name: str, table: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        of_table(name, table)


def test_an_archive_is_not_taken_from_others(tmp_path: Path) -> None:
    data = b"PK"
    name = bootstrap._digest(data)
    kept = tmp_path / "agent.zip"
    kept.write_bytes(data)
    kept.chmod(0o600)
    assert bootstrap._fits(str(kept), name)
    link = tmp_path / "link.zip"
    link.symlink_to(kept)
    assert not bootstrap._fits(str(link), name)
    kept.chmod(0o620)
    assert not bootstrap._fits(str(kept), name)
    assert not bootstrap._fits(str(tmp_path / "none.zip"), name)


def test_a_command_on_the_terminal_of_this_program() -> None:
    entry = HostEntry("web1", ssh="web1", user="admin", become="doas")
    argv = command.terminal(entry, {"XDG_RUNTIME_DIR": "/dev/null"}, ("jexec", "7", "it's"))
    assert "-oRequestTTY=yes" in argv
    assert "-oRequestTTY=no" not in argv
    assert argv[-2:] == ["web1", r"'doas' 'jexec' '7' 'it'\''s'"]
