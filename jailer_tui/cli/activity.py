"""`activity` and `undo`: earlier changes, how to undo them, and those that were interrupted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from jailer_core import journal, journal_peek, settings
from jailer_core.errors import HostError, Refused, UsageError
from jailer_core.execution import interrupted
from jailer_core.journal import Interrupted
from jailer_core.operations.undo.entry import SUFFIX, Entry, why_no_undo
from jailer_core.operations.undo.requests import Prune, Resume, UndoChange
from jailer_core.operations.undo.summary import (
    last_undoable,
    lost_for_good,
    old_paths,
    shown_state,
    step_lines,
    to_undo_with,
    what_happened,
)
from jailer_core.plan import Request
from jailer_core.text import human_age, sanitize
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session

HEADER = ("ENTRY", "WHEN", "STATE", "WHO", "TOOK", "CHANGE")
SHOWN = 20
STRANGERS = 20
"""After this many other changes in a row, the search for a batch ends."""


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `activity`."""
    complaint = '-n: "{}" is not a number of changes'
    allowed = range(1, 1_000_001)
    count = session.flags.number("number", SHOWN, allowed, complaint, "For example: -n 50")
    inventory = await session.inventory(quick=True)
    paths = await journal_peek.names(session.host, inventory.layout)
    read = [await journal.read_path(session.host, path) for path in paths[:count]]
    entries = [entry for entry in read if entry is not None]
    nothing = "no changes yet" if session.as_root else "only root can see past changes"
    session.listing(HEADER, entries, _row, as_json, none=nothing)
    more = len(paths) - count
    if entries and more > 0 and not session.flags.json:
        word = "change" if more == 1 else "changes"
        session.terminal.out(f"{more} earlier {word} not shown: -n {len(paths)} shows all")
    return 0


def _row(entry: Entry) -> tuple[str, ...]:
    took = human_age(round(entry.seconds)) if entry.ending else "-"
    return (entry.id, when(entry), shown_state(entry.state), sanitize(entry.who), took, entry.title)


def when(entry: Entry) -> str:
    """The time of a change, for people."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.when))


def as_json(entry: Entry) -> dict[str, Any]:
    """A change as JSON, without texts of files."""
    why = why_no_undo(entry)
    return {
        "entry": entry.id,
        "when": round(entry.when, 3),
        "who": entry.who,
        "op": entry.op,
        "jail": entry.jail,
        "title": entry.title,
        "state": entry.state,
        "seconds": round(entry.seconds, 3) if entry.ending else None,
        "message": entry.message,
        "left": list(entry.left),
        "undoable": not why,
        "why_not": why,
    }


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `activity show`. Raises Refused when there is no such change."""
    entry = await _entry(session, operands[0])
    keys = ("title", "command", "state", "seconds")
    steps = [{key: getattr(line, key) for key in keys} for line in step_lines(entry)]
    return session.show(as_json(entry) | {"steps": steps}, "\n".join(_told(entry)))


def _told(entry: Entry) -> Iterator[str]:
    yield entry.title
    yield f"  {when(entry)} by {sanitize(entry.who)}: {shown_state(entry.state)}"
    if entry.message:
        yield f"  {sanitize(entry.message)}"
    for text in entry.left:
        yield f"  still different: {sanitize(text)}"
    for number, step in enumerate(step_lines(entry), 1):
        took = f" ({step.seconds:.0f} s)" if step.seconds >= 1 else ""
        yield f"  {number}. {step.title}: {shown_state(step.state)}{took}"
        yield f"     {step.sign}{step.command}"
        yield from (f"     {line}" for line in step.more)
    why = why_no_undo(entry)
    yield f"  Cannot be undone: {why}." if why else f"  Undo it: undo {entry.id}"


async def _entry(session: Session, entry_id: str) -> Entry:
    inventory = await session.inventory(quick=True)
    entry = await journal.entry(session.host, inventory.layout, entry_id.removesuffix(SUFFIX))
    if entry is None:
        raise Refused(f"there is no change {sanitize(entry_id)}", "See all changes: activity")
    return entry


# --- undo ------------------------------------------------------------------------------------


async def undo(session: Session, operands: tuple[str, ...]) -> int:
    """Run `undo`. Raises Refused when there is nothing that can be undone."""
    session.may_change()
    if operands:
        entries: tuple[Entry, ...] = (await _entry(session, operands[0]),)
    else:
        inventory = await session.inventory(quick=True)
        paths = await journal_peek.names(session.host, inventory.layout)
        latest = await _last(session, paths)
        if latest is None:
            raise Refused("there is no change to undo", "See past changes: activity")
        older = paths[paths.index(latest.path) + 1 :]
        entries = to_undo_with(latest, await _same_batch(session, latest, older))
    if len(entries) > 1:
        session.say(f"{len(entries)} changes were made together; the newest is undone first")
    work = [(entry.title, UndoChange(entry.id, stamp(session))) for entry in entries]
    return await carry_out(session, work, stop_early=True)


async def _same_batch(session: Session, latest: Entry, older: tuple[str, ...]) -> list[Entry]:
    """The older changes of its batch. Others may have changed something in between."""
    entries: list[Entry] = []
    strangers = 0
    for path in older if latest.batch else ():
        entry = await journal.read_path(session.host, path)
        strangers += 1
        if entry is not None and entry.batch == latest.batch:
            entries.append(entry)
            strangers = 0
        if strangers == STRANGERS:
            break
    return entries


async def _last(session: Session, paths: tuple[str, ...]) -> Entry | None:
    """Refused where the last change is irreversible: -y would undo another one, unseen, instead."""
    lost: Entry | None = None
    for path in paths:
        entry = await journal.read_path(session.host, path)
        if entry is None:
            continue
        if last_undoable([entry]) is None:
            lost = lost or (entry if lost_for_good(entry) else None)
        elif lost is None:
            return entry
        else:
            message = f"the last change cannot be undone: {lost.title}"
            raise Refused(message, f"To undo the change before it ({entry.title}): undo {entry.id}")
    if lost is None:
        return None
    message = f"the last change cannot be undone: {lost.title}"
    raise Refused(message, f"See why: activity show {lost.id}")


# --- recover ---------------------------------------------------------------------------------


async def recover(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `activity recover`."""
    flags = session.flags
    ways = [name for name in ("undo", "go_on", "leave") if flags.on(name)]
    if len(ways) > 1:
        raise UsageError("--undo, --go-on and --leave cannot be combined", "Choose one.")
    inventory = await session.inventory(quick=True)
    cut = await interrupted.find_interrupted(session.host, inventory.layout)
    if cut is None:
        return session.show([] if ways else None, "no change was interrupted")
    if not ways:
        return await _tell(session, cut)
    session.may_change()
    await _ended(session, cut)
    if flags.on("leave"):
        return await _leave(session, cut)
    entry = cut.target.id
    request: Request = UndoChange(entry, stamp(session)) if flags.on("undo") else Resume(entry)
    return await carry_out(session, [(cut.target.title, request)])


async def _tell(session: Session, cut: Interrupted) -> int:
    running = await interrupted.still_running(session.host, cut)
    processes = [{"pid": process.pid, "command": process.command} for process in running]
    lines = what_happened(
        cut.target, [sanitize(f"{process.command} ({process.pid})") for process in running]
    )
    ways = "Undo it: --undo. Resume it: --go-on. Dismiss it: --leave."
    return session.show(as_json(cut.target) | {"running": processes}, "\n".join([*lines, ways]))


async def _ended(session: Session, cut: Interrupted) -> None:
    """Wait for what still runs, or end it."""
    running = await interrupted.still_running(session.host, cut)
    if not running or session.flags.dry_run:
        return
    told = ", ".join(sanitize(f"{process.command} ({process.pid})") for process in running)
    if not session.flags.on("end"):
        session.say(f"waiting for commands that are still running: {told}")
        await interrupted.wait(session.host, cut)
        return
    session.say(f"terminating commands that are still running: {told}")
    if not await interrupted.terminate(session.host, cut):
        raise HostError(
            f"it has not exited: {told}", "See what it is waiting for: procstat -k PID."
        )


async def _leave(session: Session, cut: Interrupted) -> int:
    if not session.flags.dry_run:
        async with session.host.lock():
            await interrupted.dismiss(session.host, cut)
    left = as_json(cut.target) | {"state": "left"}
    return session.show([left], f"{cut.target.title}: dismissed")


# --- prune -----------------------------------------------------------------------------------


async def prune(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `activity prune`."""
    session.may_change()
    days = settings.require(os.environ, "journal_days").journal_days
    inventory = await session.inventory(quick=True)
    if not days:
        raise Refused(
            "records are kept forever: journal_days is 0", "Change journal_days in the settings."
        )
    entries = await journal.entries(session.host, inventory.layout)
    paths = old_paths(entries, session.host.clock(), days)
    return await carry_out(session, [("activity", Prune(paths, days))])
