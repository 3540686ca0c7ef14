"""Effects of commands: what each cannot change. All else is unknown until it has run."""

from __future__ import annotations

from jailer_core.model.rc_files import FILES, HOMES
from jailer_core.plan.conditions.base import program, related

_KEEP_DATASETS = frozenset(
    {"mount", "unmount", "set", "inherit", "hold", "release", "bookmark", "jail", "unjail"}
)
_KEEP_FILES = frozenset({"snapshot", "hold", "release", "bookmark", "promote"})
_MOUNTING = frozenset(
    {"mountpoint", "canmount", "jailed", "mounted", "sharenfs", "sharesmb", "zoned"}
)
_WRITES: dict[str, tuple[str, ...]] = {
    "sysrc": (*FILES, *HOMES),
    "service": ("/var/", "/tmp/"),  # noqa: S108 - of the host, not ours
    "pkg": ("/usr/local/", "/var/"),
    "jail": (),  # it reads its configuration; what its commands do below roots is not known
}
"""Below which paths programs write."""
_APPEARING = frozenset({"create", "destroy", "name", "vnet", "-vnet"})
_NETWORK_SERVICES = frozenset({"netif", "routing", "jail", "devd", "dhclient", "bridge"})


def subcommand(argv: tuple[str, ...]) -> str:
    """What zfs(8), ifconfig(8) and their like are asked to do; "" where nothing is named."""
    return argv[1] if len(argv) > 1 else ""


# --- datasets --------------------------------------------------------------------------------


def keeps_datasets(argv: tuple[str, ...]) -> bool:
    """Whether it leaves each dataset and snapshot, and its origin, as it is."""
    return program(argv) == "zfs" and subcommand(argv) in _KEEP_DATASETS


def keeps_dataset(argv: tuple[str, ...], name: str) -> bool:
    """Whether it destroys another snapshot than that one."""
    target = argv[-1]
    destroys = program(argv) == "zfs" and subcommand(argv) == "destroy" and "@" in target
    return destroys and "-R" not in argv and target != name


def keeps_property(argv: tuple[str, ...], name: str) -> bool:
    """Whether it leaves that property of every dataset as it is."""
    if program(argv) == "zfs" and subcommand(argv) in ("jail", "unjail", "mount", "unmount"):
        return name not in ("mounted", "mountpoint")
    return sets_only(argv) not in ("", name)


def sets_only(argv: tuple[str, ...]) -> str:
    """The one property that it changes, "" where it changes more than that."""
    if program(argv) != "zfs" or subcommand(argv) not in ("set", "inherit"):
        return ""
    given = [word.partition("=")[0] for word in argv[2:-1] if not word.startswith("-")]
    return given[0] if len(given) == 1 and given[0] not in _MOUNTING else ""


# --- files and mounts ------------------------------------------------------------------------


def keeps_file(argv: tuple[str, ...], path: str) -> bool:
    """Whether it leaves a file alone although its program may change such files."""
    name = program(argv)
    if name in ("mount", "umount"):
        return not path.startswith(f"{argv[-1].rstrip('/')}/")
    if name == "zfs":
        return subcommand(argv) in _KEEP_FILES or bool(sets_only(argv))
    if name == "sysrc" and any(related(path, word) for word in argv if word.startswith("/")):
        return False
    return name in _WRITES and not path.startswith(_WRITES[name])


def keeps_mounts(argv: tuple[str, ...], path: str) -> bool:
    """Whether nothing comes to that path and nothing goes from there."""
    match program(argv):
        case "mount" | "umount":
            return argv[-1].rstrip("/") != path
        case "zfs":
            return subcommand(argv) in _KEEP_FILES or bool(sets_only(argv))
        case "service":
            return subcommand(argv) not in ("jail", "zfs", "mountlate")
        case "jail":
            return "-m" in argv[:2]
    return False


# --- the rest --------------------------------------------------------------------------------


def keeps_jail_running(argv: tuple[str, ...]) -> bool:
    """Whether it neither starts nor stops a jail."""
    match program(argv):
        case "jail":
            return subcommand(argv) == "-m"
        case "service":
            return subcommand(argv) != "jail"
        case "bastille":
            return subcommand(argv) in ("config", "limits", "mount", "umount")
    return False


def keeps_interface(argv: tuple[str, ...], name: str, address: str = "") -> bool:
    """Whether it leaves alone that an interface exists, or an address of it.

    The two ends of an epair come and go together.
    """
    match program(argv):
        case "ifconfig":
            about = [word for word in argv[1:3] if not word.startswith("-")]
            if _APPEARING.intersection(argv):
                return "create" not in argv[2:] and _pair(name) not in map(_pair, about)
            addresses = [word.partition("/")[0].lower() for word in argv]
            other = {"alias", "-alias"}.intersection(argv) and address not in addresses
            return not address or name not in about or bool(other)
        case "service":
            return subcommand(argv) not in _NETWORK_SERVICES
        case "jail":
            return subcommand(argv) == "-m"
    return False


def _pair(name: str) -> str:
    return name[:-1] if name.startswith("epair") and name[-1:] in ("a", "b") else name
