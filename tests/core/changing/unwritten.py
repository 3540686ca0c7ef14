"""A journal that is written nowhere: thousands of plans run here (test_engine.py has it)."""

from __future__ import annotations

from jailer_core.journal import Journal


class Unwritten(Journal):
    """It forgets all that it is told."""

    async def write(self, record: str, **values: object) -> None:
        return
