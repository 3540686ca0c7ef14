"""The network of the host and of jails, and the packet filter as far as jails go.

Addresses and interfaces.

Network details read for `Needs.network`: stacks with their routes, counters, what is on.

As in all of the model, `None` means unknown.

The packet filter as far as jails go: NAT and redirections, stored and loaded.

    /usr/local/etc/jailer-tui/pf/NAME.conf    rules of one jail, root only; nothing reads them by
                                              a glob, only the jail's own start does
    jailer/NAME                               the anchor that they are loaded into

Facts: recordings 06 and 10; docs/freebsd-facts.md, Packet filter. `None` means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a jail or interface; `prefix` is the length in bits, or None."""

    address: str
    prefix: int | None = None
    interface: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4

    def __str__(self) -> str:
        return self.address if self.prefix is None else f"{self.address}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as `ifconfig` shows it, of the host or (seen from outside) of a jail.

    `members` are those of a bridge, or the ports of a lagg. `vlan` and `parent` are the tag and
    the interface below of a VLAN, None and "" of others.
    """

    name: str
    up: bool
    mac: str = ""
    mtu: int = 0
    description: str = ""
    status: str = ""
    addresses: tuple[Address, ...] = ()
    members: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    vlan: int | None = None
    parent: str = ""

    @property
    def is_bridge(self) -> bool:
        """Whether it is a bridge."""
        return "bridge" in self.groups


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `family` is 4 or 6, `destination` may be `default`."""

    family: int
    destination: str
    gateway: str
    interface: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counters of one interface since it came up: bytes, packets, and what went wrong."""

    received: int
    sent: int
    errors: int
    packets_received: int = 0
    packets_sent: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """Bytes per second that came in and went out."""

    received: float
    sent: float


def rate(before: Traffic, after: Traffic, seconds: float) -> Rate | None:
    """Traffic per second since `earlier`; None if no time passed or the counters were reset."""
    got, sent = after.received - before.received, after.sent - before.sent
    if seconds <= 0 or got < 0 or sent < 0:
        return None
    return Rate(got / seconds, sent / seconds)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom the host has heard on an interface within the last minutes, or (`own`) itself."""

    address: str
    mac: str
    interface: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """A network stack: of the host, or of a VNET jail as it is seen from outside."""

    interfaces: tuple[Interface, ...] | None = None
    routes: tuple[Route, ...] | None = None


@dataclass(frozen=True, slots=True)
class Connections:
    """The network beyond what every refresh reads.

    `stacks` are by jid, 0 is the host's. `traffic` is by interface of the host, taken at `taken`
    (the host's uptime). `forwarding` and `forwarding6` tell whether the host passes packets on,
    `translated` the families (4, 6) that rules of a running packet filter translate. `exposed`
    are running jails whose /dev shows the host's devices. `neighbours` are by IPv4 address.
    """

    stacks: Mapping[int, Stack] = field(default_factory=dict)
    traffic: Mapping[str, Traffic] | None = None
    taken: float = 0.0
    forwarding: bool | None = None
    forwarding6: bool | None = None
    translated: frozenset[int] | None = None
    exposed: tuple[str, ...] | None = None
    neighbours: Mapping[str, Neighbour] | None = None


NAT, RDR = "nat", "rdr"
ANY, ALL = "any", "all"
"""In `Translation.outside`: whatever a packet is sent to; every address of the interface."""

MAIN = "/etc/pf.conf"
BEFORE = "/etc/pf.conf.before-jailer-tui"
"""The admin's pf.conf as it was before the first change."""
ANCHOR = "jailer"
FOLDER = "/usr/local/etc/jailer-tui/pf"
FOLDERS = ("/usr/local", "/usr/local/etc", "/usr/local/etc/jailer-tui", FOLDER)
NAT_ORIGINAL = "/etc/jail.conf.d/.pf.nat.jailer.conf"
RDR_ORIGINAL = "/etc/jail.conf.d/.pf.rdr.jailer.conf"
ORIGINALS = (NAT_ORIGINAL, RDR_ORIGINAL)


def anchor(jail: str) -> str:
    """The anchor of a jail."""
    return f"{ANCHOR}/{jail}"


def file_of(jail: str) -> str:
    """The rule file of a jail."""
    return f"{FOLDER}/{jail}.conf"


@dataclass(frozen=True, slots=True)
class Translation:
    """One rule of NAT (`nat`) or redirection (`rdr`) for one address of a jail.

    `inside` is the jail's address. `outside` is the address outside: "" for the interface's own,
    ANY and ALL for more than that. `protocol` is tcp, udp or "" (rdr: whatever comes in),
    `port` and `inside_port` are 0 where all ports are meant.
    """

    kind: str
    interface: str
    family: int
    inside: str
    outside: str = ""
    protocol: str = ""
    port: int = 0
    inside_port: int = 0

    @property
    def came_to(self) -> str:
        """The traffic of a redirect, for messages: `tcp port 8080`, `everything for 10.0.2.99`."""
        if not self.port:
            return f"everything for {self.interface if self.outside in ('', ALL) else self.outside}"
        where = f" of {self.outside}" if self.outside not in ("", ANY, ALL) else ""
        return f"{self.protocol} port {self.port}{where}"


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule as pfctl prints it, with what `-v` counts; `translation` None: of another form."""

    text: str
    translation: Translation | None = None
    evaluations: int | None = None
    packets: int | None = None
    bytes: int | None = None
    states: int | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket of the host itself that waits for connections (`sockstat -j 0 -l`).

    `address` is "*" for all; `families` holds 4, 6 or both.
    """

    protocol: str
    address: str
    port: int
    program: str
    families: tuple[int, ...] = (4, 6)


@dataclass(frozen=True, slots=True)
class TcpSocket:
    """A TCP socket of a jail: its port, and who is connected ("" while it listens)."""

    port: int
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Firewall:
    """The packet filter as NAT and redirections need it (Needs.firewall).

    `module` tells whether pf is in the kernel, `enabled` whether it is on, `error` what is wrong
    with pf.conf ("" nothing). `main` is the main rule set: translations, then filter rules.
    `stored` are the texts of our rule files and `loaded` the anchors below jailer/, by jail;
    `foreign` are the translations of other anchors (Bastille's), by anchor.
    `originals` are the texts of the files of `jailer`, by path. `ways` is the interface of
    the default route by family, `forwarding` whether packets are passed on, by family.
    """

    module: bool | None = None
    enabled: bool | None = None
    error: str = ""
    main: tuple[LoadedRule, ...] | None = None
    stored: Mapping[str, str] = field(default_factory=dict)
    loaded: Mapping[str, tuple[LoadedRule, ...]] | None = None
    foreign: Mapping[str, tuple[LoadedRule, ...]] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    listeners: tuple[Listener, ...] | None = None
    ways: Mapping[int, str] = field(default_factory=dict)
    forwarding: Mapping[int, bool] = field(default_factory=dict)
