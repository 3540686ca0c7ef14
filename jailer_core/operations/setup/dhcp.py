"""OpenBSD's dhcpd on the bridge alone (port net/dhcpd).

Its rc script knows dhcpd_flags and no dhcpd_ifaces (net/dhcpd/files/dhcpd.in): without an
interface among the flags it listens on every one whose net its file declares. The other
variable is set as well, for who looks there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Interface

from jailer_core.model import Inventory, SetupFacts
from jailer_core.operations.setup import bridge
from jailer_core.operations.setup.plan_builder import (
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import ServeDhcp
from jailer_core.operations.steps import reversible
from jailer_core.plan import CommandSucceeds, NotInUse, Run, Step, Undo
from jailer_core.templates import render
from jailer_core.text import ended

PROGRAM = "/usr/local/sbin/dhcpd"
SCRIPT = "/usr/local/etc/rc.d/dhcpd"
CONF = "/usr/local/etc/dhcpd.conf"
_SUBNET = re.compile(r"^\s*subnet\s+([\d.]+)\s+netmask\s+([\d.]+)", re.MULTILINE)
INSTALL = 600.0
"""Seconds that a download may take."""


def serves(text: str, subnet: IPv4Interface) -> bool:
    """Whether dhcpd.conf declares that network."""
    net = subnet.network
    return (str(net.network_address), str(net.netmask)) in _SUBNET.findall(text)


def bound(flags: str) -> bool:
    """Whether dhcpd's flags name the bridge, and no other interface."""
    names = [word for word in flags.split() if re.fullmatch(r"[a-z]+\d+", word)]
    return names == [bridge.NAME]


def block(subnet: IPv4Interface) -> str:
    """The declaration as `jailer` writes it."""
    net = subnet.network
    ranges = [(net[1], subnet.ip - 1), (subnet.ip + 1, net[-2])]
    given = [(first, last) for first, last in ranges if first <= last]
    return render("dhcpd.conf.j2", net=net, ranges=given, router=subnet.ip)


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether dhcpd serves only the bridge, and starts at boot."""
    title, subnet = "DHCP server", bridge.address(inventory)
    enabled, flags = inventory.rc_on("dhcpd_enable"), inventory.rc_value("dhcpd_flags")
    if enabled is None or flags is None or doctor.dhcpd is None:
        return Check("dhcp", title, UNKNOWN, "rc.conf or dhcpd could not be checked")
    if SCRIPT not in doctor.stamps:
        return Check("dhcp", title, MISSING, "dhcpd is not installed", ServeDhcp())
    if subnet is None:
        return Check("dhcp", title, WRONG, f"{bridge.NAME} has no address yet", ServeDhcp())
    wrong = []
    if not serves(inventory.file_texts.get(CONF, ""), subnet):
        wrong.append(f"{CONF} does not declare {subnet.network}")
    if not enabled:
        wrong.append("it does not start at boot")
    if not bound(flags):
        wrong.append(f"it is not bound to {bridge.NAME} alone (dhcpd_flags)")
    if not doctor.dhcpd:
        wrong.append("it is not running")
    if wrong:
        return Check("dhcp", title, WRONG, "; ".join(wrong), ServeDhcp())
    return Check("dhcp", title, OK, f"dhcpd serves {subnet.network} on {bridge.NAME}")


def make(draft: PlanBuilder) -> None:
    """dhcpd.conf first, so that the package leaves it alone; then the package, and the service."""
    subnet = bridge.net_of(draft)
    unused = bridge.not_used(draft.inventory, bridge.NAME, str(subnet), *_RC_NAMES)
    old, first = draft.text(CONF), len(draft.steps)
    changed = old is None or not serves(old, subnet)
    if changed:
        draft.directory("/usr/local/etc", "for dhcpd.conf")
        text = ended(old or "") + block(subnet)
        draft.write(CONF, text, f"Declare {subnet.network} in dhcpd.conf")
    if SCRIPT not in draft.doctor.stamps:
        _install(draft)
    if changed:
        draft.steps.append(
            Step(Run((PROGRAM, "-n", "-c", CONF, bridge.NAME)), f"Check {CONF} with dhcpd")
        )
    flags = draft.rc("dhcpd_flags")
    rebound = not bound(flags)
    if rebound:
        kept = [word for word in flags.split() if not re.fullmatch(r"[a-z]+\d+", word)]
        values = {"dhcpd_flags": " ".join([*kept, bridge.NAME]), "dhcpd_ifaces": bridge.NAME}
        draft.set_rc(values, f"Bind dhcpd to {bridge.NAME} alone", (unused,))
    draft.set_rc({"dhcpd_enable": "YES"}, "Start dhcpd at boot", (unused,))
    if not draft.doctor.dhcpd:
        draft.steps.append(_start(unused))
    elif changed or rebound:
        _restart(draft, first)


def _install(draft: PlanBuilder) -> None:
    if not draft.doctor.pkg:
        draft.steps.append(
            Step(
                Run(("pkg", "bootstrap", "-y")),
                "Install pkg itself",
                timeout=INSTALL,
                wait_reason="it is fetched from the repository",
                undo=(_removed("pkg", "-y", "-f"),),
                postconditions=(_there("pkg"),),
                side_effect="pkg: its database in /var/db/pkg",
                side_effect_if_output="Installing pkg",
            )
        )
    draft.steps.append(
        Step(
            Run(("pkg", "install", "-y", "dhcpd")),
            "Install dhcpd",
            timeout=INSTALL,
            wait_reason="it is fetched from the repository",
            undo=(_removed("dhcpd", "-y"),),
            preconditions=(_there("dhcpd", present=False),),
            postconditions=(_there("dhcpd"),),
        )
    )


def _there(name: str, *, present: bool = True) -> CommandSucceeds:
    return CommandSucceeds(("pkg", "info", "-e", name), succeeds=present)


def _removed(name: str, *options: str) -> Undo:
    return Undo(
        Run(("pkg", "delete", *options, name)),
        f"Remove {name} again",
        preconditions=(_there(name), NotInUse("package", name)),
        done_when=(_there(name, present=False),),
        timeout=120.0,
    )


RUNS = ("service", "dhcpd", "onestatus")
RESTART = Step(
    Run(("service", "dhcpd", "restart")), "Restart dhcpd", postconditions=(CommandSucceeds(RUNS),)
)
"""Its file and its flags are only read when it starts."""
RESTART_AGAIN = Undo(
    Run(("service", "dhcpd", "onerestart")), "Restart dhcpd with the old configuration"
)
"""Going back, after they are as they were: an undo of the first step that changes them."""
_RC_NAMES = tuple(f"{name} of rc.conf" for name in ("dhcpd_flags", "dhcpd_ifaces"))
"""What this writes there itself."""


def _start(unused: NotInUse) -> Step:
    runs, rests = CommandSucceeds(RUNS), CommandSucceeds(RUNS, succeeds=False)
    return reversible(
        (Run(("service", "dhcpd", "start")), "Start dhcpd"),
        (Run(("service", "dhcpd", "onestop")), "Stop dhcpd"),
        before=(rests,),
        after=(runs,),
        undo_if=(unused,),
    )


def _restart(draft: PlanBuilder, first: int) -> None:
    head = draft.steps[first]
    draft.steps[first] = replace(head, undo=(*head.undo, RESTART_AGAIN))
    draft.steps.append(RESTART)
    draft.notes.append("dhcpd is restarted; existing leases are kept.")
