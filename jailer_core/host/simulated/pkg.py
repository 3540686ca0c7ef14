"""pkg(7) and pkg(8): on a host without packages the bootstrap, else a little (01, 04, 12)."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.host.simulated import jail_kernel
from jailer_core.host.simulated.kernel import Call, Machine, Running, Say, command, fail

REPOSITORIES = ("quarterly", "kmods_quarterly_1")
NOT_INSTALLED = (
    "The package management tool is not yet installed on your system.\n"
    "Please set ASSUME_ALWAYS_YES=yes environment variable to be able to bootstrap in "
    "non-interactive (stdin not being a tty)\n"
)


@command("pkg")
def pkg(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    if words[:1] == ["-j"] and len(words) > 1:
        jail = jail_kernel.find(machine, call, words[1])
        if jail is None:
            return (
                yield from fail("pkg", f'jail_getid("{words[1]}"): No such jail')
            )  # not recorded
        call, words = replace(call, jid=jail.jid), words[2:]
    packages = machine.state.packages if not call.jid else {}
    if words[:1] == ["-N"]:
        if not packages:
            return (yield from fail("pkg", "pkg is not installed"))
        yield Say(f"pkg: {len(packages)} packages installed\n", error=True)  # not recorded
        return 0
    if not packages:
        return (yield from (_bootstrap(machine) if "-y" in words else _ask()))
    if words[:1] == ["info"]:  # not recorded
        wanted = [word for word in words[1:] if not word.startswith("-")]
        unknown = [name for name in wanted if name not in packages]
        names = sorted(name for name in packages if not wanted or name in wanted)
        yield Say("".join(f"{name}-{packages[name]}\n" for name in names))
        if unknown:
            return (yield from fail("pkg", f"No package(s) matching {unknown[0]}"))
        return 0
    return (yield from _bootstrap(machine))


def _ask() -> Running:
    yield Say(NOT_INSTALLED, error=True)
    return 1


def _bootstrap(machine: Machine) -> Running:
    """There is no name server: nothing can be fetched."""
    major = machine.state.release.partition(".")[0]
    base = f"https://pkg.FreeBSD.org/FreeBSD:{major}:{machine.state.arch}"
    for name in REPOSITORIES:
        yield Say(f"Bootstrapping pkg from pkg+{base}/{name}, please wait...\n")
        yield Say(
            f"pkg: Error fetching {base}/{name}/Latest/pkg.pkg: Host does not resolve\n"
            f"Address resolution failed for {base}/{name}.\n",
            error=True,
        )
    return 1
