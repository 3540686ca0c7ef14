"""The output of ifconfig(8) for an interface (recordings 01, 03, 04, 08, 13)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from jailer_core.simulator.kernel.state import SimAddress, SimInterface, SimJail, State
from jailer_core.simulator.net import network

_FLAGS = (
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x40, "RUNNING"),
    (0x100, "PROMISC"),
    (0x800, "SIMPLEX"),
    (0x8000, "MULTICAST"),
    (0x1000000, "LOWER_UP"),
)
_EPAIR_15_0 = "60000b<RXCSUM,TXCSUM,VLAN_MTU,RXCSUM_IPV6,TXCSUM_IPV6>"
"""Recording 13; 15.1 has more (recording 04)."""
_OPTIONS = {
    "ether": "880028<VLAN_MTU,JUMBO_MTU,LINKSTATE,HWSTATS>",
    "loop": "680003<RXCSUM,TXCSUM,LINKSTATE,RXCSUM_IPV6,TXCSUM_IPV6>",
    "bridge": "10<VLAN_HWTAGGING>",
    "epair": "60001b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,RXCSUM_IPV6,TXCSUM_IPV6>",
    "vlan": "80000<LINKSTATE>",
    "tap": "80000<LINKSTATE>",
    "tun": "4080000<LINKSTATE,MEXTPG>",
    "gif": "80000<LINKSTATE>",
    "pflog": "0",
}
_MEDIA = {
    "ether": "Ethernet autoselect (10Gbase-T <full-duplex>)",
    "epair": "Ethernet 10Gbase-T (10Gbase-T <full-duplex>)",
    "vlan": "Ethernet autoselect (10Gbase-T <full-duplex>)",
    "tap": "Ethernet 1000baseT <full-duplex>",
}
_ND6 = ((0x1, "PERFORMNUD"), (0x8, "IFDISABLED"), (0x20, "AUTO_LINKLOCAL"))
GROUPS = {
    "loop": "lo",
    **{kind: kind for kind in ("bridge", "epair", "vlan", "tap", "tun", "gif", "pflog")},
}
_POINT_TO_POINT = ("tun", "gif")
_QUIET = ("bridge", "tap", *_POINT_TO_POINT)
"""Kinds that only run once they are up."""


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for (`-f`) and who looks: a jail that shares a stack sees its own addresses.

    `inet` and `inet6` are hex, dotted or cidr, and plain or cidr; `jail` is None on the host and
    in a VNET jail.
    """

    inet: str = "hex"
    inet6: str = "plain"
    jail: SimJail | None = None


def flags(one: SimInterface) -> int:
    """The flags of an interface."""
    if one.kind == "pflog":
        return 0x41 if one.up else 0  # not recorded: up
    point = one.kind in _POINT_TO_POINT
    value = 0x8000 | (0x8 if one.kind == "loop" else 0x10 if point else 0x802)
    if one.up or one.kind not in ("loop", *_QUIET):
        value |= 0x40 | 0x1000000
    return value | (0x1 if one.up else 0) | (0x100 if one.promiscuous else 0)


def named(value: int, names: tuple[tuple[int, str], ...]) -> str:
    """`21<PERFORMNUD,AUTO_LINKLOCAL>`, and `0` without brackets."""
    if not value:
        return "0"
    return f"{value:x}<{','.join(name for bit, name in names if value & bit)}>"


def visible(one: SimInterface, jail: SimJail | None) -> list[SimAddress]:
    """The addresses that a looker may see, those of IPv4 first (recording 08)."""
    seen = [address for address in one.addresses if jail is None or _may_see(jail, address)]
    return sorted(seen, key=lambda address: ":" in address.address)


def _may_see(jail: SimJail, address: SimAddress) -> bool:
    family = "ip6" if ":" in address.address else "ip4"
    if jail.params.get(family, [""])[:1] == ["inherit"]:
        return True
    own = jail.params.get(f"{family}.addr", [])
    return any(_bare(text) == address.address for text in own)


def _bare(text: str) -> str:
    """The address in `vtnet0|10.0.2.30/32`, in its shortest form; "" when it is none."""
    bare = text.rpartition("|")[2].partition("/")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""


def describe(state: State, one: SimInterface, view: View) -> str:
    """Everything that ifconfig prints of one interface."""
    lines = [f"{one.name}: flags={named(flags(one), _FLAGS)} metric 0 mtu {one.mtu}"]
    if one.description:
        lines.append(f"\tdescription: {one.description}")
    options = _EPAIR_15_0 if state.release.startswith("15.0-") else _OPTIONS["epair"]
    lines.append(f"\toptions={options if one.kind == 'epair' else _OPTIONS[one.kind]}")
    if one.mac:
        lines.append(f"\tether {one.mac}")
    addresses = visible(one, view.jail)
    lines += [f"\t{_address(one, address, view)}" for address in addresses]
    if one.kind == "bridge":
        lines += _bridge(state, one)
    if one.kind in GROUPS:
        lines.append(f"\tgroups: {GROUPS[one.kind]}")
    if one.kind == "vlan":
        lines.append(f"\t{_vlan(one)}")
    if one.kind in _MEDIA:
        lines.append(f"\tmedia: {_MEDIA[one.kind]}")
        lines.append(f"\tstatus: {'active' if _active(state, one) else 'no carrier'}")
    if one.kind != "pflog" and (view.jail is None or _has_ipv6(view.jail)):
        lines.append(f"\tnd6 options={named(_nd6(one), _ND6)}")
    return "\n".join(lines) + "\n"


def _active(state: State, one: SimInterface) -> bool:
    """Whether there is a link: a VLAN has that of its card, a tap one while a program holds it."""
    card = network.find(state, one.jid, one.parent) if one.kind == "vlan" else one
    return card is not None and card.up and one.kind != "tap"


def _has_ipv6(jail: SimJail) -> bool:
    return jail.params.get("ip6", [""])[:1] == ["inherit"] or bool(jail.params.get("ip6.addr"))


def _nd6(one: SimInterface) -> int:
    value = 0x1 if one.kind == "bridge" else 0x21
    six = any(":" in address.address for address in one.addresses)
    return value if one.kind == "loop" or six else value | 0x8


def _address(one: SimInterface, address: SimAddress, view: View) -> str:
    prefix = address.prefix
    if ":" in address.address:
        zone = f"%{one.name}" if address.scope == network.LINK else ""
        size = f"/{prefix}" if view.inet6 == "cidr" else f" prefixlen {prefix}"
        scope = f" scopeid 0x{one.index:x}" if zone else ""
        return f"inet6 {address.address}{zone}{size}{scope}"
    mask = ip_network(f"0.0.0.0/{prefix}").netmask
    size = {"cidr": f"/{prefix}", "dotted": f" netmask {mask}"}.get(
        view.inet, f" netmask 0x{int(mask):08x}"
    )
    wide = f" broadcast {address.broadcast}" if address.broadcast else ""
    return f"inet {address.address}{size}{wide}"


def _vlan(one: SimInterface) -> str:
    """Not recorded: without a card, as other programs' samples of FreeBSD 13 and 14 have it."""
    proto = "802.1q" if one.vlan else "0x0000"
    parent = one.parent or "<none>"
    return f"vlan: {one.vlan} vlanproto: {proto} vlanpcp: 0 parent interface: {parent}"


def _bridge(state: State, one: SimInterface) -> list[str]:
    lines = [
        "\tid 00:00:00:00:00:00 priority 32768 hellotime 2 fwddelay 15",
        "\tmaxage 20 holdcnt 6 proto rstp maxaddr 2000 timeout 1200",
        f"\troot id 00:00:00:00:00:00 priority {32768 if one.up else 0} ifcost 0 port 0",
        "\tbridge flags=0<>",
    ]
    for name in one.members:
        member = network.get(state, one.jid, name)
        cost = 2000000 if member.kind == "tap" else 2000
        lines += [
            f"\tmember: {name} flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>",
            f"\t        port {member.index} priority 128 path cost {cost} vlan protocol 802.1q",
        ]
    return lines
