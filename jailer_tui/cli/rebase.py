"""`rebase`: conflicts are resolved by options, or only listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jailer_core.errors import Already, Refused, UsageError
from jailer_core.execution import gather_for
from jailer_core.operations.updates import rebase as core
from jailer_core.operations.updates.decision import Conflict
from jailer_core.operations.updates.requests import Rebase
from jailer_core.text import sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session

Row = tuple[str, str, str]


async def rebase(session: Session, operands: tuple[str, ...]) -> int:
    """Move each of the jails, or list the conflicts."""
    settle = _settle(session)
    work = [
        (
            name,
            fill(Rebase, session.flags, name=name, stamp=stamp(session), settle=settle),
        )
        for name in dict.fromkeys(operands)
    ]
    if session.flags.on("conflicts"):
        return await _list(session, [request for _, request in work])
    return await carry_out(session, work)


def _settle(session: Session) -> tuple[Row, ...]:
    """What the options say: path, choice, text. Raises UsageError."""
    rows: list[Row] = []
    for choice in ("ours", "theirs"):
        rows += [(_path(path), choice, "") for path in _words(session, choice)]
    for word in _words(session, "merge"):
        path, sign, file = word.partition("=")
        if not sign or not file:
            raise UsageError(f"--merge: {sanitize(word)} is not PATH=FILE")
        try:
            text = Path(file).read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise Refused(f"{sanitize(file)} cannot be read: {error.strerror}") from None
        rows.append((_path(path), "text", text))
    return tuple(rows)


def _words(session: Session, option: str) -> list[str]:
    return [word for word in session.flags.text(option).split(",") if word]


def _path(path: str) -> str:
    """Relative to the jail's root; `/` is everything."""
    return path.strip("/")


async def _list(session: Session, requests: list[Rebase]) -> int:
    """Print the conflicts; the exit status is 1 when there are any."""
    by_jail: dict[str, list[Conflict]] = {}
    for request in requests:
        try:
            inventory = await gather_for(session.reader, request)
            by_jail[request.name] = core.decided(inventory, request).conflicts
        except Already:
            by_jail[request.name] = []
    if session.flags.json:
        session.json(
            [_as_json(name, conflict) for name, every in by_jail.items() for conflict in every]
        )
    else:
        for name, every in by_jail.items():
            for conflict in every:
                words = f"{sanitize(name)}: /{sanitize(conflict.path)}: {conflict.clash.value}"
                session.terminal.out(words)
                for line in (conflict.text or "").splitlines():
                    session.terminal.out(f"    {sanitize(line)}")
    return 1 if any(by_jail.values()) else 0


def _as_json(name: str, conflict: Conflict) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"/{conflict.path}",
        "reason": conflict.clash.value,
        "text": conflict.text,
    }
