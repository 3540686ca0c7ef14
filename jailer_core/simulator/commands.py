"""Import every module that registers simulated commands."""

from jailer_core.simulator.jails import bastille, jail, jexec, jls  # noqa: F401 - each registers itself
from jailer_core.simulator.kernel import background  # noqa: F401 - each registers itself
from jailer_core.simulator.net import ifconfig, netif, netstat, reachability, sockstat  # noqa: F401 - each registers itself
from jailer_core.simulator.pf import pfctl  # noqa: F401 - each registers itself
from jailer_core.simulator.rc import jail_service, service, services, sysrc  # noqa: F401 - each registers itself
from jailer_core.simulator.shell import sed, sh_command  # noqa: F401 - each registers itself
from jailer_core.simulator.tools import (  # noqa: F401 - each registers itself
    account_databases,
    archives,
    basics,
    devfs,
    file_tools,
    freebsd_update,
    ls,
    mount,
    pkg,
    processes,
    ps,
    rctl,
    sysctl,
    sysinfo,
    top,
)
from jailer_core.simulator.zfs import zfs, zpool  # noqa: F401 - each registers itself
