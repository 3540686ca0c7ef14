"""Every guard of the keys: what it says where its action is not possible, and "" where it is."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jailer_core.model import HostFacts, Inventory, Layout
from jailer_tui.actions import ACTIONS, guards
from jailer_tui.actions.selection import Selection, Situation
from jailer_tui.state import ActionContext, AppState, HostMarks
from tests.tui.harness import RENEW

ELSEWHERE = {"allowed", "rule", "why_not_now", "told", "sanitize"}
"""Not guards, or made for one operation each: test_actions.py has them."""
KEPT = Path(__file__).with_name("guards.txt")


def thing(**values: object) -> Any:
    """What a guard looks at, and nothing else."""
    return SimpleNamespace(**values)


def host(uid: int | None = 0, *jails: Any, trash: tuple[Any, ...] = (), **state: Any) -> AppState:
    inventory = Inventory(host=HostFacts(uid=uid), layout=Layout(), jails=jails, trash=trash)
    return AppState("host", inventory, **state)


JAIL = thing(name="web01", running=True)
STOPPED = thing(name="web02", running=False)
ROOT, USER, READ_ONLY = host(), host(1001), host(now=ActionContext(read_only=True))
FULL = host(0, JAIL)


def at(state: AppState = ROOT, **values: Any) -> Situation:
    """A situation: its own fields by name, all others are those of the selection."""
    own = {name: values.pop(name) for name in Situation.__slots__ if name in values}
    return Situation(state, Selection(**values), **own)


def entry(**values: object) -> Any:
    """A snapshot of a jail that nothing needs."""
    plain = {"name": "a", "owner": "web01", "away": (), "clones": (), "holds": (), "whole": True}
    return thing(**{"jail": JAIL} | plain | values)


def release(**values: object) -> Any:
    """A release with an image that nothing is wrong with."""
    image = thing(has_base=values.pop("has_base", True), default=values.pop("default", False))
    return thing(**{"doing": "", "image": image, "newer": False, "jails": ()} | values)


def snapshots(*entries: Any) -> Situation:
    return at(snapshots=entries, snapshot=entries[0])


BRIDGE = thing(kind="bridge", name="bridge0", bridge="", jail=None)
MEMBER = thing(kind="epair", name="epair1a", bridge="bridge0", jail=None)
CARD = thing(kind="ether", name="vtnet0", bridge="", jail=None)
OF_JAIL = thing(kind="epair", name="epair1b", bridge="", jail=JAIL)
RUNNING, OVER = thing(over=False), thing(over=True)
GONE_BACK = thing(over=True, where="", snapshot="zroot/jails/web01@a")

CASES: tuple[tuple[str, Situation, str], ...] = (
    ("may_change", at(), ""),
    ("may_change", at(USER), "only root may change"),
    ("may_change", at(READ_ONLY), "read-only"),
    ("may_change", at(host(None)), "is unknown"),
    ("may_change", at(host(now=ActionContext(stale=True))), "out of date"),
    ("may_change", at(AppState("host")), "not been read"),
    ("idle", at(), ""),
    ("idle", at(busy=True), "in progress"),
    ("can_elevate", at(), "already running as root"),
    ("can_elevate", at(READ_ONLY), "read-only"),
    ("can_elevate", at(host(None)), "unknown"),
    ("can_elevate", at(host(1001, marks=HostMarks("a", remote=True))), "set become"),
    ("can_elevate", at(USER, busy=True), "in progress"),
    ("several_hosts", at(), "start with --host"),
    ("several_hosts", at(host(marks=HostMarks("a"))), ""),
    ("no_jails", at(), ""),
    ("no_jails", at(FULL), "already has jails"),
    ("needs_jail", at(), "no jail is selected"),
    ("needs_jail", at(jail=JAIL), ""),
    ("needs_jail", at(jails=(JAIL,)), ""),
    ("any_jails", at(), "no jails"),
    ("any_jails", at(FULL), ""),
    ("listed", at(rows=0), "nothing is listed"),
    ("listed", at(rows=1), ""),
    ("listed", at(), ""),
    ("opens", at(FULL, rows=0), "nothing is listed"),
    ("opens", at(rows=0), ""),
    ("filterable", at(rows=0), "nothing is listed"),
    ("filterable", at(rows=0, filtered=True), ""),
    ("others", at(rows=0), "the only one"),
    ("others", at(rows=1), "the only one"),
    ("others", at(rows=2), ""),
    ("longer", at(spans=(1, 0)), "longest"),
    ("longer", at(spans=(0, 1)), ""),
    ("shorter", at(spans=(0, 1)), "shortest"),
    ("shorter", at(spans=(1, 0)), ""),
    ("has_details", at(), "shown already"),
    ("has_details", at(opened=True), ""),
    ("two_jails", at(jails=(JAIL,)), "mark two"),
    ("two_jails", at(jails=(JAIL, STOPPED)), ""),
    ("two_jails", at(jails=(JAIL, STOPPED, JAIL)), "mark two"),
    ("jail_runs", at(), "no jail is selected"),
    ("jail_runs", at(jail=STOPPED), "web02 is not running"),
    ("jail_runs", at(jail=JAIL), ""),
    ("jail_or_snapshot", at(), "no jail is selected"),
    ("jail_or_snapshot", at(snapshot=entry()), ""),
    ("needs_snapshot", at(snapshots=()), "no snapshot"),
    ("needs_snapshot", at(), ""),
    ("of_a_jail", snapshots(entry()), ""),
    ("of_a_jail", snapshots(entry(), entry(jail=None)), "belongs to an image"),
    ("whole_snapshot", snapshots(entry()), ""),
    ("whole_snapshot", snapshots(entry(whole=False)), "no such snapshot"),
    ("destroyable", snapshots(entry()), ""),
    ("destroyable", snapshots(entry(holds=("a",))), "it is held"),
    ("destroyable", snapshots(entry(clones=("zroot/b",))), "a clone depends on it: zroot/b"),
    ("destroyable", snapshots(entry(away=("zroot/.trash/b",))), "depends on it: b"),
    ("destroyable", snapshots(entry(), entry(holds=("a",))), "web01@a: it is held"),
    ("fetchable", at(), "no release"),
    ("fetchable", at(release=release()), "already been fetched"),
    ("fetchable", at(release=release(doing="fetch")), ""),
    ("fetchable", at(release=release(image=None)), ""),
    ("fetchable", at(release=release(image=None, newer=True)), "newer than the host"),
    ("usable", at(), "no release"),
    ("usable", at(release=release()), ""),
    ("usable", at(release=release(image=None)), "not been fetched"),
    ("usable", at(release=release(has_base=False)), "@base is missing"),
    ("usable", at(release=release(default=True)), "already the default"),
    ("updatable", at(), "no release"),
    ("updatable", at(release=release()), ""),
    ("updatable", at(release=release(image=None)), "not been fetched"),
    ("updatable", at(release=release(has_base=False)), "@base is missing"),
    ("fetchable_or_usable", at(), "no release"),
    ("fetchable_or_usable", at(release=release(image=None, newer=True)), "newer than the host"),
    ("fetchable_or_usable", at(release=release(default=True)), "already the default"),
    ("unused", at(), "no release"),
    ("unused", at(release=release()), ""),
    ("unused", at(release=release(image=None)), "not been fetched"),
    ("unused", at(release=release(jails=("a",))), "a jail uses it"),
    ("unused", at(release=release(jails=("a", "b"))), "2 jails use it"),
    ("needs_bridge", at(), "not a bridge"),
    ("needs_bridge", at(node=BRIDGE), ""),
    ("needs_bridge", at(node=MEMBER), ""),
    ("needs_bridge", at(node=CARD), "not a bridge"),
    ("needs_member", at(node=BRIDGE), "not a bridge member"),
    ("needs_member", at(node=MEMBER), ""),
    ("needs_member", at(node=CARD), "not a bridge member"),
    ("bridge_or_jail", at(node=BRIDGE), ""),
    ("bridge_or_jail", at(node=OF_JAIL), ""),
    ("bridge_or_jail", at(node=CARD), "neither a bridge nor a jail"),
    ("row_is_jail", at(), "not a jail"),
    ("row_is_jail", at(jail=JAIL), ""),
    ("rule_or_bridge", at(node=BRIDGE), ""),
    ("rule_or_bridge", at(node=MEMBER), "neither a bridge nor a rule"),
    ("undoable", at(), ""),
    ("undoable", at(host(changed=False)), "nothing has been changed"),
    ("undoable", at(host(changed=False), started=True), ""),
    ("needs_change", at(), "no change"),
    ("needs_change", at(change=thing()), ""),
    ("runs_here", at(), "not running"),
    ("runs_here", at(change=thing(job=None)), "not running"),
    ("runs_here", at(change=thing(job=OVER)), "not running"),
    ("runs_here", at(change=thing(job=RUNNING)), ""),
    ("something_started", at(), "nothing has been started"),
    ("something_started", at(started=True), ""),
    ("needs_process", at(), "no process"),
    ("needs_process", at(process=thing()), ""),
    ("needs_entry", at(), "the trash is empty"),
    ("needs_entry", at(host(trash=(thing(),))), "no entry"),
    ("needs_entry", at(entry=thing()), ""),
    ("needs_entries", at(), "the trash is empty"),
    ("needs_entries", at(entries=(thing(),)), ""),
    ("needs_console", at(), "no console is open"),
    ("needs_console", at(opened=True), ""),
    ("other_console", at(opened=True, console=True, rows=1), "the only console"),
    ("other_console", at(opened=True, console=True, rows=2), ""),
    ("other_console", at(rows=0), "no console is open"),
    ("console_or_jail", at(USER, jail=JAIL), "only root"),
    ("console_or_jail", at(jail=STOPPED), "not running"),
    ("console_or_jail", at(jail=JAIL), ""),
    ("console_or_jail", at(USER, console=True), ""),
    ("console_shown", at(), "no console"),
    ("console_shown", at(console=True), ""),
    ("log_open", at(), "no log"),
    ("log_open", at(opened=True), ""),
    ("jail_exists", at(), "the jail is gone"),
    ("jail_exists", at(jail=STOPPED), ""),
    ("still_reading", at(), "read completely"),
    ("still_reading", at(reading=True), ""),
    ("still_running", at(), "it has finished"),
    ("still_running", at(work=OVER), "it has finished"),
    ("still_running", at(work=RUNNING), ""),
    ("runs_in_jail", at(), "finished there"),
    ("runs_in_jail", at(run=OVER), "finished there"),
    ("runs_in_jail", at(run=RUNNING), ""),
    ("packages_follow", at(), "no packages"),
    ("packages_follow", at(follows=thing()), ""),
    ("can_go_back", at(), "not finished"),
    ("can_go_back", at(run=RUNNING), "not finished"),
    ("can_go_back", at(run=GONE_BACK), ""),
    ("can_go_back", at(run=thing(over=True, where="", snapshot="")), "no snapshot"),
    ("can_go_back", at(run=thing(over=True, where="web1", snapshot="a")), "go to that host"),
    ("held", at(), "nothing is waiting"),
    ("held", at(held=True), ""),
    ("not_held", at(), ""),
    ("not_held", at(held=True), "first confirm or abort"),
    ("has_place", at(), "not start at boot"),
    ("has_place", at(opened=True), ""),
    ("column_shown", at(), "not shown"),
    ("column_shown", at(opened=True), ""),
    ("valid", at(problem="a name is missing"), "a name is missing"),
    ("valid", at(), ""),
    ("completes", at(), "no completion"),
    ("completes", at(completes=True), ""),
    ("fixable", at(), "not finished"),
    ("fixable", at(check=thing(fix=None, good=True)), "nothing needs to be done"),
    ("fixable", at(check=thing(fix=None, good=False)), "by hand"),
    ("fixable", at(check=thing(fix=thing())), ""),
    ("fixes_wanted", at(USER, fixes=()), ""),
    ("fixes_wanted", at(USER), "only root"),
    ("fixes_wanted", at(), "not finished"),
    ("fixes_wanted", at(check=thing()), ""),
    ("has_options", at(check=thing(fix=None, good=True)), "nothing needs to be done"),
)


def test_every_guard_says_why() -> None:
    for name, situation, reason in CASES:
        said = getattr(guards, name)(situation)
        assert (reason in said) if reason else said == "", (name, situation.selection, said)


def test_becoming_root_takes_doas_or_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    for program, reason in (("", "neither doas nor sudo"), ("/usr/bin/doas", "")):
        monkeypatch.setattr(guards, "elevator", lambda program=program: program)
        said = guards.can_elevate(at(USER))
        assert (reason in said) if reason else said == ""


def test_every_guard_is_tried() -> None:
    made = {
        name
        for name, function in inspect.getmembers(guards, inspect.isfunction)
        if not name.startswith("_") and list(inspect.signature(function).parameters) == ["now"]
    }
    assert made - ELSEWHERE == {name for name, _, _ in CASES}


def test_each_action_has_its_guards() -> None:
    """One that is dropped from one key is missed; JAILER_TUI_RENEW=1 keeps another table."""
    names: dict[object, str] = {
        guard: name for name, guard in inspect.getmembers(guards, inspect.isfunction)
    }
    table = ""
    for action in ACTIONS:
        made = [names.get(guard, guard.__qualname__.split(".")[0]) for guard in action.guards]
        table += f"{action.id}: {' '.join(made)}\n" if made else ""
    if os.environ.get(RENEW):
        KEPT.write_text(table, encoding="utf-8")
    assert table == KEPT.read_text(encoding="utf-8")
