"""Operations on jails, images and the trash: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations import fields
from jailer_core.operations.spec import (
    Kind,
    Scope,
    Undo,
    operand,
    operation,
    option,
    provided,
    switch,
)
from jailer_core.request import Danger, Request

STAMP = "The time as letters and digits (20261124T101500); it makes a name in the trash unique."
MAC = "A hardware address that is free."
NAME = "Letters, digits, - and _."
MIRROR = "Where images come from (default: the variable FreeBSD_mirror, the settings, or FreeBSD)."


# --- start and stop --------------------------------------------------------------------------


@operation(
    "start",
    command="start",
    summary="start jails",
    label="Start",
    help="A start that fails is undone.",
    scope=Scope.JAILS,
    plan="jails.lifecycle:start",
    refusal="guards:may_start",
)
class Start(Request):
    """Start a jail; with `dependencies`, first the stopped jails that it depends on."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    dependencies: bool = switch(
        "Dependencies", "First start the jails that it depends on.", "--with-dependencies"
    )


@operation(
    "stop",
    command="stop",
    summary="stop jails",
    label="Stop",
    help="Each jail is stopped with the configuration that it was started with.",
    scope=Scope.JAILS,
    plan="jails.lifecycle:stop",
    refusal="guards:may_stop",
)
class Stop(Request):
    """Stop a running jail, with the file that it was started with.

    With `dependents`, those first that run and depend on it.
    """

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    dependents: bool = switch(
        "Dependents", "First stop the jails that depend on it.", "--with-dependents"
    )


@operation(
    "restart",
    command="restart",
    summary="stop jails and start them again",
    label="Restart",
    help="A jail is started with its current configuration.",
    scope=Scope.JAILS,
    plan="jails.lifecycle:restart",
    refusal="guards:may_restart",
)
class Restart(Request):
    """Stop a jail with the file that it was started with, and start it with its present one.

    With `dependents`, those that run and depend on it are stopped before, and started again.
    """

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    dependents: bool = switch(
        "Dependents", "Also restart the jails that depend on it.", "--with-dependents"
    )


@operation(
    "startall",
    command="startall",
    summary="start all stopped jails",
    label="Start all",
    help="They start in boot order. Jails of other managers are left alone.",
    refusal_of_host="jails.boot:none_to_start",
)
class StartAll(Request):
    """Start all of our stopped jails; `expand` makes one request for each."""


@operation(
    "stopall",
    command="stopall",
    summary="stop all running jails",
    label="Stop all",
    help="They stop in reverse boot order, each with the configuration it was started with.\n"
    "Jails of other managers are left alone.",
    refusal_of_host="jails.boot:none_to_stop",
)
class StopAll(Request):
    """Stop all of our running jails; `expand` makes one request for each."""


# --- destroy and restore ---------------------------------------------------------------------


@operation(
    "destroy",
    command="destroy",
    summary="stop jails and move them to the trash",
    label="Destroy",
    help=(
        "Shows what it will do and asks for the jail's name. `trash restore` brings a jail back, "
        "with its limits in /etc/rctl.conf."
    ),
    scope=Scope.JAILS,
    danger=Danger.DESTROYS,
    undo=Undo.INVERSE,
    plan="jails.destroy:destroy",
    refusal="guards:may_remove",
    refusal_of_host="guards:no_datasets",
    configures=True,
)
class Destroy(Request):
    """Move a jail to the trash, or (`purge`) destroy it for good."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    stamp: str = provided(STAMP)
    purge: bool = switch("For good", "Destroy it for good instead of using the trash.", "--purge")
    force: bool = switch("Force", "Unmount busy file systems by force.", "-f", "--force")
    kill: bool = switch("Kill", "Terminate the host's processes that hold its files.", "--kill")


@operation(
    "restore",
    command="trash restore",
    summary="bring destroyed jails back",
    label="Restore",
    help=(
        "ENTRY is a name that `trash list` shows, or the jail's name if it is in the trash only "
        "once. A jail that was running when it was destroyed is started again."
    ),
    scope=Scope.TRASH,
    undo=Undo.INVERSE,
    plan="jails.restore:restore",
    refusal_of_host="shared.trash:nothing_in_it",
    configures=True,
)
class TrashRestore(Request):
    """Bring a destroyed jail back; `start` None: if it ran when it was destroyed."""

    entry: str = operand("Entry", kind=Kind.ENTRY, metavar="ENTRY", each=True)
    start: bool | None = fields.start_again()


@operation(
    "purge",
    command="trash purge",
    summary="destroy entries of the trash for good",
    label="Purge",
    help="This cannot be undone. It is refused while other jails are clones of the entry;\n"
    "--promote makes them independent first. The setting `trash_days` says what is old\n"
    "(default 30). Nothing is ever purged automatically.",
    scope=Scope.TRASH,
    danger=Danger.DESTROYS,
    undo=Undo.NEVER,
    plan="jails.restore:purge",
    refusal_of_host="shared.trash:nothing_in_it",
)
class TrashPurge(Request):
    """Destroy an entry of the trash for good; `promote` first frees its clones."""

    entry: str = operand("Entry", kind=Kind.ENTRY, metavar="ENTRY", each=True)
    promote: bool = switch("Promote clones", "Make clones of it independent first.", "--promote")
    after: tuple[str, ...] = provided("Entries that are purged before it.", default=())


# --- make and change -------------------------------------------------------------------------


@operation(
    "edit",
    command="edit",
    summary="edit a jail's configuration in $EDITOR",
    label="Edit",
    help="The change is shown and checked before the file is replaced.",
    scope=Scope.JAIL,
    plan="jails.edit:edit",
    refusal="guards:require_owned",
    configures=True,
)
class Edit(Request):
    """Replace the text of a jail's configuration file."""

    name: str = operand("Jail", kind=Kind.JAIL)
    text: str = option(
        "Text",
        "Take the new text from FILE (- for standard input).",
        "--file",
        kind=Kind.FILE,
        metavar="FILE",
    )


@operation(
    "create",
    command="create",
    summary="create a jail and start it",
    label="Create",
    help=(
        "Without a NAME, the name is 8 hexadecimal digits. A missing image is fetched. Network "
        "types: eb gives the jail its own network (VNET) on a bridge; new gives it its own "
        "address on an interface of the host; inherit lets it use the host's network. -D shows "
        "the configuration file and every command. A start that fails is undone."
    ),
    undo=Undo.INVERSE,
    refusal_of_host="guards:not_set_up",
    plan="jails.create:create",
    configures=True,
)
class Create(Request):
    """Create a jail. Every field is text as it is typed; "" is for what is to be suggested.

    `base` is an image (`15.1-RELEASE`), `JAIL@SNAP` or `image/VERSION@SNAP`; "": the default
    image, else the host's release. `bridge` is a bridge for eb, an interface for new.
    """

    name: str = operand("Name", kind=Kind.NEW_NAME, default="")
    base: str = option(
        "Image",
        "The image (default: `image use`, else the host's release).",
        "-r",
        "--release",
        kind=Kind.IMAGE,
        metavar="VERSION",
    )
    copy: bool = switch("Full copy", "Make a full copy instead of a ZFS clone.", "--copy")
    network: str = option(
        "Network",
        "Network type: eb, new or inherit (default: `network use`).",
        "-t",
        "--type",
        metavar="TYPE",
        choices=("eb", "new", "inherit"),
    )
    bridge: str = fields.bridge()
    address: str = fields.address("IPv4 address, dhcp, or next for a free one.")
    gateway: str = fields.gateway()
    netmask: str = fields.netmask()
    address6: str = fields.address6("IPv6 address with or without prefix, or next.")
    gateway6: str = fields.gateway6()
    domain: str = option(
        "Domain",
        "Domain of its host name (default: the host's).",
        "-d",
        "--domain",
        metavar="DOMAIN",
    )
    resolver: str = option(
        "Resolver",
        "Name servers, separated by commas (default: the host's resolv.conf).",
        "-e",
        "--resolver",
        metavar="ADDR",
    )
    quiet: bool = switch("Disable cron", "Do not start cron in it.", "-n", "--quiet")
    start: bool = fields.start_now()
    boot: bool = switch("Start at boot", "Start it at boot.", "--boot")
    before: str = option(
        "Before",
        "At boot, start it before JAIL instead of last.",
        "--before",
        kind=Kind.JAIL,
        metavar="JAIL",
    )
    memory: str = option("Memory", "Memory limit, such as 512M.", "--memory", metavar="SIZE")
    cpu: str = option("CPU", "CPU limit in percent of one core.", "--cpu", metavar="PERCENT")
    processes: str = option(
        "Processes", "Limit on the number of processes.", "--processes", metavar="NUMBER"
    )
    note: str = option("Note", "A note that is kept with its dataset.", "--note", metavar="TEXT")
    mac: str = provided(MAC, default="")
    mirror: str = option("Mirror", MIRROR, "--mirror", metavar="URL")


@operation(
    "clone",
    command="clone",
    summary="clone a jail; a running one is snapshotted first",
    label="Clone",
    help=(
        "The clone gets the configuration and the tags of the jail, but not its note. It gets a "
        "number, addresses and a hardware address of its own. NAME@SNAP clones a snapshot."
    ),
    scope=Scope.JAIL,
    undo=Undo.INVERSE,
    plan="jails.clone:clone",
    form="jails.clone",
    refusal="guards:may_remove",
    configures=True,
)
class Clone(Request):
    """Clone a jail. `snapshot` is one of its snapshots; "" takes one first, named by `stamp`."""

    name: str = operand("Jail", kind=Kind.JAIL, metavar="NAME[@SNAP]")
    new: str = operand("New name", NAME, kind=Kind.NEW_NAME, metavar="NEW")
    stamp: str = provided(STAMP)
    snapshot: str = provided("The snapshot after the @.", label="As of", default="")
    address: str = fields.address("IPv4 address, or dhcp (default: a free one).")
    address6: str = fields.address6("IPv6 address.")
    mac: str = provided(MAC, label="MAC", default="")
    start: bool = fields.start_now()


@operation(
    "rename",
    command="rename",
    summary="rename a jail",
    label="Rename",
    help="Its dataset, its configuration and its place in the boot order follow. A running jail\n"
    "is stopped and started again.",
    scope=Scope.JAIL,
    undo=Undo.INVERSE,
    plan="jails.rename:rename",
    refusal="guards:may_remove",
    configures=True,
)
class Rename(Request):
    """Give a jail another name; a running one is restarted."""

    name: str = operand("Jail", kind=Kind.JAIL)
    new: str = operand("New name", NAME, kind=Kind.NEW_NAME, metavar="NEW")


@operation(
    "note",
    command="note",
    summary="set a jail's note, or remove it",
    label="Note",
    help="The note is kept with the jail's dataset; info shows it. An empty TEXT removes it.",
    scope=Scope.JAIL,
    plan="jails.note:change",
)
class JailNote(Request):
    """Set the note of a jail; an empty one removes it."""

    name: str = operand("Jail", kind=Kind.JAIL)
    text: str = operand(
        "Note", "What the jail is for. Empty: no note.", metavar="TEXT", may_be_empty=True
    )


@operation(
    "health",
    command="health",
    summary="set the command that checks whether a jail works, or remove it",
    label="Health command",
    help="sh(1) runs it in the jail as root; exit status 0 means that the jail works. `pkg\n"
    "--snapshot` runs it after a change, and rolls the jail back if it fails. An empty COMMAND\n"
    "removes it.",
    scope=Scope.JAILS,
    plan="jails.health:change",
    refusal="guards:require_dataset",
)
class JailHealth(Request):
    """Set the health command of a jail; an empty one removes it."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    command: str = operand(
        "Command",
        "A command line for sh(1), such as: service nginx status.",
        metavar="COMMAND",
        may_be_empty=True,
    )


@operation(
    "boot",
    command="boot order",
    summary="set which jails start at boot, and in which order",
    label="Boot order",
    help="Jails that are not named no longer start at boot.",
    plan="jails.boot:order",
)
class BootOrder(Request):
    """Which jails start at boot, in which order."""

    names: tuple[str, ...] = operand("Jails", kind=Kind.JAIL, many=True)
