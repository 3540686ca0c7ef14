"""Rules that are easier to see without a host: names, lists, kept files, order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.errors import Refused
from jailer_core.model import JailConfig, JailState, Layout, Owner, Problem, TrashEntry
from jailer_core.operations import guards
from jailer_core.operations.jails import boot
from jailer_core.operations.jails.dependencies import together
from jailer_core.operations.jails.requests import (
    Destroy,
    Restart,
    Start,
    StartAll,
    Stop,
    StopAll,
    TrashPurge,
    TrashRestore,
)
from jailer_core.operations.registry import decide, expand, why_not
from jailer_core.operations.shared import paths, trash
from jailer_core.plan import Run
from tests.core.changing.hosts import config, dataset, inventory, jail

UP = JailState.RUNNING


# --- the boot list ---------------------------------------------------------------------------


def listed(now: str, name: str, was: str = "") -> list[str]:
    found = inventory(rc={"jail_list": now})
    if was:
        steps, _ = boot.with_again(found, name, tuple(was.split()))
    else:
        steps, _ = boot.without(found, name)
    return [one for step in steps if isinstance(step.action, Run) for one in step.action.argv[1:]]


def test_a_name_is_taken_out() -> None:
    assert listed("a b c", "b") == ["jail_list=a c"]


def test_a_list_is_never_emptied() -> None:
    steps, notes = boot.without(inventory(rc={"jail_list": "a"}), "a")
    assert steps == []
    assert "every jail" in notes[0]


def test_words_that_are_not_plain_are_left_alone() -> None:
    assert listed("a $(id) b", "a") == []


@pytest.mark.parametrize(
    ("now", "was", "then"),
    [
        ("a c", "a b c", ["jail_list=a b c"]),
        ("c", "b c", ["jail_list=b c"]),
        ("c d", "a b c", ["jail_list=b c d"]),
        ("", "b", []),
        ("a b", "a b", []),
    ],
)
def test_a_name_comes_back_to_its_place(now: str, was: str, then: list[str]) -> None:
    assert listed(now, "b", was) == then


# --- order -----------------------------------------------------------------------------------


def test_all_in_the_order_of_the_boot_list_then_by_name() -> None:
    jails = [jail(name) for name in ("zeta", "alpha", "db", "web")]
    found = inventory(*jails, rc={"jail_list": "web db"})
    assert expand(found, StartAll()) == tuple(map(Start, ("web", "db", "alpha", "zeta")))


def test_stopping_all_is_the_reverse_and_leaves_foreign_ones() -> None:
    found = inventory(
        jail("a", UP),
        jail("b", UP),
        jail("c"),
        jail("shop", UP, owner=Owner.BASTILLE),
        jail("hand", UP, owner=Owner.BY_HAND, config=None),
        rc={"jail_list": "b"},
    )
    assert expand(found, StopAll()) == (Stop("a"), Stop("b"))


def test_what_one_depends_on_comes_first() -> None:
    found = inventory(jail("a", config=config("a", depend=("z",))), jail("z"))
    assert expand(found, StartAll()) == (Start("z"), Start("a"))


def test_a_circle_of_dependencies_ends() -> None:
    found = inventory(
        jail("a", config=config("a", depend=("b",))), jail("b", config=config("b", depend=("a",)))
    )
    assert set(expand(found, StartAll())) == {Start("a"), Start("b")}


def test_several_are_started_and_stopped_in_an_order_that_works() -> None:
    asks = config("a", depend=("b",))
    stopped = inventory(jail("a", config=asks), jail("b"), jail("c"))
    several = together(stopped, (Start("c"), Start("a"), Start("b")))
    assert several == (Start("c"), Start("b"), Start("a", dependencies=True))
    alone = (Start("a"), Start("c"))  # what it needs is not among them: its plan says so
    assert together(stopped, alone) == alone
    running = inventory(jail("a", UP, config=asks), jail("b", UP))
    assert together(running, (Stop("b"), Stop("a"))) == (Stop("a"), Stop("b", dependents=True))
    assert together(running, (Restart("b"), Restart("a"))) == (Restart("b"), Restart("a"))
    circle = inventory(jail("a", config=asks), jail("b", config=config("b", depend=("a",))))
    assert together(circle, (Start("b"), Start("a"))) == (Start("b"), Start("a"))


def test_any_other_request_is_itself() -> None:
    assert expand(inventory(), Stop("x")) == (Stop("x"),)


def test_all_is_no_single_plan() -> None:
    with pytest.raises(TypeError):
        decide(inventory(), StartAll())


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["*", "foo.*", "*.foo", ""])
def test_names_that_mean_every_jail(name: str) -> None:
    with pytest.raises(Refused):
        guards.require_addressable(name, starting=False)


def test_a_name_that_is_a_parameter() -> None:
    guards.require_addressable("a=b", starting=False)
    with pytest.raises(Refused):
        guards.require_addressable("a=b", starting=True)


@pytest.mark.parametrize("name", ["ALL", "all", "12", "-x", "a b", "$(id)", "a\n"])
def test_bastille_would_misunderstand(name: str) -> None:
    with pytest.raises(Refused):
        guards.require_startable(jail(name, owner=Owner.BASTILLE))


@pytest.mark.parametrize("name", ["shop", "my_shop-2", "2shop", "allot"])
def test_bastille_understands(name: str) -> None:
    guards.require_startable(jail(name, owner=Owner.BASTILLE))


def test_a_file_that_calls_it_otherwise() -> None:
    """The reader finds the file of a running jail's path too: `-r` with it would be wrong."""
    with pytest.raises(Refused, match="calls web other"):
        guards.require_owned(jail("web", UP, config=config("other")))


# --- file names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("web01", "web01"),
        ("a b$(id)", "a b$(id)"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("tab\there", "tab%09here"),
        ("-rf", "-rf"),
    ],
)
def test_file_names(name: str, file: str) -> None:
    assert paths.file_name(name) == file


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "..", ".", ".hidden", "\udcff" * 200])
def test_long_and_odd_file_names(name: str) -> None:
    file = paths.file_name(name)
    assert len(file.encode(errors="surrogateescape")) <= 200
    assert not file.startswith(".")
    assert file != paths.file_name(name + "x")


def test_the_file_of_another_boot_is_not_taken() -> None:
    one = jail("web", UP)
    found = inventory(one)
    path = paths.running_files(found.layout, one)[0]
    text = paths.with_header(found, one, "old text\n")
    kept = replace(found, file_texts={path: text})
    assert paths.started_with(kept, one) == path
    later = replace(kept, host=replace(kept.host, boot_time=9000))
    assert paths.started_with(later, one) == ""
    other = replace(one, jid=8)
    assert paths.started_with(replace(kept, jails=(other,)), other) == ""


def test_both_places_are_looked_at() -> None:
    layout = Layout("zroot/jails", state="/usr/local/jails/.jailer-tui")
    assert paths.running_files(layout, jail("a", UP)) == (
        "/usr/local/jails/.jailer-tui/running/a-7.conf",
        "/var/db/jailer-tui/running/a-7.conf",
    )


# --- the record of the trash -----------------------------------------------------------------


def test_an_id_never_outgrows_zfs() -> None:
    one = jail("n" * 200)
    child = dataset(f"{one.dataset}/{'c' * 30}")
    found = inventory(one)
    found = replace(found, datasets=(*(found.datasets or ()), child))
    entry = trash.entry_id(found, one, "20261124T101010")
    moved = f"zroot/jails/.trash/{entry}/{'c' * 30}"
    assert len(moved) == 255
    assert entry.endswith("-20261124T101010")


@pytest.mark.parametrize("meta", [{}, {"name": "x"}, {"name": "x", "config": []}])
def test_a_record_that_is_none(meta: dict[str, object]) -> None:
    entry = TrashEntry("a-1", "a", "1", "zroot/jails/.trash/a-1", "7", 0, meta)
    assert trash.from_meta(entry) is None


def test_an_entry_by_name_when_there_is_one() -> None:
    def entry(stamp: str) -> TrashEntry:
        return TrashEntry(f"a-{stamp}", "a", stamp, f"zroot/jails/.trash/a-{stamp}", "7", 0)

    assert trash.the_entry(inventory(trash=(entry("1"),)), "a").id == "a-1"
    two = inventory(trash=(entry("1"), entry("2")))
    assert trash.the_entry(two, "a-2").id == "a-2"
    with pytest.raises(Refused) as refused:
        trash.the_entry(two, "a")
    assert "a-1, a-2" in refused.value.hint


@pytest.mark.parametrize("stamp", ["", "a/b", "a-b", "a@b", "ü"])
def test_a_stamp_is_letters_and_digits(stamp: str) -> None:
    with pytest.raises(Refused, match="stamp"):
        decide(inventory(jail("a")), Destroy("a", stamp))


# --- disabled actions ------------------------------------------------------------------------


def test_why_a_jail_that_shares_its_file_cannot_be_moved_or_removed() -> None:
    """The keys are disabled, and what is decided all the same is refused as well."""
    shared = replace(config("web01"), path="/etc/jail.d/all.conf")
    for its in (replace(shared, alone=False), replace(shared, path="/etc/jail.conf")):
        found = inventory(jail("web01", config=its))
        for op in ("destroy", "clone", "rename"):
            assert "defines more than this jail" in why_not(found, op, found.jails[0]), op
        with pytest.raises(Refused, match="holds more than web01"):
            decide(found, Destroy("web01", "20261126T120000"))
    found = inventory(jail("web01", config=shared))
    assert [why_not(found, op, found.jails[0]) for op in ("destroy", "clone", "rename")] == [""] * 3


def test_why_not() -> None:
    found = inventory(jail("up", UP), jail("down"), jail("shop", UP, owner=Owner.BASTILLE))
    up, down, shop = found.jails
    assert why_not(found, "start", down) == ""
    assert "already running" in why_not(found, "start", up)
    assert why_not(found, "stop", up) == ""
    assert "not running" in why_not(found, "stop", down)
    assert why_not(found, "stop", shop) == ""
    assert "managed by bastille" in why_not(found, "destroy", shop)
    assert why_not(found, "destroy", up) == ""
    assert why_not(found, "stopall", None) == ""
    assert "trash is empty" in why_not(found, "restore", None)
    assert why_not(found, "stop", None) == "no jail is selected"
    assert why_not(found, "boot", None) == ""
    assert why_not(found, "create", None) == ""
    bare = replace(found, layout=Layout())
    assert "not set up" in why_not(bare, "create", None)


def test_what_could_not_be_read_is_not_called_missing() -> None:
    problem = Problem("jls", "jls: it hangs", "Wait.")
    with pytest.raises(Refused, match="the jails could not be read: jls: it hangs"):
        decide(inventory(problems=(problem,)), Start("a"))
    unread = inventory(jail("a", dataset=""), datasets=None)
    for request in (Destroy("a", "S"), TrashRestore("a"), TrashPurge("a")):
        with pytest.raises(Refused, match="the datasets could not be read"):
            decide(unread, request)
        assert why_not(unread, request.op, unread.jails[0]) == "the datasets could not be read"
    broken = JailConfig("a", "/etc/jail.conf.d/a.conf", {}, text="a {")
    one = jail("a", config=broken, path="", dataset="", problems=(Problem("a", "line 1: error"),))
    with pytest.raises(Refused, match="configuration of a could not be read: line 1: error"):
        decide(inventory(one), Destroy("a", "S"))


@pytest.mark.parametrize("uid", [None, 1001])
def test_why_not_without_root(uid: int | None) -> None:
    found = inventory(jail("down"))
    found = replace(found, host=replace(found.host, uid=uid))
    assert why_not(found, "start", found.jails[0])


def test_a_running_jail_hides_a_dying_one_of_its_name() -> None:
    both = (jail("a", UP), jail("a", JailState.DYING, jid=3))
    for jails in (both, both[::-1]):
        assert expand(inventory(*jails), StopAll()) == (Stop("a"),)
        assert expand(inventory(*jails), StartAll()) == ()
