"""Announce events: bell, the terminal's own notification, a command of the user's."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from jailer_core.errors import JailerError
from jailer_core.text import sanitize
from jailer_tui.console.notification import sequence
from jailer_tui.stores.events import ANNOUNCED, Event, Kind
from jailer_tui.stores.owner import StoreOwner

SECONDS = 30.0
"""A `notify` command that takes longer is ended."""
WORDS = {
    Kind.DIED: "{} stopped unexpectedly",
    Kind.FAILED: "{} failed to start",
    Kind.MEMORY: "{} is at its memory limit",
}


class Announcer:
    """The app holds it."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app

    def hear(self, event: Event) -> None:
        """Something happened."""
        settings = self.app.view.settings
        if event.kind not in ANNOUNCED or not settings.notices:
            return
        message = describe(event)
        marks = self.app.view.marks
        where = f"{marks.name}: " if marks is not None else ""
        self.app.notify_user(f"{where}{message}", event.text if event.jail else "")
        if is_quiet(settings.quiet_hours, time.localtime()):
            return
        self.app.ring_bell()
        self.app.write_terminal(sequence(self.app.view.name, message, os.environ))
        if settings.notify:
            fields = {
                "what": event.kind.value,
                "jail": event.jail,
                "host": self.app.view.name,
                "message": message,
            }
            argv = fill(settings.notify, fields)
            self.app.run_worker(self._run(argv), group="notify", exit_on_error=False)

    async def _run(self, argv: tuple[str, ...]) -> None:
        from jailer_core.host.local import LocalHost  # noqa: PLC0415 - rarely needed

        try:
            result = await LocalHost().run(argv, timeout=SECONDS)
        except JailerError as error:
            self.app.notify_user(f"notify: {error.message}", error.hint)
            return
        if not result.ok:
            self.app.notify_user(
                f"notify: {sanitize(argv[0])} failed", sanitize(result.stderr[:200])
            )


def describe(event: Event) -> str:
    """What happened, in one sentence."""
    words = WORDS.get(event.kind)
    return sanitize(words.format(event.jail) if words else event.text)


def fill(argv: tuple[str, ...], fields: Mapping[str, str]) -> tuple[str, ...]:
    """The command with its fields filled in; what a field says is never a field itself."""
    filled = []
    for word in argv:
        parts = word.split("{")
        text = parts[0]
        for part in parts[1:]:
            name, brace, rest = part.partition("}")
            text += f"{fields[name]}{rest}" if brace and name in fields else f"{{{part}"
        filled.append(text)
    return tuple(filled)


def is_quiet(hours: str, now: time.struct_time) -> bool:
    """Whether it is between the quiet hours, which may span midnight."""
    if not hours:
        return False
    start, end = (time.strptime(part, "%H:%M")[3:5] for part in hours.split("-"))
    minute = now[3:5]
    return start <= minute < end if start <= end else minute >= start or minute < end
