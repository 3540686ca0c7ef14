"""Run the commands that the running text and the sh blocks of the pages name.

A word in capitals stands for something: VALUES says what it is here. Each command runs on a new
simulated host; what would open a screen or a terminal is only parsed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from jailer_core.errors import UsageError
from jailer_core.simulator.scenarios import build
from jailer_tui.cli.command import YES
from jailer_tui.cli.commands import COMMANDS
from jailer_tui.cli.parser import parse
from tests.documentation import run

INLINE = re.compile(r"`(?:\$ )?jailer-tui((?: [^`]*)?)`")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
VALUES = {
    "NAME": "www0",
    "NAME@SNAP": "www0@before",
    "web": "www0",
    "web@before": "www0@before",
    "web1": "www0",
    "web01": "next1",
    "web01@before-upgrade": "www0@before",
    "proxy@before": "www0@before",
    "old": "www0",
    "NEW": "new1",
    "RELEASE": "15.1-RELEASE",
    "IP": "10.0.2.77",
    "POOL": "zroot",
    "devfs_ruleset=NUMBER": "devfs_ruleset=4",
    "SOURCE": "/srv",
    "HOST": "/srv",
    "TARGET": "/mnt",
    "JAIL": "/mnt",
    "SERVICE": "sshd",
    "TEXT": "text",
    "COMMAND": "hostname",
    "SHELL": "zsh",
}
REST = {
    "exec": "hostname",
    "pkg": "nginx",
    "note": "text",
    "set": "allow.raw_sockets=yes",
    "limits": "memory=512M",
}
"""What "…" stands for, by command."""
PREPARED = {
    "init nat": "init bridge -y",
    "mount add": "simulate -- mkdir /srv",
    "rollback": "snap -y www0@before",
    "service": "service www0 sshd enable",
    "undo": "stop -y www0",
}
"""What is done before, by command."""
SCENARIOS = {"init": "fresh", "pkg": "busy"}
"""The simulated hosts of commands that cannot run on `small`."""
REFUSED = {"network keep": "no change is waiting for confirmation"}
"""What commands say on a host on which there is nothing for them to do."""
ONLY_READ = ("", "console")
"""Commands that take the terminal."""


def named(page: Path) -> Iterator[str]:
    """The commands that a page names, without the name of the program."""
    text = page.read_text(encoding="utf-8")
    for block in SHELL.findall(text):
        for line in block.splitlines():
            before, name, words = line.partition("jailer-tui ")
            if name and re.fullmatch(r"(\S+=.* )?(.* && )?(\.venv/bin/)?", before):
                yield shlex.join(shlex.split(words, comments=True))
    for words in INLINE.findall(FENCED.sub("", text)):
        yield words.strip()


def unknown(page: Path) -> list[str]:
    """What a page names without the program's name (`snap policy`), and the program has not."""
    names = {command.name for command in COMMANDS}
    text, wrong = FENCED.sub("", page.read_text(encoding="utf-8")), []
    for words in re.findall(r"`([a-z]+ [^`\n]+)`", text):
        if words.split()[0] in names:
            try:
                parse(shlex.split(words))
            except UsageError as error:
                wrong += [] if " needs " in error.message else [f"{words}: {error.message}"]
    return wrong


def filled(command: str) -> list[str]:
    """The words of a command as they are run."""
    words = shlex.split(command)
    new = {"NAME": "new1", "web": "new1", "IP": "10.0.0.77"} if words[:1] == ["create"] else {}
    words = [(VALUES | new).get(word, word) for word in words]
    words = [REST[words[0]] if word == "…" else word for word in words]
    for index, word in enumerate(words):
        if word == "--host":
            words[index + 1] = "demo:small" if index == words.index(word) else "demo:fresh"
    return words


def wrong(command: str) -> str:
    """What does not hold of a command; "" when it runs. Raises UsageError."""
    words = filled(command)
    invocation = parse(words)
    name = invocation.command.name if invocation.command is not None else ""
    if name in ONLY_READ:
        return ""
    machine = build(SCENARIOS.get(words[0], "small"))
    if name in PREPARED:
        run(machine, shlex.split(PREPARED[name]))
    if invocation.command is not None and YES in invocation.command.options:
        words.insert(words.index("--") if "--" in words else len(words), "-y")
    status, printed = run(machine, words)
    if name in REFUSED:
        return "" if status == 1 and REFUSED[name] in printed else printed
    return "" if status == 0 else f"{shlex.join(words)}: {status}: {printed}"
