"""`init` and its subcommands: set the host up, and check that it still is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations.setup import requests
from jailer_core.operations.setup.checkup import BASICS, checkup
from jailer_core.operations.setup.plan_builder import Check
from jailer_core.operations.setup.zfs import usual_size
from jailer_core.plan import Needs, Request, encode
from jailer_core.text import sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

ANSWERS = {"ok": "YES", "info": "-", "missing": "NO", "wrong": "NO", "unknown": "?"}
NOT_PATCHED = (
    "/etc/rc.d/jail is not patched, because an update of the base system would undo that. "
    "jail_enable and jail_list in rc.conf say what starts at boot."
)


_PARTS: dict[str, tuple[type[Request], ...]] = {
    "init": (requests.LoadZfs, requests.MakeDataset, requests.EnableJails, requests.BootList),
    "zfs": (requests.LoadZfs, requests.MakeDataset),
    "bridge": (requests.MakeBridge,),
    "nat": (requests.ForwardPackets, requests.FilterAnchors, requests.NatBridge),
    "dhcp": (requests.ServeDhcp, requests.DevfsRules),
}
"""What the commands ask for. `init` does what that of `jailer` does; clients of a DHCP server need
the ruleset."""


async def run(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `init`, `init zfs`, `init bridge`, `init nat` or `init dhcp`."""
    name = session.command.words[0]
    return await _do(session, name, [fill(kind, session.flags) for kind in _PARTS[name]])


async def pool(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `init pool`."""
    known = {}
    if "size" not in session.flags.given:
        doctor = (await _look(session)).setup
        room = next(iter(doctor.room.values()), None) if doctor is not None else None
        known = {"size": usual_size(room) or requests.POOL_SIZE}
    return await _do(session, "pool", (fill(requests.MakePool, session.flags, **known),))


async def patch(session: Session, names: tuple[str, ...]) -> int:
    """Run `init patch`."""
    session.say(NOT_PATCHED)
    return await _do(session, "patch", (requests.EnableJails(), requests.BootList(tuple(names))))


async def _do(session: Session, name: str, parts: Sequence[Request]) -> int:
    return await carry_out(session, [(name, requests.Init(tuple(parts)))])


# --- the doctor ------------------------------------------------------------------------------


async def _look(session: Session) -> Inventory:
    return await session.reader.gather(Needs(setup=True))


async def fix(session: Session, words: tuple[str, ...]) -> int:
    """Run `init fix`: the named checks, or all that can be fixed."""
    session.may_change()
    checks = checkup(await _look(session))
    known = {check.id.partition(" ")[0] for check in checks}
    for word in words:
        if word not in known:
            hint = f"Available: {', '.join(sorted(known))}."
            raise UsageError(f'there is no check "{sanitize(word)}"', hint)
    chosen = [check for check in checks if not words or check.id.partition(" ")[0] in words]
    for check in chosen:
        if words and not check.good and check.fix is None:
            raise Refused(f"{check.title}: {check.detail}", check.hint)
    parts = [check.fix for check in chosen if check.fix is not None]
    return await _do(session, "fix", parts)


async def info(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `init info`."""
    inventory = await _look(session)
    checks = checkup(inventory)
    width = max(len(check.title) for check in checks)
    lines = [sanitize(line) for check in checks for line in _lines(check, width)]
    session.show(list(map(_as_json, checks)), "\n".join(lines))
    return session.warn(inventory.problems)


def _lines(check: Check, width: int) -> list[str]:
    lines = [f"{check.title:<{width}}  {ANSWERS[check.state]:<3}  {check.detail}"]
    what = [_how(check)] if check.fix is not None else []
    what += [check.hint] if check.hint else []
    return lines + [f"{'':<{width}}       {line}" for line in what]


def _how(check: Check) -> str:
    """The command that mends it."""
    word = check.id.partition(" ")[0]
    return f"jailer-tui {_COMMANDS.get(word, f'init fix {word}')}"


_COMMANDS = {
    "pool": "init pool",
    "dataset": "init",
    "enable": "init patch",
    "order": "init patch",
    "bridge": "init bridge",
    "nat": "init nat",
    "dhcp": "init dhcp",
}


def _as_json(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "state": check.state,
        "ok": check.good,
        "detail": sanitize(check.detail),
        "basic": check.id in BASICS,
        "command": _how(check) if check.fix is not None else None,
        "fix": encode(check.fix) if check.fix is not None else None,
        "hint": sanitize(check.hint),
    }
