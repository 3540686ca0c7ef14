"""A shell of this machine where `f` would run jexec: python -m tests.tui.console.plainly."""

from __future__ import annotations

import sys

from jailer_tui.console.raw_terminal import _run, in_order

if __name__ == "__main__":
    with in_order(sys.stdin.fileno()):
        status = _run(["/bin/sh", "-i"])
    sys.stdout.write(f"back with {status}\n")
    sys.stdout.flush()
    sys.stdout.write(f"heard {sys.stdin.readline()}")  # who is not in front would be stopped
