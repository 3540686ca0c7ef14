"""The declaration of an operation: command line, forms, palette, help and docs follow from it.

    @operation("rename", command="rename", summary="rename a jail", …)
    class Rename(Request):
        name: str = operand("Jail", kind=Kind.JAIL)
        new: str = operand("New name", kind=Kind.NEW_NAME, metavar="NEW")

`operation` makes the class a frozen dataclass that the journal can read and write, and attaches a
`Spec` to it. How a class declares its fields, and how a new operation is added, is told step by
step in docs/adding-an-operation.md.

This module and the request classes are imported at every start: nothing here imports a plan.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Required, TypedDict, TypeVar, Unpack, dataclass_transform

from jailer_core.request import REGISTERED, Danger, Request, as_request

T = TypeVar("T", bound=Request)

REQUIRED: Any = dataclasses.MISSING
"""The default of a field that must be given."""


class Kind(StrEnum):
    """The kind of a value: how it is parsed, completed, and shown in a form."""

    TEXT = "text"
    SWITCH = "switch"
    NUMBER = "number"
    COUNT = "count"  # from 1 on
    SECONDS = "seconds"
    SIZE = "size"  # 20G on the command line, bytes in the request
    JAIL = "jail"
    NEW_NAME = "new-name"
    SNAPSHOT = "snapshot"  # NAME@SNAP on the command line, dataset@snap in the request
    IMAGE = "image"
    BRIDGE = "bridge"
    INTERFACE = "interface"
    ADDRESS = "address"
    ENTRY = "entry"  # of the trash or of the journal
    FILE = "file"
    DIRECTORY = "directory"  # of the host
    INSIDE = "inside"  # a directory, as its jail sees it
    SOURCE = "source"  # a directory of the host, or a dataset
    DATASET = "dataset"
    ZONE = "zone"  # a time zone
    FAMILY = "family"  # 0, or 6 when the switch is given
    WORDS = "words"  # several, quoted in a form as in a shell


class Role(StrEnum):
    """The source of a value."""

    OPERAND = "operand"  # a word of its own on the command line; the selection on the screen
    OPTION = "option"
    PROVIDED = "provided"  # by the program: a time stamp, a random address


class Scope(StrEnum):
    """The target of an operation, and so what must be selected for it on the screen."""

    HOST = "host"
    JAIL = "jail"  # the one under the cursor
    JAILS = "jails"  # all that are marked, one plan each
    RUNNING = "running"  # jails that run, side by side
    SNAPSHOTS = "snapshots"
    IMAGE = "image"
    BRIDGE = "bridge"
    RULE = "rule"
    TRASH = "trash"
    CHANGE = "change"  # an entry of the journal


class Confirm(StrEnum):
    """What the command line asks before it runs a plan for which no name must be typed."""

    NOTHING = "nothing"
    PLAN = "plan"  # shows the plan and asks


class Undo(StrEnum):
    """How a finished change is undone."""

    STEPS = "steps"  # by the undo of each of its steps
    INVERSE = "inverse"  # by an operation that does the opposite
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One value of a request.

    `label` names it in a form (at most 14 characters), `help` says in one line what it is for.
    `flags` are its options on the command line; for a switch those that turn it on, and `off`
    those that turn it off. `metavar` is the name of the value in help. `each`: the command line
    takes several words and makes one request of each; where other operands follow, words are names
    as long as there are jails of those names. `many`: it takes several words for one
    request. `may_be_empty`: an empty word is a value too.
    """

    name: str
    label: str
    help: str
    role: Role
    kind: Kind
    default: Any = REQUIRED
    flags: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    off_help: str = ""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    each: bool = False
    many: bool = False
    may_be_empty: bool = False

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Spec:
    """One operation.

    `op` names it in journals, in plan cases and in JSON, and never changes. `command` is its
    command line ("" when a command of its own makes the request). `label` is its name on the
    screen, `summary` a line of help that begins with a verb, `help` what else a user must know.
    `plan`, `needs` and the two refusals are `module:function` below this package. `needs` and
    `refusal` only where they are not beside the plan under their own names (see registry.py).
    `form` is the module of what forms ask, where that is not beside the plan.
    `configures` tells that its plan may write files which configure jails: they are then judged by
    what jail(8) reads in them.
    """

    op: str
    summary: str
    command: str = ""
    label: str = ""
    help: str = ""
    scope: Scope = Scope.HOST
    danger: Danger = Danger.CHANGES
    confirm: Confirm = Confirm.NOTHING
    undo: Undo = Undo.STEPS
    plan: str = ""
    needs: str = ""
    refusal: str = ""
    refusal_of_host: str = ""
    form: str = ""
    configures: bool = False
    fields: tuple[FieldSpec, ...] = ()

    @property
    def operands(self) -> tuple[FieldSpec, ...]:
        """The words of the command line, in order."""
        return tuple(field for field in self.fields if field.role is Role.OPERAND)

    @property
    def options(self) -> tuple[FieldSpec, ...]:
        """The options of the command line, in order."""
        return tuple(field for field in self.fields if field.role is Role.OPTION)

    def field(self, name: str) -> FieldSpec:
        """The field of that name. Raises KeyError."""
        return {field.name: field for field in self.fields}[name]


# --- fields ----------------------------------------------------------------------------------


def _field(spec: FieldSpec) -> Any:
    return dataclasses.field(default=spec.default, metadata={"spec": spec})


def operand(  # noqa: PLR0913 - what one declares by name
    label: str,
    help: str = "",  # noqa: A002 - the word that it is
    *,
    kind: Kind = Kind.TEXT,
    metavar: str = "NAME",
    default: Any = REQUIRED,
    each: bool = False,
    many: bool = False,
    may_be_empty: bool = False,
) -> Any:
    """A positional argument on the command line; on the screen the selection, or a field."""
    spec = FieldSpec(
        "",
        label,
        help,
        Role.OPERAND,
        kind,
        default,
        metavar=metavar,
        each=each,
        many=many,
        may_be_empty=may_be_empty,
    )
    return _field(spec)


def option(  # noqa: PLR0913 - what one declares by name
    label: str,
    help: str,  # noqa: A002
    *flags: str,
    kind: Kind = Kind.TEXT,
    metavar: str = "VALUE",
    default: Any = "",
    choices: tuple[str, ...] = (),
    many: bool = False,
) -> Any:
    """A value that is given by an option or a form field."""
    spec = FieldSpec(
        "",
        label,
        help,
        Role.OPTION,
        kind,
        default,
        flags=flags,
        metavar=metavar,
        choices=choices,
        many=many,
    )
    return _field(spec)


def switch(
    label: str,
    help: str,  # noqa: A002
    *flags: str,
    default: bool | None = False,
    off: tuple[str, ...] = (),
    off_help: str = "",
) -> Any:
    """A yes-or-no choice. With the default None, the host decides."""
    spec = FieldSpec(
        "",
        label,
        help,
        Role.OPTION,
        Kind.SWITCH,
        default,
        flags=flags,
        off=off,
        off_help=off_help,
    )
    return _field(spec)


def provided(help: str, *, label: str = "", default: Any = REQUIRED) -> Any:  # noqa: A002
    """A value that the program fills in: operations have no clock and no random numbers.

    With a label it is a field of forms; when it is left empty, the program fills it in.
    """
    return _field(FieldSpec("", label, help, Role.PROVIDED, Kind.TEXT, default))


# --- operations ------------------------------------------------------------------------------

_SPECS: dict[type[Request], Spec] = {}


class Declared(TypedDict, total=False):
    """What an operation declares: see Spec, which has the defaults."""

    command: str
    summary: Required[str]
    label: str
    help: str
    scope: Scope
    danger: Danger
    confirm: Confirm
    undo: Undo
    plan: str
    needs: str
    refusal: str
    refusal_of_host: str
    form: str
    configures: bool


# to a type checker, `option` and `switch` are values: they always have a default
@dataclass_transform(frozen_default=True, field_specifiers=(operand, provided, dataclasses.field))
def operation(op: str, **declared: Unpack[Declared]) -> Callable[[type[T]], type[T]]:
    """Declare the operation that a request class asks for."""

    def declare(kind: type[T]) -> type[T]:
        made = as_request(kind)
        fields = tuple(
            dataclasses.replace(field.metadata["spec"], name=field.name)
            for field in dataclasses.fields(made)
            if "spec" in field.metadata
        )
        made.op = op
        _SPECS[made] = Spec(op=op, fields=fields, **declared)
        REGISTERED.add(made)
        return made

    return declare


def spec_of(request: Request | type[Request]) -> Spec:
    """What a request, or its class, declares. Raises KeyError for a class that declares nothing."""
    return _SPECS[request if isinstance(request, type) else type(request)]


def declared() -> Mapping[type[Request], Spec]:
    """Every operation that was imported, in the order of its declaration."""
    return _SPECS
