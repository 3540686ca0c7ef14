"""Snapshots: take, hold, destroy, go back to one, keep them by a schedule."""

from __future__ import annotations

from jailer_core.operations.room import Room

ROOM = Room()
