"""The starting context of a jail: the file that jail(8) is given, and all that it reads there.

A file that /etc/jail.conf includes means nothing alone: path, securelevel or devfs ruleset may
be in /etc/jail.conf. So a changed file is judged by what jail(8) reads in the file that it is
started from, with the changed text in the place of the old one. Nothing here reads: the whole text
is asked for through Needs.confs, and its answer is in Inventory.answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from jailer_core.errors import ParseError, Refused, first_line
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, JailConfig, JailFiles
from jailer_core.parse.jailconf import Params, includes, jails, sole_block
from jailer_core.plan import PARSE_JAIL_CONF
from jailer_core.text import sanitize

Changes = Mapping[str, str | None]
"""New texts by path; None: the file is removed."""

DIRECTORY = "/etc/jail.conf.d"
_DEPTH = 32
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)


def is_jail_file(files: JailFiles, path: str) -> bool:
    """Whether jail(8) reads that file for some jail, or would if it existed."""
    folder, _, base = path.rpartition("/")
    own = folder == "/etc" and base.startswith("jail.") and base.endswith(".conf")
    listed = folder == DIRECTORY and base.endswith(".conf") and not base.startswith(".")
    return own or listed or path == files.main or path in files.texts


def changed(files: JailFiles, changes: Changes) -> JailFiles:
    """The files after the changes."""
    texts = {**files.texts, **{path: text for path, text in changes.items() if text is not None}}
    for path, text in changes.items():
        if text is None:
            texts.pop(path, None)
    return JailFiles(files.main, texts)


def _means(files: JailFiles, outer: str, pattern: str) -> list[str]:
    """Paths that a pattern of `.include` in `outer` matches; a plain one may be missing."""
    whole = pattern if pattern.startswith("/") else f"{outer.rpartition('/')[0]}/{pattern}"
    if not any(sign in whole for sign in "*?["):
        return [whole]
    folder, _, base = whole.rpartition("/")
    return sorted(
        path
        for path in files.texts
        if path.rpartition("/")[0] == folder
        and not path.rpartition("/")[2].startswith(".")
        and fnmatchcase(path.rpartition("/")[2], base)
    )


def reached(files: JailFiles, path: str) -> frozenset[str]:
    """All files that jail(8) reads with this one, itself included."""
    seen = {path}
    waiting = [path]
    while waiting:
        outer = waiting.pop()
        for include in includes(files.texts.get(outer, "")).found:
            for pattern in include.patterns:
                new = [mean for mean in _means(files, outer, pattern) if mean not in seen]
                seen |= set(new)
                waiting += new
    return frozenset(seen)


def starts_from(files: JailFiles, name: str, source: str) -> str:
    """The file that a jail is started from whose block is in `source`.

    rc.d's rule (recording 18, rc.d/jail): /etc/jail.NAME.conf; then /etc/jail.conf where that
    includes the directory; then the file itself.
    """
    own = f"/etc/jail.{name}.conf"
    if own in files.texts and source in reached(files, own):
        return own
    return files.main if source in reached(files, files.main) else source


def whole(
    files: JailFiles, path: str, removed: frozenset[str] = frozenset(), depth: int = 0
) -> str:
    """The text that jail(8) reads there, with included files in place. Raises Refused."""
    text = files.texts.get(path, "")
    known = includes(text)
    if depth > _DEPTH:
        raise Refused(f"{sanitize(path)} includes itself", "Fix that first: edit")
    if depth and not known.balanced:
        raise Refused(f"a block of {sanitize(path)} is not closed in it", "Fix that first: edit")
    parts, at = [], 0
    for include in known.found:
        parts.append(text[at : include.start])
        for pattern in include.patterns:
            for mean in _means(files, path, pattern):
                if mean in removed:
                    raise Refused(
                        f"{sanitize(path)} includes {sanitize(mean)} by its name",
                        f"Without it no jail of {sanitize(path)} starts: remove that line first.",
                    )
                if mean in files.texts:
                    parts.append(f"\n{whole(files, mean, removed, depth + 1)}\n")
                else:
                    parts.append(f'.include "{mean}";')
        at = include.end
    return "".join((*parts, text[at:]))


def says_nothing(files: JailFiles, path: str) -> bool:
    """Whether a file and all that it includes set nothing for several jails.

    What cannot be read plainly counts for its own jail alone: jail(8) refuses it as a whole.
    """
    text = files.texts.get(path, "")
    for include in reversed(includes(text).found):
        text = text[: include.start] + text[include.end :]
    if _COMMENT.sub("", text).strip():
        return False
    others = (files.texts.get(file, "") for file in reached(files, path) - {path})
    return all(sole_block(other) or not includes(other).balanced for other in others)


def concerned(files: JailFiles, changes: Changes) -> tuple[str, ...]:
    """The files to give to jail(8) in which something changes: those that remain, as they will be.

    A file that another one includes is none of them.
    """
    after = changed(files, changes)
    candidates = dict.fromkeys((*_including(files), *changes))
    outer = [path for path in candidates if ".include" in after.texts.get(path, "")]
    inside: set[str] = set()
    paths: dict[str, None] = {}
    for path in outer:
        reach = reached(after, path)
        inside |= reach - {path}
        if any(change in reach or change in reached(files, path) for change in changes):
            paths[path] = None
    paths |= {path: None for path, text in changes.items() if text is not None}
    return tuple(path for path in paths if path not in inside)


@of_latest
def _including(files: JailFiles) -> tuple[str, ...]:
    """The files that include others."""
    return tuple(path for path, text in files.texts.items() if ".include" in text)


def confs(inventory: Inventory, changes: Changes) -> tuple[str, ...]:
    """The texts for Needs.confs that jail(8) must read, as far as that is possible."""
    after, removed = changed(inventory.files, changes), _gone(changes)
    paths: dict[str, None] = {}
    for path in concerned(inventory.files, changes):
        try:
            paths[whole(after, path, removed)] = None
        except Refused:  # `read` says why
            continue
    return tuple(paths)


def _gone(changes: Changes) -> frozenset[str]:
    return frozenset(path for path, text in changes.items() if text is None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What jail(8) will read after a change.

    `files` are the files as they will be, `jails` what it reads by the file that it is given,
    `complaints` what it says about single jails.
    """

    files: JailFiles
    jails: Mapping[str, Mapping[str, Params]] = field(default_factory=dict)
    complaints: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str, source: str) -> JailConfig | None:
        """A jail whose block is in `source`, as it will be started."""
        start = starts_from(self.files, name, source)
        params = self.jails.get(start, {}).get(name)
        return None if params is None else JailConfig(name, start, params, source=source)

    def all(self) -> Iterator[JailConfig]:
        """Every jail of the files that were read."""
        for start, paramses in self.jails.items():
            for name, params in paramses.items():
                yield JailConfig(name, start, params)


def read(inventory: Inventory, changes: Changes) -> Reading:
    """What jail(8) reads in every file that the changes affect. Raises Refused."""
    after, removed = changed(inventory.files, changes), _gone(changes)
    readings: dict[str, Mapping[str, Params]] = {}
    complaints: dict[str, str] = {}
    for path in concerned(inventory.files, changes):
        readings[path], complaint = _answer(inventory, path, whole(after, path, removed))
        complaints |= complaint
    return Reading(after, readings, complaints)


def _answer(
    inventory: Inventory, path: str, text: str
) -> tuple[Mapping[str, Params], dict[str, str]]:
    answer = inventory.command_results.get((*PARSE_JAIL_CONF, text))
    if answer is None:
        raise Refused(f"the new text of {sanitize(path)} could not be checked with jail(8)")
    message = first_line(answer.stderr).removeprefix("jail: ")
    try:
        paramses = dict(jails(answer.stdout).entire()) if answer.status == 0 else {}
    except ParseError as error:
        raise Refused(
            f"what jail(8) reads in {sanitize(path)} is not understood: {error}"
        ) from None
    if answer.status != 0:
        raise Refused(
            f"jail(8) could no longer read {sanitize(path)}: {sanitize(message)}",
            "Fix that first: edit",
        )
    complaints: dict[str, str] = {}
    for line in answer.stderr.splitlines():
        name, _, what = line.removeprefix("jail: ").partition(": ")
        if name in paramses:
            complaints.setdefault(name, what)
    return paramses, complaints
