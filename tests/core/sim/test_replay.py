"""All recordings, in order, on one simulated host: as recorded, renamed, and among strangers.

A replay goes on where the one before ended (seeds.py does what was done in between), so each
session is reached by replaying all before it; `Tape` keeps the machines of one journey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.zfs import destroy
from tests.core.sim import seeds
from tests.core.sim.compare import NOT_SIMULATED, Extras
from tests.core.sim.replay import (
    NO_EXTRAS,
    RENAMED,
    SAME,
    Difference,
    Entry,
    Renaming,
    read_recording,
    replay,
)

STRANGERS = Extras(
    frozenset(
        {"stray", "zroot/aaa", "zroot/zzz", "/zroot/aaa", "/zroot/zzz", "tap7", "lo7", "10.99.9.9"}
    )
)


@dataclass
class Tape:
    """A journey through the sessions: each is replayed once, however many tests ask for it."""

    renaming: Renaming = SAME
    extras: Extras = NO_EXTRAS
    prepare: Callable[[Machine], None] = lambda machine: None
    machine: Machine | None = None
    found: dict[str, list[Difference]] = field(default_factory=dict)

    def differences(self, session: str) -> list[Difference]:
        for one in seeds.SESSIONS:
            if one not in self.found:
                self.found[one] = self._play(one)
            if one == session:
                break
        return self.found[session]

    def _play(self, session: str) -> list[Difference]:
        plain = seeds.fresh() if self.machine is None else self._back(self.machine)
        seeds.between(plain, session)
        self.prepare(plain)
        self.machine = Machine(self.renaming.state(plain.state))
        return replay(
            self.machine,
            session,
            renaming=self.renaming,
            extras=Extras(frozenset(map(self.renaming.text, self.extras.names))),
            skip=lambda entry: (session, entry.line) in NOT_SIMULATED or self._hidden(entry),
        )

    def _hidden(self, entry: Entry) -> bool:
        """Whether names cannot be replaced: the separator of `jail -e x` hides where they end."""
        return bool(self.renaming.names) and "-e x" in entry.title

    def _back(self, machine: Machine) -> Machine:
        """The machine under the recorded names, for what is done between two sessions."""
        names = {new: old for old, new in self.renaming.names.items()}
        return Machine(Renaming(names).state(machine.state))


def strangers(machine: Machine) -> None:
    """Datasets, an interface and a jail that have nothing to do with the recordings.

    The jail comes back for every session: `service jail stop` of 07 stops strangers too.
    """
    if "zroot/aaa" not in machine.state.datasets:
        for name in ("zroot/aaa", "zroot/zzz"):
            seeds.run(machine, "zfs", "create", name)
        seeds.run(machine, "ifconfig", "lo7", "create")
        seeds.run(machine, "ifconfig", "lo7", "inet", "10.99.9.9/32")
    if machine.jail_named("stray") is None:
        address = "ip4.addr=10.99.9.9"
        seeds.run(machine, "jail", "-c", "name=stray", "path=/zroot/aaa", "persist", address)


RECORDED = Tape()
UNDER_OTHER_NAMES = Tape(RENAMED)
AMONG_STRANGERS = Tape(extras=STRANGERS, prepare=strangers)
BOTH = Tape(RENAMED, STRANGERS, strangers)
TAPES = {
    "as recorded": RECORDED,
    "renamed": UNDER_OTHER_NAMES,
    "among strangers": AMONG_STRANGERS,
    "renamed among strangers": BOTH,
}


SHORT = ("as recorded", "renamed among strangers")


@pytest.mark.parametrize("tape", TAPES)
def test_every_answer_has_the_recorded_structure(tape: str, exhaustive: bool) -> None:
    if tape not in SHORT and not exhaustive:
        pytest.skip("with --exhaustive")
    differences = [
        difference for session in seeds.SESSIONS for difference in TAPES[tape].differences(session)
    ]
    assert not differences, "\n\n".join(map(str, differences))


def test_what_is_left_out_was_recorded() -> None:
    lines = {
        (session, entry.line) for session in seeds.SESSIONS for entry in read_recording(session)
    }
    assert NOT_SIMULATED.keys() <= lines


def test_renaming_keeps_the_order_of_names() -> None:
    names = [pair for pair in RENAMED.names.items() if pair[0][0].isalpha() and ":" not in pair[0]]
    jails = [pair for pair in names if pair[0] not in ("zroot", "vtnet0", "bridge0", "armbsd15")]
    assert sorted(jails) == sorted(jails, key=lambda pair: pair[1])


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same journey on a host whose snapshots can all be destroyed, clones or not."""
    monkeypatch.setattr(destroy, "check_dependents", lambda *_: None)
    machine = seeds.fresh()
    found = [one for session in ("01", "02", "03") for one in _session(machine, session)]
    assert {one.line for one in found} >= {141, 142, 143, 144}


def _session(machine: Machine, session: str) -> list[Difference]:
    seeds.between(machine, session)
    return replay(machine, session)
