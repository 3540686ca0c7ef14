"""Background activity of a live host: CPU, memory, load averages, traffic.

Pure functions of the host's clock, of boot time and of what they are asked about: the same moment
gives the same numbers, nothing runs in the background. On a host that is not live every process
tells what its state says, and nothing moves.
"""

from __future__ import annotations

import math
import zlib
from functools import lru_cache

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimInterface, SimProcess

CPUS = 2
PAGE = 4096
MEMORY = 4269113344
"""Bytes of the recorded host (01: hw.physmem)."""
_KERNEL_IDLE = "[idle]"


@lru_cache(maxsize=1 << 15)
def _seed(text: str) -> float:
    """A number from 0 to 1 that belongs to a name."""
    return zlib.crc32(text.encode(errors="surrogateescape")) / 0xFFFFFFFF


@lru_cache(maxsize=1 << 15)
def _curve(name: str) -> tuple[tuple[float, float], ...]:
    """Speed and phase of the three waves of a name."""
    stretch = 0.7 + 0.6 * _seed(name)
    return tuple(
        (math.tau / (period * stretch), _seed(f"{name} {number}") * math.tau)
        for number, period in enumerate((17.0, 53.0, 211.0))
    )


def wave(name: str, now: float) -> float:
    """A smooth curve from 0 to 1 in time, of three periods that belong to the name."""
    return (sum(math.sin(now * speed + phase) for speed, phase in _curve(name)) / 3 + 1) / 2


def cpu(machine: Machine, process: SimProcess) -> float:
    """Percent of one core that a process uses now."""
    if process.command == _KERNEL_IDLE:
        return round(max(0.0, CPUS * 100 - busy(machine)), 1)
    if not machine.live or process.command.startswith("["):
        return process.cpu
    name = f"{process.command} {process.jid}"
    weight = _seed(name) ** 4 * 24
    peak = max(0.0, wave(name, machine.state.now) - 0.45) / 0.55
    return round(process.cpu + weight * peak, 1)


def busy(machine: Machine) -> float:
    """Percent of one core that all processes use together."""
    mine = (
        process for process in machine.state.processes.values() if process.command != _KERNEL_IDLE
    )
    return min(CPUS * 100.0, sum(cpu(machine, process) for process in mine))


def rss(machine: Machine, process: SimProcess) -> int:
    """Resident kilobytes of a process now."""
    if not machine.live or process.command.startswith("["):
        return process.rss
    name = f"memory {process.command} {process.jid}"
    return process.rss + int(process.rss * _seed(name) * wave(name, machine.state.now) * 0.6)


def load(machine: Machine) -> tuple[float, float, float]:
    """Load averages of 1, 5 and 15 minutes; steady on a host that is not live."""
    if not machine.live:
        return (0.28, 0.41, 0.25)
    now = machine.state.now
    base = 0.15 + busy(machine) / 100
    quick, slow = wave("load", now), wave("load", now / 5)
    return (
        round(base * (0.6 + 0.8 * quick), 2),
        round(base * (0.7 + 0.6 * slow), 2),
        round(base * (0.8 + 0.2 * slow), 2),
    )


def cp_time(machine: Machine) -> tuple[int, int, int, int, int]:
    """Ticks (128 a second and core) since boot: user, nice, system, interrupt, idle."""
    state = machine.state
    passed = state.now - state.boot_time
    ticks = int(passed * 128 * CPUS)
    # the swell is slower than time itself: a counter never goes back
    swell = 6 * math.sin(passed / 60) if machine.live else 0.0
    user = max(0, int((0.12 * passed + swell) * 128 * CPUS))
    system = user // 2
    return user, 7, system, ticks // 600, max(0, ticks - user - system - ticks // 600 - 7)


def pages(machine: Machine) -> tuple[int, int]:
    """Pages of memory: all, and free."""
    total = 1013971
    used = sum(rss(machine, process) for process in machine.state.processes.values()) * 1024 // PAGE
    return total, max(0, total - 130000 - used)


def traffic(machine: Machine, one: SimInterface) -> tuple[int, int]:
    """Bytes received and sent by an interface since it was made."""
    state = machine.state
    if not machine.live or not one.up or one.kind == "loop":
        return one.received, one.sent
    weight = 200 + 4000 * _seed(f"traffic {one.name} {one.jid}")
    passed = state.now - state.boot_time
    # the swell is slower than time itself: a counter never goes back
    grown = int(weight * (passed + 20 * math.sin(passed / 37)))
    return one.received + grown, one.sent + grown // 3
