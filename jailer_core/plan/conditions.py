"""States: questions to the host with the answer yes or no."""

from __future__ import annotations

from dataclasses import dataclass, field

NEW_JID = -1
"""In `JailIs.jid`: the jid that was seen right after the step ran."""

NEW_GUID = "new"
"""In `DatasetHasGuid.guid`: the guid that was read right after the step had made the dataset."""


@dataclass(frozen=True, slots=True)
class DatasetHasGuid:
    """A dataset (or, with @, snapshot) of that name exists and has that guid (see NEW_GUID)."""

    name: str
    guid: str


@dataclass(frozen=True, slots=True)
class DatasetExists:
    """Any dataset (or, with @, snapshot) of that name exists; `there` False: none does."""

    name: str
    exists: bool = True


@dataclass(frozen=True, slots=True)
class OriginIs:
    """The dataset's origin is that snapshot ("" for none)."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class PropertyIs:
    """A ZFS property has that value (`zfs get -Hp -o value`)."""

    dataset: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class JailRuns:
    """A jail of that name runs; with a jid: that very one (see NEW_JID)."""

    name: str
    jid: int | None = None


@dataclass(frozen=True, slots=True)
class JailStopped:
    """No jail of that name runs (a dying one may remain)."""

    name: str


@dataclass(frozen=True, slots=True)
class MountedAt:
    """Something is mounted on exactly that path; `there` False: nothing is."""

    path: str
    mounted: bool = True


@dataclass(frozen=True, slots=True)
class InterfaceExists:
    """The host has an interface of that name; `there` False: it has not."""

    name: str
    exists: bool = True


@dataclass(frozen=True, slots=True)
class InterfaceHasAddress:
    """The interface of the host carries that address; `there` False: it does not."""

    interface: str
    address: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class BridgeHasMember:
    """The interface is a member of that bridge of the host; `there` False: it is not."""

    bridge: str
    member: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class FileHasText:
    """The file holds exactly that text; None: there is no such file.

    With `beneath` (a jail's root) no symbolic link is followed below it.
    """

    path: str
    text: str | None
    beneath: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PathExists:
    """Something exists at that path; `there` False: nothing does."""

    path: str
    exists: bool = True


@dataclass(frozen=True, slots=True)
class ProcessRuns:
    """A process of that pid still runs that command; `there` False: it is gone.

    With a jid: it runs in that jail.
    """

    pid: int
    command: str
    running: bool = True
    jid: int | None = None


@dataclass(frozen=True, slots=True)
class CommandSucceeds:
    """A command that only looks ends with status 0, and prints exactly `text` when that is given.

    `there` False: it does not. For what has no state of its own: modules, services, packages.
    `or_fails`: that it fails is right too, as when what it lists is not there at all.
    `part`: the beginning of `text` alone is right too.
    `means` is what is said when it does not hold, in place of the command.
    """

    argv: tuple[str, ...]
    text: str | None = None
    succeeds: bool = True
    or_fails: bool = field(default=False, repr=False)
    contains: bool = field(default=False, repr=False)
    description: str = field(default="", repr=False, compare=False)

    def right(self, status: int, stdout: str) -> bool:
        """Whether that is the answer."""
        if status != 0:
            return self.or_fails is self.succeeds
        said = self.text in (None, stdout) or (
            self.contains and (self.text or "").startswith(stdout)
        )
        return said is self.succeeds


@dataclass(frozen=True, slots=True)
class RcVariableIs:
    """rc.conf sets that variable to exactly that value; None: it does not set it.

    FreeBSD's defaults do not count.
    """

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RcListHasWord:
    """That variable of rc.conf is a list with that word in it; `there` False: it is not."""

    name: str
    word: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class NotInUse:
    """Nothing uses a thing of the host. What counts as a use: operations/uses.py, by `what`.

    `but` are users that had nothing when it was made either, by name.
    """

    kind: str
    name: str
    except_jails: tuple[str, ...] = ()


Condition = (
    DatasetHasGuid
    | DatasetExists
    | OriginIs
    | PropertyIs
    | JailRuns
    | JailStopped
    | MountedAt
    | InterfaceExists
    | InterfaceHasAddress
    | BridgeHasMember
    | FileHasText
    | PathExists
    | ProcessRuns
    | CommandSucceeds
    | RcVariableIs
    | RcListHasWord
    | NotInUse
)
