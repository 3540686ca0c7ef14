"""Which jails `list` shows: names, patterns, tags and states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Jail, JailState
from jailer_core.text import sanitize
from jailer_tui.cli.session import Session

WILDCARDS = frozenset("*?[")


def chosen(session: Session, jails: Iterable[Jail], words: Sequence[str]) -> list[Jail]:
    """The jails that any of the words names, all without words; sorted by name.

    Raises Refused for a name that no jail has, UsageError for what is no tag.
    """
    ordered = sorted(jails, key=lambda jail: (jail.name, jail.jid or 0))
    tags = {checks.tag(word[1:]) for word in words if word.startswith("@")}
    patterns = [word for word in words if not word.startswith("@")]
    _require(patterns, ordered)
    if tags:
        from jailer_core.operations.jails.tags import unread_message  # noqa: PLC0415 - with a tag

        unknown = tuple(jail.name for jail in ordered if jail.tags is None)
        if unknown:
            session.terminal.fail(unread_message(unknown))
    return [
        jail
        for jail in ordered
        if (not words or _is_meant(jail, patterns, tags)) and _in_state(session, jail)
    ]


def _is_meant(jail: Jail, patterns: Sequence[str], tags: set[str]) -> bool:
    named = any(fnmatchcase(jail.name, pattern) for pattern in patterns)
    return named or bool(tags & set(jail.tags or ()))


def _require(patterns: Sequence[str], jails: Sequence[Jail]) -> None:
    """A name must exist; a pattern may match nothing."""
    names = {jail.name for jail in jails}
    for pattern in patterns:
        if not pattern:
            raise UsageError("list: a name is empty", "Usage: list [NAME|PATTERN|@TAG...]")
        if not WILDCARDS & set(pattern) and pattern not in names:
            raise Refused(f"there is no jail {sanitize(pattern)}", "See all jails: list")


def _in_state(session: Session, jail: Jail) -> bool:
    flags, running = session.flags, jail.state is JailState.RUNNING
    if flags.on("running") == flags.on("stopped"):
        return True
    return running if flags.on("running") else not running
