"""States: questions to the host with the answer yes or no."""

from __future__ import annotations

from dataclasses import dataclass, field

NEW_JID = -1
"""In `JailIs.jid`: the jid that was seen right after the step ran."""

NEW_GUID = "new"
"""In `DatasetIs.guid`: the guid that was read right after the step had made the dataset."""


@dataclass(frozen=True, slots=True)
class DatasetIs:
    """A dataset (or, with @, snapshot) of that name exists and has that guid (see NEW_GUID)."""

    name: str
    guid: str


@dataclass(frozen=True, slots=True)
class DatasetThere:
    """Any dataset (or, with @, snapshot) of that name exists; `there` False: none does."""

    name: str
    there: bool = True


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
class JailIs:
    """A jail of that name runs; with a jid: that very one (see NEW_JID)."""

    name: str
    jid: int | None = None


@dataclass(frozen=True, slots=True)
class JailGone:
    """No jail of that name runs (a dying one may remain)."""

    name: str


@dataclass(frozen=True, slots=True)
class MountedAt:
    """Something is mounted on exactly that path; `there` False: nothing is."""

    path: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class InterfaceThere:
    """The host has an interface of that name; `there` False: it has not."""

    name: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class AddressOn:
    """The interface of the host carries that address; `there` False: it does not."""

    interface: str
    address: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class MemberOn:
    """The interface is a member of that bridge of the host; `there` False: it is not."""

    bridge: str
    member: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class FileIs:
    """The file holds exactly that text; None: there is no such file.

    With `beneath` (a jail's root) no symbolic link is followed below it.
    """

    path: str
    text: str | None
    beneath: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PathThere:
    """Something exists at that path; `there` False: nothing does."""

    path: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class ProcessIs:
    """A process of that pid still runs that command; `there` False: it is gone.

    With a jid: it runs in that jail.
    """

    pid: int
    command: str
    there: bool = True
    jid: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """A command that only looks ends with status 0, and prints exactly `text` when that is given.

    `there` False: it does not. For what has no state of its own: modules, services, packages.
    `or_fails`: that it fails is right too, as when what it lists is not there at all.
    `part`: the beginning of `text` alone is right too.
    `means` is what is said when it does not hold, in place of the command.
    """

    argv: tuple[str, ...]
    text: str | None = None
    there: bool = True
    or_fails: bool = field(default=False, repr=False)
    part: bool = field(default=False, repr=False)
    means: str = field(default="", repr=False, compare=False)

    def right(self, status: int, stdout: str) -> bool:
        """Whether that is the answer."""
        if status != 0:
            return self.or_fails is self.there
        said = self.text in (None, stdout) or (self.part and (self.text or "").startswith(stdout))
        return said is self.there


@dataclass(frozen=True, slots=True)
class RcIs:
    """rc.conf sets that variable to exactly that value; None: it does not set it.

    FreeBSD's defaults do not count.
    """

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RcWord:
    """That variable of rc.conf is a list with that word in it; `there` False: it is not."""

    name: str
    word: str
    there: bool = True


@dataclass(frozen=True, slots=True)
class Unused:
    """Nothing uses a thing of the host. What counts as a use: operations/uses.py, by `what`.

    `but` are users that had nothing when it was made either, by name.
    """

    what: str
    name: str
    but: tuple[str, ...] = ()


State = (
    DatasetIs
    | DatasetThere
    | OriginIs
    | PropertyIs
    | JailIs
    | JailGone
    | MountedAt
    | InterfaceThere
    | AddressOn
    | MemberOn
    | FileIs
    | PathThere
    | ProcessIs
    | Answers
    | RcIs
    | RcWord
    | Unused
)
