"""Single facts of FreeBSD 15.0 (recordings 13 to 18): what is simulated answers as recorded."""

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


def test_the_rulesets_are_those_of_the_recorded_file() -> None:
    """Line 2 of recording 18: the file is not there, but what it means is."""
    (entry,) = (entry for entry in read_recording("18") if entry.line == 2)
    machine = later.host()
    before = {number: machine.state.devfs_rules[number] for number in range(1, 6)}
    machine.files.write("/etc/devfs.rules", entry.text.encode())
    assert machine.now_run(("service", "devfs", "restart")).status == 0
    after = {number: machine.state.devfs_rules[number] for number in range(1, 6)}
    assert before == after


def test_a_form_that_is_not_known_says_so() -> None:
    """Options and operands of no recording never end in an error of the simulator itself."""
    for line in (
        "ls -Q",
        "tar --version",
        "df -Z",
        "fetch -Z x",
        "chmod",
        "mount -Z",
        "stat -Z",
        "zfs program",
        "tail -n x /etc/rc.conf",
    ):
        done = later.host().now_run(tuple(line.split()))
        assert done.status != 0
        assert "not simulated" in done.stderr
