"""Guards shared by all operations: which jails may be changed, and by which user.

Every function raises errors.Refused, with what to do instead as its hint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jailer_core import checks
from jailer_core.errors import Already, JailerError, Refused, UsageError
from jailer_core.latest import of_latest
from jailer_core.model import OURS, Interface, Inventory, Jail, JailConfig, JailState, Mount, Owner
from jailer_core.model.trees import normal
from jailer_core.text import command_line, sanitize

_PROGRAMS = {
    Owner.BASTILLE: "bastille",
    Owner.IOCAGE: "iocage",
    Owner.POT: "pot",
    Owner.APPJAIL: "appjail",
    Owner.CBSD: "cbsd",
    Owner.EZJAIL: "ezjail-admin",
}

_BASTILLE_NAME = re.compile(r"(?!\d+\Z)(?!all\Z)[A-Za-z0-9_][A-Za-z0-9_-]*\Z", re.IGNORECASE)


def word(name: str) -> str:
    """Quote a name for a command that a user may paste into a shell; safe to print."""
    return command_line(("--", name) if name.startswith("-") else (name,))


def problem(
    field: str, check: Callable[..., object], *values: object
) -> dict[str, tuple[str, str]]:
    """The refusal of a check as the problem of a field; {} if the values pass."""
    try:
        check(*values)
    except JailerError as error:
        return {field: (error.message, error.hint)}
    return {}


def refuse(problems: Mapping[str, tuple[str, str]]) -> None:
    """Refuse with the first problem that a form would show, if any."""
    for message, hint in problems.values():
        raise Refused(message, hint)


def require_jail(inventory: Inventory, name: str, *may: Callable[[Jail], object]) -> Jail:
    """The jail of that name, when it passes all checks."""
    jail = inventory.jail(name)
    if jail is not None:
        for check in may:
            check(jail)
        return jail
    unread = inventory.problem("jls")
    if unread is not None:
        raise Refused(f"the jails could not be read: {unread.message}", unread.hint)
    trashed = [entry.id for entry in inventory.trash if entry.name == name]
    hint = f"It is in the trash: {', '.join(map(sanitize, trashed))}." if trashed else ""
    raise Refused(f"there is no jail {sanitize(name)}", hint or "See all jails: list")


def require_set_up(inventory: Inventory) -> None:
    """A host with a dataset for jails."""
    if not inventory.layout.dataset:
        raise Refused("there is no dataset for jails yet", "Set up the host first: init")


def require_free(inventory: Inventory, path: str, hint: str = "Move it away first.") -> None:
    """A path at which nothing was found."""
    if path in inventory.file_stats:
        raise Refused(f"{sanitize(path)} is in the way", hint)


def require_stamp(stamp: str, what: str) -> None:
    """A stamp that may be part of the name of a dataset or snapshot."""
    if not stamp.isalnum() or not stamp.isascii():
        raise Refused(f"the stamp of {what} must be letters and digits")


def require_datasets(inventory: Inventory) -> None:
    """Raises Refused if they are unknown: that is not the same as none."""
    if inventory.datasets is None:
        raise Refused("the datasets could not be read", "See the problems: zfs list.")


def require_mounts(inventory: Inventory) -> tuple[Mount, ...]:
    """All that is mounted."""
    if inventory.mounts is None:
        raise Refused("what is mounted could not be read", "See the problems: mount -p.")
    return inventory.mounts


def require_interfaces(inventory: Inventory) -> tuple[Interface, ...]:
    """All interfaces of the host."""
    if inventory.interfaces is None:
        raise Refused("interfaces could not be read", "See ifconfig.")
    return inventory.interfaces


def require_owned(jail: Jail, bastille: str = "") -> None:
    """A native or original's jail with a configuration: one that we may change in every way.

    `bastille` is the command that does the same to a jail of Bastille's.
    """
    _not_inside(jail)
    if jail.owner in OURS and jail.config is not None:
        _called_so(jail, jail.config)
        return
    use = f"Use {bastille}." if bastille and jail.owner is Owner.BASTILLE else _instead(jail)
    raise Refused(f"read-only: {sanitize(jail.name)} {_made_by(jail)}", use)


def require_own_root(jail: Jail, hint: str) -> None:
    """One that does not have the host's own root directory."""
    if normal(jail.path) in ("", "/"):
        raise Refused(f"{sanitize(jail.name)} has the root directory of the host", hint)


def require_startable(jail: Jail) -> None:
    """Raises Refused unless we may start and stop it: our own, or Bastille's through bastille."""
    if jail.owner is not Owner.BASTILLE:
        require_owned(jail)
        return
    _not_inside(jail)
    if not _BASTILLE_NAME.match(jail.name):
        raise Refused(
            f"bastille does not accept {sanitize(jail.name)} as the name of a single jail",
            "Rename it with bastille first.",
        )


def require_stoppable(jail: Jail) -> None:
    """Raises Refused unless we may stop it: startable, or running without a configuration."""
    if not by_hand(jail):
        require_startable(jail)


def starts_by_itself(jail: Jail) -> bool:
    """Whether it is ours and jail(8) can start it, because it is configured on this host."""
    return jail.owner in OURS and jail.config is not None and not jail.parent


def by_hand(jail: Jail) -> bool:
    """Whether it runs without a configuration file that says how to start and stop it."""
    if not jail.running or jail.parent or jail.owner not in (Owner.BY_HAND, *OURS):
        return False
    return jail.config is None or jail.config.name != jail.name


def jails_inside(inventory: Inventory, jail: Jail) -> tuple[str, ...]:
    """The jails inside a jail, at any depth: they stop with it."""
    return tuple(
        child.name for child in _children(inventory.jails) if child.name.startswith(f"{jail.name}.")
    )


@of_latest
def _children(jails: tuple[Jail, ...]) -> list[Jail]:
    return [jail for jail in jails if jail.parent]


def require_addressable(name: str, *, starting: bool) -> None:
    """A name that jail(8) takes for this one jail.

    jail(8) takes a part `*` for every jail, and with -c a word with `=` for a parameter
    (usr.sbin/jail/jail.c; # not recorded).
    """
    if "*" in name.split(".") or not name:
        raise Refused(
            f"jail(8) reads the name {sanitize(name)!r} as every jail",
            "Rename the jail in its configuration.",
        )
    if starting and "=" in name:
        raise Refused(
            f"jail(8) reads {sanitize(name)} as a parameter, because of its =",
            "Rename the jail in its configuration.",
        )


def require_configured(jail: Jail) -> JailConfig:
    """Its configuration; call after `require_owned`."""
    if jail.config is None:
        raise Refused(f"{sanitize(jail.name)} has no configuration file")
    return jail.config


def require_readable(jail: Jail) -> JailConfig:
    """Its configuration. Raises Refused if the text could not be read."""
    config = require_configured(jail)
    require_text(config)
    return config


def require_text(config: JailConfig) -> str:
    """The text of a configuration, when it could be read."""
    if config.text is None:
        raise Refused(
            f"{sanitize(source(config))} could not be read", "It must be readable to be changed."
        )
    return config.text


def source(config: JailConfig) -> str:
    """The file that contains its block: the one to edit, save or remove."""
    return config.source or config.path


def require_running(jail: Jail) -> int:
    """Its jid. Raises Refused unless it is running."""
    if jail.state is JailState.RUNNING and jail.jid is not None:
        return jail.jid
    if jail.state is JailState.DYING:
        raise Refused(
            f"{sanitize(jail.name)} has stopped but is still dying",
            "Something still uses it, often a TCP connection; it usually disappears within "
            "minutes.",
        )
    raise Refused(
        f"{sanitize(jail.name)} is not running", f"Start it first: start {word(jail.name)}"
    )


def require_stopped(jail: Jail) -> None:
    """Raises Refused if it is running (a dying jail is not)."""
    if jail.state is JailState.RUNNING:
        raise Already(f"{sanitize(jail.name)} is already running (jid {jail.jid})")


# --- what an action on a jail needs ----------------------------------------------------------


def may_start(jail: Jail) -> None:
    """Raises Refused for a jail that cannot be started now."""
    require_startable(jail)
    require_stopped(jail)
    require_addressable(jail.name, starting=True)


def may_stop(jail: Jail) -> None:
    """Raises Refused for a jail that cannot be stopped now."""
    require_stoppable(jail)
    require_running(jail)
    require_addressable(jail.name, starting=False)


def may_restart(jail: Jail) -> None:
    """Raises Refused for a jail that cannot be restarted now."""
    require_startable(jail)
    require_running(jail)
    require_addressable(jail.name, starting=False)


def require_dataset(jail: Jail, hint: str = "") -> None:
    """Raises Refused for a jail that is not ours, or has no dataset of its own."""
    require_owned(jail)
    if not jail.dataset:
        raise Refused(f"{sanitize(jail.name)} has no dataset of its own", hint)


def may_remove(jail: Jail) -> None:
    """Raises Refused for a jail that shares its file or dataset with others."""
    require_owned(jail)
    config = require_configured(jail)
    if not config.alone or source(config) == "/etc/jail.conf":
        raise Refused(f"{sanitize(source(config))} defines more than this jail")
    require_dataset(jail)


def not_set_up(inventory: Inventory) -> str:
    """Why no jail can be created here, or ""."""
    return "" if inventory.layout.dataset else "this host is not set up for jails yet"


def no_datasets(inventory: Inventory) -> str:
    """Why nothing about datasets can be decided, or ""."""
    return "the datasets could not be read" if inventory.datasets is None else ""


# --- parts -----------------------------------------------------------------------------------


def _called_so(jail: Jail, config: JailConfig) -> None:
    """The reader also finds the file that configures a running jail's path under another name."""
    if config.name != jail.name:
        raise Refused(
            f"read-only: {sanitize(config.path)} calls {sanitize(jail.name)} "
            f"{sanitize(config.name)}",
            f"It was started by hand; stop it with {command_line(('jail', '-r', jail.name))}.",
        )


def _not_inside(jail: Jail) -> None:
    if jail.parent:
        raise Refused(
            f"read-only: {sanitize(jail.name)} is inside the jail {sanitize(jail.parent)}",
            f"Change it from inside: {command_line(('jexec', jail.parent, 'jls'))}.",
        )


def _made_by(jail: Jail) -> str:
    if jail.owner is Owner.BY_HAND or jail.owner in OURS:
        return "was made by hand: no configuration file defines it"
    if jail.owner is Owner.OCI:
        return "belongs to a container engine"
    return f"is managed by {jail.owner.value}"


def _instead(jail: Jail) -> str:
    if jail.owner is Owner.BY_HAND or jail.owner in OURS:
        how = command_line(("jail", "-r", jail.name))
        return f"Its owner can stop it with {how}." if jail.running else ""
    if jail.owner is Owner.OCI:
        return "Use the engine that created it (podman, containerd)."
    return f"Use {_PROGRAMS.get(jail.owner, jail.owner.value)}."


def may_be_named(name: str) -> bool:
    """Whether a jail may have that name; other names reach no file and no command."""
    try:
        checks.jail_name(name)
    except UsageError:
        return False
    return True
