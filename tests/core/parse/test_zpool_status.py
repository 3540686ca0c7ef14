"""`zpool status` as text."""

from __future__ import annotations

import pytest

from jailer_core.errors import ParseError
from jailer_core.parse.zfs import pool_status
from tests.core.parse.commands import recorded

DEGRADED = """\
  pool: tank
 state: DEGRADED
status: One or more devices has been taken offline by the administrator.
\tSufficient replicas exist for the pool to continue functioning in a
\tdegraded state.
action: Online the device using 'zpool online' or replace the device with
\t'zpool replace'.
  scan: resilvered 1.2G in 00:00:12 with 0 errors on Mon Nov 30 14:46:05 2026
config:

\tNAME          STATE     READ WRITE CKSUM
\ttank          DEGRADED     0     0     0
\t  mirror-0    DEGRADED     0     0     0
\t    ada0p3    ONLINE       0     0     2
\t    12345678  OFFLINE      0     0     0  was /dev/ada1p3
\tlogs\t
\t  nda0p1      ONLINE       0     0     0
\tspares
\t  ada2        AVAIL

errors: No known data errors

  pool: zroot
 state: ONLINE
config:

\tNAME        STATE     READ WRITE CKSUM
\tzroot       ONLINE       0     0     0
\t  vtbd1     ONLINE       0     0     0

errors: 3 data errors, use '-v' for a list
"""  # not recorded


def test_as_recorded() -> None:
    (pool,) = pool_status(recorded("14-zfs-more.jsonl", "zpool", "status")).value
    assert (pool.name, pool.state, pool.errors) == ("zroot", "ONLINE", "No known data errors")
    assert [(device.name, device.depth) for device in pool.devices] == [("zroot", 0), ("vtbd1", 1)]
    assert (pool.scan, pool.progress) == ("", None)


def test_a_scrub_as_recorded() -> None:
    (pool,) = pool_status(recorded("14-zfs-more.jsonl", "zpool", "status", "zroot")).value
    assert pool.scan.startswith("scrub in progress since Mon Nov 30 14:46:05 2026")
    assert pool.progress == 99.82


def test_a_degraded_pool() -> None:
    tank, zroot = pool_status(DEGRADED).value
    assert tank.status.startswith("One or more devices")
    assert tank.action.endswith("'zpool replace'.")
    names = [(device.name, device.depth, device.failing) for device in tank.devices]
    assert names == [
        ("tank", 0, True),
        ("mirror-0", 1, True),
        ("ada0p3", 2, True),
        ("12345678", 2, True),
        ("logs", 0, False),
        ("nda0p1", 1, False),
        ("spares", 0, False),
        ("ada2", 1, False),
    ]
    assert (tank.devices[2].errors, tank.devices[2].note) == (("0", "0", "2"), "")
    assert tank.devices[3].errors == ("0", "0", "0")
    assert tank.devices[3].note == "was /dev/ada1p3"
    assert zroot.errors == "3 data errors, use '-v' for a list"


@pytest.mark.parametrize("text", ["", "no pools available\n"])
def test_no_pools(text: str) -> None:
    assert pool_status(text).value == ()


def test_something_else() -> None:
    with pytest.raises(ParseError):
        pool_status("internal error: cannot open /dev/zfs\n")
