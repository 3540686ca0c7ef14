"""The definitions of hosts, and those that --host names.

The definition of a host: a table `[host.NAME]` of the settings, or command line arguments.

[host.web1]
ssh = "root@web1"            destination of ssh(1), or ssh://user@host:port
become = "doas"              or "sudo": how a login that is not root becomes root
tags = ["web", "production"]
colour = "red"               of its name in the header
production = true            its name must be typed for what destroys
read-only = true             nothing may be changed there
config = "/root/.ssh/jails"  a file for ssh -F
agent = ["jailer-tui", "agent"]    a program to run there; without it, it is sent

Resolve the arguments of --host to hosts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

from jailer_core.errors import UsageError
from jailer_core.text import sanitize

BECOME = ("", "doas", "sudo")
COLOURS = ("red", "yellow", "green", "cyan", "blue", "magenta")
DEMO = "demo:"
SCHEME = "ssh://"
LOCAL = "local"
"""The name of this machine."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class HostEntry:
    """How a host is reached, and how it is marked.

    Neither `ssh` nor `demo`: this machine. `port` 0 is what ssh itself takes.
    """

    name: str
    ssh: str = ""
    user: str = ""
    port: int = 0
    demo: str = ""
    become: str = ""
    tags: tuple[str, ...] = ()
    colour: str = ""
    production: bool = False
    read_only: bool = False
    config: str = ""
    agent: tuple[str, ...] = ()

    @property
    def remote(self) -> bool:
        """Whether it is reached over ssh."""
        return bool(self.ssh)


def of_table(name: str, table: Mapping[str, object]) -> HostEntry:
    """The host of a table of the settings. Raises ValueError."""
    if not _NAME.match(name) or name in (LOCAL, "all"):
        raise ValueError("needs a name of letters, digits, dots and dashes, other than local, all")
    for field in table:
        if field not in _FIELDS:
            raise ValueError(f"has no field {field}; fields are {', '.join(_FIELDS)}")
    values: dict[str, object] = {}
    for field, value in table.items():
        try:
            values[field.replace("-", "_")] = _FIELDS[field](value)
        except ValueError as error:
            raise ValueError(f"{field} {error}") from None
    destination = str(values.pop("ssh", name))
    entry = replace(destined(destination), name=name)
    return replace(entry, **values)  # type: ignore[arg-type]


def destined(text: str) -> HostEntry:
    """The host of `host`, `user@host` or `ssh://user@host:port`. Raises ValueError."""
    user, at, host = text.rpartition("@")
    port = 0
    if text.startswith(SCHEME):
        user, host, port = _of_url(text)
        at = user
    if at and not _USER.match(user):
        raise ValueError("has no usable user before the @")
    _check_host(host)
    return HostEntry(f"{host}:{port}" if port else host, ssh=host, user=user, port=port)


def _of_url(text: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(text)
        host, port, user = parts.hostname or "", parts.port or 0, unquote(parts.username or "")
    except ValueError:
        raise ValueError("must look like ssh://user@host:port") from None
    if parts.path.strip("/") or parts.query or parts.fragment or parts.password is not None:
        raise ValueError("must look like ssh://user@host:port")
    return user, host, port


def _check_host(host: str) -> None:
    """A name, an alias of ~/.ssh/config, or an address. Raises ValueError."""
    if _NAME.match(host):
        return
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise ValueError("must name a host: host, user@host or ssh://user@host:port") from None


# --- the fields of a table -------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("must be text in quotes")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - as all of them
    return value


def _one_of(words: tuple[str, ...]) -> Callable[[object], object]:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(word for word in words if word)}")
        return str(value)

    return read


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of text: ["…", "…"]')  # noqa: TRY004
    return tuple(map(_text, value))


def _tags(value: object) -> tuple[str, ...]:
    words = _words(value)
    if not all(_NAME.match(word) for word in words):
        raise ValueError("must be words of letters, digits, dots and dashes")
    return words


def _destination(value: object) -> str:
    text = _text(value)
    destined(text)
    return text


_FIELDS: Mapping[str, Callable[[object], object]] = {
    "ssh": _destination,
    "become": _one_of(BECOME),
    "tags": _tags,
    "colour": _one_of(COLOURS),
    "production": _flag,
    "read-only": _flag,
    "config": _text,
    "agent": _words,
}


ALL = "all"
TAG = "@"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The hosts, each once. `several`: the words could match more than one."""

    entries: tuple[HostEntry, ...]
    several: bool


def known(tables: Mapping[str, Mapping[str, object]]) -> dict[str, HostEntry]:
    """The hosts of the settings. Raises UsageError."""
    try:
        return {name: of_table(name, table) for name, table in tables.items()}
    except ValueError as error:
        raise UsageError(f"host: {error}") from None


def choose(
    words: Sequence[str], hosts: Mapping[str, HostEntry], scenarios: Iterable[str]
) -> Chosen:
    """The hosts that the words match. Raises UsageError for a word that matches none."""
    entries: dict[str, HostEntry] = {}
    several = len(words) > 1
    for word in words:
        several = several or word == ALL or word.startswith(TAG) or "*" in word
        for entry in _meant(word, hosts, tuple(scenarios)):
            entries.setdefault(entry.name, entry)
    return Chosen(tuple(entries.values()), several)


def _meant(word: str, hosts: Mapping[str, HostEntry], scenarios: Sequence[str]) -> list[HostEntry]:
    if word in hosts:
        return [hosts[word]]
    if word == LOCAL:
        return [HostEntry(LOCAL)]
    if word.startswith(DEMO):
        return [_demo(word, scenarios)]
    if word == ALL:
        matches = list(hosts.values())
    elif word.startswith(TAG):
        matches = [entry for entry in hosts.values() if word[1:] in entry.tags]
    elif "*" in word or "?" in word:
        matches = [entry for name, entry in hosts.items() if fnmatchcase(name, word)]
    else:
        try:
            return [destined(word)]
        except ValueError as error:
            raise UsageError(f"--host {sanitize(word)}: {error}") from None
    if not matches:
        raise UsageError(
            f"--host {sanitize(word)}: there is no such host",
            f"Hosts are set as [host.NAME]: {', '.join(hosts) or 'none is set'}.",
        )
    return matches


def _demo(word: str, scenarios: Sequence[str]) -> HostEntry:
    scenario = word.removeprefix(DEMO)
    if scenario not in scenarios:
        raise UsageError(
            f"--host {sanitize(word)}: there is no such simulated host",
            f"Simulated hosts: {', '.join(DEMO + name for name in scenarios)}.",
        )
    return HostEntry(scenario, demo=scenario)
