"""zfs(8) of the simulated host: which subcommand does what, and what an ordinary user may."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.zfs import bookmarks, change, encryption, jailed, move, volumes
from jailer_core.simulator.zfs.destroy import destroy_command
from jailer_core.simulator.zfs.listing import get_command, json_answer, list_command
from jailer_core.simulator.zfs.snapshots import (
    diff_command,
    hold_command,
    holds_command,
    release_command,
    snapshot_command,
)
from jailer_core.simulator.zfs.store import Zfs, ZfsError, not_simulated
from jailer_core.simulator.zfs.stream import receive_command, send_command

VERSIONS = ("zfs-2.4.2-1-FreeBSD_g6330a45b0", "zfs-kmod-2.4.2-1-FreeBSD_g6330a45b0")
Handler = Callable[[Zfs, Call, Sequence[str]], Running]
Plain = Callable[[Zfs, Sequence[str]], Running]


@command("zfs")
def zfs(machine: Machine, call: Call) -> Running:
    """Run a subcommand; refusals go to standard error."""
    if not call.args:
        yield Say("missing command\n", error=True)
        return 2
    verb, *args = call.args
    if call.jid:
        return (yield from jailed.inside(machine, call, verb, args))
    handler = HANDLERS.get(verb)
    if handler is None:
        if verb in _NOT_SIMULATED:
            return (yield from fail("zfs", f"{verb} is not simulated"))
        yield Say(f"unrecognized command '{verb}'\n", error=True)  # not recorded
        return 2
    try:
        if not call.root:
            _check_user(verb, args)
        return (yield from handler(Zfs(machine), call, args))
    except ZfsError as error:
        yield Say(error.message + "\n", error=True)
        return error.status
    except (BadOption, ValueError) as error:  # not recorded: libzfs prints its usage
        if isinstance(error, BadOption) and not error.missing:
            yield Say(f"zfs {verb}: -{error.letter} is not simulated\n", error=True)
            return 2
        said = str(error) if isinstance(error, BadOption) else "wrong number of arguments"
        yield Say(f"zfs: {said}\nusage:\n\t{verb}\n", error=True)
        return 2


def _check_user(verb: str, args: Sequence[str]) -> None:
    """What ZFS says to an ordinary user (recordings 07 and 12); snapshot says it itself."""
    name = next((word for word in reversed(args) if not word.startswith("-")), "")
    if verb == "destroy" and "@" in name:
        raise ZfsError("cannot destroy snapshots: permission denied")
    refusals = {  # all but create and destroy of a snapshot: not recorded
        "create": f"cannot create '{name}'",
        "clone": f"cannot create '{name}'",
        "destroy": f"cannot destroy '{name}'",
        "rename": f"cannot rename '{args[-2] if len(args) > 1 else name}'",
        "promote": f"cannot promote '{name}'",
        "rollback": f"cannot rollback '{name.partition('@')[0]}'",
        "set": f"cannot set property for '{name}'",
        "inherit": f"cannot inherit property for '{name}'",
        "mount": f"cannot mount '{name}'" if name else "",
        "unmount": f"cannot unmount '{name}'",
        "hold": f"cannot hold snapshot '{name}'",
        "release": f"cannot release hold from snapshot '{name}'",
        "send": f"warning: cannot send '{name}'",
        "recv": "cannot receive",
    }
    refusal = refusals.get({"umount": "unmount", "receive": "recv"}.get(verb, verb), "")
    if refusal:
        raise ZfsError(f"{refusal}: permission denied")


# --- subcommands -----------------------------------------------------------------------------


def _quiet(function: Callable[[Zfs, Call, Sequence[str]], None]) -> Handler:
    """A subcommand that prints nothing when it works."""

    def handler(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
        function(zfs, call, args)
        return 0
        yield Say("")

    return handler


def _plain(function: Plain) -> Handler:
    """A subcommand that does not care who called it."""

    def handler(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
        return function(zfs, args)

    return handler


def _hold(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    hold_command(zfs, args)


def _bookmark(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    bookmarks.bookmark(zfs, args)


def _release(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    release_command(zfs, args)


def _create(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "pu", "oV")
    (name,) = options.rest
    props = options.assignments()
    if options.has("V"):
        volumes.create(zfs, name, options.value("V"), props)
        return
    words = encryption.passphrase(call, name, props)
    change.create(zfs, name, props, parents=options.has("p"), passphrase=words)


def _clone(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "p", "o")
    source, name = options.rest
    change.clone(zfs, source, name, options.assignments(), parents=options.has("p"))


def _rename(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "pufr")
    old, new = options.rest
    move.rename(
        zfs, old, new, parents=options.has("p"), keep=options.has("u"), force=options.has("f")
    )


def _promote(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    (name,) = args
    move.promote(zfs, name)


def _rollback(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "rRf")
    (name,) = options.rest
    change.roll_back(zfs, name, recursive=options.has("r"))


def _set(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    pairs = [word for word in args if "=" in word]
    for name in [word for word in args if "=" not in word]:
        props = {prop: value for prop, _, value in (pair.partition("=") for pair in pairs)}
        change.set_properties(zfs, name, props)


def _inherit(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "rS")
    prop, *names = options.rest
    change.inherit(zfs, prop, names, recursive=options.has("r"), received=options.has("S"))


def _mount(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
    options = Options.parse(args, "afOlv", "o")
    if options.has("a"):
        change.mount_all(zfs)
    elif options.rest:
        change.mount(zfs, options.rest[0])
    else:
        mounts = [mount for mount in zfs.state.mounts if mount.fstype == "zfs"]
        yield Say("".join(f"{mount.device:<30}  {mount.path}\n" for mount in mounts))
    return 0


def _unmount(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    options = Options.parse(args, "afu")
    names = options.rest
    if options.has("a"):  # not recorded
        names = [mount.device for mount in reversed(zfs.state.mounts) if mount.fstype == "zfs"]
    for name in names:
        change.unmount(zfs, name, force=options.has("f"))


def _allow(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
    """`zfs allow [USER PERM,…] DATASET` (recording 14)."""
    *given, name = Options.parse(args, "").rest
    dataset = zfs.dataset(name)
    if not given:
        yield Say(_permissions(zfs, name))
        return 0
    user, permissions = given
    if not user.isalnum() or user == "everyone":
        raise not_simulated("allow for others than one user")
    words = {*dataset.allowed.get(user, ()), *permissions.split(",")}
    dataset.allowed[user] = sorted(words)
    return 0


def _permissions(zfs: Zfs, name: str) -> str:
    """What is allowed there and above it; above, and several users: not recorded."""
    text = ""
    while name:
        allowed = zfs.state.datasets[name].allowed
        if allowed:
            text += f"---- Permissions on {name} ".ljust(70, "-") + "\n"
            text += "Local+Descendent permissions:\n"
            text += "".join(
                f"\tuser {user} {','.join(words)}\n" for user, words in sorted(allowed.items())
            )
        name = name.rpartition("/")[0]
    return text


def _version(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
    yield Say(version_text("zfs", args))
    return 0


def version_text(program: str, args: Sequence[str]) -> str:
    """What `zfs version` and `zpool version` print."""
    if "-j" in args:
        body = {"zfs_version": dict(zip(("userland", "kernel"), VERSIONS, strict=True))}
        return json_answer(f"{program} version", body)
    return "".join(f"{one}\n" for one in VERSIONS)


def _program(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
    """A channel program: none can be run here, so every file is one that cannot be opened."""
    options = Options.parse(args, "jn", "tm")
    yield Say(f"cannot open '{options.rest[1]}': No such file or directory\n", error=True)
    return 1


_NOT_SIMULATED = frozenset(
    {"change-key", "userspace", "upgrade", "unallow", "redact", "wait", "share", "unshare"}
)
"""What zfs(8) can do besides: refused plainly, rather than guessed."""

HANDLERS: dict[str, Handler] = {
    "create": _quiet(_create),
    "clone": _quiet(_clone),
    "rename": _quiet(_rename),
    "promote": _quiet(_promote),
    "rollback": _quiet(_rollback),
    "set": _quiet(_set),
    "inherit": _quiet(_inherit),
    "unmount": _quiet(_unmount),
    "umount": _quiet(_unmount),
    "allow": _allow,
    "bookmark": _quiet(_bookmark),
    "load-key": _quiet(encryption.load),
    "unload-key": _quiet(encryption.unload),
    "jail": _quiet(jailed.attach),
    "unjail": _quiet(jailed.detach),
    "mount": _mount,
    "destroy": _plain(destroy_command),
    "snapshot": snapshot_command,
    "snap": snapshot_command,
    "hold": _quiet(_hold),
    "release": _quiet(_release),
    "holds": _plain(holds_command),
    "diff": _plain(diff_command),
    "send": _plain(send_command),
    "recv": _quiet(receive_command),
    "receive": _quiet(receive_command),
    "list": _plain(list_command),
    "get": _plain(get_command),
    "version": _version,
    "program": _program,
}
