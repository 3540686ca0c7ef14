"""Names of snapshots: those made from the time, and those that the user gives."""

from __future__ import annotations

import time

KINDS = ("hourly", "daily", "weekly", "monthly")


def by_default(seconds: float) -> str:
    """The name of a snapshot when none is given: the time in UTC, `20261126T130501Z`.

    UTC, so that names sort and none comes twice when the clocks are put back.
    """
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def automatic(kind: str, seconds: float) -> str:
    """The name of a snapshot that `snap auto` takes: `auto-hourly-20261126T1300Z` (UTC)."""
    return time.strftime(f"auto-{kind}-%Y%m%dT%H%MZ", time.gmtime(seconds))
