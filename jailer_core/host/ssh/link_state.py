"""The state of the connection to a host, independent of the code that makes connections."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jailer_core.host.ssh.connect import Trouble


class LinkStatus(StrEnum):
    """The state of the connection to a host."""

    CONNECTING = "connecting"
    UP = "up"
    SLOW = "slow"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class LinkState:
    """The connection to a host. `next_try` is a monotonic time, None where there is none."""

    status: LinkStatus = LinkStatus.CONNECTING
    latency: float | None = None
    trouble: Trouble | None = None
    message: str = ""
    hint: str = ""
    next_try: float | None = None

    @property
    def up(self) -> bool:
        """Whether the host can be reached."""
        return self.status in (LinkStatus.UP, LinkStatus.SLOW)
