"""Single facts of FreeBSD 15.0 (recordings 13 to 17): what is simulated answers as recorded."""

from __future__ import annotations

import pytest

from tests.core.sim import later
from tests.core.sim.replay import read_recording, replay, run_pipe


@pytest.mark.parametrize("session", later.SESSIONS)
def test_every_answer_has_the_recorded_structure(session: str) -> None:
    machine = later.host()
    found: dict[int, str] = {}
    for entry in read_recording(session):
        for difference in replay(machine, session, entries=[entry]):
            found.setdefault(entry.line, str(difference))
    named = {line for number, line in later.DIFFERENT if number == session}
    wrong = [said for line, said in found.items() if line not in named]
    assert not wrong, "\n\n".join(wrong)
    assert named <= found.keys(), "they agree by now: take them out of the list"


@pytest.mark.parametrize(("session", "line"), later.SAYS_SO)
def test_what_is_not_simulated_says_so(session: str, line: int) -> None:
    (entry,) = (entry for entry in read_recording(session) if entry.line == line)
    done = run_pipe(later.host(), entry.pipe)
    assert done.status != 0
    assert "not simulated" in done.stderr
