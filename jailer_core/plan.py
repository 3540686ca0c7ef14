"""Plans: what would be done, as data that can be shown, compared, tested and written down.

    Request     what somebody wants (the same from the command line and the interface)
    Plan        the steps that do it on the host as it is now
    Step        one action, how long it may take, how to undo it
    Action      Run, Pipe, WriteFile, SetRc, RemoveFile, MakeDir, RemoveDir, Hold
    State       a question to the host with the answer yes or no: DatasetIs, JailIs, MountedAt…
    Undo        an action with the state that makes it necessary and the one that makes it needless

A step never identifies what it destroys by name alone: `before` holds states (guid, jid, bytes
of a file) that must be true right before it runs, and every undo has its own. So a step that
was interrupted, of which nobody knows whether it happened, is judged from the host itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, get_args

NEW_JID = -1
"""In `JailIs.jid`: the jid that was seen right after the step ran."""


# --- actions ---------------------------------------------------------------------------------


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
    """Make one directory (its parent exists)."""

    path: str
    mode: int = 0o755


@dataclass(frozen=True, slots=True)
class RemoveDir:
    """Remove one empty directory."""

    path: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until somebody confirms, by removing the file `ticket`, that the host can be reached.

    Nobody does within `seconds`: the step fails, and everything is taken back.
    """

    ticket: str
    seconds: float = 60.0


Action = Run | Pipe | WriteFile | SetRc | RemoveFile | MakeDir | RemoveDir | Hold


# --- states ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DatasetIs:
    """A dataset of that name exists and has that guid."""

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
    """

    argv: tuple[str, ...]
    text: str | None = None
    there: bool = True
    or_fails: bool = field(default=False, repr=False)


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
)


# --- steps -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Undo:
    """One action that takes a step back.

    It runs while all of `when` hold. When they do not, all of `settled` tell that nothing is
    left to undo, or (where there are two ways to tell) all of `or_else`; when none is so, the
    undo is reported as not possible.
    """

    action: Action
    title: str
    when: tuple[State, ...] = ()
    settled: tuple[State, ...] = ()
    timeout: float = 60.0
    or_else: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a plan.

    `title` is a short sentence in the imperative. `timeout` is in seconds. `wait`, when set,
    says why it may take a while and asks for a countdown. `undo` is in the order in which it
    is to be run. `lasting` says why there is no undo ("" where there is one).
    `ok` are the exit statuses that mean success. `goal` must hold after the step: `jail` and
    `service` do not always tell the truth by exit status alone. Where `ok` has more than 0, the
    goal alone decides: even a command that ran out of time has then done what it had to.
    `trace` names what stays different although the step was taken back (a new jid, lines in a
    log); it is said when `mark` was among the lines that the step printed ("" always is).
    `heading` names the part of a plan that it belongs to, for `create -D`.
    Progress: `grows` is a file that grows to `total` bytes while the step runs; or (`counted`)
    each line that it prints is one of `total` parts and is not told.
    `means` says what a failure of this step means, `hint` what to do then; the last lines of
    the file `log` are told with it.
    When `before` does not hold, but all of `needless` do, or all of `or_needless`, nothing is done.
    """

    action: Action
    title: str
    timeout: float = 60.0
    undo: tuple[Undo, ...] = ()
    lasting: str = ""
    before: tuple[State, ...] = ()
    goal: tuple[State, ...] = ()
    wait: str = ""
    ok: tuple[int, ...] = (0,)
    jail: str = ""
    trace: str = ""
    mark: str = ""
    heading: str = ""
    grows: str = ""
    total: int = 0
    counted: bool = False
    means: str = ""
    hint: str = ""
    log: str = ""
    needless: tuple[State, ...] = ()
    or_needless: tuple[State, ...] = ()


class Danger(StrEnum):
    """How a plan is confirmed: at once, after its preview, or by typing the name."""

    NONE = "none"
    CHANGES = "changes"
    DESTROYS = "destroys"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants; subclasses are in operations/requests.py."""

    op: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps for a request on the host as it was read.

    `confirm` is the name to type for a plan that destroys. `notes` are what the reader of the
    preview must know besides the steps. A plan without steps has nothing to do; `notes` say why.
    """

    request: Request
    title: str
    steps: tuple[Step, ...] = ()
    danger: Danger = Danger.CHANGES
    confirm: str = ""
    notes: tuple[str, ...] = ()
    jail: str = ""


# --- what happens while a plan runs -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step began; `undoing` when it is one that takes another back."""

    index: int
    title: str
    command: str
    timeout: float
    wait: str = ""
    undoing: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One line that a step printed; `error` when on standard error."""

    index: int
    line: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step ended after that many seconds; `message` says why when it did not succeed."""

    index: int
    ok: bool
    seconds: float
    message: str = ""
    undoing: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come: bytes of a file, or parts (see Step); `total` 0: not known."""

    index: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Journaled:
    """The plan was written down; `entry` is its id in the journal. It belongs to no step."""

    entry: str
    index: int = -1


Event = Journaled | StepStarted | Output | Progress | StepEnded


class Ending(StrEnum):
    """How a plan ended."""

    DONE = "done"
    NOTHING = "nothing to do"
    FAILED = "failed"
    ABORTED = "aborted"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    `left` names everything that differs from before although the plan did not succeed, and
    with `undone` tells whether going back worked. `plan` is what was run, or (CHANGED) the new
    plan that wants to be shown.
    """

    ending: Ending
    plan: Plan
    message: str = ""
    hint: str = ""
    undone: bool = False
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether what was wanted is so now."""
        return self.ending in (Ending.DONE, Ending.NOTHING)


# --- writing it down --------------------------------------------------------------------------

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (*get_args(Action), *get_args(State), Undo, Step, Plan)
}


def register(kind: type[Any]) -> type[Any]:
    """Make a Request class known to `decode`; a decorator."""
    _KINDS[kind.__name__] = kind
    return kind


def encode(value: Any) -> Any:
    """A plan, step, request… as JSON values; `decode` gives an equal one back."""
    kind = type(value)
    if _KINDS.get(kind.__name__) is kind:
        return {"kind": kind.__name__} | {
            one.name: encode(getattr(value, one.name)) for one in fields(value)
        }
    if isinstance(value, tuple | list):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {str(key): encode(one) for key, one in value.items()}
    return value.value if isinstance(value, StrEnum) else value


def decode(value: Any) -> Any:
    """What `encode` was given. Raises KeyError or TypeError on anything else."""
    if isinstance(value, list):
        return tuple(decode(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "kind" not in value:
        return {key: decode(one) for key, one in value.items()}
    kind = _KINDS[value["kind"]]
    known = {one.name for one in fields(kind)}
    given = {key: decode(one) for key, one in value.items() if key in known}
    if kind is Plan:
        given["danger"] = Danger(given["danger"])
    return kind(**given)


READ_CONF = ("jail", "-f", "-", "-e", "\x1f")
"""jail(8) reads a configuration from its standard input and prints it (freebsd.md, Reading)."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a request must know beyond what every refresh reads (inventory.py).

    `jails` are names whose configuration text is needed; `holders` are paths that must be free;
    `properties` are datasets whose own properties are needed; `files` other files to keep.
    `paths` are only looked at (do they exist?); `asks` are commands that only look, for their
    answers. `confs` are texts of jail.conf that jail(8) is to read; the answer to one is that to
    (*READ_CONF, text). `network` asks for all of model_network.Connections. `insides` are (root,
    path) of files below a jail's root, read without following links there. `firewall`: NAT and
    redirections, and what could be in their way; `translations`: only what is stored, loaded and
    counted of them, for a list.
    """

    snapshots: bool = False
    jails: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=())
    doctor: bool = False
    paths: tuple[str, ...] = ()
    asks: tuple[tuple[str, ...], ...] = ()
    confs: tuple[str, ...] = ()
    network: bool = False
    insides: tuple[tuple[str, str], ...] = ()
    firewall: bool = False
    translations: bool = False
