"""Guards of actions: each returns why its action is not available, or ""."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jailer_core.model import Inventory
from jailer_core.operations.spec import Scope, Spec
from jailer_core.text import sanitize
from jailer_tui.actions.selection import Situation
from jailer_tui.key_hints import told
from jailer_tui.state import ActionContext

if TYPE_CHECKING:
    from jailer_core.topology import Node

Guard = Callable[[Situation], str]
RULES = "jailer_core.operations.registry"
"""The module that knows why something is refused; slow to import."""


def _unless(met: Callable[[Situation], object], reason: str) -> Guard:
    """The guard that says this reason unless a condition is met."""
    return lambda now: "" if met(now) else told(reason)


def why_not_now(inventory: Inventory | None, now: ActionContext) -> str:
    """Why nothing can be changed now, or ""; read-only comes first."""
    if now.read_only:
        return "this session is read-only"
    if inventory is None:
        return "the host has not been read yet"
    if now.stale:
        return "the data shown is out of date: the host cannot be read"
    if inventory.host.uid is None:
        return "the user running this program is unknown"
    return "" if inventory.host.root else "only root may change this host"


# --- any change ------------------------------------------------------------------------------


def may_change(now: Situation) -> str:
    """Not read-only, by root, on data that is not stale."""
    return why_not_now(now.state.inventory, now.state.now)


idle = _unless(lambda now: not now.busy, "a change is in progress; {work} shows it")


def elevator() -> str:
    """`doas` or `sudo`, whichever is installed, or ""."""
    return shutil.which("doas") or shutil.which("sudo") or ""


def can_elevate(now: Situation) -> str:
    """The user can become root."""
    inventory = now.state.inventory
    if now.state.now.read_only:
        return "this session is read-only"
    if inventory is None or inventory.host.uid is None:
        return "the user running this program is unknown yet"
    if inventory.host.root:
        return "already running as root"
    if now.state.marks is not None and now.state.marks.remote:
        return "log in there as root, or set become for this host"
    if now.busy:
        return idle(now)
    return "" if elevator() else "neither doas nor sudo is installed"


several_hosts = _unless(
    lambda now: now.state.marks is not None, "start with --host to work on other hosts"
)
no_jails = _unless(lambda now: not now.state.jails, "this host already has jails")
needs_jail = _unless(lambda now: now.selection.jail or now.selection.jails, "no jail is selected")
any_jails = _unless(lambda now: now.state.jails, "this host has no jails")
listed = _unless(lambda now: now.rows != 0, "nothing is listed")


def opens(now: Situation) -> str:
    """A row can be opened; on a host without jails, enter leads to the first one."""
    return listed(now) if now.state.jails else ""


def filterable(now: Situation) -> str:
    """There are rows to choose from, or a filter that hides them."""
    return "" if now.filtered else listed(now)


others = _unless(lambda now: now.rows not in (0, 1), "this is the only one")
longer = _unless(lambda now: now.spans[1], "this is the longest time")
shorter = _unless(lambda now: now.spans[0], "this is the shortest time")
has_details = _unless(lambda now: now.selection.opened, "everything is shown already")
two_jails = _unless(lambda now: len(now.selection.jails) == 2, "mark two jails first")


def jail_runs(now: Situation) -> str:
    """The selected jail runs."""
    jail = now.selection.jail
    if jail is None:
        return "no jail is selected"
    return "" if jail.running else f"{sanitize(jail.name)} is not running"


def jail_or_snapshot(now: Situation) -> str:
    """A jail is selected, or a snapshot, which may be that of an image."""
    return "" if now.selection.jail or now.selection.snapshot else needs_jail(now)


def allowed(spec: Spec, *, choose: bool = False) -> Guard:
    """What the operation itself says about what is selected, as far as a refresh tells it.

    Of several jails the preview names those that it is refused for. `choose`: without a jail, one
    is chosen afterwards.
    """
    several = spec.scope in (Scope.JAILS, Scope.RUNNING)

    def guard(now: Situation) -> str:
        inventory, selection = now.state.inventory, now.selection
        if RULES not in sys.modules or inventory is None:
            return ""  # the first table does not wait for them; a key that is pressed does
        from jailer_core.operations.registry import why_not  # noqa: PLC0415

        if several and len(selection.jails) > 1:
            return ""
        jail = selection.jails[0] if several and selection.jails else selection.jail
        if jail is None and choose:
            return ""
        if spec.scope is not Scope.SNAPSHOTS:
            return why_not(inventory, spec.op, jail)
        jails = (entry.jail for entry in selection.snapshots or () if entry.jail is not None)
        return next(filter(None, (why_not(inventory, spec.op, jail) for jail in jails)), "")

    return guard


# --- snapshots -------------------------------------------------------------------------------


needs_snapshot = _unless(lambda now: now.selection.snapshots != (), "no snapshot is selected")
of_a_jail = _unless(
    lambda now: all(entry.jail for entry in now.selection.snapshots or ()),
    "it belongs to an image that jails use",
)
whole_snapshot = _unless(
    lambda now: now.selection.snapshot is None or now.selection.snapshot.whole,
    "the jail itself has no such snapshot",
)


def destroyable(now: Situation) -> str:
    """Nothing depends on the selected snapshots, and none is held."""
    entries = now.selection.snapshots or ()
    for entry in entries:
        reason = _kept_by(entry.away, entry.clones, held=bool(entry.holds))
        if reason and entries[1:]:
            return f"{sanitize(entry.owner)}@{sanitize(entry.name)}: {reason}"
        if reason:
            return reason
    return ""


def _kept_by(away: Sequence[str], clones: Sequence[str], *, held: bool) -> str:
    """What a snapshot is needed for."""
    if away:
        state = sanitize(away[0].rpartition("/")[2])
        return f"a later state in the trash depends on it: {state}"
    if clones:
        return f"a clone depends on it: {sanitize(clones[0])}"
    return told("it is held; {snaphold} releases it") if held else ""


# --- images ----------------------------------------------------------------------------------


def _fetched(now: Situation) -> str:
    """A release is selected, and has been fetched."""
    if now.selection.release is None:
        return "no release is selected"
    return "it has not been fetched" if now.selection.release.image is None else ""


def fetchable(now: Situation) -> str:
    """The release has not been fetched yet, and the host's kernel can run it."""
    release = now.selection.release
    if release is None:
        return "no release is selected"
    if release.doing:
        return ""  # what is being done is shown
    if release.image is not None:
        return "it has already been fetched"
    return "it is newer than the host's kernel" if release.newer else ""


def usable(now: Situation) -> str:
    """The image can become the default."""
    release = now.selection.release
    default = release is not None and release.image and release.image.default
    return updatable(now) or ("it is already the default" if default else "")


def updatable(now: Situation) -> str:
    """The image is complete, so that it can be updated."""
    release = now.selection.release
    broken = release is not None and release.image and release.image.has_base is False
    return _fetched(now) or ("its snapshot @base is missing" if broken else "")


def fetchable_or_usable(now: Situation) -> str:
    """The next step for the release is possible."""
    release = now.selection.release
    fetch = release is None or release.image is None or release.doing
    return fetchable(now) if fetch else usable(now)


def unused(now: Situation) -> str:
    """No jail uses the image."""
    jails = now.selection.release.jails if now.selection.release is not None else ()
    many = f"{len(jails)} jails use it" if jails[1:] else "a jail uses it"
    return _fetched(now) or (many if jails else "")


# --- the network -----------------------------------------------------------------------------

NO_BRIDGE = "this row is neither a bridge nor a rule; {net_next} shows other views"


def bridge_of(node: Node | None) -> str:
    """The bridge of a row: itself, or the one that it is a member of, or ""."""
    if node is None:
        return ""
    return node.name if node.kind == "bridge" else node.bridge


needs_bridge = _unless(lambda now: bridge_of(now.selection.node), "this row is not a bridge")


def needs_member(now: Situation) -> str:
    """The row is a member of a bridge."""
    node = now.selection.node
    member = node is not None and node.kind != "bridge" and node.bridge
    return "" if member else "this row is not a bridge member"


def bridge_or_jail(now: Situation) -> str:
    """The row has addresses that can be changed."""
    node = now.selection.node
    fits = node is not None and (node.kind == "bridge" or node.jail is not None)
    return "" if fits else "this row is neither a bridge nor a jail"


row_is_jail = _unless(lambda now: now.selection.jail, "this row is not a jail")


def rule(action: str) -> Guard:
    """The action is possible for the selected rule."""

    def guard(now: Situation) -> str:
        from jailer_tui.presenters.network.nat import why_not_rule  # noqa: PLC0415

        return why_not_rule(action, now.selection.rule)

    return guard


def rule_or_bridge(now: Situation) -> str:
    """The row is a rule that can be removed, or a bridge."""
    if now.selection.rule is not None:
        return rule("net_remove")(now)
    node = now.selection.node
    return "" if node is not None and node.kind == "bridge" else told(NO_BRIDGE)


# --- what is in front ------------------------------------------------------------------------


def undoable(now: Situation) -> str:
    """The selected change can be undone; without a list of changes it is the last one."""
    if not now.selection.changes:
        untouched = now.state.changed is False and not now.started
        return "nothing has been changed yet" if untouched else ""
    from jailer_tui.presenters.activity import why_not_undo  # noqa: PLC0415

    return why_not_undo(now.selection.change)


needs_change = _unless(lambda now: now.selection.change, "no change is selected")


def runs_here(now: Situation) -> str:
    """The selected change runs, and was started from here."""
    change = now.selection.change
    running = change is not None and change.job is not None and not change.job.over
    return "" if running else "it is not running, or was not started from here"


something_started = _unless(lambda now: now.started, "nothing has been started from here yet")
needs_process = _unless(lambda now: now.selection.process, "no process is selected")


def needs_entry(now: Situation) -> str:
    """An entry of the trash is selected."""
    inventory = now.state.inventory
    if now.selection.entry is not None:
        return ""
    filled = inventory is not None and inventory.trash
    return "no entry of the trash is selected" if filled else "the trash is empty"


def needs_entries(now: Situation) -> str:
    """An entry of the trash is selected, or all of them."""
    return "" if now.selection.entries else needs_entry(now)


needs_console = _unless(lambda now: now.selection.opened, "no console is open")


def other_console(now: Situation) -> str:
    """There is a console that is not shown."""
    if now.selection.console and now.rows == 1:
        return "this is the only console"
    return needs_console(now)


def console_or_jail(now: Situation) -> str:
    """A console is shown, or one can be opened in the selected jail."""
    return "" if now.selection.console else may_change(now) or jail_runs(now)


console_shown = _unless(lambda now: now.selection.console, "no console is selected")
log_open = _unless(lambda now: now.selection.opened, "no log is open")
jail_exists = _unless(lambda now: now.selection.jail, "the jail is gone")
still_reading = _unless(lambda now: now.selection.reading, "it has been read completely")
still_running = _unless(
    lambda now: now.selection.work and not now.selection.work.over, "it has finished"
)
runs_in_jail = _unless(
    lambda now: now.selection.run and not now.selection.run.over, "it has finished there"
)
packages_follow = _unless(lambda now: now.selection.follows, "no packages must be replaced")


def can_go_back(now: Situation) -> str:
    """The command has finished in the selected jail, of which a snapshot was taken before."""
    run = now.selection.run
    if run is None or not run.over:
        return "it has not finished there"
    if run.where:
        return "go to that host first"
    return "" if run.snapshot else "no snapshot was taken before it"


held = _unless(lambda now: now.selection.held, "nothing is waiting for confirmation")
not_held = _unless(
    lambda now: not now.selection.held, "first confirm or abort the pending network change"
)
has_place = _unless(lambda now: now.selection.opened, "it does not start at boot")
column_shown = _unless(lambda now: now.selection.opened, "this column is not shown")


def valid(now: Situation) -> str:
    """The form has no problem."""
    return now.selection.problem


completes = _unless(lambda now: now.selection.completes, "this field has no completion")


# --- set-up ----------------------------------------------------------------------------------


def fixable(now: Situation) -> str:
    """The selected check has a fix."""
    check = now.selection.check
    if check is None:
        return "the check has not finished yet"
    if check.fix is None:
        return "nothing needs to be done" if check.good else "this must be fixed by hand"
    return ""


def fixes_wanted(now: Situation) -> str:
    """There are fixes to apply, and they may be applied; without any, enter continues."""
    if now.selection.fixes == ():
        return ""
    reason = may_change(now)
    return reason or ("" if now.selection.check else "the check has not finished yet")


def has_options(now: Situation) -> str:
    """The selected fix can be done in more than one way."""
    from jailer_tui.forms.setup import asks  # noqa: PLC0415

    reason, check = fixable(now), now.selection.check
    if reason or check is None or check.fix is None:
        return reason
    return "" if asks(check.fix, now.state.examined.inventory) else "this fix has no options"
