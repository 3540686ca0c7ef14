"""A jail's name and root in the values of its configuration, and their replacements in a copy.

What a hook does to the old name it would go on doing: `jexec web service cron stop` in a clone of
web stops cron in web. So words that are the old name become the new one.

The text of a jail's configuration, changed so that it is that of another jail.

Only what is written plainly is changed; jail(8) reads the result, in the file that the jail is
started from, before anything is done. What it says then (`configured`) is what the plan goes by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.model.trees import normal
from jailer_core.operations.guards import source
from jailer_core.operations.jails import jailconf
from jailer_core.operations.shared import starting_context
from jailer_core.operations.shared.starting_context import Changes
from jailer_core.text import sanitize

HOOKS = (
    "exec.prepare",
    "exec.prestart",
    "exec.created",
    "exec.start",
    "command",
    "exec.poststart",
    "exec.prestop",
    "exec.stop",
    "exec.poststop",
    "exec.release",
)
"""Parameters that are commands (jail(8))."""
_FILES = ("exec.consolelog", "mount.fstab")
_COMMON = frozenset(
    [
        *("add", "addm", "alias", "all", "change", "create", "default", "del", "delete", "deletem"),
        *("descr", "destroy", "dev", "devfs", "down", "echo", "env", "ether", "exec", "false"),
        *("group", "host", "ifconfig", "inet", "inet6", "jail", "jexec", "lo", "log", "name"),
        *("nullfs", "onestart", "onestop", "rc", "route", "service", "sh", "sleep", "start"),
        *("stop", "sysctl", "sysrc", "true", "umount", "mount", "up", "vnet", "zfs"),
    ]
)
"""Words of commands: a jail may bear such a name, but the word hardly means the jail."""
_CARD = re.compile(r"[a-z]{2,8}\d+[ab]?")


@dataclass(frozen=True, slots=True)
class Name:
    """The name and root that a jail has, and those that it, or its clone, gets.

    `more` are other words that become something else: numbers of epairs, addresses, hardware
    addresses. `jail` is the jail for sentences, when `new` is not its name.
    """

    old: str
    new: str
    old_root: str = ""
    root: str = ""
    more: tuple[tuple[str, str], ...] = ()
    jail: str = ""

    def in_value(self, param: str, value: str) -> str:
        """A parameter's value (or several, as in a file) for the new name."""
        if self.old_root and self.old_root != "/":
            value = _below(self.old_root).sub(lambda _found: self.root, value)
        if param == "host.hostname":
            first = rf"^(\s*[\"']?){re.escape(self.old)}(?=[.\"'\s]|$)"
            return re.sub(first, lambda match: f"{match[1]}{self.new}", value)
        if param in _FILES:
            return self.in_file(value)
        if param in HOOKS or param.startswith("exec."):
            return self._in_commands(value)
        if param.startswith("$") and value.strip().strip("\"'") == self.old:
            return value.replace(self.old, self.new)
        return value

    def in_file(self, path: str) -> str:
        """A path whose last part contains the name: `/etc/fstab.web`, `jail_console_web.log`."""
        folder, slash, base = path.rpartition("/")
        return f"{folder}{slash}{_part(self.old).sub(lambda _found: self.new, base)}"

    def _in_commands(self, text: str) -> str:
        text = _explicit(self.old).sub(lambda match: f"{match[1]}{self.new}", text)
        return text if self.ambiguous else _word(self.old).sub(lambda _found: self.new, text)

    @property
    def ambiguous(self) -> bool:
        """Whether a word that equals the old name may mean something else."""
        return self.old in _COMMON or _CARD.fullmatch(self.old) is not None

    def may_become(self, old: str, new: str) -> bool:
        """Whether a new value is the old one with any names and roots replaced."""
        every = {(self.old_root, self.root), (self.old, self.new), *self.more}
        pairs = sorted((pair for pair in every if pair[0]), key=lambda pair: -len(pair[0]))
        becomes = {before: f"(?:{re.escape(before)}|{re.escape(after)})" for before, after in pairs}
        known = re.compile("|".join(re.escape(before) for before, _ in pairs))
        pattern, at = "", 0
        for match in known.finditer(old):
            pattern += re.escape(old[at : match.start()]) + becomes[match[0]]
            at = match.end()
        return re.fullmatch(pattern + re.escape(old[at:]), new, re.DOTALL) is not None

    def acts_on_old(self, params: Mapping[str, tuple[str, ...]]) -> str:
        """The first command that still refers to the old jail or its root, or ""."""
        moved = self.old_root not in ("", "/", self.root)
        for _, value in commands(params):
            if moved and _below(self.old_root).search(value):
                return value
            if _explicit(self.old).search(value):
                return value
            if not self.ambiguous and _word(self.old).search(value):
                return value
        return ""

    def mentions_old(self, params: Mapping[str, tuple[str, ...]]) -> str:
        """The first command in which the old name is part of something else, or ""."""
        part = _part(self.old)
        return next((value for _, value in commands(params) if part.search(value)), "")


def commands(params: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    """Parameter and text of every command of a configuration."""
    for param in HOOKS:
        for value in params.get(param, ()):
            yield param, value


def _part(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")


def _word(name: str) -> re.Pattern[str]:
    """The name as a whole word of a command."""
    return re.compile(rf"(?<![^\s\"'=(,;&|]){re.escape(name)}(?![^\s\"'),;&|])")


def _explicit(name: str) -> re.Pattern[str]:
    """The name where a command takes that of a jail; group 1 is what comes before it.

    `jexec [-l] [-U user] NAME`, `ifconfig -j NAME`, `… -vnet NAME`, `… vnet NAME`, `jls -j NAME`,
    `jail -r NAME`, `jail:NAME` (rctl), `vnet-NAME` (a description).
    """
    before = (
        r"\bjexec\s+(?:-[dl]+\s+|-[uUd]\s+\S+\s+)*"
        r"|(?<![\w-])-?vnet\s+"
        r"|(?<![\w-])-[jJ]\s*"
        r"|\bjail\s+-[rRmc]+\s+"
        r"|\bjail:|\bvnet-|\bname="
    )
    return re.compile(rf"({before}){re.escape(name)}(?![\w-])")


def _below(root: str) -> re.Pattern[str]:
    """A root directory where a path begins, not where one only ends like it."""
    return re.compile(
        rf"(?:^|(?<=[\s\"'`=:;,|&<>({{\[])){re.escape(root)}(?=[\"'`\s;,:|&<>)}}\]/]|$)"
    )


_NUMBER = re.compile(r'^(\s*\$id\s*=\s*"?)(\d+)("?\s*;)', re.MULTILINE)


_SKIPPED = re.compile(
    r'"(?:[^"\\]|\\.)*"' r"|'(?:[^'\\]|\\.)*'" r"|#[^\n]*|//[^\n]*|/\*.*?\*/|\$\{[^}]*\}|[{}]",
    re.DOTALL,
)
"""Strings, comments and variables, in which a brace means nothing, and braces."""

_STATEMENT = re.compile(
    r"(?<![^\s;{}])([$\w.]+)(\s*\+?=\s*)"
    r"((?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^;\"'{}]|\$\{[^}]*\})*)(?=;)"
)
"""`param = values` and `param += values`, up to the semicolon."""


def hidden(text: str, place: int) -> bool:
    """Whether that position is inside a string or a comment."""
    return any(match.start() < place < match.end() for match in _SKIPPED.finditer(text))


def braces(text: str, start: int) -> list[tuple[int, str]]:
    """Braces from that position on that open or close a block."""
    matches = _SKIPPED.finditer(text, start)
    return [(match.start(), match[0]) for match in matches if match[0] in "{}"]


def head(text: str, name: str) -> re.Match[str] | None:
    """The name of a jail's block in front of its brace, when it is written once and plainly.

    Group 1 is the quote before the name.
    """
    place = re.compile(rf"(?<![^\s;}}])([\"']?){re.escape(name)}\1(?=\s*\{{)")
    matches = [match for match in place.finditer(text) if not hidden(text, match.start())]
    return matches[0] if len(matches) == 1 else None


def renamed(config: JailConfig, text: str, new: str, root: str) -> str:
    """The text with another name and root; "" if the block cannot be edited automatically."""
    match = head(text, config.name)
    if match is None:
        return ""
    text = f"{text[: match.start()]}{match[1]}{new}{match[1]}{text[match.end() :]}"
    name = Name(config.name, new, config.root, root)

    def statement(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}{_values(name, match[1], match[3])}"

    return _STATEMENT.sub(statement, text)


def _values(name: Name, param: str, text: str) -> str:
    """The values of one parameter as they are in the file."""
    if param != "path":
        return name.in_value(param, text)
    plain = text.strip().strip("\"'")
    if normal(plain) == name.old_root:
        return text.replace(plain, name.root)
    # a variable that is not the name does not follow it
    by_others = "$" in plain and not re.search(r"\$(?:name\b|\{name\})", plain)
    return f'"{name.root}"' if by_others else name.in_value(param, text)


def renumbered(text: str, old: tuple[str, ...], number: int) -> str:
    """The text with another `$id`, or if it has none, with other epairs than `old`."""
    text, count = _NUMBER.subn(rf"\g<1>{number}\g<3>", text, count=1)
    if not count and len(old) == 1:
        text = re.sub(rf"\b{re.escape(old[0])}(?=[ab]?\b)", f"epair{number}", text)
    return text


def readdressed(text: str, param: str, address: str) -> str:
    """The text with one address instead of all addresses of a parameter."""
    matches = _statements(text, param)
    if not matches:
        return text
    first = matches[0][3].partition(",")[0].strip().strip("\"'")
    interface, bar, rest = first.rpartition("|")
    _, slash, bits = rest.partition("/")
    fresh = f'{param} = "{interface}{bar}{address}{slash}{bits}";' if address else ""
    return _replaced(text, matches, fresh)


def without(text: str, param: str) -> str:
    """The text without a parameter."""
    return _replaced(text, _statements(text, param), "")


def _statements(text: str, param: str) -> list[re.Match[str]]:
    """All places that set a parameter."""
    matches = (match for match in _STATEMENT.finditer(text) if match[1] == param)
    return [match for match in matches if not hidden(text, match.start())]


def _replaced(text: str, matches: list[re.Match[str]], fresh: str) -> str:
    """The text with `fresh` instead of the first of some statements, and without the others."""
    for index, match in reversed(list(enumerate(matches))):
        start, end = match.start(), match.end() + 1
        line = text.rfind("\n", 0, start) + 1
        if (index or not fresh) and not text[line:start].strip() and text[end : end + 1] == "\n":
            start, end = line, end + 1
        text = f"{text[:start]}{fresh if index == 0 else ''}{text[end:]}"
    return text


def with_address(text: str, name: str, param: str, address: str) -> str:
    """The same; a missing parameter is added first in the jail's block."""
    fresh = readdressed(text, param, address)
    if fresh != text or not address:
        return fresh
    block = re.compile(rf"^([ \t]*)(\"?){re.escape(name)}\2\s*\{{[ \t]*\n", re.MULTILINE)
    return block.sub(lambda match: f'{match[0]}{match[1]}  {param} = "{address}";\n', text, count=1)


def rebridged(text: str, old: str, new: str) -> str:
    """The text with another bridge, as `jailer` writes it or in commands."""
    place = re.compile(rf"^(\s*\$bridge\s*=\s*\"?){re.escape(old)}(?=\"?\s*;)", re.MULTILINE)
    text = place.sub(lambda match: f"{match[1]}{new}", text)
    words = re.compile(rf"\b(ifconfig\s+){re.escape(old)}(?=\s+(?:addm|deletem)\b)")
    return words.sub(lambda match: f"{match[1]}{new}", text)


def recarded(text: str, old: str, new: str) -> str:
    """The text with another interface of the host for its addresses."""
    place = re.compile(rf"^(\s*interface\s*=\s*\"?){re.escape(old)}(?=\"?\s*;)", re.MULTILINE)
    text = place.sub(lambda match: f"{match[1]}{new}", text)
    return re.sub(rf"(?<![\w.]){re.escape(old)}(?=\|)", lambda _found: new, text)


def configured(inventory: Inventory, name: str, path: str, changes: Changes) -> JailConfig:
    """The configuration that jail(8) will read for a jail in `path`. Raises Refused."""
    reading = starting_context.read(inventory, changes)
    config = reading.find(name, path)
    if config is None:
        start = starting_context.starts_from(reading.files, name, path)
        raise Refused(
            f"{sanitize(start)} would not define the jail {sanitize(name)}",
            "Change its configuration by hand first: edit.",
        )
    complaint = reading.complaints.get(name)
    if complaint:
        raise Refused(
            f"jail(8) could not start {sanitize(name)}: {sanitize(complaint)}",
            "Change its configuration by hand first: edit.",
        )
    return config


def file_for(config: JailConfig, new: str) -> str:
    """The file of a clone: beside this one, named in the same way."""
    path = source(config)
    fresh = Name(config.name, new).in_file(path)
    return fresh if fresh != path else jailconf.file_of(new)


def plain(config: JailConfig, text: str) -> str:
    """The text. Raises Refused if it is empty because `renamed` found no block."""
    if not text:
        raise Refused(
            f"the block for {sanitize(config.name)} in {sanitize(source(config))} cannot be edited "
            "automatically",
            "Change its name by hand: edit.",
        )
    return text
