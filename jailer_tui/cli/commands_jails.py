"""Commands that set a host up, and those about jails and images, also inside jails.

Commands about jails, images, the boot order and the trash.

Commands that set a host up.

Commands inside jails: console, exec, packages, services, logs.
"""

from __future__ import annotations

from functools import partial

from jailer_core.operations.catalog import CONSOLE
from jailer_core.operations.images import requests as images
from jailer_core.operations.in_jail.requests import Exec, Packages, Services, Signal
from jailer_core.operations.jails import identity_requests as identity, requests as jails
from jailer_core.operations.setup import requests as setup
from jailer_core.operations.updates import requests as updates
from jailer_tui.cli.command import CHANGE, DRY, JSON, STOP, Command, Option
from jailer_tui.cli.derive import command, options

MIRROR = Option(
    "mirror",
    "--mirror",
    "where images come from (default: FreeBSD_mirror, the settings, else FreeBSD)",
    takes="URL",
)
_SOURCE = Option(
    "base",
    "--source",
    "JAIL@SNAP or image/VERSION@SNAP instead of an image",
    "-s",
    takes="SNAPSHOT",
)
_OLD = Option("old", "--old", "all old entries")

LIST_OPTIONS = (
    Option("running", "--running", "only running jails"),
    Option("stopped", "--stopped", "only stopped jails"),
    Option("columns", "--columns", "show these columns, separated by commas", "-o", takes="LIST"),
    Option("sort", "--sort", "sort by these columns, separated by commas", "-s", takes="LIST"),
    Option("reverse", "--reverse", "reverse the order", "-r"),
    Option("script", "--no-header", "no header, and tabs between columns, for scripts", "-H"),
    Option("quiet", "--quiet", "print only names", "-q"),
    JSON,
)

OUTDATED = Command(
    "outdated",
    "show which userlands are out of date: host, images, jails",
    "image:show",
    "[NAME|PATTERN|@TAG...]",
    (
        Option("packages", "--packages", "count outdated and vulnerable packages now", "-p"),
        Option("behind", "--behind", "show only what is out of date or unknown", "-b"),
        JSON,
    ),
    "The release is read from the files; nothing in a jail is run. NEWEST is the newest patch "
    "level of the same release that is known on this host: to learn of a newer one, fetch or "
    "update an image. Package counts are kept and shown with their age.",
)

JAILS = (
    command(jails.Create, "jails:create", options=(_SOURCE,)),
    Command(
        "list",
        "list the jails of the host",
        "jail_list:show",
        "[NAME|PATTERN|@TAG...]",
        options=LIST_OPTIONS,
        text=(
            "All of them, or those that match a name, a pattern such as 'web*', or a tag.\n\n"
            "Columns: name, state, jid, hostname, ipv4, gw, owner, ipv6, network, release, "
            "userland, parent, path, dataset, tags, boots, cpu, memory, disk, processes, "
            'uptime.\n\nIn JSON, `state` is "Active" or "Stopped", as in jailer. `status` is '
            "running, dying or stopped; a dying jail has stopped, but the kernel still holds some "
            'of its resources. The values from name to gateway are strings, "-" for none and '
            '"?" for unknown; all others are null if they are unknown.'
        ),
    ),
    OUTDATED,
    Command("info", "show everything about one jail", "jail_list:info", "NAME", (JSON,)),
    command(jails.Start),
    command(jails.Stop),
    command(jails.Restart),
    command(jails.StartAll, "run:every", options=(STOP,)),
    command(jails.StopAll, "run:every", options=(STOP,)),
    command(jails.Destroy),
)

REBASE = command(
    updates.Rebase,
    "rebase:rebase",
    options=(
        Option("ours", "--ours", "keep the jail's version of PATH[,PATH...]", takes="PATHS"),
        Option("theirs", "--theirs", "take the image's version of PATH[,PATH...]", takes="PATHS"),
        Option(
            "merge",
            "--merge",
            "resolve PATH with the text of FILE",
            takes="PATH=FILE",
        ),
        Option("conflicts", "--conflicts", "only list the conflicts, with both versions"),
    ),
)

MAKING = (
    command(jails.Clone, "jails:clone"),
    command(jails.Rename),
    REBASE,
    command(jails.JailNote),
    command(jails.JailHealth),
    command(
        identity.JailTags,
        "jails:change",
        operands="[NAME...] [+TAG|-TAG...]",
        signed=True,
    ),
    command(identity.SetHostname),
    command(identity.SetResolver),
    command(identity.SetTimezone),
    command(identity.SetDepend, signed=True),
    Command(
        "boot",
        "list or set which jails start at boot",
        below=(
            Command(
                "boot list",
                "list the jails that start at boot, in order",
                "jails:boot_listing",
                options=(JSON,),
            ),
            command(jails.BootOrder, "jails:order"),
        ),
    ),
    Command(
        "image",
        "list, fetch, choose or destroy base images",
        below=(
            Command(
                "image list",
                "list images that are fetched or on the mirror, or test for one",
                "image:listing",
                "[remote|VERSION]",
                (MIRROR, JSON),
                "The default image is marked with *.\n"
                "With a VERSION the exit status says whether it has been fetched.",
            ),
            command(images.ImageFetch, "image:fetch"),
            command(updates.ImageUpdate),
            command(
                images.ImageUse,
                "image:use",
                summary="set the default image, or show it",
                operands="[VERSION]",
            ),
            command(images.ImageDestroy),
        ),
    ),
)

TRASH = Command(
    "trash",
    "list, restore or purge destroyed jails",
    below=(
        Command(
            "trash list",
            "list destroyed jails that can be restored",
            "jails:trash_listing",
            options=(JSON,),
        ),
        command(jails.TrashRestore),
        command(jails.TrashPurge, "jails:purge", operands="[ENTRY...]", options=(_OLD,)),
    ),
)

EDIT = command(jails.Edit, "one_jail:edit")


_BELOW = (
    Command(
        "init info",
        "show what is set up, what is missing and how to fix it",
        "setup:info",
        options=(JSON,),
    ),
    command(setup.MakeDataset, "setup:run"),
    command(setup.MakePool, "setup:pool"),
    command(setup.BootList, "setup:patch"),
    command(setup.MakeBridge, "setup:run"),
    command(setup.NatBridge, "setup:run"),
    command(setup.ServeDhcp, "setup:run"),
    Command(
        "init fix",
        "fix what `init info` reports: the named checks, or all",
        "setup:fix",
        "[CHECK...]",
        CHANGE,
        changes=True,
    ),
)

INIT = command(setup.Init, "setup:run", options=options(setup.MakeDataset), below=_BELOW)


_USER = Option("user", "--user", "log in as USER instead of root", "-u", takes="USER")
_ALL = Option("all", "--all", "in all running jails", "-a")
_in_jails = partial(command, options=(_ALL,), changes=(DRY, JSON), handed_on=True)

INSIDE: tuple[Command, ...] = (
    Command(
        CONSOLE.command,
        f"{CONSOLE.summary}, on this terminal",
        "one_jail:console",
        "NAME",
        (_USER,),
        "The jail must be running. The session is a login(1) session: `jexec -l JID login -f "
        "USER`. In the demo, a small simulated shell answers.",
        changes=True,
    ),
    _in_jails(Exec, "in_jail:execute", operands="NAME... -- COMMAND"),
    _in_jails(Packages, "in_jail:packages", operands="NAME... -- VERB"),
    _in_jails(Services, "in_jail:services", operands="NAME [SERVICE ACTION]"),
    Command(
        "log",
        "show a jail's console log, or a file of its /var/log",
        "one_jail:show",
        "NAME",
        (
            Option("follow", "--follow", "keep showing new lines until ctrl-c", "-f"),
            Option("lines", "--lines", "show the last N lines (default 20)", "-n", takes="N"),
            Option("file", "--file", "FILE of the jail's /var/log, or console", takes="FILE"),
            JSON,
        ),
        "Without --file, this is the console log (exec.consolelog), or messages if the jail has "
        "no console log. Symbolic links in the jail are not followed.",
    ),
    command(Signal, "in_jail:signal"),
)
