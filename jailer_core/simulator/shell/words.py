"""Expand words of sh(1): variables, command substitution, splitting, globs."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.shell.parse import Part, ShellWord


@dataclass(frozen=True, slots=True)
class Scene:
    """The context of a word: its user and directory, the variables, $0 $1 …, and $?."""

    machine: Machine
    call: Call
    variables: Mapping[str, str]
    arguments: Sequence[str]
    status: int


def expand(scene: Scene, word: ShellWord) -> list[str]:
    """The words that one word becomes; none when it is an unquoted nothing."""
    fields: list[str] = [""]
    magic = used = False
    for part in word:
        text = _part(scene, part)
        if part.kind == "text" or part.quoted:
            magic = magic or (not part.quoted and text in ("*", "?", "["))
            fields[-1] += text
            used = used or part.quoted or bool(text)
            continue
        used = _split(fields, text) or used
    if not used:
        return []
    return _glob(scene, fields) if magic else fields


def _split(fields: list[str], text: str) -> bool:
    """Add an unquoted variable's text, cut at blanks; whether there was anything."""
    pieces = text.split()
    if text[:1].isspace() and fields[-1]:
        fields.append("")
    for number, piece in enumerate(pieces):
        fields[-1] += piece
        if number < len(pieces) - 1:
            fields.append("")
    return bool(pieces)


def _part(scene: Scene, part: Part) -> str:
    if part.kind == "variable":
        if part.text.isdigit():
            number = int(part.text)
            return scene.arguments[number] if number < len(scene.arguments) else ""
        every = " ".join(scene.arguments[1:])
        special = {"?": str(scene.status), "$": "1", "#": str(len(scene.arguments) - 1)}
        special |= {"@": every, "*": every}
        return special.get(part.text, scene.variables.get(part.text, ""))
    if part.kind == "command":
        done = scene.machine.now_run(("sh", "-c", part.text), scene.call)
        return done.stdout.rstrip("\n")
    return part.text


def _glob(scene: Scene, fields: list[str]) -> list[str]:
    """Patterns as the names that they match, or as they are when nothing does."""
    found: list[str] = []
    paths = Paths(scene.machine, scene.call)
    for field in fields:
        folder, _, last = field.rpartition("/")
        try:
            names = paths.listdir(folder or ("/" if "/" in field else "."))
        except SimOSError:
            names = []
        prefix = field[: len(field) - len(last)]
        matches = [
            prefix + name
            for name in names
            if fnmatch.fnmatchcase(name, last) and (not name.startswith(".") or last[0] == ".")
        ]
        found += matches or [field]
    return found
