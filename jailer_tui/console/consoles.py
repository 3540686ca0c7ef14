"""All consoles of this session: they keep running while other screens are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jailer_core.host import Host
from jailer_core.model import Inventory, Jail, JailState
from jailer_core.text import sanitize
from jailer_tui.console.session import Console


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
