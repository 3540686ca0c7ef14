"""Configurations of native jails, from the recordings and jailer's README."""

from __future__ import annotations

from jailer_core.simulator.scenarios.base import block

_START = (
    'exec.start = "/bin/sh /etc/rc";',
    'exec.stop = "/bin/sh /etc/rc.shutdown jail";',
)
_LOG = 'exec.consolelog = "/var/log/jail/${name}.log";'


def _head(number: int) -> tuple[str, ...]:
    return (
        f'$id = "{number}";',
        'host.hostname = "${name}.example.org";',
        'path = "/usr/local/jails/${name}";',
    )


def shared(name: str, number: int, interface: str, ip4: str, ip6: str = "") -> str:
    """A jail with addresses on an interface of the host (recording 03, www0)."""
    six = (f"ip6.addr = {ip6};",) if ip6 else ()
    return block(
        name,
        (
            *_head(number),
            f'interface = "{interface}";',
            f"ip4.addr = {ip4};",
            *six,
            *_START,
            "exec.clean;",
            "mount.devfs;",
            "allow.raw_sockets;",
            _LOG,
            "persist;",
        ),
    )


def inherit(name: str, number: int) -> str:
    """A jail on the host's own stack (recording 03, web01)."""
    return block(
        name,
        (
            *_head(number),
            'ip4 = "inherit";',
            *_START,
            "exec.clean;",
            "mount.devfs;",
            "allow.raw_sockets;",
            _LOG,
            "persist;",
        ),
    )


def epair(name: str, number: int, bridge: str = "bridge0", ruleset: int = 61) -> str:
    """A VNET jail with an epair in a bridge (recording 04, app0)."""
    return block(
        name,
        (
            *_head(number),
            "vnet;",
            'vnet.interface = "epair${id}b";',
            f"devfs_ruleset = {ruleset};",
            'exec.prestart  = "ifconfig epair${id} create up";',
            'exec.prestart += "ifconfig epair${id}a up descr vnet-${name}";',
            f'exec.prestart += "ifconfig {bridge} addm epair${{id}}a up";',
            *_START,
            f'exec.poststop  = "ifconfig {bridge} deletem epair${{id}}a";',
            'exec.poststop += "ifconfig epair${id}a destroy";',
            "exec.clean;",
            "mount.devfs;",
            _LOG,
            "persist;",
        ),
    )


DEVFS_RULES = """\
[jailer_vnet=61]
add include $devfsrules_hide_all
add include $devfsrules_unhide_basic
add include $devfsrules_unhide_login
add path 'bpf*' unhide
"""


# --- jailer's own style ----------------------------------------------------------------------

_LEAKING = "# vim: set syntax=sh:\nexec.clean;\nallow.raw_sockets;\nmount.devfs;\n\n"
"""jailer writes these at the top level, where they leak into other jails."""


def _original(name: str, number: int, domain: str, lines: tuple[str, ...]) -> str:
    return _LEAKING + block(
        name,
        (
            f'$id             = "{number}";',
            *lines,
            f'$domain         = "{domain}";',
            'host.hostname   = "${name}.${domain}";',
            f'path            = "/usr/local/jails/{name}";',
            'exec.consolelog = "/var/log/jail/${name}.log";',
            "persist;",
        ),
    )


def original_inherit(name: str, number: int, domain: str) -> str:
    """What `jailer create` writes without a network type."""
    lines = ("ip4             = inherit;", "ip6             = inherit;")
    return _original(name, number, domain, (*lines, *_START))


def original_shared(name: str, number: int, domain: str, interface: str, address: str) -> str:
    """What `jailer create -t new` writes."""
    lines = (f'interface       = "{interface}";', f"ip4.addr        = {address};")
    return _original(name, number, domain, (*lines, *_START))


def original_epair(name: str, number: int, domain: str, bridge: str = "bridge0") -> str:
    """What `jailer create -t eb` writes (README, Dry run)."""
    lines = (
        "devfs_ruleset   = 10;",
        f'$bridge         = "{bridge}";',
        "vnet;",
        'vnet.interface  = "epair${id}b";',
        'exec.prestart   = "ifconfig epair${id} create up";',
        'exec.prestart  += "ifconfig epair${id}a up descr vnet-${name}";',
        'exec.prestart  += "ifconfig ${bridge} addm epair${id}a up";',
        'exec.start      = "/sbin/ifconfig lo0 up";',
        'exec.start     += "/bin/sh /etc/rc";',
        'exec.stop       = "/bin/sh /etc/rc.shutdown jail";',
        'exec.poststop   = "ifconfig ${bridge} deletem epair${id}a";',
        'exec.poststop  += "ifconfig epair${id}a destroy";',
    )
    return _original(name, number, domain, lines)
