"""The comparison itself: it lets through what belongs to the run, and nothing else."""

from __future__ import annotations

import json

import pytest

from jailer_core.simulator.kernel.machine import Done, Machine
from jailer_core.simulator.kernel.state import Node, SimDataset, SimSnapshot, State
from tests.core.sim.compare import Extras, compare
from tests.core.sim.replay import RECORDED, Entry, Renaming, read_recording, replay

LISTING = (
    "tank\tfilesystem\t197627904\t/tank\t-\t1795478151\tyes\n"
    "tank/jails/web\tfilesystem\t300544\t/usr/local/jails/web\ttank/image@base\t1795478992\tyes\n"
)
JAILS = json.dumps({"__version": "2", "jail": [{"jid": "52", "name": "web", "dying": False}]})
IFCONFIG = (
    "em0: flags=1008843<UP,BROADCAST> metric 0 mtu 1500\n"
    "\tether 52:54:00:12:34:56\n"
    "\tinet 10.0.2.15 netmask 0xffffff00 broadcast 10.0.2.255\n"
    "\tinet6 fe80::5054:ff:fe12:3456%em0 prefixlen 64 scopeid 0x1\n"
)


def differs(left: str, right: str, program: str = "zfs", extras: Extras | None = None) -> list[str]:
    return compare([program], Done(0, left, ""), Done(0, right, ""), extras or Extras())


@pytest.mark.parametrize("session", [f"{number:02}" for number in range(1, 13)])
def test_every_recording_equals_itself(session: str) -> None:
    for entry in read_recording(session):
        done = Done(entry.status, entry.stdout, entry.stderr)
        if entry.kind == "run":
            assert compare(entry.pipe[-1], done, done, Extras()) == []


def test_every_line_of_a_recording_is_an_entry() -> None:
    for path in RECORDED.glob("*.jsonl"):
        # a program that does not exist on the recorded host has no answer
        lines = [line for line in path.read_text().splitlines() if '"missing": true' not in line]
        assert len(read_recording(str(path))) == len(lines) - 1


@pytest.mark.parametrize(
    ("old", "new"),
    [("197627904", "1"), ("1795478992", "1895478992")],
)
def test_sizes_and_times_may_differ(old: str, new: str) -> None:
    assert differs(LISTING, LISTING.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("filesystem", "volume"),
        ("tank/image@base", "tank/image@other"),
        ("yes", "no"),
        ("\t-\t", "\t0\t"),
        ("tank\tfilesystem", "tank filesystem"),
        ("\tyes\n", "\n"),
        ("/usr/local/jails/web", "/usr/local/jails/web2"),
    ],
)
def test_words_and_columns_may_not(old: str, new: str) -> None:
    assert differs(LISTING, LISTING.replace(old, new, 1))


def test_a_missing_line_and_another_order_are_found() -> None:
    first, second = LISTING.splitlines(keepends=True)
    assert differs(LISTING, first)
    assert differs(LISTING, second + first)
    assert differs(LISTING, LISTING + first)


def test_exit_status_and_message_are_compared() -> None:
    recorded = Done(1, "", "cannot open 'tank/x': dataset does not exist\n")
    assert compare(["zfs"], recorded, recorded, Extras()) == []
    assert compare(["zfs"], recorded, Done(0, "", recorded.stderr), Extras())
    assert compare(["zfs"], recorded, Done(1, "", "cannot open 'tank/x': no such pool\n"), Extras())
    assert compare(["zfs"], recorded, Done(1, "", ""), Extras())


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('"52"', '"99"', True),
        ('"52"', "52", False),
        ('"web"', '"web2"', False),
        ("false", "true", False),
        ("false", '"false"', False),
        (', "name": "web"', "", False),
        ('"dying": false', '"dying": false, "more": 1', False),
    ],
)
def test_json_is_compared_by_keys_types_and_words(old: str, new: str, *, same: bool) -> None:
    assert JAILS.replace(old, new) != JAILS
    assert (differs(JAILS, JAILS.replace(old, new), "jls") == []) is same


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("52:54:00:12:34:56", "58:9c:fc:10:2a:da", True),
        ("fe80::5054:ff:fe12:3456", "fe80::1:2", True),
        ("0x1\n", "0x7\n", True),
        ("mtu 1500", "mtu 9000", False),
        ("flags=1008843", "flags=1008842", False),
        ("10.0.2.15", "10.0.2.16", False),
        ("0xffffff00", "0xffff0000", False),
        ("\tether", "  ether", False),
        ("prefixlen 64", "prefixlen 48", False),
    ],
)
def test_interfaces(old: str, new: str, *, same: bool) -> None:
    assert IFCONFIG.replace(old, new) != IFCONFIG
    assert (differs(IFCONFIG, IFCONFIG.replace(old, new), "ifconfig") == []) is same


def test_programs_without_run_values_are_compared_to_the_letter() -> None:
    assert differs("100 include 1\n", "200 include 1\n", "devfs")


def test_unrelated_things_are_ignored_in_listings() -> None:
    extras = Extras(frozenset({"tank/aaa", "aaa", "xtra0", "10.9.9.9"}))
    assert (
        differs(LISTING, "tank/aaa\tfilesystem\t1\t/aaa\t-\t2\tyes\n" + LISTING, "zfs", extras)
        == []
    )
    more = IFCONFIG.replace(
        "\tinet6", "\tinet 10.9.9.9 netmask 0xffffffff broadcast 10.9.9.9\n\tinet6"
    )
    block = "xtra0: flags=0<> metric 0 mtu 1500\n\tether 58:9c:fc:10:2a:da\n"
    assert differs(IFCONFIG, block + more + block, "ifconfig", extras) == []
    assert differs("em0 lo0\n", "em0 xtra0 lo0\n", "ifconfig", extras) == []
    assert differs("em0 lo0\n", "em0 xtra0\n", "ifconfig", extras)
    assert differs("Stopping jails: web.\n", "Stopping jails: aaa web.\n", "service", extras) == []
    assert differs("web\n", "aaa\nweb\n", "ls", extras) == []
    jails = json.loads(JAILS)
    jails["jail"].insert(0, {"jid": "7", "name": "aaa", "dying": False})
    assert differs(JAILS, json.dumps(jails), "jls", extras) == []
    jails["jail"].pop()
    assert differs(JAILS, json.dumps(jails), "jls", extras)


def test_renaming_touches_whole_words_everywhere() -> None:
    renaming = Renaming({"zroot": "tank", "web01": "front", "10.0.2.": "10.7.7.", "em0": "igc0"})
    entry = Entry(
        1, "run", (("zfs", "get", "zroot/jails/web01@web010"),), stdout="/zroot 10.0.2.15 em01\n"
    )
    renamed = renaming.entry(entry)
    assert renamed.pipe == (("zfs", "get", "tank/jails/front@web010"),)
    assert renamed.stdout == "/tank 10.7.7.15 em01\n"


def test_renaming_a_state_keeps_what_trees_share() -> None:
    node = Node(data=b"x")
    named = Node(data=b"zroot", target="zroot/x")
    dataset = SimDataset("zroot/a", "1", 1, 1, tree={"a": node, "zroot": named})
    dataset.snapshots.append(SimSnapshot("s", "2", 1, 1, dict(dataset.tree)))
    state = Renaming({"zroot": "tank"}).state(State(datasets={"zroot/a": dataset}))
    (found,) = state.datasets.values()
    assert (list(state.datasets), found.name) == (["tank/a"], "tank/a")
    assert found.tree["a"] is node
    assert found.tree["tank"] is found.snapshots[0].tree["tank"]
    assert found.tree["tank"].data == b"tank"
    assert dataset.name == "zroot/a"


def test_replay_reports_line_command_and_difference() -> None:
    entries = [Entry(5, "run", (("nosuchcommand", "--x"),), status=0)]
    status, stderr = replay(Machine(State()), "01", entries=entries)
    assert (status.line, status.command) == (5, "nosuchcommand --x")
    assert "exit status 127 instead of 0" in str(status)
    assert "stderr" in str(stderr)
    assert replay(Machine(State()), "01", entries=entries, skip=lambda entry: True) == []
