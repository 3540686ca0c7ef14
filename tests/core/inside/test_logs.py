"""Logs read in pieces: the same lines from either end, whatever the bytes; no links."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core import logs
from jailer_core.errors import FileFailed, Refused
from jailer_core.facts import Reader
from jailer_core.host import FilePart
from jailer_core.host.local import LocalHost
from jailer_core.logs import PIECE, LogFile, LogLine, Place, matcher
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build
from tests.examples import some

GIANT = 1 << 30


class Bytes:
    """A file in memory, and how much of it was read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.read = 0
        self.asked: list[int] = []

    async def window(self, _path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        assert offset >= 0
        found = self.data[offset : offset + size]
        self.read += len(found)
        self.asked.append(size)
        return FilePart(found, offset, len(self.data), 1)


def log(data: bytes) -> LogFile:
    return LogFile(Bytes(data), Place("x", "/x"))  # type: ignore[arg-type]


async def whole(file: LogFile, data: bytes, count: int) -> list[LogLine]:
    """All lines, from the end to the start."""
    found: list[LogLine] = []
    end = len(data)
    while end > 0:
        more = await file.before(end, count)
        assert more
        assert len(more) <= count
        assert more[-1].end == end
        found = [*more, *found]
        end = found[0].offset
    return found


async def from_begin(file: LogFile, data: bytes, count: int) -> list[LogLine]:
    found: list[LogLine] = []
    start = 0
    while start < len(data):
        more = await file.after(start, count)
        assert more
        assert more[0].offset == start
        found += more
        start = found[-1].end
    return found


TEXT = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.just(b"\n"),
        st.integers(0, 3 * PIECE).map(lambda count: b"x" * count),
        st.integers(0, 30).map(lambda count: b"word\n" * count * 10),
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=some(60), deadline=None)
@given(TEXT, st.integers(1, 40))
def test_from_either_side_the_lines_are_the_same(data: bytes, count: int) -> None:
    async def check() -> None:
        down = await whole(log(data), data, count)
        assert down == await from_begin(log(data), data, count)
        assert b"".join(one.data for one in down) == data
        assert all(one.data == data[one.offset : one.end] for one in down)
        assert all(len(one.data) < 2 * PIECE for one in down)
        short = [one for one in data.split(b"\n")[:-1] if len(one) < PIECE]
        lines = [one.data.removesuffix(b"\n") for one in down]
        assert all(one in lines for one in short)

    asyncio.run(check())


@settings(max_examples=some(60), deadline=None)
@given(TEXT, st.sampled_from(["word", "x", "xx"]), st.integers(1, 5))
def test_a_search_finds_what_is_there_from_either_side(data: bytes, words: str, count: int) -> None:
    async def check() -> None:
        lines = await whole(log(data), data, 100)
        wanted = [one for one in lines if words.encode() in one.data]
        pattern = matcher(words)
        found = await log(data).matching(pattern, 0, len(data) + 1, forward=True)
        assert [one for one in found if one in wanted] == wanted
        back = await log(data).matching(pattern, len(data), len(data) + 1, forward=False)
        assert back == found
        last = await log(data).matching(pattern, len(data), count, forward=False)
        assert last == back[-count:]

    asyncio.run(check())


async def test_a_match_across_strides_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "STRIDE", 2 * PIECE)
    line = b"a" * 100 + b"\n"
    for shift in range(0, 101, 7):
        data = line * 81 + b"." * shift + b"needle\n" + line * 200
        for forward, start in ((True, 0), (False, len(data))):
            found = await log(data).find(matcher("needle"), start, forward=forward)
            assert found is not None
            assert found.data == b"." * shift + b"needle\n"


async def test_next_and_previous_begin_behind_the_last_match() -> None:
    data = b"one\nneedle 1\ntwo\nNeedle 2\nthree\n"
    file = log(data)
    first = await file.find(matcher("needle"), 0, forward=True)
    assert first is not None
    second = await file.find(matcher("needle"), first.end, forward=True)
    assert second is not None
    assert second.text == "Needle 2"
    assert await file.find(matcher("needle"), second.end, forward=True) is None
    assert await file.find(matcher("needle"), second.offset, forward=False) == first
    assert await file.find(matcher("Needle"), len(data), forward=False) == second
    assert await file.find(matcher("Needle"), second.offset, forward=False) is None


def test_lines_are_harmless() -> None:
    line = LogLine(0, 9, b"\x1b[2J\xff\tb\r\n")
    assert line.text == "^[[2J\\xff   b"


async def test_a_giant_opens_at_once_and_costs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    with path.open("wb") as file:
        file.truncate(GIANT)
        file.seek(GIANT - 10_000)
        file.write(b"".join(b"the line %05d\n" % number for number in range(667)))
    read: list[int] = []
    pread = os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        read.append(size)
        return pread(descriptor, size, offset)

    giant = LogFile(LocalHost(), Place("x", str(path)))
    tracemalloc.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "pread", counted)
            await giant.look()
            lines = await giant.before(giant.size, 300)
            assert sum(read) <= 64 * 1024 + PIECE
            assert lines[-1].text.startswith("the line 00666")
            up = await giant.before(GIANT // 2, 50)
            assert len(up) == 50
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


async def test_a_search_can_be_ended_and_tells_how_far_it_is() -> None:
    data = b"a line\n" * 400_000
    come: list[int] = []
    task: asyncio.Task[LogLine | None] = asyncio.create_task(
        log(data).find(matcher("needle"), len(data), forward=False, told=come.append)
    )
    while not come:  # noqa: ASYNC110 - each turn brings it further
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 < come[0] < len(data)


async def test_a_log_that_grows_is_cut_or_rotated(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    path.write_bytes(b"one\ntwo")
    file = LogFile(LocalHost(), Place("x", str(path)))
    await file.look()
    assert [one.whole for one in await file.before(file.size, 9)] == [True, False]
    assert await file.look() == "same"
    with path.open("ab") as more:
        more.write(b"!\nthree\n")
    assert await file.look() == "grown"
    assert [one.text for one in await file.after(4, 9)] == ["two!", "three"]
    path.write_bytes(b"new")
    assert await file.look() == "new"
    path.rename(tmp_path / "messages.0")
    path.write_bytes(b"newer and longer")
    assert await file.look() == "new"
    path.unlink()
    with pytest.raises(FileFailed):
        await file.look()


# --- which files -----------------------------------------------------------------------------


async def test_links_in_a_jail_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the host\n")
    root = tmp_path / "jail"
    folder = root / "var" / "log"
    folder.mkdir(parents=True)
    (folder / "messages").symlink_to(tmp_path / "secret")
    (folder / "hosts").symlink_to("/etc")
    (folder / "app").mkdir()
    (folder / "app" / "out.log").write_text("fine\n")
    os.mkfifo(folder / "pipe")
    inventory = await Reader(SimulatedHost(build("small"))).gather(quick=True)
    jail = replace(inventory.jails[0], name="here", path=str(root))
    inventory = replace(inventory, jails=(jail,))
    host = LocalHost()
    assert await logs.names(host, jail) == [("app/out.log", 5)]
    file = LogFile(host, logs.inside_log(jail, "messages"))
    with pytest.raises(FileFailed):
        await file.look()
    good = LogFile(host, logs.inside_log(jail, "app/out.log"))
    await good.look()
    assert [one.text for one in await good.before(good.size, 9)] == ["fine"]


async def test_a_jail_cannot_make_us_look_at_any_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_FILES", 10)
    monkeypatch.setattr(logs, "MOST_NAMES", 20)
    folder = tmp_path / "var" / "log"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(9):
            (folder / name / str(number)).touch()
    inventory = await Reader(SimulatedHost(build("small"))).gather(quick=True)
    jail = replace(inventory.jails[0], name="here", path=str(tmp_path))
    inventory = replace(inventory, jails=(jail,))
    host = LocalHost()
    assert len(await logs.names(host, jail)) == 8  # the two folders are looked at, too
    for number in range(30):
        (folder / "a" / f"more{number}").touch()
    assert [name for name, _ in await logs.names(host, jail)] == [
        f"b/{number}" for number in range(8)
    ]
    for number in range(30):
        (folder / str(number)).touch()
    with pytest.raises(FileFailed, match="more than 20 names"):
        await logs.names(host, jail)


async def test_places_of_the_demo() -> None:
    host = SimulatedHost(build("busy"))
    inventory = await Reader(host).gather()
    jail = inventory.jail("www0")
    child = inventory.jail("byhand.child")
    assert jail is not None
    assert child is not None
    assert logs.console_log(jail) == Place("console", "/var/log/jail/www0.log", "/var/log/jail")
    assert logs.inside_log(jail, "messages") == Place(
        "messages", "/usr/local/jails/www0/var/log/messages", "/usr/local/jails/www0"
    )
    assert logs.console_log(child) is None
    assert logs.inside_log(child, "messages") == Place("messages", "/var/log/messages", "/")
    for name in ("", "../x", "a//b", "/etc/passwd", "a/../../b", "."):
        with pytest.raises(Refused):
            logs.inside_log(jail, name)
