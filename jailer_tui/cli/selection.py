"""Select the jails that a command lists: by names, patterns, tags and states."""

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
    """The jails in `selected` with a state that the options name."""
    return [jail for jail in selected(session, jails, words) if _in_state(session, jail)]


def selected(session: Session, jails: Iterable[Jail], words: Sequence[str]) -> list[Jail]:
    """The jails that any of the words names, all without words; sorted by name.

    Raises Refused for a name that no jail has, UsageError for what is no tag.
    """
    ordered = sorted(jails, key=lambda jail: (jail.name, jail.jid or 0))
    meant = matching(session, ordered, words, (jail.name for jail in ordered))
    return [jail for jail in ordered if not words or jail.name in meant]


def is_name(word: str) -> bool:
    """Whether the word is a name, neither a pattern nor a tag."""
    return not word.startswith("@") and not WILDCARDS & set(word)


def matching(
    session: Session,
    jails: Sequence[Jail],
    words: Sequence[str],
    names: Iterable[str],
    *,
    things: str = "jail",
) -> set[str]:
    """The names that are given, match a pattern, or are of jails with a tag that is given.

    A name must exist; a pattern may match nothing. Raises Refused, and UsageError for what is no
    tag.
    """
    known = set(names)
    tags = {checks.tag(word[1:]) for word in words if word.startswith("@")}
    patterns = [word for word in words if not word.startswith("@")]
    for pattern in patterns:
        if not pattern:
            usage = f"Usage: {session.command.name} [NAME|PATTERN|@TAG...]"
            raise UsageError(f"{session.command.name}: a name is empty", usage)
        if is_name(pattern) and pattern not in known:
            raise Refused(f"there is no {things} {sanitize(pattern)}", "See all jails: list")
    tagged = _tagged(session, jails, tags) if tags else set()
    return tagged | {
        name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _tagged(session: Session, jails: Sequence[Jail], tags: set[str]) -> set[str]:
    from jailer_core.operations.jails.tags import unread_message  # noqa: PLC0415 - with a tag

    unknown = tuple(jail.name for jail in jails if jail.tags is None)
    if unknown:
        session.terminal.fail(unread_message(unknown))
    return {jail.name for jail in jails if tags & set(jail.tags or ())}


def _in_state(session: Session, jail: Jail) -> bool:
    flags, running = session.flags, jail.state is JailState.RUNNING
    if flags.on("running") == flags.on("stopped"):
        return True
    return running if flags.on("running") else not running
