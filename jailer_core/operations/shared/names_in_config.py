"""A jail's name and root in the values of its configuration, and their replacements in a copy.

What a hook does to the old name it would go on doing: `jexec web service cron stop` in a clone of
web stops cron in web. So words that are the old name become the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
        """One value of a parameter (or several, as they are in a file) for the new name."""
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
        """A path whose last part bears the name: `/etc/fstab.web`, `jail_console_web.log`."""
        folder, slash, base = path.rpartition("/")
        return f"{folder}{slash}{_part(self.old).sub(lambda _found: self.new, base)}"

    def _in_commands(self, text: str) -> str:
        text = _explicit(self.old).sub(lambda match: f"{match[1]}{self.new}", text)
        return text if self.ambiguous else _word(self.old).sub(lambda _found: self.new, text)

    @property
    def ambiguous(self) -> bool:
        """Whether a word that is the old name may well mean something else."""
        return self.old in _COMMON or _CARD.fullmatch(self.old) is not None

    def may_become(self, old: str, new: str) -> bool:
        """Whether a new value is the old one with names and roots replaced, however many."""
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
        """The first command that still is about the old jail or its root, "" when none is."""
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
        """The first command in which the old name is part of something else, "" for none."""
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
