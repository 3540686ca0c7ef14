"""zfs(8) and zpool(8)."""
