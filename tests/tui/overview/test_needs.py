"""What needs attention: one test for each rule, and for many lines of one kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.model import Dataset, Inventory, Jail, JailState, Layout, Owner, Pool, Problem
from jailer_core.model.storage import TrashEntry
from jailer_core.operations.updates.packages import PackageCounts
from jailer_core.parse.jail_settings import Limit
from jailer_tui.presenters.overview.needs import Need, needs
from jailer_tui.state import AppState
from jailer_tui.stores.events import Event, Kind

NOW = 1795478700.0  # November 2026
MIB = 1 << 20


def jail(name: str, state: JailState = JailState.RUNNING, **more: object) -> Jail:
    return replace(Jail(name, state, Owner.JAILER), **more)  # type: ignore[arg-type]


def found(*events: Event, limits: tuple[Limit, ...] = (), **parts: object) -> tuple[Need, ...]:
    base = Inventory(layout=Layout("zroot/jails"), taken=NOW)
    inventory = replace(base, **parts)  # type: ignore[arg-type]
    return needs(AppState("host", inventory, full=True), events, limits)


def test_a_quiet_host() -> None:
    assert found(jails=(jail("web1"),)) == ()
    assert needs(AppState("host")) == ()


def test_a_jail_that_died_and_is_still_down() -> None:
    died = Event(NOW, Kind.DIED, "web1", "out of memory")
    (need,) = found(died, jails=(jail("web1", JailState.STOPPED, boots=True),))
    assert need.text.startswith("web1 stopped unexpectedly at ")
    assert need.text.endswith(": out of memory")
    assert (need.tone, need.action, need.target) == ("bad", "start", "web1")
    assert found(died, jails=(jail("web1"),)) == ()
    assert found(died, jails=()) == ()


def test_a_jail_that_was_stopped_later_did_not_die() -> None:
    events = (Event(NOW, Kind.DIED, "web1"), Event(NOW + 1, Kind.STOPPED, "web1"))
    assert found(*events, jails=(jail("web1", JailState.STOPPED),)) == ()


def test_a_start_that_failed() -> None:
    event = Event(NOW, Kind.FAILED, "web1", "jail: web1: no such bridge")
    (need,) = found(event, jails=(jail("web1", JailState.STOPPED),))
    assert "failed to start" in need.text
    assert "no such bridge" in need.text


def test_jails_that_start_at_boot_but_are_stopped_are_counted_when_many() -> None:
    jails = tuple(jail(f"web{n}", JailState.STOPPED, boots=True) for n in range(9))
    rows = found(jails=jails)
    assert [need.text for need in rows[:2]] == [
        "web0 starts at boot, but is stopped",
        "web1 starts at boot, but is stopped",
    ]
    assert rows[2].text == "and 7 more: stopped jails"
    assert (rows[2].action, rows[2].target) == ("filter", "stopped")
    assert len(rows) == 3
    assert found(jails=(jail("web", JailState.STOPPED, boots=None),)) == ()


@pytest.mark.parametrize(
    ("pool", "texts"),
    [
        (Pool("zroot", 1000, 799, 201, "ONLINE"), []),
        (Pool("zroot", 1000, 800, 200, "ONLINE"), ["Pool zroot is 80% full: 200B free"]),
        (Pool("zroot", 0, 0, 0, "SUSPENDED"), ["Pool zroot is SUSPENDED"]),
        (
            Pool("zroot", 1000, 950, 50, "DEGRADED"),
            ["Pool zroot is DEGRADED", "Pool zroot is 95% full: 50B free"],
        ),
    ],
)
def test_pools(pool: Pool, texts: list[str]) -> None:
    assert [need.text for need in found(pools=(pool,))] == texts


def dataset(used: int, available: int) -> Dataset:
    return Dataset("zroot/jails/www0", "1", used, available, used, "/x", "", 0, mounted=True)


@pytest.mark.parametrize(
    ("used", "available", "near"),
    [(38, 2, True), (30, 10, False), (0, 0, False), (90_000, 500, False)],
)
def test_a_dataset_near_its_quota_in_a_pool_with_room(
    used: int, available: int, near: bool
) -> None:
    pool = Pool("zroot", 100_000, 10, 900, "ONLINE")
    rows = found(pools=(pool,), datasets=(dataset(used, available),))
    assert any(need.key.startswith("quota") for need in rows) is near


def test_a_jail_at_its_memory_limit() -> None:
    limits = (
        Limit("jail:web1", "memoryuse", "deny", str(100 * MIB)),
        Limit("jail:web1", "maxproc", "deny", "1"),
        Limit("user:web2", "memoryuse", "deny", "1"),
    )
    jails = (jail("web1", memory=95 * MIB), jail("web2", memory=95 * MIB))
    (need,) = found(limits=limits, jails=jails)
    assert need.text == "web1 is at its memory limit: 95M of 100M"
    assert found(limits=limits, jails=(jail("web1", memory=None),)) == ()
    assert found(limits=limits, jails=(jail("web1", memory=80 * MIB),)) == ()


def test_packages_with_known_vulnerabilities() -> None:
    jails = (jail("web1"), jail("db", JailState.STOPPED), jail("fine"), jail("unknown"))
    inventory = Inventory(layout=Layout("zroot/jails"), taken=NOW, jails=jails)
    counts = {
        "web1": PackageCounts(4, 1, int(NOW) - 7200),
        "db": PackageCounts(0, 3, int(NOW) - 60),
        "fine": PackageCounts(9, 0, int(NOW)),
        "unknown": PackageCounts(None, None, int(NOW)),
        "gone": PackageCounts(1, 8, int(NOW)),
    }
    rows = needs(AppState("host", inventory, full=True), packages=counts)
    assert [(need.text, need.action, need.target) for need in rows] == [
        ("db has 3 vulnerable packages (counted 1m ago)", "jail", "db"),
        ("web1 has 1 vulnerable package (counted 2h ago)", "pkg", "web1"),
    ]
    assert needs(AppState("host", inventory, full=True)) == ()


def test_releases_at_the_end_of_their_life() -> None:
    jails = (jail("old", release="13.5-RELEASE-p3"), jail("new", release="15.1-RELEASE"))
    (need,) = found(jails=jails)
    assert need.text.startswith("13.5-RELEASE reached its end of life on ")
    assert (need.action, need.target) == ("filter", "13.5-RELEASE")


def test_jails_behind_the_newest_patch_level() -> None:
    old = replace(jail("old", release="15.1-RELEASE-p3"), userland="15.1-RELEASE-p1")
    new = replace(jail("new", release="15.1-RELEASE-p3"), userland="15.1-RELEASE-p3")
    (need,) = found(jails=(old, new))
    assert (need.text, need.action) == (
        "1 jail is not at the newest patch level known here",
        "outdated",
    )


def test_old_trash() -> None:
    entries = tuple(
        TrashEntry(f"mail-{stamp}", "mail", stamp, "zroot/jails/.trash/x", "1", 1024)
        for stamp in ("20260901T081500", "20261122T081500")
    )
    (need,) = found(trash=entries)
    assert need.text == "The trash has 1 entry older than 30 days: 1K"


def test_a_dataset_that_belongs_to_no_jail() -> None:
    names = (
        "zroot/jails",
        "zroot/jails/web2",
        "zroot/jails/image",
        "zroot/jails/.trash",
        "zroot/jails/web1",
    )
    others = ("zroot/jails/old", "zroot/jails/web1/data", "zroot/home")
    rows = tuple(replace(dataset(10, 1 << 40), name=name) for name in (*names, *others))
    jails = (
        jail("web1", dataset="zroot/jails/web1"),
        jail("web2", dataset="zroot/jails/web2/root"),
    )
    (need,) = found(datasets=rows, jails=jails)
    assert need.text == "zroot/jails/old belongs to no jail: 10B"


def test_what_else() -> None:
    (need,) = found(jails=(jail("web1", problems=(Problem("jail", "no such file"),)),))
    assert (need.text, need.action) == ("web1: no such file", "jail")
    (need,) = found(layout=Layout())
    assert need.action == "doctor"
    view = AppState("host", Inventory(layout=Layout("z/jails")), full=True, cut_off="Start web1")
    (need,) = needs(view)
    assert (need.tone, need.action) == ("bad", "undo")


def test_nothing_that_a_host_says_acts_on_the_terminal() -> None:
    event = Event(NOW, Kind.DIED, "web\x1b1", "bye\x1b[2J")
    for need in found(event, jails=(jail("web\x1b1", JailState.STOPPED),)):
        assert "\x1b" not in need.text
