"""The conditions that an undo must have on the thing that it removes.

A rule of structure: a condition of the right kind names the very object of the command. A new
kind of command fails here until it is told what it takes.
"""

from __future__ import annotations

from dataclasses import fields

from jailer_core.operations.undo.requirements import conditions
from jailer_core.plan import (
    Condition,
    MakeDir,
    RemoveDir,
    RemoveFile,
    Run,
    Step,
    Undo,
    WriteFile,
)

GIVES = {
    *(
        ("zfs", "mount"),
        ("mount", ""),
        ("zfs", "hold"),
        ("ifconfig", "create"),
        ("ifconfig", "up"),
        ("bastille", "start"),
        ("bastille", "mount"),
    ),
    *(("service", "onerestart"), ("service", "onereload"), ("route", "add")),
}
"""Undos that give something back and take nothing away."""
TAKES: dict[tuple[str, str], tuple[frozenset[str], ...]] = {
    ("sysrc", ""): (frozenset({"RcVariableIs", "RcListHasWord"}),),
    ("zfs", "destroy"): (frozenset({"DatasetHasGuid"}), frozenset({"NotInUse"})),
    ("zfs", "set"): (frozenset({"PropertyIs", "CommandSucceeds"}),),
    ("zfs", "inherit"): (frozenset({"PropertyIs", "CommandSucceeds"}),),
    ("zfs", "unmount"): (frozenset({"PropertyIs"}),),
    ("zfs", "rename"): (frozenset({"DatasetHasGuid", "OriginIs"}),),
    ("zfs", "promote"): (frozenset({"OriginIs"}),),
    ("zfs", "jail"): (frozenset({"CommandSucceeds"}),),
    ("zfs", "unjail"): (frozenset({"CommandSucceeds"}),),
    ("zfs", "release"): (frozenset({"PropertyIs"}),),
    ("zpool", "destroy"): (frozenset({"DatasetHasGuid"}), frozenset({"NotInUse"})),
    ("ifconfig", "description"): (frozenset({"InterfaceDescribed"}),),
    ("ifconfig", "destroy"): (frozenset({"InterfaceExists"}),),
    ("ifconfig", "bridge"): (frozenset({"InterfaceExists"}), frozenset({"NotInUse"})),
    ("ifconfig", "deletem"): (frozenset({"BridgeHasMember"}),),
    ("ifconfig", "addm"): (frozenset({"BridgeHasMember"}),),
    ("ifconfig", "alias"): (frozenset({"InterfaceHasAddress"}),),
    ("ifconfig", "down"): (frozenset({"InterfaceExists"}), frozenset({"NotInUse"})),
    ("ifconfig", "set"): (frozenset({"InterfaceExists", "InterfaceHasAddress"}),),
    ("devfs", "delset"): (frozenset({"CommandSucceeds"}), frozenset({"NotInUse"})),
    ("kldunload", ""): (frozenset({"CommandSucceeds"}), frozenset({"NotInUse"})),
    ("pkg", "delete"): (frozenset({"CommandSucceeds"}), frozenset({"NotInUse"})),
    ("sysctl", ""): (frozenset({"CommandSucceeds"}), frozenset({"NotInUse"})),
    ("service", "onestop"): (
        frozenset({"CommandSucceeds", "FileHasText"}),
        frozenset({"NotInUse"}),
    ),
    ("bastille", "umount"): (frozenset({"MountedAt"}),),
    ("bastille", "stop"): (frozenset({"JailRuns"}),),
    ("pfctl", "main"): (frozenset({"FileHasText"}), frozenset({"NotInUse"})),
    ("pfctl", "anchor"): (),  # the file of the same rules has its own condition in the plan
    ("jail", ""): (frozenset({"JailRuns", "JailStopped"}),),
    ("umount", ""): (frozenset({"MountedAt"}),),
    ("mv", ""): (frozenset({"PathExists"}),),
    ("rctl", "-r"): (frozenset({"CommandSucceeds", "LimitIs"}),),
    ("rctl", "-a"): (frozenset({"LimitIs"}),),
    ("bastille", "config"): (frozenset({"ConfiguredIs"}),),
    ("bastille", "limits"): (frozenset({"LimitIs"}),),
    ("bastille", "tags"): (frozenset({"FileHasText"}),),
    ("cpuset", ""): (frozenset({"CpusAre"}),),
    ("jail", "-m"): (frozenset({"ParameterIs"}),),
}
"""By what an undo does: of each of these sets one condition at least."""
_OF_BASTILLE = (("bastille", "limits"), ("bastille", "config"), ("bastille", "tags"))
NAMELESS = frozenset({"kldunload", "sysctl", "service", "pfctl"})
"""What they take is called otherwise in the conditions."""


def lacking(step: Step, undo: Undo) -> str:
    """What an undo does not say, "" when it says enough."""
    states = conditions(step, undo)
    match undo.action:
        case RemoveFile(path) | WriteFile(path):
            ours = (
                undo.created_if_output is not None
                or "/revert/" in path
                or path == "/usr/local/disk0.img"
            )
            kinds = {"PathExists"} if ours else {"FileHasText", "PathExists"}
            return "" if _says(states, kinds | {"FileHasText"}, path) else f"{path}: its text"
        case RemoveDir(path):
            return "" if _says(states, {"NotInUse"}, path) else f"{path}: that it is empty"
        case MakeDir():
            return ""
        case Run(argv):
            return _command(argv, states)
    return f"what {undo.action} takes away"


def _command(argv: tuple[str, ...], states: tuple[Condition, ...]) -> str:
    program = argv[0].rpartition("/")[2]
    kind = _kind(program, argv)
    if kind in GIVES:
        return ""
    if kind not in TAKES:
        return f"what {' '.join(argv)} takes away"
    name = argv[1] if program == "ifconfig" else argv[-1].partition("=")[0].rstrip("+-")
    name = argv[2] if argv[:2] == ("zfs", "rename") else name
    name = argv[-1].split(":")[1] if program == "rctl" else name
    name = argv[2] if argv[:2] in _OF_BASTILLE else name
    name = argv[2].removeprefix("name=") if argv[:2] == ("jail", "-m") else name
    name = argv[3] if program == "devfs" else "" if program in NAMELESS else name
    for kinds in TAKES[kind]:
        if not _says(states, kinds, name):
            return f"{' '.join(argv)}: {' or '.join(sorted(kinds))}"
    return ""


def _kind(program: str, argv: tuple[str, ...]) -> tuple[str, str]:
    match program:
        case "ifconfig":
            return program, _of_interface(argv)
        case "pfctl":
            return program, "anchor" if "-a" in argv else "main"
        case "service" | "devfs":
            return program, argv[-1]
        case "route":
            return program, "add" if "add" in argv else "delete"
        case "zfs" | "zpool" | "pkg" | "bastille" | "rctl":
            return program, argv[1]
    return program, "-m" if argv[:2] == ("jail", "-m") else ""


def _of_interface(argv: tuple[str, ...]) -> str:
    if argv[-1] == "destroy":
        return "bridge" if argv[1].startswith("bridge") else "destroy"
    if argv[2] in ("description", "-description"):
        return "description"
    words = ("create", "deletem", "addm", "alias", "down", "up")
    found = next((one for one in words if one in argv or f"-{one}" in argv), "set")
    return "alias" if found == "set" and "inet" in "".join(argv) else found


def _says(states: tuple[Condition, ...], kinds: set[str] | frozenset[str], name: str) -> bool:
    return any(type(one).__name__ in kinds and name in _text(one) for one in states)


def _text(state: Condition) -> str:
    values = (getattr(state, one.name) for one in fields(state))
    return "\n".join(" ".join(one) if isinstance(one, tuple) else str(one) for one in values)
