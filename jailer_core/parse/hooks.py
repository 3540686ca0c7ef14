"""Addresses and hardware addresses in the commands of a jail's configuration.

Commands are a shell's: only what is written plainly is seen. What is not seen is unknown.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SPLIT = re.compile(r"[\s\"'`;&|()=]+")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}")
_OF_OTHERS = ("netmask", "broadcast", "gateway", "tunnel", "peer", "dest")


@dataclass(frozen=True, slots=True)
class Given:
    """An address that a command gives to an interface."""

    interface: str
    address: str
    prefix: int | None = None


@lru_cache(maxsize=8192)
def given(commands: tuple[str, ...]) -> tuple[Given, ...]:
    """Addresses that `ifconfig` commands give to interfaces, in order, each once."""
    claims: dict[tuple[str, str], Given] = {}
    for words in map(_words, commands):
        for index, word in enumerate(words):
            if word.rpartition("/")[2] == "ifconfig":
                for claim in _of_ifconfig(words[index + 1 :]):
                    claims.setdefault((claim.interface, claim.address), claim)
    return tuple(claims.values())


@lru_cache(maxsize=8192)
def named(commands: tuple[str, ...]) -> tuple[str, ...]:
    """All addresses in commands, whatever their purpose."""
    addresses = [_address(word) for command in commands for word in _words(command)]
    return tuple(dict.fromkeys(address[0] for address in addresses if address is not None))


@lru_cache(maxsize=8192)
def macs(commands: tuple[str, ...]) -> tuple[str, ...]:
    """Hardware addresses in commands, in lower case, each once."""
    words = [word.lower() for command in commands for word in _words(command)]
    return tuple(dict.fromkeys(word for word in words if _MAC.fullmatch(word)))


def _words(command: str) -> list[str]:
    return [word for word in _SPLIT.split(command) if word]


def _of_ifconfig(words: list[str]) -> Iterable[Given]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in ("-j", "-f", "-G", "-g") else 1]
    if not rest:
        return
    interface, before = rest[0], ""
    for word in rest[1:]:
        if word.rpartition("/")[2] == "ifconfig" or word in ("-alias", "delete", "remove"):
            return
        address = _address(word)
        if address is not None and before not in _OF_OTHERS:
            yield Given(interface, *address)
        before = word


def _address(word: str) -> tuple[str, int | None] | None:
    text, slash, bits = word.partition("/")
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(address), int(bits) if slash and bits.isdigit() else None
