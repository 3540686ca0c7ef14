"""The forms for commands in jails, derived from their requests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jailer_core.operations.in_jail.requests import Exec, Packages, Services
from jailer_core.text import sanitize
from jailer_tui.forms.derived import DerivedForm

MOST_NAMES = 6


def command(names: tuple[str, ...], last: str = "") -> DerivedForm:
    """One command; an empty field is `last`, what ran the last time."""
    return _form(Exec, names, suggested={"argv": last})


def packages(names: tuple[str, ...], stamp: str) -> DerivedForm:
    """The form for pkg; `stamp` names the snapshots that are taken before."""
    return _form(Packages, names, given={"stamp": stamp})


def service(names: tuple[str, ...], at_boot: Sequence[str]) -> DerivedForm:
    """What a service is to do; `at_boot` are those that start at boot."""
    services = ", ".join(at_boot) or "none"
    return _form(Services, names, facts=(("At boot", services),))


def _form(
    kind: type[Exec | Packages | Services],
    names: tuple[str, ...],
    *,
    given: Mapping[str, Any] = {},
    suggested: Mapping[str, str] = {},
    facts: tuple[tuple[str, str], ...] = (),
) -> DerivedForm:
    shown = ", ".join(map(sanitize, names[:MOST_NAMES]))
    rest = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    given = {"names": names, **given}
    return DerivedForm(kind, given, (("Jails", shown + rest), *facts), suggested)
