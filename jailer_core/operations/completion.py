"""Sources for completing a field: known names, or a directory that must be read.

It follows from the kind that the field is declared with (spec.py), or from the words that the
operation gives for it (`FieldHint.words`). Reading the directory is left to
jailer_core.completion.

Hints at the fields of a form that depend on the host, besides what the operation declares.
"""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.model.trees import normal
from jailer_core.operations.spec import FieldSpec, Kind

ZONES = "/usr/share/zoneinfo"
_DIRECTORIES = (Kind.DIRECTORY, Kind.SOURCE, Kind.INSIDE)
_NAMED = (Kind.JAIL, Kind.IMAGE, Kind.BRIDGE, Kind.INTERFACE, Kind.DATASET, Kind.SOURCE)
_SEPARATORS = " ,"


@dataclass(frozen=True, slots=True)
class Source:
    """What completes a field. `jail` is the one whose directories are meant, where they are.

    `words` are those that the operation gives, None where it gives none. `many`: the field takes
    several words, of which the last one is completed.
    """

    kind: Kind
    jail: str = ""
    words: tuple[str, ...] | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory whose entries complete a word: those that begin with `part`, behind `head`.

    `beneath` is the root below which no symbolic link is followed, or "". With `files` they count
    as well as directories.
    """

    path: str
    head: str
    part: str
    beneath: str = ""
    files: bool = False


def source_of(
    spec: FieldSpec, jail: str = "", words: tuple[str, ...] | None = None
) -> Source | None:
    """The source of completions for a field, or None."""
    known = (*_DIRECTORIES, *_NAMED, Kind.ZONE)
    if words is None and spec.kind not in known:
        return None
    return Source(spec.kind, jail, words, spec.many)


def last_word(source: Source, text: str) -> tuple[str, str]:
    """Split the input into what stays and the word to complete."""
    if not source.many:
        return "", text.lstrip()
    at = max(text.rfind(separator) for separator in _SEPARATORS) + 1
    return text[:at], text[at:]


def names(inventory: Inventory, source: Source) -> tuple[str, ...]:
    """The names that complete a field, without the directories."""
    if source.words is not None:
        return source.words
    match source.kind:
        case Kind.JAIL:
            return tuple(sorted({jail.name for jail in inventory.jails}))
        case Kind.IMAGE:
            return tuple(image.version for image in inventory.images)
        case Kind.BRIDGE | Kind.INTERFACE:
            bridges = source.kind is Kind.BRIDGE
            return tuple(
                interface.name
                for interface in inventory.interfaces or ()
                if not bridges or interface.is_bridge
            )
        case Kind.DATASET:
            return tuple(dataset.name for dataset in inventory.datasets or ())
    return ()


def folder(inventory: Inventory, source: Source, word: str) -> Folder | None:
    """The directory to list for a word, or None."""
    head, slash, part = word.rpartition("/")
    if source.kind is Kind.ZONE:
        head += slash
        up = ".." in head.split("/")
        return None if up else Folder(f"{ZONES}/{head}", head, part, files=True)
    if source.kind not in _DIRECTORIES or ".." in word.split("/"):
        return None
    if word and not slash:
        return None
    head = head + "/"
    if source.kind is not Kind.INSIDE:
        return Folder(head, head, part)
    jail = inventory.jail(source.jail)
    root = normal(jail.path) if jail is not None else ""
    if not root:
        return None
    return Folder(root.rstrip("/") + head, head, part, beneath=root if head.strip("/") else "")


Choice = tuple[str, str]
"""A value, and what explains it in a line."""


@dataclass(frozen=True, slots=True)
class FieldHint:
    """What the host adds to a field of a form; "" and None leave what is declared.

    With `choices` the value is one of them; `none` names the empty one. `words` complete what is
    typed. `suggestion` is what an empty field becomes, `empty` the word that means it in the
    request. `beside` is shown beside the field, `off` tells why it cannot be filled in now.
    """

    choices: tuple[Choice, ...] | None = None
    suggestion: str = ""
    empty: str = ""
    beside: str = ""
    off: str = ""
    help: str = ""
    label: str = ""
    none: str = "none"
    words: tuple[str, ...] | None = None
