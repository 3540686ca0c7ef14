"""Bring a jail's changes into a clone of another base; what is equal is not touched.

Files are copied by tar(1), which keeps hard links, flags, owners, modes, ACLs, extended attributes
and holes: cpio(1) and pax(1) know neither flags nor ACLs, and cp(1) takes no list of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jailer_core.errors import CommandFailed, HostError
from jailer_core.facts import three_trees
from jailer_core.host import Hear, Host, Line
from jailer_core.model.trees import (
    Attributes,
    EntryKind,
    ThreeTrees,
    Tree,
    TreeEntry,
    TreesQuestion,
)
from jailer_core.operations.updates.decision import Decision, Outcome, Settlement, Source, decide
from jailer_core.plan import BringOver

COPY_TIMEOUT = 6 * 3600.0
REBUILD_TIMEOUT = 300.0
_PACK = ("tar", "-c", "-f", "-", "--numeric-owner")
_NAMES = ("--no-recursion", "--null", "-T", "-")
_UNPACK = ("tar", "-x", "-p", "-S", "-f", "-", "--numeric-owner")


async def run(host: Host, action: BringOver, line: Line, started: Hear | None) -> None:
    """Decide what happens to each file, and do it. Raises HostError."""
    later = bool(action.before)
    question = TreesQuestion(
        action.old,
        action.jail,
        action.new,
        action.diff,
        action.mountpoint,
        action.before,
        everything=later,
    )
    trees = await three_trees.read(host, question)
    settled = {
        path: Settlement(choice != "theirs", text if choice == "text" else None)
        for path, choice, text in action.settle
    }
    decision = decide(trees, settled, everything=later)
    if decision.conflicts:
        names = ", ".join(conflict.path for conflict in decision.conflicts[:5])
        raise HostError(
            f"the jail changed files that the new base changed too: {names}",
            "Resolve them, and try again.",
        )
    await _Work(host, action, trees, decision, line, started).apply()


@dataclass(frozen=True, slots=True)
class _Work:
    """What is done, where, and who hears of it."""

    host: Host
    action: BringOver
    trees: ThreeTrees
    decision: Decision
    line: Line
    started: Hear | None

    @property
    def target(self) -> str:
        return self.action.path

    async def apply(self) -> None:
        outcomes = self.decision.outcomes
        present = await three_trees.entries(self.host, self.target, outcomes)
        # what goes, and what is replaced: a directory after what is in it
        removed = [path for path in present if self._in_the_way(outcomes[path], present[path])]
        removed.sort(key=three_trees.order, reverse=True)
        await self.host.tree_remove(self.target, removed)
        for source in (Source.NEW, Source.JAIL):
            await self._copy(source, self._to_copy(source, present))
        for path, outcome in sorted(outcomes.items()):
            if outcome.source is Source.TEXT and outcome.entry is not None:
                await self._write(path, outcome)
        attributes = self._attributes(present)
        await self.host.tree_set(self.target, attributes)
        for path in sorted(self.decision.rebuild):
            await self._rebuild(path)
        error = False
        files = "1 file" if len(outcomes) == 1 else f"{len(outcomes)} files"
        self.line(f"{files} decided, {len(attributes)} with other attributes", error)

    @staticmethod
    def _in_the_way(outcome: Outcome, present: TreeEntry) -> bool:
        entry = outcome.entry
        if entry is None or entry.kind is not present.kind:
            return True
        if outcome.source is Source.TEXT:
            return present.flags != 0
        return not entry.is_dir and not entry.same_content(present)

    def _to_copy(self, source: Source, present: Tree) -> list[str]:
        """Directories first: tar sets their attributes at its end."""
        paths = [
            path
            for path, outcome in self.decision.outcomes.items()
            if outcome.source is source
            and outcome.entry is not None
            and outcome.entry.kind is not EntryKind.SOCKET  # tar(1) has none; services make them
            and not (path in present and outcome.entry.same_content(present[path]))
        ]
        return sorted(paths, key=three_trees.order)

    async def _copy(self, source: Source, paths: Sequence[str]) -> None:
        if not paths:
            return
        root = self.action.jail if source is Source.JAIL else self.action.new
        pack = (*_PACK, "-C", root, *_NAMES)
        unpack = (*_UNPACK, "-C", self.target)
        names = "".join(f"{path}\0" for path in paths)

        def complained(text: str, error: bool) -> None:
            if error:
                self.line(text, error)

        result = await self.host.stream(
            (pack, unpack), complained, stdin=names, timeout=COPY_TIMEOUT, started=self.started
        )
        if not result.ok:
            raise CommandFailed(pack, result.status, result.stderr)

    async def _write(self, path: str, outcome: Outcome) -> None:
        assert outcome.entry is not None  # noqa: S101 - a text has one
        mode, uid, gid, _ = outcome.entry.attributes
        await self.host.write(
            f"{self.target}/{path}",
            outcome.text,
            mode=mode,
            owner=(uid, gid),
            beneath=self.target,
        )

    def _attributes(self, present: Tree) -> dict[str, Attributes]:
        """Where what is there now has others than it is to have."""
        attributes: dict[str, Attributes] = {}
        for path, outcome in self.decision.outcomes.items():
            entry = outcome.entry
            if entry is None or entry.kind is EntryKind.SOCKET:
                continue
            if outcome.source is Source.TEXT:
                if entry.flags:
                    attributes[path] = entry.attributes
                continue
            kept = path in present and entry.same_content(present[path])
            tree = self.trees.jail if outcome.source is Source.JAIL else self.trees.new
            now = present[path] if kept else tree.get(path, entry)
            if now.attributes != entry.attributes:
                attributes[path] = entry.attributes
        return attributes

    async def _rebuild(self, source: str) -> None:
        """Options as in pwd_mkdb(8), cap_mkdb(1), services_mkdb(8); # not recorded."""
        etc, file = f"{self.target}/etc", f"{self.target}/{source}"
        argv = {
            "etc/master.passwd": ("pwd_mkdb", "-p", "-d", etc, file),
            "etc/login.conf": ("cap_mkdb", file),
            "etc/services": (
                "services_mkdb",
                "-q",
                "-o",
                f"{self.target}/var/db/services.db",
                file,
            ),
        }[source]
        (await self.host.run(argv, timeout=REBUILD_TIMEOUT)).output()
