"""Rules of NAT and redirection as text: ours, jailer's, and as pfctl prints them back.

    nat on vtnet0 inet from 10.0.0.11 to any -> (vtnet0:0)
    rdr pass on vtnet0 inet proto tcp from any to (vtnet0:0) port 8080 -> 10.0.0.11 port 80

`(IF:0)` is the first address of an interface, `(IF)` holds its aliases too, those of jails that
share it among them (pf.conf(5); `to (IF:0)` is not recorded).

Recording 06; pfctl prints `port = http-alt` for the first port. `jailer` leaves out the
address behind `to` where it means any, and ends its lines with `#INDEX JAIL` or `#JAIL`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from jailer_core.model.firewall import ALL, ANY, NAT, RDR, Translation
from jailer_core.parse.services import USUAL

_NAT = re.compile(r"nat (?:pass )?on (\S+) (inet6?) from (\S+) to any -> (\S+)")
_RDR = re.compile(
    r"rdr (?:pass )?on (\S+) (inet6?)(?: proto (tcp|udp))? from any to"
    r"(?: (?!port\b)(\S+))?(?: port (?:= )?(\S+))? -> (\S+)(?: port (\S+))?"
)


def translation(text: str, services: Mapping[str, int] = USUAL) -> Translation | None:
    """What a rule says, None when it is of another form than those that are made here."""
    plain = " ".join(text.partition("#")[0].split())
    match = _NAT.fullmatch(plain)
    try:
        if match is not None:
            return _nat(*match.groups())
        match = _RDR.fullmatch(plain)
        return _rdr(match, services) if match is not None else None
    except ValueError:
        return None


def _nat(interface: str, inet: str, inside: str, outside: str) -> Translation:
    own = outside in (f"({interface}:0)", f"({interface})")
    return Translation(
        NAT, interface, _family(inet), _address(inside), "" if own else _address(outside)
    )


def _rdr(match: re.Match[str], services: Mapping[str, int]) -> Translation:
    interface, inet, protocol, outside, port, inside, inside_port = match.groups()
    words = {None: ANY, "any": ANY, f"({interface}:0)": "", f"({interface})": ALL}
    where = words[outside] if outside in words else _address(outside)
    first = _port(port, services)
    return Translation(
        RDR,
        interface,
        _family(inet),
        _address(inside),
        where,
        protocol or "",
        first,
        _port(inside_port, services) or first,
    )


def _family(inet: str) -> int:
    return 6 if inet == "inet6" else 4


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _port(text: str | None, services: Mapping[str, int]) -> int:
    """Raises ValueError for a name that is not known, and for a range."""
    if text is None:
        return 0
    return services[text] if text in services else int(text)


def line(translation: Translation) -> str:
    """The rule as it is stored, and as recording 06 has it."""
    inet = "inet6" if translation.family == 6 else "inet"
    if translation.kind == NAT:
        outside = translation.outside or f"({translation.interface}:0)"
        return (
            f"nat on {translation.interface} {inet} from {translation.inside} to any -> {outside}"
        )
    message = f"rdr pass on {translation.interface} {inet}"
    message += f" proto {translation.protocol}" if translation.protocol else ""
    words = {"": f"({translation.interface}:0)", ALL: f"({translation.interface})"}
    message += f" from any to {words.get(translation.outside, translation.outside)}"
    message += f" port {translation.port}" if translation.port else ""
    message += f" -> {translation.inside}"
    return message + (f" port {translation.inside_port}" if translation.inside_port else "")
