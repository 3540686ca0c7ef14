"""Find the steps that touch the current connection: its interface, address, route or filter.

Judged by what the steps run, no matter which operation made them, so that none can forget to
ask. In doubt a step counts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jailer_core.model import Interface, Inventory
from jailer_core.operations.shared import jail_commands
from jailer_core.plan import Plan, Run, SetRc, Step
from jailer_core.plan.actions import commands_of
from jailer_core.ssh_client import Connection

_LOOKS = ("get", "monitor", "show")
_STARTS = re.compile(r"(?:one|force|quick|fast|quiet)*(?:start|restart|reload|resync)\Z")
_HARMLESS = ("description", "descr", "-description", "-descr", "group", "-group")
_MADE_OF_OTHERS = re.compile(r"(?:vlan|lagg)\d+\Z")
_HARDWARE = re.compile(r"(?!lo\d|bridge\d|epair\d|tap\d|tun\d|pflog|pfsync|enc\d|gif\d|wg\d)")


@dataclass(frozen=True, slots=True)
class ConnectionPath:
    """What the connection runs over: `card` carries the server's address ("" when none is known
    to), `names` are all interfaces that packets pass; `rc` is rc.conf as the plan leaves it.
    """  # noqa: D205 - one sentence

    connection: Connection
    card: str
    names: frozenset[str]
    rc: Mapping[str, str]

    def passes(self, name: str) -> bool:
        """Whether packets may pass that interface; if nothing is known, any may."""
        return not self.card or name in self.names

    def covers(self, address: str) -> bool:
        """Whether it is the server's own address, or its net is one that the client is in."""
        try:
            interface = ipaddress.ip_interface(address.partition("%")[0])
        except ValueError:
            return False
        if str(interface.ip) == self.connection.server:
            return True
        return "/" in address and ipaddress.ip_address(self.connection.client) in interface.network


def way(inventory: Inventory, connection: Connection, plan: Plan) -> ConnectionPath:
    """The route of the connection's packets, now and according to the future rc.conf."""
    interfaces = {interface.name: interface for interface in inventory.interfaces or ()}
    card = next(
        (
            interface
            for interface in interfaces.values()
            for own in interface.addresses
            if own.address.partition("%")[0] == connection.server
        ),
        None,
    )
    names = frozenset() if card is None else frozenset(_around(card, interfaces))
    rc = dict(inventory.rc or {})
    for step in plan.steps:
        if isinstance(step.action, Run) and step.action.argv[:1] == ("sysrc",):
            rc |= dict(word.split("=", 1) for word in step.action.argv[1:] if "=" in word)
        elif isinstance(step.action, SetRc) and not step.action.beneath:
            rc |= dict(step.action.values)
    return ConnectionPath(connection, "" if card is None else card.name, names, rc)


def _around(card: Interface, known: Mapping[str, Interface]) -> set[str]:
    """The card, what it lies on (VLAN, lagg, members of a bridge), bridges that any of it is in."""
    names: set[str] = set()
    below = [card]
    while below:
        interface = below.pop()
        if interface.name in names:
            continue
        names.add(interface.name)
        parts = [interface.parent, interface.name.partition(".")[0]]
        parts += [name for name in interface.members if not name.startswith("epair")]
        if _MADE_OF_OTHERS.match(interface.name) and not interface.parent and not interface.members:
            parts += [name for name in known if _HARDWARE.match(name)]  # it does not say of which
        below += [known[name] for name in parts if name in known]
    names |= {
        interface.name for interface in known.values() if names.intersection(interface.members)
    }
    return names


def touching(inventory: Inventory, way: ConnectionPath, plan: Plan) -> list[int]:
    """The indexes of the steps that may cut the connection."""
    return [place for place, step in enumerate(plan.steps) if _touches(inventory, way, step, plan)]


def _touches(inventory: Inventory, way: ConnectionPath, step: Step, plan: Plan) -> bool:
    """Whether a step, or jail(8) in it, does something to what the connection runs over."""
    stdin = step.action.stdin or "" if isinstance(step.action, Run) else ""
    if any(_command(way, argv, stdin) for argv in commands_of(step.action)):
        return True
    run = jail_commands.jail_run(step)
    commands = jail_commands.network_commands(inventory, run, plan) if run is not None else ()
    return any(_command(way, _without_prefix(argv), "") for argv in commands)


def _without_prefix(argv: tuple[str, ...]) -> tuple[str, ...]:
    """A jail's address in the client's net does not carry the connection: only the address."""
    if "alias" not in argv and "-alias" not in argv:
        return argv
    return tuple(word.partition("/")[0] if is_address(word) else word for word in argv)


def _command(  # noqa: PLR0911 - one for each program
    way: ConnectionPath, argv: tuple[str, ...], stdin: str
) -> bool:
    match argv[0].rpartition("/")[2], argv[1:]:
        case ("ifconfig", (name, *words)) if not name.startswith("-"):
            return _ifconfig(way, name, words)
        case ("service", (name, action, *names)):
            return _service(way, name, action, names)
        case ("route", ("-j", *_)):
            return False
        case ("route", words):
            return _route(way, [word for word in words if not word.startswith("-")])
        case ("pfctl", words):
            return _pfctl(way, words, stdin)
        case ("kldload", words):
            return "ipfw" in words
        case ("sysctl", words):
            return ":" in way.connection.client and any("ip6.forwarding=" in word for word in words)
    return False


def _ifconfig(way: ConnectionPath, name: str, words: Sequence[str]) -> bool:
    if not words or words[0] in _HARMLESS:
        return False
    addresses = [word for word in words if is_address(word)]
    if addresses:
        return any(way.covers(address) for address in addresses)
    moved = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("addm", "deletem")]
    if moved:
        return any(way.passes(card) for card in moved if not card.startswith("epair"))
    return words[0] != "create" and way.passes(name)


@lru_cache(4096)
def is_address(word: str) -> bool:
    """Whether a word of a command is an address, with a prefix or without."""
    try:
        ipaddress.ip_interface(word.partition("%")[0])
    except ValueError:
        return False
    return not word.isdigit()


def _service(way: ConnectionPath, name: str, action: str, names: Sequence[str]) -> bool:
    if name in ("pf", "ipfw"):
        return _STARTS.match(action) is not None
    if name == "routing":
        return action not in ("status", "describe")
    if name not in ("netif", "dhclient") or action in ("status", "cloneup"):
        return False
    return not names or any(way.passes(name) or _configured(way, name) for name in names)


def _configured(way: ConnectionPath, name: str) -> bool:
    """Whether rc.conf gives the interface an address that touches, or a member that does."""
    values = [way.rc.get(f"ifconfig_{name}{end}", "") for end in ("", "_ipv6")]
    return any(_ifconfig(way, name, value.split()) for value in values if value)


def _route(way: ConnectionPath, words: Sequence[str]) -> bool:
    if not words or words[0] in _LOOKS:
        return False
    if words[0] == "flush" or "default" in words:
        return True
    return any(way.covers(word) for word in words[1:2])


# --- the packet filter -------------------------------------------------------------------------


def _pfctl(way: ConnectionPath, words: Sequence[str], stdin: str) -> bool:
    letters = "".join(word[1:] for word in words if word.startswith("-"))
    if "n" in letters:
        return False
    if "e" in letters or "k" in letters:
        return True
    if "F" in letters:
        return "states" in words or "all" in words
    if "f" not in letters:
        return False
    return "-a" not in words or any(_hijacks(way, line) for line in stdin.splitlines())


def _hijacks(way: ConnectionPath, line: str) -> bool:
    """Whether a redirection of a jail takes what goes to the server's own port."""
    words = line.replace("{", " ").replace("}", " ").split()
    if words[:1] != ["rdr"] or "to" not in words:
        return words[:1] in (["block"], ["block,"])
    before, behind = line.split("->", maxsplit=1)[0], words[words.index("to") + 1 :]
    cards = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "on"]
    if cards and not any(way.passes(card) for card in cards):
        return False
    target = behind[0] if behind else "any"
    if is_address(target) and not way.covers(target):
        return False
    if re.search(r"\bproto\s+udp\b", before):
        return False
    ports = re.search(r"\bport\s*=?\s*(\S+)", before)
    return ports is None or ports[1] in (str(way.connection.port), "ssh") or ":" in ports[1]
