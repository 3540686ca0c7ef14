"""Documentation that is made from the program is up to date, and other programs can read it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from jailer_tui.cli import completion
from jailer_tui.cli.commands import COMMANDS
from tests.tui.commandline import manpage
from tests.tui.commandline.made import DOCS, MADE

SHELLS = tuple(completion.SHELLS)


@pytest.mark.parametrize("name", MADE)
def test_docs_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == MADE[name]()


def test_the_manual_names_every_command_and_option() -> None:
    page = manpage.page()
    for command in (*COMMANDS, *(below for one in COMMANDS for below in one.below)):
        if command.run:
            assert " ".join(f"Ic {word}" for word in command.name.split()) in page
        for option in command.options:
            assert f"Fl \\-{option.long[2:].replace('-', chr(92) + '-')}" in page


def test_no_text_of_the_manual_is_a_request() -> None:
    known = {"Dd", "Dt", "Os", "Sh", "Nm", "Nd", "Op", "Ar", "Pp", "Bl", "El", "It", "Ic"}
    known |= {"Fl", "Pa", "Xr", "Bd", "Ed"}
    for line in manpage.page().splitlines():
        assert not line.startswith(".") or line[1:].split()[0] in known, line
        assert not line.startswith("'"), line


@pytest.mark.processes("mandoc")
@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_has_no_complaint(tmp_path: Path) -> None:
    path = tmp_path / "jailer-tui.8"
    path.write_text(manpage.page(), encoding="utf-8")
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    complaints = [line for line in done.stdout.splitlines() if "referenced manual" not in line]
    assert complaints == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_names_every_command(shell: str) -> None:
    script = completion.script(shell)
    for command in COMMANDS:
        assert re.search(rf"(?<![\w-]){re.escape(command.name)}(?![\w-])", script)
        for below in command.below:
            assert below.name.split()[-1] in script


@pytest.mark.processes("bash", "zsh", "fish", "tcsh")
@pytest.mark.parametrize("shell", [one for one in SHELLS if one != "sh"])
def test_the_shell_can_read_its_completion(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "completion"
    path.write_text(completion.script(shell), encoding="utf-8")
    argv = {"tcsh": ["tcsh", "-f", str(path)], "fish": ["fish", "--no-execute", str(path)]}
    done = subprocess.run(
        argv.get(shell, [shell, "-n", str(path)]), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.processes("bash")
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_what_completes_an_operand_follows_from_its_kind(tmp_path: Path) -> None:
    root = tmp_path / "jails/web"
    for name in ("srv/www", "srv/wiki", "jails/web/mnt/site"):
        (tmp_path / name).mkdir(parents=True)
    stubs = {
        "jls": f'case "$*" in *path*) echo {root} ;; *) echo web; echo db ;; esac',
        "zfs": "echo zroot/data; echo zroot/jails",
        "ifconfig": "echo bridge0 lo0",
    }
    for name, text in stubs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    lines = [completion.script("bash"), f"PATH={tmp_path}:$PATH"]
    cases = {
        "stop we": ["web"],
        "stop db we": ["web"],
        "mount add we": ["web"],
        f"mount add web {tmp_path}/srv/w": [f"{tmp_path}/srv/wiki", f"{tmp_path}/srv/www"],
        "mount add web zroot/d": ["zroot/data"],
        "mount add -r web /srv/www /mnt/s": ["/mnt/site"],
        "dataset give web zroot/d": ["zroot/data"],
        "bridge addm bridge0 l": ["lo0"],
        "snap policy d": ["db"],
        "set web chil": [],
    }
    for typed in cases:
        words = ["jailer-tui", *typed.split(" ")]
        lines.append(f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}")
        lines.append('_jailer_tui; printf "%s," "${COMPREPLY[@]}"; echo')
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], check=False, capture_output=True, text=True
    )
    assert done.stderr == ""
    found = [sorted(filter(None, line.split(","))) for line in done.stdout.splitlines()]
    assert dict(zip(cases, found, strict=True)) == cases
