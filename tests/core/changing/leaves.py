"""The state of a simulated host as named facts, and what an undo may do to each."""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.operations.shared.rc_variables import LISTS
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump

Facts = dict[str, object]

SKIPPED = ("jailer-tui", "etc/rc.conf", "/processes", "guid", "creation", "/routes")


def facts(machine: Machine) -> Facts:
    """All that is so on a host, each by a name of its own; words of lists one by one."""
    told = dump(machine)
    jails = told.pop("jails")
    leaves = dict(_leaves("", told))
    for jail in jails:
        name, _, rest = jail.partition(" at ")
        path, *params = rest.split(" ")
        leaves[f"jail {name} path"] = path
        leaves |= {f"jail {name} {param.partition('=')[0]}": param for param in params}
    for line in machine.now_run(("sysrc", "-ae")).stdout.splitlines():
        name, _, value = line.partition("=")
        words = value.strip('"').split()
        if name in LISTS:
            leaves |= {f"rc {name} {word}": True for word in words}
        else:
            leaves[f"rc {name}"] = " ".join(words)
    return leaves


def _leaves(above: str, value: object) -> Iterator[tuple[str, object]]:
    if any(name in above for name in SKIPPED):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{above}/{key}", inner)
    elif isinstance(value, list):
        yield from ((f"{above} {item}", True) for item in value)
    else:
        yield above, value


def wrong(
    was: Facts, made: Facts, now: Facts, then: Facts, *, refused: bool
) -> list[tuple[str, object, object, object, object]]:
    """What an undo may not have left so: it takes back what our change changed, and no more.

    `was` before our change, `made` after it, `now` before the undo, `then` after it.
    """
    stopped = {name.split(" ")[1] for name in made if name.startswith("jail ")}
    stopped -= {name.split(" ")[1] for name in now if name.startswith("jail ")}
    found = []
    for name in sorted({*was, *made, *now, *then}):
        values = (was.get(name), made.get(name), now.get(name), then.get(name))
        if name.startswith("jail ") and name.split(" ")[1] in stopped:
            continue  # what it is to be set to again is nowhere
        if name.startswith("/mounts/") and any(f"/{jail}/" in name for jail in stopped):
            continue  # its next start mounts it
        if name.startswith("/rctl/") and any(f"jail:{jail}:" in name for jail in stopped):
            continue  # its next start sets it
        if not right(*values, refused=refused) and not _goes_with_ours(name, was, then):
            found.append((name, *values))
    return found


def _goes_with_ours(name: str, was: Facts, then: Facts) -> bool:
    """Whether it is what someone set on a thing that our change had made, which is gone again."""
    for part, sign in (("/properties/", "/files//"), ("/description", "/kind")):
        owner, found, _ = name.partition(part)
        if found and f"{owner}{sign}" not in was and f"{owner}{sign}" not in then:
            return True
    return False


def right(was: object, made: object, now: object, then: object, *, refused: bool) -> bool:
    """Whether an undo may have left one thing so: as it was before our change, when it is ours.

    `was` it before our change, `made` after it, `now` before the undo, `then` after it.
    """
    if refused or was == made or now != made:  # not ours, or no longer ours
        return then == now
    return then == was
