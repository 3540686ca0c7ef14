"""NAT and redirections as they are read: what is stored, loaded, counted, and in their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from jailer_core.facts import Reader
from jailer_core.facts.firewall_rules import AT_ONCE
from jailer_core.host import Result
from jailer_core.model import Inventory
from jailer_core.model.network import ALL as EVERY, FOLDER, NAT, RDR, Listener, Translation
from jailer_core.operations.network.translations.rules import rows
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build

ALL = Needs(firewall=True)
LIST = Needs(translations=True)
RULE = "rdr pass on vtnet0 inet proto tcp from any to (vtnet0) port {} -> 10.0.0.7 port 80\n"


class Counting(SimulatedHost):
    """A host that remembers what was run on it."""

    ran: list[tuple[str, ...]]

    async def run(self, argv: Sequence[str], **more: Any) -> Result:
        self.__dict__.setdefault("ran", []).append(tuple(argv))
        return await super().run(argv, **more)


@pytest.fixture
def machine() -> Machine:
    return build("small")


async def gathered(machine: Machine, needs: Needs, user: str = "root") -> Inventory:
    return await Reader(SimulatedHost(machine, user=user)).gather(needs)


def load(machine: Machine, jail: str, text: str) -> None:
    done = machine.now_run(("pfctl", "-a", f"jailer/{jail}", "-f", "-"), stdin=text.encode())
    assert done.status == 0, done


async def test_nothing_of_it_is_asked_without_need(machine: Machine) -> None:
    assert (await gathered(machine, Needs())).firewall is None


async def test_a_host_without_any(machine: Machine) -> None:
    inventory = await gathered(machine, ALL)
    assert not inventory.problems  # no anchor at all is none
    found = inventory.firewall
    assert found is not None
    assert (found.module, found.enabled, found.error, found.main) == (True, False, "", ())
    assert (found.stored, found.loaded, found.originals) == ({}, {}, {})
    assert found.ways == {4: "vtnet0"}
    assert found.forwarding == {4: False, 6: False}
    assert Listener("tcp", "*", 22, "sshd", (4,)) in (found.listeners or ())


async def test_stored_and_loaded_are_told_apart(machine: Machine) -> None:
    machine.files.mkdir(FOLDER, parents=True)
    kept = "nat on vtnet0 inet from 10.0.0.7 to any -> (vtnet0:0)\n" + RULE.format(8080)
    machine.files.write(f"{FOLDER}/web.conf", kept.encode())
    machine.files.write(f"{FOLDER}/.hidden.conf", b"nonsense\n")
    load(machine, "web", RULE.format(8080) + RULE.format(443))
    found = (await gathered(machine, LIST)).firewall
    assert found is not None
    assert [(one.kind, one.state, one.index) for one in rows(found)] == [
        (NAT, "stored", 0),
        (RDR, "not stored", 0),
        (RDR, "loaded", 1),
    ]


async def test_names_of_ports_that_are_not_usual_come_from_the_host(machine: Machine) -> None:
    text = RULE.format("odd-name")
    load(machine, "web", text)
    machine.files.write("/etc/services", b"odd-name 4711/tcp\n")
    found = (await gathered(machine, LIST)).firewall
    assert found is not None
    (rule,) = (found.loaded or {})["web"]
    assert rule.translation == Translation(RDR, "vtnet0", 4, "10.0.0.7", EVERY, "tcp", 4711, 80)


async def test_without_the_module_nothing_is_loaded(machine: Machine) -> None:
    machine.now_run(("kldunload", "pf"))
    found = await gathered(machine, ALL)
    assert found.firewall is not None
    assert (found.firewall.module, found.firewall.enabled) == (False, False)
    assert found.firewall.loaded == {}
    assert not [one for one in found.problems if one.source == "pfctl"]


async def test_who_may_not_ask_does_not_know(machine: Machine) -> None:
    found = await gathered(machine, ALL, user="nobody")
    assert found.firewall is not None
    assert (found.firewall.enabled, found.firewall.loaded) == (None, None)
    assert [one.message for one in found.problems if one.source == "pfctl"] == [
        "pfctl: /dev/pf: Permission denied"
    ]


async def test_what_is_wrong_with_pf_conf(machine: Machine) -> None:
    machine.files.write("/etc/pf.conf", b"pass all\nbroken here\n")
    found = (await gathered(machine, ALL)).firewall
    assert found is not None
    assert found.error == "/etc/pf.conf:2: syntax error"


async def test_a_list_asks_a_constant_number_of_commands(machine: Machine) -> None:
    for number in range(30):
        load(machine, f"web{number}", RULE.format(8000 + number))
    host = Counting(machine)
    reader = Reader(host)
    first = await reader.gather(LIST)
    host.ran.clear()
    again = await reader.gather(LIST)
    assert first.firewall is not None
    assert again.firewall is not None
    assert len(again.firewall.loaded or {}) == 30
    asked = [argv for argv in host.ran if argv[0] == "pfctl"]
    assert len(asked) == 2 + AT_ONCE
    reader.forget_networks()
    host.ran.clear()
    await reader.gather(LIST)
    assert len([argv for argv in host.ran if argv[0] == "pfctl"]) == 2 + 30


async def test_whatever_stands_in_a_rule_file_is_only_text(machine: Machine) -> None:
    machine.files.mkdir(FOLDER, parents=True)
    text = (
        b"rdr on \x1b[31m \xff\nnat\n#a comment\n\nrdr pass on vtnet0 inet from any to x -> y #7\n"
    )
    machine.files.write(f"{FOLDER}/web.conf", text)
    found = (await gathered(machine, LIST)).firewall
    assert found is not None
    assert [(one.kind, one.translation, one.index) for one in rows(found)] == [
        ("nat", None, 0),
        ("rdr", None, 0),
        ("rdr", None, 0),
    ]


async def test_rules_of_other_anchors_are_known(machine: Machine) -> None:
    rule = RULE.format(8080).encode()
    machine.now_run(("pfctl", "-a", "rdr/shop", "-f", "-"), stdin=rule)
    found = (await gathered(machine, ALL)).firewall
    assert found is not None
    assert list(found.foreign) == ["rdr", "rdr/shop"]
    assert found.loaded == {}
