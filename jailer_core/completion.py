"""Complete the text of a field as a shell does: read directories, and find matches.

A directory may have 100,000 entries and names with any bytes. Only as many entries are looked at
as can be shown; of more than that, only what their names have in common counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os.path import commonprefix

from jailer_core import checks
from jailer_core.errors import FileFailed, HostError, UsageError
from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.operations import completion
from jailer_core.operations.completion import Folder, Source
from jailer_core.text import sanitize

MOST = 500
"""How many entries of a directory are read, and shown."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What the text of a field becomes, and what it can become beyond that.

    `message` says why there is nothing, or that there is too much.
    """

    text: str
    choices: tuple[str, ...] = ()
    message: str = ""


async def complete(reader: Reader, inventory: Inventory, source: Source, text: str) -> Completed:
    """The text with its last word completed as far as it is unambiguous."""
    kept, word = completion.last_word(source, text)
    words = completion.names(inventory, source)
    matching = [name for name in words if name.startswith(word) and name not in kept.split()]
    folder = completion.folder(inventory, source, word)
    message = ""
    if folder is not None:
        try:
            entries, message = await _entries(reader, folder)
        except HostError as error:
            entries, message = [], _reason(error)
        matching += entries
    common = commonprefix(matching) if matching else word  # noqa: RUF071 - letters are meant
    longer = common if len(common) > len(word) else word
    if not matching:
        empty = "it contains no directories" if word.endswith("/") else "no match"
        return Completed(text, message=message or empty)
    if len(matching) > MOST:
        message = f"{len(matching):,} names fit: type more"
    if message:
        return Completed(kept + longer, message=message)
    choices = tuple(kept + name for name in sorted(set(matching))) if len(matching) > 1 else ()
    return Completed(kept + longer, choices)


def _reason(error: HostError) -> str:
    reason = error.reason if isinstance(error, FileFailed) else error.message
    return f"the directory cannot be read: {sanitize(reason)}"


async def _entries(reader: Reader, folder: Folder) -> tuple[list[str], str]:
    """What completes the word there, and what is said about it."""
    path = folder.path.rstrip("/") or "/"
    listed = await reader.host.listdir(path, beneath=folder.beneath)
    fitting = [name for name in listed if _fits(name, folder.part)]
    usable = [name for name in fitting if _usable(name)]
    if len(usable) > MOST:
        return [folder.head + name for name in usable], ""
    stamps = await reader.host.stat([f"{folder.path}{name}" for name in usable])
    entries = []
    for name in usable:
        stamp = stamps.get(f"{folder.path}{name}")
        if stamp is not None and stamp.is_dir:
            entries.append(f"{folder.head}{name}/")
        elif stamp is not None and folder.files and not stamp.is_link and "." not in name:
            entries.append(f"{folder.head}{name}")
    if fitting and not usable:
        return [], "names with quotes, $, backslashes or control characters cannot be used"
    return entries, ""


def _fits(name: str, part: str) -> bool:
    """Whether a name completes what is typed; a hidden one only where its dot is typed."""
    return name.startswith(part) and (part.startswith(".") or not name.startswith("."))


def _usable(name: str) -> bool:
    try:
        checks.path(f"/{name}")
    except UsageError:
        return False
    return name == name.strip()


def shown(choices: Iterable[str]) -> list[tuple[str, str]]:
    """The choices, each with the part that distinguishes it from the others."""
    every = list(choices)
    common = commonprefix(every)  # noqa: RUF071 - letters are meant
    at = max(common.rfind("/"), common.rfind(" ")) + 1
    return [(choice, sanitize(choice[at:])) for choice in every]
