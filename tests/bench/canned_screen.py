"""The screen on a canned host, started as the program starts it."""

import gc
import sys

from jailer_core import lean_asyncio

if __name__ == "__main__":
    lean_asyncio.load()
    gc.disable()

    import json
    from pathlib import Path
    from typing import cast

    from jailer_core.host import Host
    from jailer_tui.app import JailerApp
    from jailer_tui.shutdown import run_and_end
    from tests.bench.canned import Canned

    host = Canned(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.exit(run_and_end(JailerApp(cast("Host", host))))
