"""`network show`."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.scenarios import build
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]

BUSY = """\
NAME                STATE    ADDRESS
armbsd15                     via 10.0.2.2
  vtnet0            up       10.0.2.15/24
    shop            running  10.0.2.30/32
    thick1          running  10.0.2.31/32
    www0            running  10.0.2.21/32 fd00::21/128
    db01            stopped  10.0.2.22/32
  bridge0           up       10.0.0.1/24
    epair1a = app0  up       -
    epair2a = app1  up       10.0.0.12/24 fd00:0:0:1::12/64
  byhand            running  the host's
    byhand.child    running  -
  lo0               up       127.0.0.1/8 ::1/128
"""


def without_mac(line: str) -> str:
    words = line.rsplit(None, 1)
    return words[0].rstrip() if words[-1].count(":") == 5 or words[-1] == "MAC" else line


def test_the_tree_of_recording_08(run: Run) -> None:
    ran = run("--demo", "busy", "network", "show")
    assert (ran.status, ran.err) == (0, "")
    assert "".join(f"{without_mac(line)}\n" for line in ran.lines) == BUSY


def test_json_tells_everything(run: Run) -> None:
    ran = run("--demo", "busy", "network", "show", "-j")
    assert ran.status == 0
    found = ran.json
    cards = {one["name"]: one for one in found["interfaces"]}
    assert cards["bridge0"]["members"] == ["epair2a", "epair1a"]
    assert cards["epair2a"]["jail"] == "app1"
    assert cards["epair2a"]["inside"]["name"] == "epair2b"
    assert "10.0.0.12/24" in cards["epair2a"]["inside"]["addresses"]
    assert cards["vtnet0"]["traffic"]["received"] == 70724525
    jails = {one["name"]: one for one in found["jails"]}
    assert jails["app1"]["on"] == ["epair2a"]
    assert jails["www0"]["on"] == ["vtnet0"]
    assert jails["byhand"]["on"] == []
    first = jails["app1"]["routes"][0]
    assert (first["destination"], first["gateway"]) == ("default", "10.0.0.1")
    assert jails["db01"]["routes"] is None
    assert found["routes"][0]["gateway"] == "10.0.2.2"
    assert found["forwarding"] == {"ipv4": False, "ipv6": False}
    assert found["nat"] == []
    assert found["problems"] == []


def test_what_is_wrong_is_told_with_what_to_do(on: On) -> None:
    machine = build("busy")
    for argv in (("ifconfig", "epair1a", "down"), ("ifconfig", "epair7", "create")):
        assert machine.now_run(argv).status == 0
    ran = on(machine, "network", "show")
    assert ran.status == 0
    assert "! epair1a in bridge0 is down: nothing reaches app0" in ran.lines
    assert "! epair7a has no jail at its other end" in ran.lines
    assert "  If nothing needs it: ifconfig epair7a destroy" in ran.lines


def test_what_cannot_be_read_is_said_and_null(on: On) -> None:
    machine = build("busy")
    machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("ifconfig", "-a")))
    ran = on(machine, "network", "show", "-j")
    assert ran.status == 0
    assert "ifconfig" in ran.err
    assert ran.json["interfaces"] is None
