"""Information on the whole system: uptime, vmstat, swapinfo, last, getconf, random numbers.

Recorded in 01, 04, 07 and 08.
"""

from __future__ import annotations

import hashlib
import json
import time

from jailer_core.simulator.demo import activity
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail


@command("getconf")
def getconf(machine: Machine, call: Call) -> Running:
    known = {
        "PAGESIZE": str(activity.PAGE),
        "PAGE_SIZE": str(activity.PAGE),
        "NPROCESSORS_ONLN": "2",
    }
    word = call.args[0] if call.args else ""
    if word not in known:
        return (yield from fail("getconf", f"no such configuration parameter `{word}'"))
    yield Say(known[word] + "\n")
    return 0


@command("uptime")
def uptime(machine: Machine, call: Call) -> Running:
    state = machine.state
    up = int(state.now - state.boot_time)
    days, hours, minutes = up // 86400, up // 3600 % 24, up // 60 % 60
    clock = time.strftime("%I:%M%p", time.gmtime(state.now)).lstrip("0")
    human = f"{hours}:{minutes:02d}" if hours else f"{minutes} mins"
    if days:
        human = f"{days} day{'s' * (days > 1)}, {human}"
    one, five, fifteen = activity.load(machine)
    if "--libxo=json" not in call.args:  # not recorded
        averages = f"{one:.2f}, {five:.2f}, {fifteen:.2f}"
        yield Say(f"{clock:>7s}  up {human}, 0 users, load averages: {averages}\n")
        return 0
    yield Say(
        '{"__version": "1", "uptime-information": {'
        f'"time-of-day":"{clock}","uptime":{up},"days":{days},"hours":{hours},'
        f'"minutes":{minutes},"seconds":{up % 60},"uptime-human":"{human}","users":0,'
        f'"load-average-1":{one:.2f},"load-average-5":{five:.2f},"load-average-15":{fifteen:.2f}}}}}\n'
    )
    return 0


@command("vmstat")
def vmstat(machine: Machine, call: Call) -> Running:
    free = activity.pages(machine)[1] * activity.PAGE
    used = int(activity.busy(machine) / activity.CPUS)
    system = used // 3
    if "--libxo=json" not in call.args:  # not recorded
        yield Say(
            " procs    memory    page  disks  faults      cpu\n r b w   avm   fre  us sy id\n"
        )
        yield Say(f" 0 0 0  4.0T {free >> 20}M  {used - system} {system} {100 - used}\n")
        return 0
    answer = {
        "processes": {"runnable": 0, "waiting": 0, "swapped-out": 0},
        "memory": {
            "available-memory": 4398330621952,
            "free-memory": free,
            "total-page-faults": 1370,
        },
        "paging-rates": {
            "page-reactivated": 0,
            "paged-in": 1,
            "paged-out": 0,
            "freed": 1705,
            "scanned": 7,
        },
        "device": [{"name": "vtbd0", "transfers": 0}, {"name": "vtbd1", "transfers": 0}],
        "fault-rates": {"interrupts": 28, "system-calls": 1364, "context-switches": 353},
        "cpu-statistics": {"user": used - system, "system": system, "idle": 100 - used},
    }
    yield Say(json.dumps({"__version": "2", "vmstat": answer}) + "\n")
    return 0


@command("openssl")
def openssl(machine: Machine, call: Call) -> Running:
    """`openssl rand -hex N`; the same numbers in every run."""
    if call.args[:2] != ("rand", "-hex") or not call.args[-1].isdigit():
        return (yield from fail("openssl", f"Invalid command '{' '.join(call.args)}'"))
    wanted = int(call.args[-1])
    number = machine.state.next("random")
    yield Say(hashlib.shake_256(f"random {number}".encode()).hexdigest(wanted) + "\n")
    return 0


@command("uuidgen")
def uuidgen(machine: Machine, call: Call) -> Running:
    """A time-based id; its last part is the address of a network interface."""
    state = machine.state
    ticks = int((state.now + 12219292800) * 1e7) + state.next("uuid")
    mac = next(
        (interface.mac for interface in state.interfaces.values() if interface.mac),
        "00:00:00:00:00:00",
    )
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0xFFF | 0x1000
    yield Say(f"{low:08x}-{middle:04x}-{high:04x}-9a6b-{mac.replace(':', '')}\n")
    return 0


@command("date")
def date(machine: Machine, call: Call) -> Running:
    """`date` and `date +FORMAT`. Not recorded, but for the line in console logs."""
    wanted = next((word[1:] for word in call.args if word.startswith("+")), "")
    now = machine.state.now
    form = wanted.replace("%s", str(int(now))) or "%a %b %e %H:%M:%S UTC %Y"
    yield Say(time.strftime(form, time.gmtime(now)) + "\n")
    return 0


@command("swapinfo")
def swapinfo(machine: Machine, call: Call) -> Running:
    yield Say("Device          1K-blocks     Used    Avail Capacity\n")
    return 0


@command("last")
def last(machine: Machine, call: Call) -> Running:
    boot = time.gmtime(machine.state.boot_time)
    yield Say(time.strftime("boot time                                  %a %b %e %H:%M\n\n", boot))
    yield Say(time.strftime("utx.log begins %a %b %e %H:%M:%S UTC %Y\n", boot))
    return 0
