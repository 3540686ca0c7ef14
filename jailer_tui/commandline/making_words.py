"""The words that make something: jails, images, defaults."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, JSON, NO_START, Command, Option

MIRROR = Option(
    "mirror",
    "--mirror",
    "where images come from (default FreeBSD_mirror, the settings, else FreeBSD's)",
    takes="URL",
)

CREATE = Command(
    "create",
    "make a jail and start it",
    "create:create",
    "[NAME]",
    0,
    1,
    (
        Option(
            "base",
            "--release",
            "the image (default: image use, else the host's)",
            "-r",
            takes="VERSION",
        ),
        Option(
            "base",
            "--source",
            "JAIL@SNAP or image/VERSION@SNAP instead of an image",
            "-s",
            takes="SNAPSHOT",
        ),
        Option("copy", "--copy", "a full copy instead of a ZFS clone"),
        Option(
            "network",
            "--type",
            "network: eb, new or inherit (default: network use)",
            "-t",
            takes="TYPE",
        ),
        Option("bridge", "--bridge", "the bridge (eb), or the interface (new)", "-b", takes="IF"),
        Option(
            "address",
            "--address",
            "IPv4 address, dhcp, or next for one that is free",
            "-a",
            takes="ADDR",
        ),
        Option(
            "gateway", "--gateway", "default route (eb: the bridge's address)", "-g", takes="ADDR"
        ),
        Option(
            "netmask", "--netmask", "255.255.255.0 or 24 (eb: the bridge's)", "-m", takes="MASK"
        ),
        Option(
            "address6",
            "--address6",
            "IPv6 address, with its prefix or without; or next",
            takes="ADDR",
        ),
        Option("gateway6", "--gateway6", "IPv6 default route", takes="ADDR"),
        Option(
            "domain",
            "--domain",
            "the part behind the name (default: the host's name)",
            "-d",
            takes="DOMAIN",
        ),
        Option(
            "resolver",
            "--resolver",
            "name servers (default: the host's resolv.conf)",
            "-e",
            takes="ADDR",
        ),
        Option("quiet", "--quiet", "without cron", "-n"),
        NO_START,
        Option("boot", "--boot", "start it at boot"),
        Option("before", "--before", "at boot before that jail, not at the end", takes="JAIL"),
        Option("memory", "--memory", "limit, like 512M", takes="SIZE"),
        Option("cpu", "--cpu", "limit in percent of one core", takes="PERCENT"),
        Option("processes", "--processes", "limit of their number", takes="NUMBER"),
        Option("note", "--note", "a note, kept with its dataset", takes="TEXT"),
        MIRROR,
        *CHANGE,
    ),
    "Without a NAME it gets one of 8 hex digits. An image that is missing is fetched.\n"
    "-D shows the file and everything that would be done. A start that fails is undone.",
    changes=True,
)

IMAGE = (
    Command(
        "image list",
        "images: fetched, or on the mirror; whether one is there",
        "image:listing",
        "[remote|VERSION]",
        0,
        1,
        (MIRROR, JSON),
        "The default one is marked with *.\n"
        "With a VERSION the exit status tells whether it is there.",
    ),
    Command(
        "image fetch",
        "fetch, check and extract an image",
        "image:fetch",
        "[VERSION]",
        0,
        1,
        (MIRROR, *CHANGE),
        "Without a VERSION the host's own. What is newer than the host is refused.",
        changes=True,
    ),
    Command(
        "image use",
        "set the default image, or show it",
        "image:use",
        "[VERSION]",
        0,
        1,
        CHANGE,
        changes=True,
    ),
    Command(
        "image destroy",
        "destroy images that no jail depends on",
        "image:destroy",
        "VERSION...",
        1,
        None,
        CHANGE,
        changes=True,
    ),
)

BOOT = (
    Command(
        "boot list", "jails that start at boot, in their order", "boot:listing", options=(JSON,)
    ),
    Command(
        "boot order",
        "say which jails start at boot, in which order",
        "boot:order",
        "NAME...",
        1,
        None,
        CHANGE,
        "Those that are not named do not start any more.",
        changes=True,
    ),
)

MAKING = (
    Command(
        "clone",
        "make another jail of a jail: a running one is snapshotted first",
        "moving:clone",
        "NAME[@SNAP] NEW",
        2,
        2,
        (
            Option(
                "address",
                "--address",
                "IPv4 address, or dhcp (default: a free one)",
                "-a",
                takes="ADDR",
            ),
            Option("address6", "--address6", "IPv6 address", takes="ADDR"),
            NO_START,
            *CHANGE,
        ),
        "It gets the configuration of the first, with a number, addresses and a hardware\n"
        "address of its own.",
        changes=True,
    ),
    Command(
        "rename",
        "give a jail another name",
        "moving:rename",
        "NAME NEW",
        2,
        2,
        CHANGE,
        "Its dataset, its configuration and its place in the boot order go along. One that runs\n"
        "is stopped and started again.",
        changes=True,
    ),
    Command("boot", "which jails start at boot", below=BOOT),
    Command("image", "list, fetch, choose or destroy base images", below=IMAGE),
)
