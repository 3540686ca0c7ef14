"""Traffic per second out of two readings of the counters."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model_network import Traffic


@dataclass(frozen=True, slots=True)
class Rate:
    """Bytes per second that came in and went out."""

    received: float
    sent: float


def rate(before: Traffic, after: Traffic, seconds: float) -> Rate | None:
    """What passed meanwhile; None when no time passed, or the interface was made again."""
    got, gone = after.received - before.received, after.sent - before.sent
    if seconds <= 0 or got < 0 or gone < 0:
        return None
    return Rate(got / seconds, gone / seconds)
