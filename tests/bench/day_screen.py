"""The screen on a canned host, with the history of a day."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast

from jailer_core.host import Host
from jailer_tui.app import JailerApp
from tests.bench.canned import Canned

TRENDS = ("cpu", "memory", "pool zroot", "read", "written", "disk", "net", "received", "sent")


class Day(JailerApp):
    """Ours, after a day."""

    def on_mount(self) -> None:
        """Fill the history."""
        super().on_mount()
        for name in TRENDS:
            for second in range(0, 86400, 2):
                self.session.vitals.trends[name].add(float(second), 1.0)


if __name__ == "__main__":
    said = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Day(cast("Host", Canned(said))).run()
