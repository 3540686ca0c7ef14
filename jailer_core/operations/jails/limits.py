"""Resource limits of a jail, kept in its own configuration so that they outlast a reboot.

Rules of rctl(8) live by the name of the jail and outlast the jail (recording 03), so its stop
takes them away again. No line may fail: a failing hook makes the start fail
(docs/freebsd-facts.md, Starting and stopping).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.errors import UsageError

OFF = (
    "resource accounting (racct) is off on this host",
    "Turn it on for the next boot: limits enable",
)
"""Why there are no limits, and the way to have them."""
DROP_LINE = "rctl -r jail:${name} || true"
_SIZE = re.compile(r"\d{1,12}[KMGT]?", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def memory(value: str) -> str:
    """Bytes as rctl(8) takes them: 512M."""
    text = value.strip()
    if not _SIZE.fullmatch(text) or not text.rstrip("KMGTkmgt").strip("0"):
        raise UsageError(f"memory '{value}' is not a size", "For example: 512M or 2G")
    return text.upper()


def cpu(value: str) -> str:
    """Percent of one core: 50, or 200 for two."""
    text = value.strip().removesuffix("%")
    if not _COUNT.fullmatch(text):
        raise UsageError(
            f"CPU share '{value}' is not a percentage",
            "Use percent of one core, for example 50 or 200.",
        )
    return text


def processes(value: str) -> str:
    """How many processes at most."""
    text = value.strip()
    if not _COUNT.fullmatch(text):
        raise UsageError(f"processes '{value}' is not a number", "For example: 100")
    return text


CHECKS = {"memory": memory, "cpu": cpu, "processes": processes}
"""What checks and cleans each limit that `create` can set."""
_RESOURCES = {"memory": "memoryuse", "cpu": "pcpu", "processes": "maxproc"}


def rules(given: Mapping[str, str]) -> tuple[str, ...]:
    """`memoryuse:deny=512M` and so on, for those that are not empty (recording 03)."""
    return tuple(
        f"{_RESOURCES[kind]}:deny={CHECKS[kind](value)}"
        for kind, value in given.items()
        if value.strip()
    )


def set_lines(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Lines for exec.created, which runs before the jail's own services."""
    return tuple(f"rctl -a jail:${{name}}:{rule} || true" for rule in rules)
