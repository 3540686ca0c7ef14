"""A jail that is made here starts as the recordings tell that jails with an epair do (04, 09)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jailer_core.operations.jails.jailconf import JailSettings, text
from jailer_core.operations.jails.requests import Create
from jailer_core.plan import Event, Output, StepEnded
from jailer_core.simulator.kernel.machine import Machine
from tests.core.making.hosts import carry_out, run, small

RECORDED = Path(__file__).parents[2] / "recorded"


def said(recording: str, line: int) -> dict[str, Any]:
    """What one recorded command printed."""
    (path,) = RECORDED.glob(f"{recording}-*.jsonl")
    found = json.loads(path.read_text().splitlines()[line - 1])
    assert isinstance(found, dict)
    return found


def shape(lines: list[str], name: str, number: int) -> list[str]:
    """Lines without what differs from jail to jail: name, numbers, jid, and its parameters."""
    plain = [line.replace(name, "NAME").replace(f"epair{number}", "epairN") for line in lines]
    plain = [re.sub(r"vnet \d+$", "vnet JID", line) for line in plain]
    return [re.sub(r"(jail_set\(JAIL_CREATE\)).*", r"\1", line) for line in plain]


def lines_of(events: list[Event], index: int) -> list[str]:
    return [one.line for one in events if isinstance(one, Output) and one.index == index]


def test_the_start_prints_what_is_recorded() -> None:
    events: list[Event] = []
    outcome = carry_out(small(), Create("db0", network="eb", address="10.0.0.50"), events.append)
    assert outcome.ok
    ended = [one for one in events if isinstance(one, StepEnded)]
    assert all(one.ok for one in ended)
    recorded = said("09", 15)["stdout"].splitlines()
    # jailer brings lo0 up first, which the recorded jail does not
    more = "NAME: run command in jail: /sbin/ifconfig lo0 up"
    mine = shape(lines_of(events, len(outcome.plan.steps) - 1), "db0", 5)
    assert [line for line in mine if line != more] == shape(recorded, "app0", 1)


def start(machine: Machine, bridge: str, number: int) -> tuple[int, str, str]:
    """Start a jail of the text that `create` writes, as the recording did."""
    want = Create("app2", domain="x", network="eb", bridge=bridge)
    made = JailSettings(want, "/usr/local/jails/app0", number, 61)
    machine.files.write("/etc/jail.conf.d/app2.conf", text(made).encode())
    done = machine.now_run(("jail", "-f", "/etc/jail.conf.d/app2.conf", "-c", "app2"))
    return done.status, done.stdout, done.stderr


def test_without_its_bridge_it_fails_as_recorded() -> None:
    machine, wanted = small(), said("04", 56)
    status, stdout, stderr = start(machine, "bridge9", 3 + 5)
    assert (status, stdout.replace("epair8", "epair3")) == (wanted["rc"], wanted["stdout"])
    assert stderr.replace("epair8", "epair3") == wanted["stderr"]
    assert {"epair8a", "epair8b"} <= set(run(machine, "ifconfig", "-l").split())


def test_with_a_number_that_is_taken_it_fails_as_recorded() -> None:
    wanted = said("04", 45)
    status, _, stderr = start(small(), "bridge0", 3)
    assert status == wanted["rc"]
    told = stderr.replace("app2", "app1").replace("epair3", "epair1")
    assert told == wanted["stderr"]
