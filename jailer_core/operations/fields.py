"""Fields that several operations have: declared once, with the same flags everywhere."""

from __future__ import annotations

from typing import Any

from jailer_core.operations.spec import Kind, option, switch

_NO_START = "Do not start it."


def address(help_text: str, *flags: str, default: Any = "") -> Any:
    """An IPv4 address."""
    flags = flags or ("-a", "--address")
    return option("IPv4", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR", default=default)


def address6(help_text: str, *flags: str, default: Any = "") -> Any:
    """An IPv6 address."""
    flags = flags or ("--address6",)
    return option("IPv6", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR", default=default)


def gateway() -> Any:
    """The default route of IPv4."""
    help_text = "Default route (default: the bridge's address)."
    flags = ("-g", "--gateway")
    return option("Gateway", help_text, *flags, kind=Kind.ADDRESS, metavar="ADDR")


def gateway6() -> Any:
    """The default route of IPv6."""
    label, help_text = "Gateway 6", "IPv6 default route."
    return option(label, help_text, "--gateway6", kind=Kind.ADDRESS, metavar="ADDR")


def netmask() -> Any:
    """The netmask of the IPv4 address."""
    help_text = "255.255.255.0 or 24 (default: the bridge's)."
    return option("Netmask", help_text, "-m", "--netmask", metavar="MASK")


def interface(help_text: str) -> Any:
    """An interface of the host."""
    flags = ("-i", "--interface")
    return option("Interface", help_text, *flags, kind=Kind.INTERFACE, metavar="IF")


def bridge() -> Any:
    """What a jail's network is connected to."""
    help_text = "The bridge, or the interface of a jail without its own network."
    flags = ("-b", "--bridge")
    return option("Bridge", help_text, *flags, kind=Kind.INTERFACE, metavar="IF")


def start_now() -> Any:
    """Whether a new jail is started at once."""
    return switch("Start now", "", default=True, off=("--no-start",), off_help=_NO_START)


def start_again() -> Any:
    """Whether a jail is started afterwards; by default if it ran before."""
    help_text = "Start it afterwards, whether it ran before or not."
    off = ("--no-start",)
    return switch("Start", help_text, "--start", default=None, off=off, off_help=_NO_START)


def also_below() -> Any:
    """Whether the datasets below a jail's are meant, too."""
    help_text = "Only the jail's own dataset, not those below it."
    return switch("Child datasets", "", default=True, off=("-1", "--alone"), off_help=help_text)


def time_limit() -> Any:
    """The time limit of a command in a jail, 0 for none."""
    label, help_text = (
        "Time limit",
        "Stop it after this many seconds in each jail (default: no limit).",
    )
    flags = ("-t", "--time")
    return option(label, help_text, *flags, kind=Kind.SECONDS, metavar="SECONDS", default=0.0)


def at_once(usual: int) -> Any:
    """In how many jails a command runs at the same time."""
    help_text = f"Run in N jails at the same time (default {usual})."
    flags = ("-n", "--at-once")
    return option("In parallel", help_text, *flags, kind=Kind.COUNT, metavar="N", default=usual)
