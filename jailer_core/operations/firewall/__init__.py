"""NAT and redirections: one pf anchor a jail."""

from __future__ import annotations

from jailer_core.operations.room import Room

ROOM = Room()
