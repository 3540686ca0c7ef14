"""`python -m tests.scenarios`: what it says, what it leaves, where it refuses."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scenarios import __main__ as command, local
from tests.scenarios.corner import POOL
from tests.scenarios.saved import SavedFiles
from tests.scenarios.simulated import Simulated
from tests.scenarios.story import load


class Pretended(Simulated):
    """A simulated host in the place of the real one."""

    def __init__(self, folder: Path, *, allow_network: bool) -> None:
        super().__init__(str(folder))
        self.allow_network = allow_network

    def prepare(self) -> None:
        pass


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Pretended]:
    hosts: list[Pretended] = []

    def opened(folder: Path, *, allow_network: bool) -> Pretended:
        hosts.append(Pretended(folder, allow_network=allow_network))
        return hosts[-1]

    @contextmanager
    def mirror(_folder: Path, stage: Pretended) -> Iterator[str]:
        yield stage.variables["mirror"]

    monkeypatch.setattr(local, "Local", opened)
    monkeypatch.setattr(local, "refusal", lambda _stage: "")
    monkeypatch.setattr(local, "mirror", mirror)
    monkeypatch.setattr(command, "ROOMY", str(tmp_path))
    monkeypatch.setattr(command, "SavedFiles", lambda: SavedFiles((str(tmp_path / "rc.conf"),)))
    return hosts


def test_it_plays_on_this_host(
    pretended: list[Pretended], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--host", "local", "image"]) == 0
    assert "1 passed" in capsys.readouterr().out
    assert POOL not in pretended[-1].machine.state.pools
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing_behind(
    pretended: list[Pretended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_story: object, _stage: object) -> None:
        (tmp_path / "rc.conf").write_text("jailer_dir")
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(command, "play", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command.main(["--host", "local", "image"])
    assert POOL not in pretended[-1].machine.state.pools
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_mount_stays(
    pretended: list[Pretended],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        command, "lines", lambda *_: [f"/home {next(tmp_path.iterdir())}/work/home nullfs rw 0 0"]
    )
    assert command.main(["--host", "local", "image"]) == 0
    assert "stays, since something is mounted" in capsys.readouterr().out
    assert [path.name for folder in tmp_path.iterdir() for path in folder.iterdir()] == ["work"]


def test_it_refuses_to_play_here(
    pretended: list[Pretended],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(local, "refusal", lambda _stage: "this is not FreeBSD")
    assert command.main(["--host", "local"]) == 2
    assert capsys.readouterr().out == "scenarios: this is not FreeBSD\n"
    assert pretended[-1].machine.state.jails == {}


def test_the_command_tells_how_each_story_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["image"]) == 0
    assert capsys.readouterr().out == "passed   image: A base image is fetched\n1 passed\n"


def test_a_story_that_fails_and_one_that_is_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, summary = Simulated(str(tmp_path)), command.Summary()
    monkeypatch.setattr(host, "missing", lambda need: "no" if need == "network" else "")
    host.variables = {**host.variables, "version": "1.0-RELEASE"}
    for name in ("image", "bridged"):
        command.one(load(name), host, None, summary)
    assert str(summary) == "1 failed, 1 skipped"
    said = capsys.readouterr().out
    assert "failed   image: A base image is fetched\nimage, step 4: jailer-tui image list" in said
    assert "expected: stdout with: 1.0-RELEASE" in said
    assert "skipped  bridged: no" in said


def test_unknown_stories_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nosuch"]) == 2
    assert "nosuch.toml" in capsys.readouterr().out
    assert command.main(["--list"]) == 0
    assert "(needs: network)" in capsys.readouterr().out
