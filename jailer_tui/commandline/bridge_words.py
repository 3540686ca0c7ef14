"""The words about bridges and about where jails are on the network."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, Command, Option

_CIDR = "with its prefix (next: a private net that is free)"

BRIDGE_WORDS = (
    Command(
        "bridge add",
        "make a bridge, now and at boot",
        "bridges:add",
        "[NAME]",
        0,
        1,
        (
            Option(
                "address", "--address", f"the host's address on it, {_CIDR}", "-a", takes="ADDR"
            ),
            Option("address6", "--address6", f"that of IPv6, {_CIDR}", "-6", takes="ADDR"),
            Option("note", "--description", "what it is for", "-d", takes="TEXT"),
            Option(
                "interface",
                "--interface",
                "cards and VLANs that become its members, with commas",
                "-i",
                takes="IF",
            ),
            *CHANGE,
        ),
        "NAME is bridge and a number; without it the first that is free. rc.conf and the running\n"
        "host are changed together. Without an address the host is no gateway on it.",
        changes=True,
    ),
    Command(
        "bridge change",
        "give a bridge other addresses",
        "bridges:change",
        "NAME",
        1,
        1,
        (
            Option("address", "--address", f"{_CIDR}; none", "-a", takes="ADDR"),
            Option("address6", "--address6", f"{_CIDR}; none", "-6", takes="ADDR"),
            Option("note", "--description", "what it is for; none", "-d", takes="TEXT"),
            *CHANGE,
        ),
        "What is not named stays. Jails that would be cut off are named.",
        changes=True,
    ),
    Command(
        "bridge remove",
        "destroy a bridge that no jail uses",
        "bridges:remove",
        "NAME",
        1,
        1,
        (Option("release", "--release", "take its members out first"), *CHANGE),
        changes=True,
    ),
    Command(
        "bridge addm",
        "put cards or VLANs into a bridge, now and at boot",
        "bridges:addm",
        "NAME IF...",
        2,
        None,
        CHANGE,
        "FreeBSD 15 takes no member that has an address of its own.",
        changes=True,
    ),
    Command(
        "bridge deletem",
        "take members out of a bridge",
        "bridges:deletem",
        "NAME IF...",
        2,
        None,
        CHANGE,
        changes=True,
    ),
)

ADDRESS = Command(
    "address",
    "give a jail another address, or put it on another bridge",
    "bridges:address",
    "NAME",
    1,
    1,
    (
        Option("address", "--address", "IPv4 address, dhcp, next or none", "-a", takes="ADDR"),
        Option("address6", "--address6", "IPv6 address, next or none", "-6", takes="ADDR"),
        Option("bridge", "--bridge", "the bridge (eb), or the interface (new)", "-b", takes="IF"),
        Option(
            "gateway", "--gateway", "default route (eb: the bridge's address)", "-g", takes="ADDR"
        ),
        Option(
            "netmask", "--netmask", "255.255.255.0 or 24 (eb: the bridge's)", "-m", takes="MASK"
        ),
        Option("gateway6", "--gateway6", "IPv6 default route", takes="ADDR"),
        *CHANGE,
    ),
    "What is not named stays; on another bridge the next free addresses are taken. Its\n"
    "configuration, its own rc.conf and its rules of the packet filter follow. One that runs is\n"
    "stopped and started again.",
    changes=True,
)

BRIDGES = (
    Command("bridge", "bridges between jails and cards of the host", below=BRIDGE_WORDS),
    ADDRESS,
)
