"""A host in a file."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from jailer_core.errors import FileFailed
from jailer_core.simulator.persist import load, save
from jailer_core.simulator.scenarios import SCENARIOS, build


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_host_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    machine = build(name)
    save(machine, tmp_path / "host.json")
    assert load(tmp_path / "host.json").state == machine.state


def test_a_host_goes_on_where_it_was(tmp_path: Path) -> None:
    machine = build("busy")
    save(machine, tmp_path / "host.json")
    again = load(tmp_path / "host.json")
    for one in (machine, again):
        one.now_run(("jail", "-r", "-f", "/etc/jail.conf.d/www0.conf", "www0"))
        one.now_run(("zfs", "create", "zroot/new"))
    assert again.state == machine.state


def test_what_comes_back_shares_no_tree(tmp_path: Path) -> None:
    machine = build("small")
    save(machine, tmp_path / "host.json")
    again = load(tmp_path / "host.json")
    again.files.write("/usr/local/jails/www0/etc/mine", b"x")
    assert not again.files.exists("/usr/local/jails/app0/etc/mine")
    snapshot = again.state.datasets["zroot/jails/www0"].snapshots[0]
    assert "etc/mine" not in snapshot.tree


def test_hostile_names_and_bytes_survive(tmp_path: Path) -> None:
    machine = build("fresh")
    name = "/srv/a\udcff\u202e\n$(id) [bold] \x1b"
    machine.files.mkdir("/srv")
    machine.files.write(name, bytes(range(256)), mode=0o4711, owner=(7, 9))
    machine.files.link("/srv/link", name)
    machine.state.interfaces["vtnet0"].description = "\udc80\u0000"
    save(machine, tmp_path / "host.json")
    again = load(tmp_path / "host.json")
    assert again.state == machine.state
    assert again.files.read("/srv/link") == bytes(range(256))


def test_only_the_owner_may_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    path.write_text("old")
    path.chmod(0o666)
    save(build("fresh"), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_json_without_code(tmp_path: Path) -> None:
    save(build("fresh"), tmp_path / "host.json")
    assert set(json.loads((tmp_path / "host.json").read_text())) == {
        "format",
        "state",
        "trees",
        "nodes",
    }


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "host.json"
    save(build("fresh"), path)
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileFailed, match="No space left on device"):
        save(build("small"), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "null",
        '{"format": 1}',
        '{"format": 1, "state": {"nosuch": 1}, "trees": [], "nodes": []}',
        '{"format": 1, "state": {"now": "soon"}, "trees": [], "nodes": []}',
        '{"format": 1, "state": {"root": 7}, "trees": [], "nodes": []}',
        '{"format": 1, "state": {}, "trees": [{"on": 5, "set": {}, "gone": []}], "nodes": []}',
        '{"format": 1, "state": {}, "trees": [], "nodes": [["file", ["%%"], 0, 0, 0, 0, 0, ""]]}',
        '{"format": 2, "state": {}, "trees": [], "nodes": []}',
    ],
)
def test_what_is_no_saved_host_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "host.json"
    path.write_text(text)
    with pytest.raises(FileFailed, match=r"host\.json"):
        load(path)


def test_missing_files_and_directories_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileFailed, match="No such file"):
        load(tmp_path / "none.json")
    with pytest.raises(FileFailed, match="No such file"):
        save(build("fresh"), tmp_path / "none" / "host.json")


@pytest.mark.usefixtures("hundred")
def test_a_tree_that_only_differs_in_one_node_is_written_as_that(tmp_path: Path) -> None:
    machine = build("large")
    save(machine, tmp_path / "one.json")
    tree = machine.state.datasets["zroot/jails/web0008"].tree
    tree["etc/motd.template"] = replace(tree["etc/motd.template"], data=b"hello")
    save(machine, tmp_path / "two.json")
    sizes = [(tmp_path / name).stat().st_size for name in ("one.json", "two.json")]
    assert sizes[1] - sizes[0] < 300
    assert load(tmp_path / "two.json").state == machine.state
