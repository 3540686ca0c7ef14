"""The samples behind the sparklines: what was not read is not drawn as zero."""

from __future__ import annotations

from jailer_core.model import Inventory, Jail, JailState, Owner
from jailer_tui.presenters.host import spark
from jailer_tui.state import GAP, History
from jailer_tui.theme import UNICODE


def seen(at: float | None, cpu: float | None = 1.0, memory: int | None = 5) -> Inventory:
    jail = Jail("web", JailState.RUNNING, Owner.JAILER, jid=3, cpu=cpu, memory=memory)
    return Inventory(jails=(jail,), read_at={} if at is None else {"ps": at})


def of(*inventories: Inventory) -> list[tuple[float | None, int | None]]:
    history = History()
    for inventory in inventories:
        history.add(inventory)
    return list(history.of(inventories[-1].jails[0]))


def test_only_what_was_just_read_is_a_sample() -> None:
    first = seen(100.0)
    assert of(first, first, seen(100.0), seen(105.0, 2.0)) == [(1.0, 5), (2.0, 5)]


def test_while_nobody_looked_there_is_a_gap() -> None:
    later = seen(101.0 + GAP)
    assert of(seen(100.0), seen(100.0, None, None), later) == [(1.0, 5), (None, None), (1.0, 5)]


def test_what_could_not_be_read_is_unknown() -> None:
    assert of(seen(100.0), seen(105.0, None, None)) == [(1.0, 5), (None, None)]


def test_before_the_first_reading_there_is_nothing() -> None:
    assert of(seen(None, None, None)) == []


def test_unknown_is_drawn_as_nothing_and_zero_as_zero() -> None:
    assert spark([0.0, None, 1.0], 5, 1.0, UNICODE) == "  \u2581 \u2588"
    assert spark([None, None], 2, 1.0, UNICODE) == "  "
