"""One console: a program in a jail, its terminal, and the pace at which it is read.

All consoles of this session: they keep running while other screens are shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from jailer_core import jail_console as command
from jailer_core.errors import JailerError
from jailer_core.host import Host, Pty
from jailer_core.model import Inventory, Jail, JailState
from jailer_core.text import sanitize
from jailer_tui import crash

if TYPE_CHECKING:
    from jailer_tui.console.emulator import Emulator


BUDGET = 0.012
"""Seconds that what is printed may take before everything else has its turn."""
REST = 0.004
"""Seconds of that turn."""
LEAST, MOST = 512, 65536
"""Bytes read at once: as many as are understood quickly."""
QUICK, SLOW = 0.004, 0.012
LAID_OUT = 1.0
"""Seconds for the widget to have its size: the program is to know it from its first word on."""
PENDING = 4096
"""Bytes that wait to be taken by the program: after that it gets no answers."""
FIRST = 200
"""Bytes that are kept of its first output, which says why there is no session."""
PARTING = b"\x1b[?1049l\x1b[r\x1b[0m\x1b[?25l\x1b[9999;1H\r\n"
"""Room for a last line, whatever the program left the terminal in."""


class Console:
    """`changed` is called when there is something to paint, `noticed` when its state is another.

    `label` is its name among the consoles; `over` says how it ended, "" while it runs. `flooded`:
    it prints more than anybody could read.
    """

    def __init__(self, host: Host, whose: Jail, label: str, size: tuple[int, int]) -> None:
        self.whose = whose
        self.label = label
        self.size = size
        self.core = new_core(*size)
        self.over = ""
        self.rung = False
        self.flooded = False
        self.changed: Callable[[], None] = _nothing
        self.noticed: Callable[[], None] = _nothing
        self._host = host
        self._pty: Pty | None = None
        self._first = b""
        self._bells = 0
        self._title = ""
        self._sized = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def alive(self) -> bool:
        """Whether its program is running or starting."""
        return not self.over

    # --- what comes --------------------------------------------------------------------------

    async def _run(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sized.wait(), LAID_OUT)
        jid = self.whose.jid or 0
        try:
            status = await self._session(command.argv(jid))
            if command.lacks_login(self._first, status):
                status = await self._session(command.bare(jid))
            how = f"by signal {-status}" if status < 0 else f"with status {status}"
            self._end(f"ended {how}")
        except JailerError as error:
            self._end(error.message)
        except Exception as error:  # noqa: BLE001 - a mistake of ours ends this console alone
            self._end(crash.report(error))
        finally:
            if self._pty is not None:
                await self._pty.close()

    async def _session(self, argv: Sequence[str]) -> int:
        """One program from its start to its end; its status."""
        if self._pty is not None:
            await self._pty.close()
        self._first = b""
        self._pty = await self._host.open_pty(argv, self.size, command.TERM)
        self._pty.resize(*self.size)
        await self._pump(self._pty)
        return await self._pty.wait()

    async def _pump(self, pty: Pty) -> None:
        """Read, in pieces that are understood quickly; everything else has its turn between."""
        size, spent = 4096, 0.0
        while data := await pty.read(size):
            began = time.thread_time()  # on a busy machine the clock says nothing of our work
            self._take(pty, data)
            took = time.thread_time() - began
            if took < QUICK and len(data) == size:
                size = min(size * 2, MOST)
            elif took > SLOW:
                size = max(size // 2, LEAST)
            spent += took
            self.flooded = spent > BUDGET or (self.flooded and len(data) == size)
            await asyncio.sleep(REST if spent > BUDGET else 0)
            spent = 0.0 if spent > BUDGET else spent

    def _take(self, pty: Pty, data: bytes) -> None:
        if len(self._first) < FIRST:
            self._first += data[:FIRST]
        try:
            answers = self.core.feed(data)
        except Exception as error:  # noqa: BLE001 - an emulator that fails is replaced by a new one
            crash.report(error)
            self.core = new_core(*self.size)
            answers = b""
        if answers and pty.waiting < PENDING:
            pty.write(answers)
        self.changed()
        if self.core.bells != self._bells:
            self._bells = self.core.bells
            self.rung = True
            self.noticed()
        if self.core.title != self._title:
            self._title = self.core.title
            self.noticed()

    def _end(self, message: str) -> None:
        self.over = message
        self.core.feed(PARTING)
        self.changed()
        self.noticed()

    # --- what goes ---------------------------------------------------------------------------

    def write(self, data: bytes) -> bool:
        """Type text; False if the program no longer reads."""
        if not data or not self.alive:
            return True
        return self._pty is not None and self._pty.write(data)

    def resize(self, columns: int, rows: int) -> None:
        """Set the size, and tell the program."""
        self._sized.set()
        size = max(columns, 2), max(rows, 2)
        if size == self.size:
            return
        self.size = size
        self.core.resize(*size)
        if self._pty is not None and self.alive:
            self._pty.resize(*size)
        self.changed()

    async def close(self) -> None:
        """Close the console, and wait until everything in it has ended."""
        self.changed = self.noticed = _nothing
        if not self.over:
            self.over = "closed"
        if self._pty is not None:
            await self._pty.close()
        elif not self._task.done():
            self._task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait((self._task,))


def _nothing() -> None:
    """It is hidden now."""


def new_core(columns: int, rows: int) -> Emulator:
    """A new emulator; imported with the first console, because that takes long."""
    from jailer_tui.console.emulator import Emulator  # noqa: PLC0415

    return Emulator(columns, rows)


class Consoles:
    """In the order in which they were opened; `shown` is the one that is looked at.

    `noticed` is called when the state of one is another: it rang, it ended, it has another title.
    """

    def __init__(self, host: Host) -> None:
        self.all: list[Console] = []
        self.shown: Console | None = None
        self.noticed: Callable[[], None] = lambda: None
        self._host = host
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> list[Console]:
        """The consoles whose program is running."""
        return [console for console in self.all if console.alive]

    def of(self, jail: Jail) -> list[Console]:
        """The consoles of a jail."""
        return [console for console in self.all if console.whose.name == jail.name]

    def open(self, jail: Jail, size: tuple[int, int]) -> Console:
        """Open another console in a running jail, and show it."""
        return self._new(jail, self._label(sanitize(jail.name)), size, len(self.all))

    def again(self, old: Console, jail: Jail) -> Console:
        """Replace an ended console with a new one."""
        place = self.all.index(old)
        self._drop(old)
        return self._new(jail, old.label, old.size, place)

    def _new(self, jail: Jail, label: str, size: tuple[int, int], place: int) -> Console:
        made = Console(self._host, jail, label, size)
        made.noticed = self._tell
        self.all.insert(place, made)
        self.shown = made
        return made

    def _tell(self) -> None:
        self.noticed()

    def _label(self, name: str) -> str:
        taken = {console.label for console in self.all}
        number = 2
        label = name
        while label in taken:
            label = f"{name}:{number}"
            number += 1
        return label

    def turn(self, steps: int) -> None:
        """Show the next or the previous console."""
        if self.shown in self.all:
            self.shown = self.all[(self.all.index(self.shown) + steps) % len(self.all)]
        elif self.all:
            self.shown = self.all[0]

    def close(self, console: Console) -> None:
        """Close a console, and show its neighbour."""
        place = self.all.index(console)
        self._drop(console)
        if self.shown is console:
            self.shown = self.all[min(place, len(self.all) - 1)] if self.all else None
        self.noticed()

    def _drop(self, console: Console) -> None:
        self.all.remove(console)
        task = asyncio.create_task(console.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close_all(self) -> None:
        """Close all consoles, and wait for their end."""
        self.noticed = lambda: None
        await asyncio.gather(*(console.close() for console in self.all), *self._closing)
        self.all.clear()
        self.shown = None


def stopped(console: Console, inventory: Inventory | None) -> bool:
    """Whether its jail is no longer running."""
    if inventory is None:
        return False
    return not any(
        jail.jid == console.whose.jid and jail.state is JailState.RUNNING
        for jail in inventory.jails
    )
