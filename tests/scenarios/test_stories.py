"""Every story on a simulated host, and what all of them together must hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jailer_core.operations.spec import Undo, spec_of
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.cli.commands import COMMANDS, Command
from jailer_tui.cli.parser import parse
from tests.scenarios import story
from tests.scenarios.corner import POOL, SPARE, corner
from tests.scenarios.network import SavedNetwork
from tests.scenarios.player import play
from tests.scenarios.saved import LOGS, PATHS
from tests.scenarios.simulated import Simulated
from tests.scenarios.stage import PREFIX

WITHOUT = {
    "console": "needs a terminal",
    "network keep": "confirms a change that waits in another process",
    "pkg": "fails: a new jail has no packages, and none are downloaded",
}
"""Commands that change something and that no story can play."""

NOT_UNDONE = {
    "nat load": "loads rules that are loaded",
    "limits enable": "changes nothing where its story is played: limits need it",
}
"""Commands with an undo that no story undoes, and why."""

HARMLESS = ("/usr/local/etc", "/var/log/messages", "/var/tmp/stories")  # noqa: S108
"""Not put back: what every host has, the host's log, and the stories' own directory."""


@pytest.mark.parametrize("name", story.names())
def test_story(name: str, tmp_path: Path) -> None:
    host = Simulated(str(tmp_path))
    machine = host.machine
    scenario = story.load(name)
    files, datasets, network = _files(machine), set(machine.state.datasets), SavedNetwork(host)
    with corner(host, None, network):
        play(scenario, host)
        new = set(machine.state.datasets) - datasets
        assert {dataset.partition("/")[0] for dataset in new} <= {POOL, SPARE}
        assert all(jail.name.startswith(PREFIX) for jail in machine.state.jails.values())
    assert set(machine.state.datasets) == datasets
    after = SavedNetwork(host)
    assert vars(after) == vars(network)
    assert "packages" in scenario.needs or _changed(files, _files(machine)) == []


def _files(machine: Machine) -> dict[str, object]:
    """Files of the host itself, by path."""
    return {path: (node.kind, node.data, node.mode) for path, node in machine.state.root.items()}


def _changed(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Files that differ and that saved.py would not put back."""
    differing = {path for path, _ in before.items() ^ after.items()}
    return sorted(path for path in differing if not _put_back(f"/{path.strip('/')}"))


def _put_back(path: str) -> bool:
    if path == str(LOGS) or path.startswith(f"{LOGS}/{PREFIX}"):
        return True
    places = (*PATHS, *HARMLESS)
    return any(path == place or path.startswith(f"{place}/") for place in places)


# --- all together ----------------------------------------------------------------------------


def _changes(commands: tuple[Command, ...] = COMMANDS) -> Iterator[Command]:
    for command in commands:
        if command.changes:
            yield command
        yield from _changes(command.below)


def _played() -> Iterator[tuple[str, str]]:
    """Each changing command that succeeds in a story, with the one before it."""
    for name in story.names():
        last = ""
        for step in story.load(name).steps:
            if step.argv[:1] != (story.PROGRAM,) or step.status != 0:
                continue
            given = parse(step.argv[1:])
            if given.command is None or not given.command.changes or given.flags.dry_run:
                continue
            yield given.command.name, last
            last = given.command.name


def test_every_command_that_changes_something_is_played() -> None:
    played = {name for name, _ in _played()}
    assert {command.name for command in _changes()} - played == set(WITHOUT)


def test_everything_that_can_be_undone_is_undone() -> None:
    undone = {before for name, before in _played() if name == "undo"}
    can_be = {
        command.name
        for command in _changes()
        if command.name.startswith("init")
        or (command.request is not None and spec_of(command.request).undo is not Undo.NEVER)
    }
    assert can_be - undone == set(NOT_UNDONE)
