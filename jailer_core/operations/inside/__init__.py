"""What is done inside jails: processes that are signalled."""

from __future__ import annotations

from jailer_core.operations.room import Room

ROOM = Room()
