"""The files of rc's variables, on the host and likewise below the root of a jail.

rc.conf, then rc.conf.local, then for each service rc.conf.d/SERVICE in two places. Of a variable
the last file counts (recording 15).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FILES = ("/etc/rc.conf", "/etc/rc.conf.local")
HOMES = ("/etc/rc.conf.d", "/usr/local/etc/rc.conf.d")
_INTERFACES = "cloned_interfaces|ifconfig_|vlans_|create_args_"
_ROUTES = "(ipv6_)?(defaultrouter|gateway_enable|static_routes|route_)"
SERVICES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in (
        *(("network", f"{_INTERFACES}|{_ROUTES}"), ("netif", _INTERFACES), ("routing", _ROUTES)),
        *((name, f"{name}_") for name in ("jail", "pf", "dhcpd", "bastille", "zfs", "cron")),
        *(("ipfw", "firewall_|ipfw_"), ("rtsold", "rtsold_")),
    )
}
"""Variables that are read here, by the service that reads them, in the order in which rc does.

# not recorded: that netif and routing read rc.conf.d/network before their own (rc.d/netif)
"""
NETWORK = ("network", "netif", "routing")
"""The services that set up interfaces and routes."""
PLACES = {f"{home}/{name}": name for name in SERVICES for home in HOMES}
OF_NETWORK = (*FILES, *(path for path, service in PLACES.items() if service in NETWORK))
"""All files that say how interfaces and routes are set up, in the order in which rc reads them."""
