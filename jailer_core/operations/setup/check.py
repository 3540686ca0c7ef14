"""One finding about the host, with its fix."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.plan import Request

OK, MISSING, WRONG, UNKNOWN, INFO = "ok", "missing", "wrong", "unknown", "info"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. `state` is one of the words above.

    `detail` says what is so, in a few words. `fix` is the request that mends it, None where
    nothing needs mending or none can be offered; then `hint` says what to do by hand.
    """

    id: str
    title: str
    state: str
    detail: str
    fix: Request | None = None
    hint: str = ""

    @property
    def good(self) -> bool:
        """All is well."""
        return self.state in (OK, INFO)
