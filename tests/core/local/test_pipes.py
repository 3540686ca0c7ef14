"""Output that comes faster than it is read, and lines without an end: all of it stays bounded."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from jailer_core.errors import CommandTimedOut
from jailer_core.host import Gate
from jailer_core.host.local import LocalHost, processes
from jailer_core.host.local.pipes import FIRST, Lines, Pieces, Reader, Whole, pipe
from tests.core.local.programs import py

pytestmark = pytest.mark.processes("cat")

FLOODS = ["import os\nwhile True: os.write(1, b'y\\n' * 9999)", "while True: print(end='y' * 9999)"]


@pytest.mark.parametrize("code", FLOODS)
async def test_a_flood_is_ended_in_time(code: str) -> None:
    lines = 0

    def line(_text: str, _error: bool) -> None:
        nonlocal lines
        lines += 1

    with pytest.raises(CommandTimedOut):
        await LocalHost().stream([py(code)], line, timeout=0.3)
    assert lines


@pytest.mark.parametrize("code", FLOODS)
async def test_a_flood_can_be_aborted_and_others_have_their_turns(code: str) -> None:
    came = asyncio.Event()
    task = asyncio.create_task(LocalHost().stream([py(code)], lambda _text, _error: came.set()))
    await came.wait()
    await LocalHost().run(py("pass"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_all_that_was_printed_before_the_end_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LINGER", 0.0)
    lines: list[str] = []
    code = "import os; [os.write(1, b'%d\\n' % number) for number in range(6000)]"
    await LocalHost().stream([py(code)], lambda text, _error: lines.append(text))
    assert lines == [str(number) for number in range(6000)]


LEAVES = (
    "import os,sys,time\n"
    "print('started', flush=True)\n"
    "if os.fork(): os._exit(0)\n"
    "os.setsid()\n"
    "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
    "for _ in range(100): print('y' * 9999, flush=True)\n"
    "os.rename(sys.argv[1], sys.argv[2])\n"
)


async def test_what_a_command_leaves_running_can_write_any_amount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not killed by SIGPIPE, does not wait forever, and nothing grows."""
    monkeypatch.setattr(processes, "LINGER", 0.01)
    go, done = tmp_path / "go", tmp_path / "done"
    host = LocalHost()
    argv = py(LEAVES, str(go), str(done))
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    result = await host.stream([argv], lambda _text, _error: None)
    assert result.stdout == "started\n"
    await host.close()
    go.touch()
    async with asyncio.timeout(20):
        while not done.exists():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.01)


def test_a_line_without_end_comes_in_pieces() -> None:
    lines: list[str] = []
    sink = Lines(lines.append, 1000)
    for _ in range(1000):
        sink.feed(b"y" * 1000)
    assert {len(line) for line in lines} == {Lines.LONGEST}
    assert len(sink._part) < Lines.LONGEST
    assert len(sink._head) + len(sink._tail) <= 2000
    sink.feed(b"z" * 100_000 + b"\nshort\n\nrest")
    sink.end()
    assert "".join(lines) == "y" * 1_000_000 + "z" * 100_000 + "short" + "rest"
    assert lines[-3:] == ["short", "", "rest"]
    assert max(map(len, lines)) == Lines.LONGEST


def test_of_many_lines_the_first_and_the_last_are_kept() -> None:
    sink = Lines(lambda _line: None, 1000)
    for number in range(20_000):
        sink.feed(b"%d\n" % number)
    assert sink.cut
    first, last = "0\n1\n2\n", "19998\n19999\n"
    text = sink.take()
    assert text.startswith(first)
    assert text.endswith(last)
    assert len(text) <= 2000


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_text_up_to_the_limit_is_kept_whole(size: int) -> None:
    exceeded: list[bool] = []
    sink = Whole(1000, lambda: exceeded.append(True))
    data = b"x" * 1000
    assert all(sink.feed(data[at : at + size]) for at in range(0, 1000, size))
    assert not sink.feed(b"x")
    assert exceeded == [True]
    assert sink.exceeded
    assert sink.take() == ""


@pytest.mark.parametrize("text", ["ö", "–", "\U0001f600", "\udcff"])  # noqa: RUF001
def test_as_text_it_takes_no_more_than_plain_text_would(text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    limit = 100_000
    sink = Whole(limit, lambda: None)
    size = 0
    while sink.feed(data * 100):
        size += 100 * len(data)
    again = Whole(limit, lambda: None)
    again.feed(data * (size // len(data)))
    assert size + sys.getsizeof(again.take()) <= 2 * limit + 100


def test_no_end_is_taken_for_a_standard_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    made = os.pipe()
    closed: list[int] = []
    monkeypatch.setattr(os, "pipe", lambda: (0, made[1]))
    monkeypatch.setattr(os, "close", closed.append)
    ends = pipe()
    monkeypatch.undo()
    assert min(ends) > 2
    assert ends[1] == made[1]
    assert closed == [0]
    for descriptor in {*made, *ends}:
        os.close(descriptor)


async def test_a_busy_loop_is_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a line sets off elsewhere takes time, too: the next piece is smaller and comes later."""
    sizes: list[int] = []

    class Noted:
        rest = 0.001
        gate: Gate = None

        def feed(self, data: bytes) -> bool:
            sizes.append(len(data))
            return True

        def end(self) -> None:
            pass

    reading, writing = pipe()
    os.write(writing, b"y" * 60_000)
    reader = Reader(reading, Noted())
    reader.start(0.0)  # it was due long ago
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sizes == [FIRST]
    assert reader._size == FIRST // 2
    assert reader._pause is not None
    assert reader._pause.when() > asyncio.get_running_loop().time() + 1
    reader.close()
    os.close(writing)


async def test_nothing_more_is_read_until_its_taker_can_bear_more() -> None:
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    heard: list[bytes] = []

    def take(data: bytes) -> asyncio.Future[None]:
        heard.append(data)
        return gate

    reading, writing = pipe()
    reader = Reader(reading, Pieces(take))
    os.write(writing, b"x" * 40_000)
    reader.start()
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(heard) == 1
    gate.set_result(None)
    os.close(writing)
    await reader.finish(5.0)
    assert sum(map(len, heard)) == 40_000
