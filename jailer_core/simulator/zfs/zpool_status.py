"""`zpool status`, `zpool scrub` and `zpool iostat` of the simulated host (recording 14)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jailer_core.simulator.demo import activity
from jailer_core.simulator.kernel.machine import Machine, Running, Say, Wait, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimPool
from jailer_core.simulator.zfs.properties import human_size
from jailer_core.simulator.zfs.sizes import Sizes

SPEED = 8 << 20
"""Bytes a second that a scrub reads."""
DISK = "vtbd1"
_MISSING = """\
status: One or more devices could not be used because the label is missing or
	invalid.  Sufficient replicas exist for the pool to continue
	functioning in a degraded state.
action: Replace the device using 'zpool replace'.
   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-4J
"""  # not recorded


def status(machine: Machine, pools: Sequence[SimPool], args: Sequence[str]) -> Running:
    """Each pool with its devices; with -x only what is wrong."""
    options = Options.parse(args, "xvPpLs", "")
    shown = [pool for pool in pools if not options.has("x") or pool.health != "ONLINE"]
    if options.has("x") and not shown:
        yield Say("all pools are healthy\n")
        return 0
    yield Say("\n".join(_pool(machine, pool) for pool in shown))
    return 0


def _pool(machine: Machine, pool: SimPool) -> str:
    text = f"  pool: {pool.name}\n state: {pool.health}\n"
    text += "" if pool.health == "ONLINE" else _MISSING
    text += _scan(machine, pool)
    rows = [(pool.name, pool.health), *(("  " + name, state) for name, state in _devices(pool))]
    width = max(12, *(len(name) + 1 for name, _ in rows))
    text += f"config:\n\n\t{'NAME':<{width}}STATE     READ WRITE CKSUM\n"
    for name, state in rows:
        text += f"\t{name:<{width}}{state:<9}    0     0     0\n"
    return text + "\nerrors: No known data errors\n"


def _devices(pool: SimPool) -> list[tuple[str, str]]:
    if pool.health == "ONLINE":
        return [(pool.vdev or DISK, "ONLINE")]
    # not recorded
    return [("mirror-0", "DEGRADED"), ("  vtbd1", "ONLINE"), ("  vtbd2", "UNAVAIL")]


def _scan(machine: Machine, pool: SimPool) -> str:
    if not pool.scrub:
        return ""
    used = Sizes(machine.state).allocated(pool.name)
    done = min(used, int((machine.state.now - pool.scrub) * SPEED))
    began = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(pool.scrub))
    if done < used:
        left = int((used - done) / SPEED)
        return (
            f"  scan: scrub in progress since {began}\n"
            f"\t{human_size(done)} / {human_size(used)} scanned, "
            f"{human_size(done)} / {human_size(used)} issued at {human_size(SPEED)}/s\n"
            f"\t0B repaired, {done * 100 / max(used, 1):.2f}% done, "
            f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d} to go\n"
        )
    took = int(used / SPEED)
    ended = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(pool.scrub + took))
    # not recorded
    return (
        f"  scan: scrub repaired 0B in {took // 3600:02d}:{took // 60 % 60:02d}:{took % 60:02d} "
        f"with 0 errors on {ended}\n"
    )


def scrub(machine: Machine, pools: Sequence[SimPool], *, root: bool) -> Running:
    """Start reading all of a pool."""
    for pool in pools:
        if not root:  # not recorded
            return (yield from fail("", f"cannot scrub {pool.name}: permission denied"))
        pool.scrub = machine.state.now
    return 0


def iostat(machine: Machine, pools: Sequence[SimPool], args: Sequence[str]) -> Running:
    """`-Hpy 1 1`: what each pool reads and writes."""
    options = Options.parse(args, "Hpyvlqr", "")
    seconds = [word for word in options.rest if word.isdecimal()]
    if seconds:
        yield Wait(float(seconds[0]))
    sizes = Sizes(machine.state)
    for pool in pools:
        used = sizes.allocated(pool.name)
        read, written = _use(machine, pool)
        row = (pool.name, used, pool.size - used, read >> 14, written >> 14, read, written)
        yield Say("\t".join(map(str, row)) + "\n")
    return 0


def _use(machine: Machine, pool: SimPool) -> tuple[int, int]:
    if not machine.live:
        return 0, 0
    now = machine.state.now
    return (
        int(40_000_000 * activity.wave(f"{pool.name} read", now) ** 6),
        int(12_000_000 * activity.wave(f"{pool.name} written", now) ** 4),
    )
