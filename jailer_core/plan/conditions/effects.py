"""Effects of commands: what each cannot change. All else is unknown until it has run.

Actions that end a use: an earlier step of an undo may end what is in the way of a later one.
"""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.model.host import FILES, HOMES
from jailer_core.model.network import ANCHOR
from jailer_core.plan.actions import Action, RemoveDir, RemoveFile, Run, WriteFile
from jailer_core.plan.conditions.base import program, related
from jailer_core.plan.conditions.users import User, word

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
    """The subcommand of zfs(8), ifconfig(8) and similar commands, or ""."""
    return argv[1] if len(argv) > 1 else ""


# --- datasets --------------------------------------------------------------------------------


def keeps_datasets(argv: tuple[str, ...]) -> bool:
    """Whether the command leaves all datasets, snapshots and origins unchanged."""
    return program(argv) == "zfs" and subcommand(argv) in _KEEP_DATASETS


def keeps_dataset(argv: tuple[str, ...], name: str) -> bool:
    """Whether the command destroys only other snapshots."""
    target = argv[-1]
    destroys = program(argv) == "zfs" and subcommand(argv) == "destroy" and "@" in target
    return destroys and "-R" not in argv and target != name


def keeps_property(argv: tuple[str, ...], name: str) -> bool:
    """Whether the command leaves that property of every dataset unchanged."""
    if program(argv) == "zfs" and subcommand(argv) in ("jail", "unjail", "mount", "unmount"):
        return name not in ("mounted", "mountpoint")
    return sets_only(argv) not in ("", name)


def sets_only(argv: tuple[str, ...]) -> str:
    """The only property that the command changes, or "" if it changes more."""
    if program(argv) != "zfs" or subcommand(argv) not in ("set", "inherit"):
        return ""
    given = [word.partition("=")[0] for word in argv[2:-1] if not word.startswith("-")]
    return given[0] if len(given) == 1 and given[0] not in _MOUNTING else ""


# --- files and mounts ------------------------------------------------------------------------


def keeps_file(argv: tuple[str, ...], path: str) -> bool:
    """Whether the command leaves a file unchanged although its program may change such files."""
    name = program(argv)
    if name in ("mount", "umount"):
        return not path.startswith(f"{argv[-1].rstrip('/')}/")
    if name == "zfs":
        return subcommand(argv) in _KEEP_FILES or bool(sets_only(argv))
    if name == "sysrc" and any(related(path, word) for word in argv if word.startswith("/")):
        return False
    return name in _WRITES and not path.startswith(_WRITES[name])


def keeps_mounts(argv: tuple[str, ...], path: str) -> bool:
    """Whether the command neither mounts nor unmounts anything at that path."""
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
    """Whether the command neither starts nor stops a jail."""
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


def files_of_package(name: str) -> tuple[str, ...]:
    """The command that lists the files of a package (pkg-query(8)); # not recorded."""
    return ("pkg", "query", "%Fp", name)


def ends(action: Action, user: User, name: str, inventory: Inventory) -> bool | None:
    """Whether the action ends the use of the thing called `name`; None: it may."""
    match action:
        case WriteFile():
            return (
                user.how == "configured"
                and user.what == action.path
                and not word(name)(action.text)
            )
        case RemoveFile() | RemoveDir():
            return user.how in ("configured", "entry") and user.what == action.path
        case Run():
            return _by_command(action.argv, user, name, inventory)
    return False


def _by_command(argv: tuple[str, ...], user: User, name: str, inventory: Inventory) -> bool | None:
    match argv[0].rpartition("/")[2], user.how:
        case _, "mount":
            return _mount_goes(argv, user, inventory)
        case "umount", "entry" | "dataset":
            return _unmounted(name, argv[1:])
        case "zfs", "entry" | "dataset":
            return _by_zfs(argv, user, name, inventory)
        case "pkg", "entry":
            return _by_package(argv, user, inventory)
        case "mv", "entry":
            return argv[-2] == user.what
    return _by_name(argv, user)


def _by_name(argv: tuple[str, ...], user: User) -> bool:
    program, what = argv[0].rpartition("/")[2], user.what
    named = what in argv
    return {
        "runs": program == "jail" and "-r" in argv and named,
        "member": program == "ifconfig" and named and ("deletem" in argv or argv[-1] == "destroy"),
        "address": program == "ifconfig"
        and bool({"-alias", "delete"}.intersection(argv))
        and user.name.partition("/")[0] in [value.partition("/")[0] for value in argv],
        "anchor": program == "pfctl" and f"{ANCHOR}/{what}" in argv,
        "hold": argv[:2] == ("zfs", "release") and named,
        "pool": argv[:2] == ("zpool", "destroy") and named,
        "package": argv[:2] == ("pkg", "delete") and named,
        "rc": program == "sysrc"
        and (named or any(value.startswith((f"{what}=", f"{what}-=")) for value in argv)),
    }.get(user.how, False)


# --- storage ---------------------------------------------------------------------------------


def _below(name: str, other: str) -> bool:
    return name == other or name.startswith((f"{other}/", f"{other}@", f"{other}#"))


def _mountpoints(inventory: Inventory, name: str) -> tuple[str, ...]:
    """Where a dataset and those below it are mounted."""
    return tuple(
        dataset.mountpoint
        for dataset in inventory.datasets or ()
        if dataset.mounted and _below(dataset.name, name)
    )


def _unmounted(directory: str, paths: tuple[str, ...]) -> bool:
    """Whether an entry of a directory lies in what is unmounted, from there or from above it."""
    return any(path.startswith("/") and f"{directory}/".startswith(f"{path}/") for path in paths)


def _mount_goes(argv: tuple[str, ...], user: User, inventory: Inventory) -> bool | None:
    """Whether something is unmounted; a jail that is stopped takes its own mounts along."""
    match argv[0].rpartition("/")[2], *argv[1:]:
        case "umount", *_, path:
            return path == user.what
        case "zfs", "unmount" | "destroy" | "rename", *words:
            what = words[-2] if argv[1] == "rename" else words[-1]
            return user.what in _mountpoints(inventory, what)
        case ("jail", *words) if "-r" in words:
            return None
        case "bastille", "stop" | "umount", *_:
            return None
    return False


def _by_zfs(argv: tuple[str, ...], user: User, name: str, inventory: Inventory) -> bool | None:
    """Whether a dataset or snapshot goes from that place, or is no longer mounted there."""
    goes = argv[1] in ("destroy", "rename")
    what = argv[-2] if argv[1] == "rename" and len(argv) > 3 else argv[-1]
    if user.how == "dataset" and goes and _below(user.what, what):
        return True
    if user.how == "dataset" and argv[1] == "promote":
        # it takes over snapshots of its origin, up to that one
        dataset = inventory.dataset(argv[-1])
        origin = dataset.origin.partition("@")[0] if dataset is not None else ""
        return None if origin and user.what.startswith(f"{origin}@") else False
    if goes or argv[1] == "unmount":
        return _unmounted(name, _mountpoints(inventory, what))
    return False


# --- packages --------------------------------------------------------------------------------


def _by_package(argv: tuple[str, ...], user: User, inventory: Inventory) -> bool | None:
    """Whether an entry came with the package, or is the copy that it made of a sample."""
    if argv[1] != "delete":
        return False
    files = inventory.output(files_of_package(argv[-1]))
    if files is None:
        return None
    own = (user.what, f"{user.what}.sample")
    return any(path in own or path.startswith(f"{user.what}/") for path in files.split("\n"))
