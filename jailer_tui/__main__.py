"""`python -m jailer_tui`, and the program `jailer-tui`."""

from __future__ import annotations

import sys

from jailer_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
