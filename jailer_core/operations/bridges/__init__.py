"""Bridges, their members, and addresses of jails; the guard of the connection."""

from __future__ import annotations

from jailer_core.operations.room import Room

ROOM = Room()
