"""Words about snapshots."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, JSON, NO_START, START, Command, Option

_ALONE = Option("alone", "--alone", "without the datasets below the jail's", "-1")
_ALL = Option("all", "--all", "of every jail of ours", "-a")
_TAG = Option("tag", "--tag", "the word that it is held under (default keep)", "-t", takes="TAG")
_OF_TAG = Option("tag", "--tag", "which hold, when there are several", "-t", takes="TAG")
_LIMIT = Option("limit", "--limit", "end behind N changes", "-l", takes="N")
_NONE = Option("none", "--none", "take the policy away")
_NEWER = Option("newer", "--destroy", "plain zfs rollback: what is newer is destroyed for good")
_UNDO = Option("undo", "--undo", "undo the going back: the state from before comes back")
_SILENT = Option("silent", "--quiet", "say nothing but what fails", "-q")
_KINDS = tuple(
    Option(kind, f"--{kind}", f"how many {kind} ones are kept", takes="N")
    for kind in ("hourly", "daily", "weekly", "monthly")
)

_BELOW = (
    Command(
        "snap list",
        "snapshots of jails",
        "snaplist:listing",
        "[NAME...]",
        0,
        None,
        (JSON,),
        "NOTE tells what holds a snapshot, what is a clone of it, and which the policy made.",
    ),
    Command(
        "snap diff",
        "what changed since a snapshot",
        "snaplist:diff",
        "NAME@SNAP [SNAP2]",
        1,
        2,
        (_LIMIT, JSON),
        "+ new, - gone, M changed, R renamed; until now, or until the later SNAP2.",
    ),
    Command(
        "snap destroy",
        "destroy snapshots for good",
        "snap:destroy",
        "NAME@SNAP...",
        1,
        None,
        (_ALONE, *CHANGE),
        "Those of the datasets below go as well. Refused while something is a clone of one, or\n"
        "holds one.",
        changes=True,
    ),
    Command(
        "snap hold",
        "hold snapshots: nobody can destroy them",
        "snap:hold",
        "NAME@SNAP...",
        1,
        None,
        (_TAG, _ALONE, *CHANGE),
        changes=True,
    ),
    Command(
        "snap release",
        "release snapshots that are held",
        "snap:release",
        "NAME@SNAP...",
        1,
        None,
        (_OF_TAG, _ALONE, *CHANGE),
        changes=True,
    ),
    Command(
        "snap policy",
        "how many snapshots are kept of a jail",
        "snapkeep:policy",
        "[NAME...]",
        0,
        None,
        (*_KINDS, _NONE, *CHANGE),
        "Without an option it is shown. What is not named stays as it is. It is kept with the\n"
        "jail's dataset (zfs property jailer:keep) and carried out by `snap auto`.",
        changes=True,
    ),
    Command(
        "snap schedule",
        "have cron run `snap auto` every hour",
        "snapkeep:schedule",
        "[on|off|show]",
        0,
        1,
        CHANGE,
        "A file in /etc/cron.d. `show` tells the last and the next run.",
        changes=True,
    ),
    Command(
        "snap auto",
        "take and remove snapshots by the policies",
        "snapkeep:auto",
        options=(_SILENT, *CHANGE),
        text="Only snapshots that a policy made are ever removed, and none that is held or has\n"
        "clones. What was missed while the host was off is taken once. Times are UTC.",
        changes=True,
    ),
)

SNAP: tuple[Command, ...] = (
    Command(
        "snap",
        "take a snapshot; list, compare, destroy them",
        "snap:take",
        "[NAME[@SNAP]...]",
        0,
        None,
        (_ALL, _ALONE, *CHANGE),
        "With the datasets below the jail's. Without @SNAP the name is the time (UTC); without\n"
        "NAME all are listed. A jail called like a word below: `snap -- list`.",
        changes=True,
        below=_BELOW,
    ),
    Command("snapshot", "the same as snap", same="snap"),
    Command(
        "rollback",
        "take a jail back to a snapshot; its present state is kept",
        "snap:rollback",
        "NAME@SNAP",
        1,
        1,
        (_NEWER, _UNDO, START, NO_START, *CHANGE),
        "The present state goes into the trash, newer snapshots with it; nothing is destroyed\n"
        "but with --destroy. `rollback --undo NAME` brings it back. One that runs is stopped\n"
        "first and started again.",
        changes=True,
    ),
)
