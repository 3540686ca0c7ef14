"""The text of a jail's configuration, changed so that it is that of another jail.

Only what stands there plainly is changed; jail(8) reads the result before anything is done, and
what it says then (`configured`) is what the plan goes by.
"""

from __future__ import annotations

import re

from jailer_core.errors import ParseError, Refused, first_line
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations import jailconf
from jailer_core.operations.guards import named, source
from jailer_core.parse.jailconf import jails
from jailer_core.plan import READ_CONF

_NUMBER = re.compile(r'^(\s*\$id\s*=\s*"?)(\d+)("?\s*;)', re.MULTILINE)


def renamed(config: JailConfig, text: str, new: str, root: str) -> str:
    """The text with another name and root; "" when its block does not stand there plainly."""
    old = re.escape(config.name)
    block = re.compile(rf"^(\s*)(\"?){old}\2(\s*\{{)", re.MULTILINE)
    text, count = block.subn(rf"\g<1>\g<2>{new}\g<2>\g<3>", text, count=1)
    if count != 1:
        return ""
    path = config.first("path")
    if path:
        text = re.sub(rf"{re.escape(path)}(?=[\"';/\s])", lambda _found: root, text)
    for before, behind in (
        (r"^\s*host\.hostname\s*=\s*\"?", r"[.\";]"),
        (r"^\s*exec\.consolelog\s*=\s*\"?\S*/", r"\.log"),
        (r"\b(?:vnet-|jail:)", r"(?:[^\w-]|$)"),
    ):
        place = re.compile(rf"({before}){old}(?={behind})", re.MULTILINE)
        text = place.sub(rf"\g<1>{new}", text)
    return text


def renumbered(text: str, old: tuple[str, ...], number: int) -> str:
    """The text with another `$id`; where it has none, with other epairs than `old`."""
    text, count = _NUMBER.subn(rf"\g<1>{number}\g<3>", text, count=1)
    if not count and len(old) == 1:
        text = re.sub(rf"\b{re.escape(old[0])}(?=[ab]?\b)", f"epair{number}", text)
    return text


def readdressed(text: str, param: str, address: str) -> str:
    """The text with one address instead of all that a parameter had."""
    line = re.compile(rf"^(\s*){re.escape(param)}\s*\+?=\s*([^;]*);[^\n]*\n", re.MULTILINE)
    found = line.search(text)
    if found is None:
        return text
    interface, bar, _ = found[2].strip().strip('"').rpartition("|")
    fresh = f'{found[1]}{param} = "{interface}{bar}{address}";\n' if address else ""
    rest = line.sub("", text[found.end() :])
    return f"{text[: found.start()]}{fresh}{rest}"


def with_address(text: str, name: str, param: str, address: str) -> str:
    """The same, also where the parameter does not stand there yet: first in the jail's block."""
    fresh = readdressed(text, param, address)
    if fresh != text or not address:
        return fresh
    block = re.compile(rf"^([ \t]*)(\"?){re.escape(name)}\2\s*\{{[ \t]*\n", re.MULTILINE)
    return block.sub(lambda found: f'{found[0]}{found[1]}  {param} = "{address}";\n', text, count=1)


def rebridged(text: str, old: str, new: str) -> str:
    """The text with another bridge, as the original writes it or named in its commands."""
    place = re.compile(rf"^(\s*\$bridge\s*=\s*\"?){re.escape(old)}(?=\"?\s*;)", re.MULTILINE)
    text = place.sub(rf"\g<1>{new}", text)
    words = re.compile(rf"\b(ifconfig\s+){re.escape(old)}(?=\s+(?:addm|deletem)\b)")
    return words.sub(rf"\g<1>{new}", text)


def recarded(text: str, old: str, new: str) -> str:
    """The text with another interface of the host for its addresses."""
    place = re.compile(rf"^(\s*interface\s*=\s*\"?){re.escape(old)}(?=\"?\s*;)", re.MULTILINE)
    text = place.sub(rf"\g<1>{new}", text)
    return re.sub(rf"(?<![\w.]){re.escape(old)}(?=\|)", new, text)


def configured(inventory: Inventory, name: str, text: str) -> JailConfig:
    """What jail(8) reads in a text for that jail. Raises Refused."""
    answer = inventory.answers.get((*READ_CONF, text))
    if answer is None:
        raise Refused(f"jail(8) could not be asked to read the configuration of {named(name)}")
    said = first_line(answer.stderr)
    try:
        found = dict(jails(answer.stdout)) if answer.status == 0 else {}
    except ParseError as error:
        said = error.message
    if answer.status != 0 or list(found) != [name]:
        raise Refused(
            f"the file cannot be that of {named(name)}: {said or 'it has other jails too'}",
            "Change it by hand first: edit.",
        )
    path = jailconf.file_of(name)
    return JailConfig(name, path, found[name], source=path)


def plain(config: JailConfig, text: str) -> str:
    """The text, when it is not empty. Raises Refused: `renamed` found no block."""
    if not text:
        raise Refused(
            f"the block of {named(config.name)} does not stand plainly in {named(source(config))}",
            "Change its name by hand: edit.",
        )
    return text
