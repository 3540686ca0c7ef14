"""Counters and amounts of a host, as the recordings print them."""

from __future__ import annotations

import pytest

from jailer_core.errors import ParseError
from jailer_core.model.host import DiskUse, Vitals, cpu_percent
from jailer_core.model.network import Traffic
from jailer_core.parse import sysctl
from tests.core.parse.commands import recorded


def test_zpool_iostat() -> None:
    text = recorded("14-zfs-more.jsonl", "zpool", "iostat", "-Hpy", "1", "1")
    assert sysctl.disks(text).value == {"zroot": DiskUse(0, 0)}
    both = sysctl.disks("zroot\t1\t2\t3\t4\t5\t6\nodd line\n")
    assert both.value == {"zroot": DiskUse(5, 6)}
    assert len(both.unread) == 1
    with pytest.raises(ParseError):
        sysctl.disks("cannot open\n")


def test_ticks_and_memory() -> None:
    assert sysctl.ticks({"kern.cp_time": "268510 7 227911 2874 408417"}) == (499302, 907719)
    assert sysctl.ticks({"kern.cp_time": "1 2 x 4 5"}) is None
    assert sysctl.ticks({}) is None
    values = {
        "hw.physmem": "6425108480",
        "vm.stats.vm.v_free_count": "1338256",
        "hw.pagesize": "4096",
        "kstat.zfs.misc.arcstats.size": "130559528",
    }
    assert sysctl.memory(values) == (6425108480, 6425108480 - 1338256 * 4096, 130559528)
    assert sysctl.memory({"hw.physmem": "1", "hw.pagesize": "odd"}) == (1, None, None)


def test_cpu_between_two_readings() -> None:
    before, after = Vitals(0, 100, 1000), Vitals(2, 150, 1200)
    assert cpu_percent(before, after) == 25
    assert cpu_percent(after, before) is None
    assert cpu_percent(Vitals(0), after) is None


def test_only_interfaces_that_lead_out_count() -> None:
    names = ("vtnet0", "lo0", "epair1a", "bridge0", "igb0.20", "vlan3", "em1", "lagg0", "tap0")
    reading = Vitals(0, traffic=dict.fromkeys(names, Traffic(1, 1, 0)))
    assert set(reading.cards or ()) == {"vtnet0", "em1"}
    assert Vitals(0).cards is None
