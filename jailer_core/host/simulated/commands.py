"""Every room of commands, imported so that it registers itself."""

from jailer_core.host.simulated import (  # noqa: F401 - each registers itself
    archives,
    devfs,
    filetools,
    ifconfig,
    listing,
    mounts,
    netif,
    service,
    services,
    sysctl,
    sysinfo,
    sysrc,
    zfs,
    zpool,
)
