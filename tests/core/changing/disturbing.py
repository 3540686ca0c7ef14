"""Changes by an admin or another tool to the very things that a plan changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from jailer_core.plan import MakeDir, Pipe, Plan, RemoveDir, RemoveFile, Run, SetRc, WriteFile
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Machine


@dataclass(frozen=True)
class Act:
    """One thing that someone does; what is not possible does nothing."""

    words: tuple[str, ...]
    path: str = ""
    text: str = ""
    append: bool = False

    def do(self, machine: Machine) -> None:
        if self.words:
            machine.now_run(self.words)
            return
        files = machine.files
        if not files.is_dir(self.path.rpartition("/")[0]) or files.is_dir(self.path):
            return
        old = files.read(self.path).decode() if self.append and files.exists(self.path) else ""
        with suppress(SimOSError):
            files.write(self.path, (old + self.text).encode())


def acts(plan: Plan) -> tuple[Act, ...]:
    """All that may be done to what it names, the same in each run."""
    return tuple(dict.fromkeys(_acts(plan)))


def _acts(plan: Plan) -> Iterator[Act]:
    if plan.jail:
        yield from _of_jail(plan.jail)
    for step in plan.steps:
        for action in (step.action, *(undo.action for undo in step.undo)):
            match action:
                case Run(argv):
                    yield from _of_command(argv)
                case Pipe(commands):
                    for argv in commands:
                        yield from _of_command(argv)
                case WriteFile() | RemoveFile() | SetRc() if not action.path.endswith(".img"):
                    yield Act((), action.path, "theirs\n")
                    yield Act((), action.path, "# theirs\n", append=True)
                    yield Act(("rm", "-f", action.path))
                case MakeDir() | RemoveDir():
                    yield Act((), f"{action.path}/theirs", "theirs\n")
                    yield Act(("rmdir", action.path))
                case _:
                    pass


def _of_jail(name: str) -> Iterator[Act]:
    file = f"/etc/jail.conf.d/{name}.conf"
    yield Act(("jail", "-f", file, "-r", name))
    yield Act(("jail", "-f", file, "-c", name))
    yield Act(("jail", "-m", f"name={name}", "securelevel=2"))
    yield Act(("rctl", "-a", f"jail:{name}:maxproc:deny=77"))
    yield Act(("sysrc", f"jail_list+={name}"))


def _of_command(argv: tuple[str, ...]) -> Iterator[Act]:
    program, words = argv[0].rpartition("/")[2], argv[1:]
    make = _MAKERS.get(program)
    if make is not None:
        for given in make(words):
            yield Act(given)
    if program in ("mount", "umount") and not words[-1].endswith("/dev"):
        yield Act((), f"{words[-1]}/theirs", "theirs\n")


def _zfs(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for word in words[1:]:
        if word.startswith(("/", "-")) or "=" in word or "/" not in word:
            continue
        if "@" in word:
            yield "zfs", "hold", "theirs", word
            yield "zfs", "destroy", word
            continue
        yield "zfs", "snapshot", f"{word}@theirs"
        yield "zfs", "create", f"{word}/theirs"
        yield "zfs", "set", "quota=7G", word
        yield "zfs", "set", "jailer:note=theirs", word
        yield "zfs", "inherit", "jailer:keep", word
    for word in words:
        name, sign, _ = word.partition("=")
        if sign and words[0] == "set":
            yield "zfs", "set", f"{name}={'7G' if 'quota' in name else 'theirs'}", words[-1]
            yield "zfs", "inherit", name, words[-1]


def _ifconfig(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield "ifconfig", words[0], "inet", "10.99.0.1/24", "alias"
    yield "ifconfig", words[0], "destroy"
    yield "ifconfig", words[0], "description", "theirs"


def _sysrc(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for word in words:
        name = word.partition("=")[0].rstrip("+-")
        if not word.startswith("-"):
            yield "sysrc", f"{name}=theirs"
            yield "sysrc", f"{name}+=theirs"
            yield "sysrc", "-x", name


def _mount(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield "umount", "-f", words[-1]
    yield "mount", "-t", "tmpfs", "tmpfs", f"{words[-1]}/theirs"
    if not words[-1].endswith("/dev"):
        yield "mount", "-t", "tmpfs", "tmpfs", words[-1]


def _rctl(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    rule = words[-1].partition("=")[0]
    yield "rctl", "-r", rule
    yield "rctl", "-a", f"{rule}=7"


def _jail(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if words[0] == "-m":
        name = words[2].partition("=")[0]
        for value in ("0", "1", "true", "false"):
            yield "jail", "-m", words[1], f"{name}={value}"


def _sysctl(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    name = words[-1].partition("=")[0]
    yield "sysctl", f"{name}=0"
    yield "sysctl", f"{name}=1"


def _pfctl(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if "-a" in words:
        yield "pfctl", "-a", words[words.index("-a") + 1], "-F", "nat"
    yield "service", "pf", "onestop"


def _cpuset(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield "cpuset", "-l", "1", "-j", words[-1]


_MAKERS: dict[str, Callable[[tuple[str, ...]], Iterator[tuple[str, ...]]]] = {
    "zfs": _zfs,
    "ifconfig": _ifconfig,
    "sysrc": _sysrc,
    "mount": _mount,
    "umount": _mount,
    "rctl": _rctl,
    "jail": _jail,
    "sysctl": _sysctl,
    "pfctl": _pfctl,
    "cpuset": _cpuset,
}
