"""The packet filter as far as jails go: NAT and redirections, stored and loaded.

    /usr/local/etc/jailer-tui/pf/NAME.conf    rules of one jail, root only; nothing reads them by
                                              a glob, only the jail's own start does
    jailer/NAME                               the anchor that they are loaded into

Facts: recordings 06 and 10; docs/freebsd-facts.md, Packet filter. `None` means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        """What a redirection takes, for a message: `tcp port 8080`, `everything for 10.0.2.99`."""
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
