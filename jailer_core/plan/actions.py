"""Actions: what a step does, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One command by argument list, never through a shell."""

    argv: tuple[str, ...]
    stdin: str | None = None


@dataclass(frozen=True, slots=True)
class Pipe:
    """`a | b`: fails when either fails."""

    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a whole file at once (temporary file and rename).

    `before` is the text that it replaces, None where there is no file: for the diff.
    `mode` and `owner` (uid, gid) None: keep the file's own, or 0644 and root's.
    With `beneath` (a jail's root) no symbolic link is followed below it.
    """

    path: str
    text: str
    mode: int | None = None
    owner: tuple[int, int] | None = None
    before: str | None = None
    beneath: str = ""

    @property
    def new(self) -> bool:
        """Whether it must not exist: what others made in between is not overwritten.

        In a fresh copy of a jail the step may replace what the copy came with.
        """
        return self.before is None and not self.beneath


@dataclass(frozen=True, slots=True)
class SetRc:
    """Set variables in an rc.conf below a jail's root: what `sysrc -f` does, but safely.

    No symbolic link below `beneath` is followed and nothing of the jail is run. `drop` are
    beginnings of the names of variables that are taken out first. The file is made when missing.
    """

    path: str
    beneath: str
    values: tuple[tuple[str, str], ...]
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove one file; `before` is its text, for the diff."""

    path: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class MakeDir:
    """Create one directory (its parent exists)."""

    path: str
    mode: int = 0o755


@dataclass(frozen=True, slots=True)
class RemoveDir:
    """Remove one empty directory."""

    path: str


@dataclass(frozen=True, slots=True)
class AwaitConfirmation:
    """Wait for a confirmation, given by removing the file `ticket`, that the host can be reached.

    Without one within `seconds` the step fails, and everything is undone.
    """

    plan_hash: str
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class BringOver:
    """Bring what a jail changed of its old base into a clone of a new base.

    What happens to each file is decided from the three trees when it runs (root directories of
    old base, jail and new base; see operations.updates.decision). `diff` lists what changed since
    `before`, or since the old base. `settle` says of paths what to do where both changed something:
    `ours`, `theirs`, or `text` with that text. A conflict that is not settled makes the step fail.
    `path` is the root of the clone.
    """

    path: str
    old: str
    jail: str
    new: str
    diff: tuple[str, ...] = ()
    mountpoint: str = ""
    before: str = ""
    settle: tuple[tuple[str, str, str], ...] = ()


Action = (
    Run
    | Pipe
    | WriteFile
    | SetRc
    | RemoveFile
    | MakeDir
    | RemoveDir
    | AwaitConfirmation
    | BringOver
)


def argv_of(action: Action | None) -> tuple[str, ...]:
    """The command line of a single command; () for any other action."""
    return action.argv if isinstance(action, Run) else ()


def commands_of(action: Action) -> tuple[tuple[str, ...], ...]:
    """The commands that it runs; () for an action that is not a command."""
    match action:
        case Run():
            return (action.argv,)
        case Pipe():
            return action.commands
    return ()
