"""`python3.11 -m jailer_core.agent`: serves this machine over the standard streams."""

from __future__ import annotations

import sys

from jailer_core.agent.serve import run
from jailer_core.host.local import LocalHost

sys.exit(run(LocalHost(), sys.argv[1] if sys.argv[1:] else ""))
