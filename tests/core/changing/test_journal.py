"""The journal is read as far as possible, whatever happened to its file."""

from __future__ import annotations

import json

import pytest

from jailer_core import journal, journal_peek
from jailer_core.errors import Refused
from jailer_core.execution import interrupted
from jailer_core.journal import Journal, find_interrupted
from jailer_core.model import Layout
from jailer_core.operations.jails.requests import Start, Stop
from jailer_core.operations.undo.entry import Entry, parse, why_no_undo
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.operations.undo.summary import last_undoable, old_paths, step_lines, what_happened
from jailer_core.plan import OutcomeStatus, Plan
from tests.core.changing.workbench import Bench

LAYOUT = Layout("zroot/jails")
STATE = LAYOUT.state


async def stopped() -> tuple[Bench, str, str]:
    """A host on which a jail was stopped, the journal's path and text."""
    bench = Bench()
    assert (await bench.do(Stop("www0"))).ok
    (path,) = await journal_peek.names(bench.host, LAYOUT)
    return bench, path, await bench.host.read(path)


async def test_it_tells_of_processes_and_jids() -> None:
    _, path, text = await stopped()
    records = [json.loads(line) for line in text.splitlines() if line]
    assert [one["record"] for one in records] == ["plan", "begun", "runs", "done", "outcome"]
    ((pid, since, command, uptime),) = records[2]["processes"]
    assert pid > 1
    assert since == pytest.approx(records[1]["when"], abs=1)
    assert uptime == pytest.approx(records[1]["uptime"], abs=1)
    assert command == "jail -v -f /etc/jail.conf.d/www0.conf -r www0"
    entry = parse(path, text)
    assert entry is not None
    assert (entry.state, entry.op, entry.running, entry.interrupted) == ("done", "stop", (), False)
    assert entry.jids == {0: None}


async def test_cut_at_every_byte() -> None:
    _, path, text = await stopped()
    first = text.index("\n")
    for size in range(len(text)):
        entry = parse(path, text[:size])
        assert (entry is not None) is (size >= first), size
        if entry is not None and size < len(text) - 1:
            assert entry.ending == ""
            assert entry.plan is not None


async def test_bytes_that_are_no_text() -> None:
    bench, path, text = await stopped()
    bench.machine.files.write(path, text.encode()[:-20] + b"\xff\xfe\x00{")
    entry = await journal.read_path(bench.host, path)
    assert entry is not None
    assert entry.interrupted


async def test_a_line_behind_one_that_was_cut() -> None:
    bench, path, text = await stopped()
    bench.write(path, text[:-30])
    await journal.add(bench.host, path, "closed", how="left as it is")
    entry = await journal.read_path(bench.host, path)
    assert entry is not None
    assert (entry.state, entry.interrupted) == ("left", False)


async def test_a_record_that_was_cut_swallows_no_other() -> None:
    """No room was left in the middle of one; the next one is whole again."""
    bench, path, text = await stopped()
    lines = text.splitlines(keepends=True)
    done = next(at for at, line in enumerate(lines) if '"done"' in line)
    bench.write(path, "".join(lines[:done]) + lines[done][:25])
    await Journal(bench.host, path).write("failed", step=0, message="no room")
    entry = parse(path, bench.text(path))
    assert entry is not None
    assert (entry.failed, entry.unreadable, entry.interrupted) == ((0,), 1, True)


@pytest.mark.parametrize("broken", range(4))
async def test_a_line_that_cannot_be_read_is_not_nothing(broken: int) -> None:
    """A disk lost one line, be it that of the plan: there may have been a change all the same."""
    bench, path, text = await stopped()
    lines = [line for line in text.splitlines() if line.strip()]
    del lines[-1]
    lines[broken] = lines[broken][:20] + "\x00" * 9
    bench.write(path, "\n".join(lines) + "\n")
    cut = await find_interrupted(bench.host, LAYOUT)
    assert cut is not None
    assert cut.target.unreadable == 1
    assert any("cannot be read" in line for line in what_happened(cut.target, ()))
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) != ""
    outcome = await bench.do(Stop("app0"))
    assert outcome.status is OutcomeStatus.REFUSED
    if broken == 0:
        with pytest.raises(Refused, match="one line of its journal cannot be read"):
            await bench.do(UndoChange(cut.target.id, "S"))


async def test_order_is_no_matter_of_the_clock() -> None:
    """A change of a time when the clock was ahead hides no later one that was cut off."""
    bench = Bench()
    bench.host.skew = 4 * 365 * 86400.0
    assert (await bench.do(Stop("www0"))).ok
    bench.host.skew = 0.0
    assert (await bench.do(Start("www0"))).ok
    path = (await journal_peek.names(bench.host, LAYOUT))[0]
    text = bench.text(path)
    bench.write(path, text[: text.index('{"record": "outcome"')])
    cut = await find_interrupted(bench.host, LAYOUT)
    assert cut is not None
    assert cut.target.title == "Start www0"
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) == "Start www0"
    assert [one.op for one in await journal.entries(bench.host, LAYOUT)] == ["stop", "start"]


def test_version_1_is_read() -> None:
    plan = {
        "kind": "Plan",
        "request": {"kind": "Stop", "name": "a"},
        "title": "Stop a",
        "steps": [],
        "danger": "none",
    }
    lines = [
        {"record": "plan", "version": 1, "when": 5.0, "who": "me", "pid": 7, "plan": plan},
        {"record": "begun", "when": 6.0, "step": 0},
        {"record": "done", "when": 7.0, "step": 0, "message": ""},
        {"record": "outcome", "when": 8.0, "ending": "done", "message": "", "left": []},
    ]
    text = "".join(json.dumps(one) + "\n" for one in lines)
    entry = parse("/x/20261124T101500Z-stop-123-1.jsonl", text)
    assert entry is not None
    assert (entry.title, entry.op, entry.who, entry.seconds) == ("Stop a", "stop", "me", 3.0)
    assert entry.request == Stop("a")


async def test_the_order_within_one_second() -> None:
    bench, path, _ = await stopped()
    again = await Journal.begin(bench.host, STATE, _plan(bench, path))
    names = await journal_peek.names(bench.host, LAYOUT)
    assert names[0] == again.path
    assert journal_peek.order("x/20261124T101500Z-stop-10.jsonl") > journal_peek.order(
        "x/20301124T101500Z-undo-9.jsonl"
    )


def _plan(bench: Bench, path: str) -> Plan:
    entry = parse(path, bench.text(path))
    assert entry is not None
    assert entry.plan is not None
    return entry.plan


async def test_cut_off_is_seen_at_a_glance_and_properly() -> None:
    bench, path, text = await stopped()
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) == ""
    assert await interrupted.find_interrupted(bench.host, LAYOUT) is None
    bench.write(path, text[: text.index('{"record": "outcome"')])
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) == "Stop www0"
    cut = await find_interrupted(bench.host, LAYOUT)
    assert cut is not None
    assert cut.target.title == "Stop www0"
    bench.machine.locked = True  # it is under way
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) == ""
    assert await interrupted.find_interrupted(bench.host, LAYOUT) is None
    bench.machine.locked = False
    bench.write(path, text[: text.index('{"record": "begun"')])
    assert await journal_peek.interrupted_names(bench.host, LAYOUT) == ""
    assert await find_interrupted(bench.host, LAYOUT) is None


async def test_looking_keeps_nobody_from_changing(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, path, text = await stopped()
    bench.write(path, text[: text.index('{"record": "outcome"')])
    monkeypatch.setattr(bench.host, "lock", None)
    cut = await interrupted.find_interrupted(bench.host, LAYOUT)
    assert cut is not None
    assert cut.target.title == "Stop www0"


async def test_who_may_not_read_it_sees_nothing() -> None:
    bench, path, text = await stopped()
    bench.write(path, text[:-40])
    ordinary = Bench(user="nobody")
    ordinary.machine.state = bench.machine.state
    ordinary.machine.files = bench.machine.files
    assert await journal_peek.interrupted_names(ordinary.host, LAYOUT) == ""
    assert await interrupted.find_interrupted(ordinary.host, LAYOUT) is None


async def test_undone_and_done_again() -> None:
    bench, path, _ = await stopped()

    async def entry() -> Entry:
        found = await journal.read_path(bench.host, path)
        assert found is not None
        return found

    one = await entry()
    assert why_no_undo(one) == ""
    assert (await bench.do(UndoChange(one.id, "1"))).ok
    assert "www0" in bench.running()
    assert why_no_undo(await entry()) == "it has already been undone"
    newest = await journal.read_path(bench.host, (await journal_peek.names(bench.host, LAYOUT))[0])
    assert newest is not None
    assert last_undoable([newest, await entry()]) is None
    assert (await bench.do(UndoChange(newest.id, "2"))).ok
    assert "www0" not in bench.running()
    assert why_no_undo(await entry()) == ""


async def test_steps_in_words() -> None:
    _, path, text = await stopped()
    entry = parse(path, text)
    assert entry is not None
    (one,) = step_lines(entry)
    assert (one.title, one.state, one.sign) == ("Stop www0", "done", "$ ")


async def test_what_is_old() -> None:
    _, path, text = await stopped()
    entry = parse(path, text)
    assert entry is not None
    day = 86400
    assert old_paths([entry], entry.when + 10 * day + 1, 10) == (path,)
    assert old_paths([entry], entry.when + 10 * day - 1, 10) == ()
    assert old_paths([entry], entry.when + 900 * day, 0) == ()
    cut = parse(path, text[: text.index('{"record": "outcome"')])
    assert cut is not None
    assert old_paths([cut], entry.when + 900 * day, 10) == ()
