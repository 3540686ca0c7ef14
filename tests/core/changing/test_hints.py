"""A hint that shows a command can be pasted into a shell, whatever the name in it holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import jailer_core
from jailer_core.operations.guards import word

_PROGRAMS = (
    "zfs zpool ifconfig jail jexec service umount mount rm ls sysrc pfctl snap rollback trash "
    "image nat rdr boot bridge edit destroy rename activity init"
).replace(" ", "|")
_BARE = re.compile(rf"(?:: |then |with )(?:{_PROGRAMS})(?: -{{0,2}}[\w-]+)* \{{(?:named|visible)\(")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("web", "web"),
        ("my jail", "'my jail'"),
        ("a;reboot", "'a;reboot'"),
        ("it's", "'it'\"'\"'s'"),
        ("-x", "-- -x"),
        ("$(reboot)", "'$(reboot)'"),
    ],
)
def test_a_name_is_quoted_as_a_word(name: str, shown: str) -> None:
    assert word(name) == shown


def test_no_hint_shows_a_command_with_a_bare_name() -> None:
    sources = Path(jailer_core.__file__).parent.glob("**/*.py")
    bare = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text().splitlines()
        if _BARE.search(line) and "title" not in line
    ]
    assert bare == []
