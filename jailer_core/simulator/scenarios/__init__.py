"""The initial states of simulated hosts.

    fresh   recording 01: one pool, nothing set up for jails
    small   the README of jailer: four jails, bridge0, an image, a snapshot
    busy    recording 08: native and Bastille jails, one made by hand with a child, one stopped
    wired   two cards, VLANs, three bridges, IPv6, NAT, and three things that are wrong
    trouble like busy, but much is wrong, and more goes wrong while one looks
    large   a thousand jails of every kind

`build` makes a new machine every time; the same name gives the same host.
"""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.simulator import commands as _rooms  # noqa: F401 - scenarios run commands
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, busy, large, small, trouble, wired
from jailer_core.simulator.tools import pkg


def _fresh() -> Machine:
    """Recording 01, but that packages can be fetched: without them there is no DHCP server."""
    machine = base.fresh()
    pkg.repository(
        machine,
        dhcpd="6.6.20200413",
        nginx="1.28.0_3,3",
        **{"postgresql17-server": "17.6", "wireguard-tools": "1.0.20250521"},  # not recorded
    )
    return machine


def _busy() -> Machine:
    """Recording 08, but that there are packages to be had."""
    machine = busy.build()
    pkg.repository(
        machine,
        dhcpd="6.6.20200413",
        nginx="1.28.0_3,3",
        redis="8.2.1",
        **{"postgresql17-server": "17.6", "python311": "3.11.13"},
    )
    return machine


_BUILDERS: dict[str, Callable[[], Machine]] = {
    "fresh": _fresh,
    "small": small.build,
    "busy": _busy,
    "wired": wired.build,
    "trouble": trouble.build,
    "large": large.build,
}
SCENARIOS = tuple(_BUILDERS)


def build(name: str) -> Machine:
    """A machine of that scenario. KeyError when there is none of that name."""
    return _BUILDERS[name]()
