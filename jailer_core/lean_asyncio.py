"""asyncio without TLS.

This program opens no connection itself: mirrors are reached by FreeBSD's own programs, other hosts
by ssh. asyncio loads OpenSSL all the same when it can: 4.5 MB, and a tenth of the time to start.
"""

from __future__ import annotations

import sys


def load() -> None:
    """Import asyncio as on a Python that was built without TLS; `import ssl` works afterwards."""
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]
    try:
        import asyncio  # noqa: F401, PLC0415 - this is what it is for
    finally:
        del sys.modules["ssl"]
