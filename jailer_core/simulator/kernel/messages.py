"""/var/log/messages: lines from the kernel and rc scripts (recording 07, line 57)."""

from __future__ import annotations

import time
from dataclasses import replace

from jailer_core.simulator.kernel.state import State

PATH = "var/log/messages"


def log(state: State, who: str, text: str) -> None:
    """Add a line, when the host keeps that log."""
    node = state.root.get(PATH)
    if node is None:
        return
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(state.now))
    line = f"{stamp} {state.hostname.partition('.')[0]} {who}: {text}\n"
    state.root[PATH] = replace(node, data=node.data + line.encode(), mtime=state.now)


def kernel(state: State, text: str) -> None:
    """A message of the kernel."""
    log(state, "kernel", text)
