"""Needs: what must be read from the host before a request can be decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jailer_core.model.trees import TreesQuestion

PARSE_JAIL_CONF = ("jail", "-f", "-", "-e", "\x1f")
"""jail(8) prints the configuration on standard input (docs/freebsd-facts.md, Reading)."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a request must know beyond what every refresh reads (inventory).

    `jails` are names whose configuration text is needed; `holders` are paths that must be free;
    `properties` are datasets whose own properties are needed; `files` other files to keep.
    `paths` are only looked at (do they exist?); `commands` only look, and their answers are kept.
    `jail_confs` are texts of jail.conf that jail(8) is to read; the answer to one is that to
    (*PARSE_JAIL_CONF, text). `network` asks for all of model.Connections. `files_in_jails` are
    (root, path) of files below a jail's root, read without following links. `firewall`: NAT and
    redirections, and what could be in their way; `translations`: only what is stored, loaded and
    counted of them, for a list. `trees`: old base, jail and new base of a jail that moves to
    another one.
    """

    snapshots: bool = False
    jails: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=())
    setup: bool = False
    paths: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    jail_confs: tuple[str, ...] = ()
    network: bool = False
    files_in_jails: tuple[tuple[str, str], ...] = ()
    firewall: bool = False
    translations: bool = False
    trees: tuple[TreesQuestion, ...] = ()

    def __or__(self, other: Needs) -> Needs:
        """All that either needs."""
        return Needs.union((self, other))

    @staticmethod
    def union(several: Iterable[Needs]) -> Needs:
        """The union of several needs, each item once, in order."""
        parts = (Needs(), *several)

        def union(name: str) -> object:
            values = [getattr(needs, name) for needs in parts]
            if isinstance(values[0], bool):
                return any(values)
            return tuple(dict.fromkeys(chain.from_iterable(values)))

        return Needs(**{field.name: union(field.name) for field in fields(Needs)})  # type: ignore[arg-type]
