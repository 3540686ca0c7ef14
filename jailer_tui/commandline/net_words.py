"""Words about NAT, redirections, bridges and addresses."""

from __future__ import annotations

from jailer_tui.commandline.word import Command

NET: tuple[Command, ...] = ()
