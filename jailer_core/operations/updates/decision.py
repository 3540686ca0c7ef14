"""Decide about each file when a jail moves to another base, from old base, jail and new base.

Pure, and bounded by what the jail changed: what it never changed is the new base's, and is not
even looked at. For one path:

    the jail has what the old base has     the new base's
    the new base has what the old one has  the jail's
    both have the same                     that
    attributes and content separately      each by the rules above; both attributes: the jail's
    text that both changed                 merged
    anything else                          a conflict, which a user settles

Then the tree is made whole: what has something below it is a directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jailer_core.model.trees import Attributes, ThreeTrees, TreeEntry, above, equal
from jailer_core.three_way import Merged, merge, merge_accounts

ACCOUNTS = frozenset({"etc/master.passwd", "etc/group"})
DERIVED: Mapping[str, str] = {
    "etc/passwd": "etc/master.passwd",
    "etc/pwd.db": "etc/master.passwd",
    "etc/spwd.db": "etc/master.passwd",
    "etc/login.conf.db": "etc/login.conf",
    "var/db/services.db": "etc/services",
}
"""Files that are made from another one: they are rebuilt, never merged."""
TEMPORARY = frozenset({"etc/pwd.db.tmp", "etc/spwd.db.tmp", "etc/login.conf.db.tmp"})
"""What the programs that rebuild them write to: nothing of the jail may be there before."""


class Source(StrEnum):
    """The origin of a file in the result."""

    JAIL = "jail"
    NEW = "new base"
    TEXT = "text"  # merged, or given by a user


class Clash(StrEnum):
    """Why a path cannot be decided."""

    BOTH_CHANGED = "both changed it"
    BOTH_ADDED = "both added it"
    DELETED = "the jail deleted it, the new base changed it"
    DROPPED = "the jail changed it, the new base has dropped it"
    NO_DIRECTORY = "a directory in the jail, none in the new base"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a user resolves a conflict: the jail's version (`ours`), the base's, or a text."""

    ours: bool = True
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A path that a user must resolve; `text` has both versions with markers, for an editor."""

    path: str
    clash: Clash
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for a path; None if it is removed. `text` for Source.TEXT."""

    entry: TreeEntry | None
    source: Source
    text: str = ""


@dataclass(slots=True)
class Decision:
    """The outcome of every path that is not simply taken from the new base, and the conflicts."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    rebuild: frozenset[str] = frozenset()

    def count(self, source: Source) -> int:
        """How many paths have that origin."""
        return sum(
            outcome.source is source and outcome.entry is not None
            for outcome in self.outcomes.values()
        )

    @property
    def removed(self) -> int:
        """How many paths of the new base are omitted."""
        return sum(outcome.entry is None for outcome in self.outcomes.values())


Settle = Mapping[str, Settlement]
"""By path; a path also settles everything below it."""


def decide(trees: ThreeTrees, settle: Settle, *, everything: bool = False) -> Decision:
    """Decide about everything that the jail changed.

    `everything`: with outcomes also where the new base's own file stays, for a target that may
    hold something else there by now.
    """
    return _Deciding(trees, settle).decided(everything=everything)


def settled(settle: Settle, path: str) -> Settlement | None:
    """The user's choice for a path, or for the nearest directory above it."""
    while path:
        if path in settle:
            return settle[path]
        path = path.rpartition("/")[0]
    return settle.get("")


class _Deciding:
    def __init__(self, trees: ThreeTrees, settle: Settle) -> None:
        self.trees = trees
        self.settle = settle
        self.made = Decision()
        self.sources: set[str] = set()

    def decided(self, *, everything: bool) -> Decision:
        for path in sorted(self.trees.changed):
            if path in TEMPORARY:
                self._set(path, None, Source.NEW)
            elif path in DERIVED:
                self.sources.add(DERIVED[path])
            else:
                if path in DERIVED.values():
                    self.sources.add(path)
                self._one(path)
        self._clear_below()
        self._directories()
        if not everything:
            self.made.outcomes = {
                path: outcome
                for path, outcome in self.made.outcomes.items()
                if outcome.source is Source.TEXT
                or not equal(outcome.entry, self.trees.new.get(path))
            }
        self.made.conflicts.sort(key=lambda conflict: conflict.path)
        self.made.rebuild = frozenset(filter(self._rebuildable, self.sources))
        return self.made

    # --- one path ----------------------------------------------------------------------------

    def _one(self, path: str) -> None:
        old, jail, new = (
            tree.get(path) for tree in (self.trees.old, self.trees.jail, self.trees.new)
        )
        if equal(jail, old) or equal(jail, new):
            self._set(path, new, Source.NEW)
        elif equal(new, old):
            self._set(path, jail, Source.JAIL)
        elif jail is None or new is None:
            self._one_is_gone(path, jail, new)
        elif jail.is_dir and new.is_dir:
            self._set(path, new.with_attributes(_attributes(old, jail, new)), Source.NEW)
        else:
            self._both(path, old, jail, new)

    def _one_is_gone(self, path: str, jail: TreeEntry | None, new: TreeEntry | None) -> None:
        """Directories are no conflict: what is below them decides."""
        if jail is None:
            if new is not None and new.is_dir:
                self._set(path, None, Source.JAIL)
            else:
                self._conflict(path, Clash.DELETED, jail, new)
        elif jail.is_dir:
            self._set(path, jail, Source.JAIL)
        else:
            self._conflict(path, Clash.DROPPED, jail, new)

    def _both(self, path: str, old: TreeEntry | None, jail: TreeEntry, new: TreeEntry) -> None:
        attributes = _attributes(old, jail, new) if jail.kind is new.kind else jail.attributes
        if jail.same_content(new) or (old is not None and old.same_content(jail)):
            self._set(path, new.with_attributes(attributes), Source.NEW)
        elif old is not None and old.same_content(new):
            self._set(path, jail.with_attributes(attributes), Source.JAIL)
        else:
            merged = self._merged(path)
            if merged is not None and merged.clean:
                self._text(path, merged.text, jail.with_attributes(attributes))
                return
            clash = Clash.BOTH_CHANGED if old is not None else Clash.BOTH_ADDED
            text = merged.text if merged is not None else None
            self._conflict(path, clash, jail, new, text, attributes)

    def _merged(self, path: str) -> Merged | None:
        texts = self.trees.texts.get(path)
        if texts is None:
            return None
        return (merge_accounts if path in ACCOUNTS else merge)(*texts)

    def _conflict(  # noqa: PLR0913, PLR0917 - both sides, and what a text would become
        self,
        path: str,
        clash: Clash,
        jail: TreeEntry | None,
        new: TreeEntry | None,
        text: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        chosen = settled(self.settle, path)
        if chosen is None:
            self.made.conflicts.append(Conflict(path, clash, text))
        side = jail or new
        if chosen is not None and chosen.text is not None and side is not None and side.is_file:
            self._text(path, chosen.text, side.with_attributes(attributes or side.attributes))
        elif chosen is None or chosen.ours:
            self._set(path, jail, Source.JAIL)
        else:
            self._set(path, new, Source.NEW)

    def _text(self, path: str, text: str, entry: TreeEntry) -> None:
        self.made.outcomes[path] = Outcome(replace(entry, digest=""), Source.TEXT, text)

    def _set(self, path: str, entry: TreeEntry | None, source: Source) -> None:
        self.made.outcomes[path] = Outcome(entry, source)

    # --- the tree as a whole -----------------------------------------------------------------

    def _result(self, path: str) -> TreeEntry | None:
        outcome = self.made.outcomes.get(path)
        return outcome.entry if outcome is not None else self.trees.new.get(path)

    def _clear_below(self) -> None:
        """What the jail made a file or link of has nothing below it."""
        outcomes = self.made.outcomes
        tops = {
            path
            for path, outcome in outcomes.items()
            if outcome.entry is not None and not outcome.entry.is_dir
        }
        if not tops:
            return
        for path in [*outcomes, *self.trees.new]:
            if any(top in tops for top in above(path)):
                self._set(path, None, Source.JAIL)
        removed = {path for path in outcomes if any(top in tops for top in above(path))}
        self.made.conflicts[:] = [
            conflict for conflict in self.made.conflicts if conflict.path not in removed
        ]

    def _directories(self) -> None:
        """What is above something that stays is a directory; the highest are looked at first."""
        staying = [path for path in {*self.made.outcomes, *self.trees.new} if self._result(path)]
        needed = {folder for path in staying for folder in above(path)}
        for folder in sorted(needed):
            present = self._result(folder)
            if (present is not None and present.is_dir) or not self._something_below(folder):
                continue
            if present is None:
                self._make(folder)
            else:
                self._no_directory(folder)

    def _something_below(self, folder: str) -> bool:
        start = f"{folder}/"
        return any(
            path.startswith(start) and outcome.entry is not None
            for path, outcome in self.made.outcomes.items()
        ) or any(path.startswith(start) and self._result(path) for path in self.trees.new)

    def _make(self, folder: str) -> None:
        """A directory that one side removed, because the other has something in it."""
        for tree, source in ((self.trees.jail, Source.JAIL), (self.trees.new, Source.NEW)):
            entry = tree.get(folder)
            if entry is not None and entry.is_dir:
                self._set(folder, entry, source)
                return

    def _no_directory(self, folder: str) -> None:
        """The new base made something else of a directory in which the jail has files."""
        chosen = settled(self.settle, folder)
        if chosen is None:
            self.made.conflicts.append(Conflict(folder, Clash.NO_DIRECTORY))
        if chosen is None or chosen.ours:
            self._set(folder, self.trees.jail.get(folder), Source.JAIL)
            return
        start = f"{folder}/"
        for path in [path for path in self.made.outcomes if path.startswith(start)]:
            self._set(path, None, Source.JAIL)
        self.made.conflicts[:] = [
            conflict for conflict in self.made.conflicts if not conflict.path.startswith(start)
        ]

    def _rebuildable(self, source: str) -> bool:
        """Nothing is rebuilt from, or into, what is not plainly a file in a directory."""
        derived = [path for path, made_from in DERIVED.items() if made_from == source]
        folders = {folder for path in (source, *derived) for folder in above(path)}
        entry = self._result(source)
        plain = entry is not None and entry.is_file
        return plain and all(
            (made := self._result(folder)) is not None and made.is_dir for folder in folders
        )


def _attributes(old: TreeEntry | None, jail: TreeEntry, new: TreeEntry) -> Attributes:
    """Each on its own: what the jail changed stays the jail's."""
    if old is None or old.kind is not jail.kind:
        return jail.attributes
    rows = zip(old.attributes, jail.attributes, new.attributes, strict=True)
    mode, uid, gid, flags = (mine if mine != was else theirs for was, mine, theirs in rows)
    return (mode, uid, gid, flags)
