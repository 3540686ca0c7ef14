"""Undo: a plan from the journal and the present state."""

from __future__ import annotations

from jailer_core.operations.room import Room

ROOM = Room()
