"""Start jails at boot: rc.conf's jail_enable, and jail_list with names in order.

With an empty list FreeBSD starts what /etc/jail.conf defines, nothing of /etc/jail.conf.d
(docs/freebsd-facts.md, Boot). With names, each starts from its own file, so that a broken one
does not stop the others. /etc/rc.d/jail is never patched, and nothing is included.
"""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, SetupFacts
from jailer_core.operations import guards
from jailer_core.operations.jails.boot import RC_JAIL, WORD, is_patched
from jailer_core.operations.setup.plan_builder import (
    INFO,
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    YES,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import BootList, EnableJails
from jailer_core.plan import NotInUse
from jailer_core.text import sanitize

MAIN = "/etc/jail.conf"
"""What `jailer` writes into rc.d/jail; its own check looks for it too."""


def check_enabled(inventory: Inventory, _doctor: SetupFacts) -> Check:
    """Whether rc starts jails at all."""
    title = "Jails at boot"
    enabled = inventory.rc_on("jail_enable")
    if enabled is None:
        return Check("enable", title, UNKNOWN, "rc.conf could not be read")
    if enabled:
        return Check("enable", title, OK, "jail_enable is on")
    return Check("enable", title, MISSING, "jail_enable is off: no jails start", EnableJails())


def check_list(inventory: Inventory, _doctor: SetupFacts) -> Check:
    """Whether jail_list says which jails start, if there are jails."""
    title = "Boot order"
    if inventory.rc_value("jail_list") is None:
        return Check("order", title, UNKNOWN, "rc.conf could not be read")
    if inventory.boot_list:
        unknown = _unknown(inventory)
        if unknown:
            return _stale(inventory, unknown)
        shown = ", ".join(map(sanitize, inventory.boot_list))
        return Check("order", title, OK, f"jail_list: {shown}{_patched(inventory)}")
    if not _ours(inventory):
        return Check("order", title, INFO, f"no jails yet{_patched(inventory)}")
    today = starting_today(inventory)
    if not today:
        detail = f"jail_list is empty: no jails start{_patched(inventory)}"
        return Check("order", title, INFO, detail, hint="Set which jails start: init patch NAME...")
    shown = ", ".join(map(sanitize, today))
    detail = f"{shown} start together: one broken file stops all{_patched(inventory)}"
    fix = BootList() if wanted(inventory) else None
    return Check("order", title, MISSING, detail, fix)


def _unknown(inventory: Inventory) -> list[str]:
    known = {jail.name for jail in inventory.jails} | {config.name for config in inventory.configs}
    return [
        name for name in inventory.boot_list if name not in known and not _in_rc(inventory, name)
    ]


def _in_rc(inventory: Inventory, name: str) -> bool:
    """Whether rc.conf itself defines the jail, in the old way (`jail_NAME_rootdir`), or its file.

    rc.d/jail makes `_` of dots and dashes (docs/freebsd-facts.md, Starting and stopping).
    """
    begin = f"jail_{name.replace('.', '_').replace('-', '_')}_"
    return any(f"{begin}{end}" in (inventory.rc or {}) for end in ("rootdir", "conf"))


def _stale(inventory: Inventory, unknown: list[str]) -> Check:
    """Names without a jail: rc skips them with a message (recording 12)."""
    ours = {jail.name for jail in _ours(inventory)}
    left = tuple(name for name in inventory.boot_list if name not in unknown)
    names = ", ".join(map(sanitize, unknown))
    detail = f"jail_list names {names}, which {'do' if unknown[1:] else 'does'}"
    fix = BootList(left) if left and ours.issuperset(left) else None
    hint = "" if fix else "Remove them from jail_list, unless it would then be empty."
    return Check("order", "Boot order", WRONG, f"{detail} not exist", fix, hint)


def _patched(inventory: Inventory) -> str:
    if is_patched(inventory):
        return f"; {RC_JAIL} is patched; the next update of the base system overwrites it"
    return ""


def _ours(inventory: Inventory) -> list[Jail]:
    return [jail for jail in inventory.jails if guards.starts_by_itself(jail)]


def starting_today(inventory: Inventory) -> tuple[str, ...]:
    """Names of the jails of ours that start at boot as things are, in their order.

    The first jail_list names all of these: it turns "all of jail.conf" into "these".
    """
    if inventory.boot_list:
        return inventory.boot_list
    ours = _ours(inventory)
    if not inventory.rc_on("jail_enable"):
        return ()
    if is_patched(inventory):
        return tuple(sorted(jail.name for jail in ours))
    order = {config.name: place for place, config in enumerate(inventory.configs)}
    names = [jail.name for jail in ours if jail.boots]
    return tuple(sorted(names, key=lambda name: order.get(name, 0)))


def wanted(inventory: Inventory) -> tuple[str, ...]:
    """The default list: jails that start at boot now, else all of ours."""
    names = starting_today(inventory) or tuple(sorted(jail.name for jail in _ours(inventory)))
    return tuple(name for name in names if WORD.match(name))


def enable(draft: PlanBuilder) -> None:
    """Set jail_enable=YES, with a note on what that starts."""
    if draft.rc("jail_enable").lower() in YES:
        return
    known = tuple(dict.fromkeys(config.name for config in draft.inventory.configs))
    unused = NotInUse("boot", "jails", known)
    draft.set_rc({"jail_enable": "YES"}, "Start jails at boot", (unused,))
    listed = draft.rc("jail_list").split() or [
        config.name for config in draft.inventory.configs if config.path == MAIN
    ]
    if listed:
        draft.notes.append(f"These start at the next boot: {', '.join(map(sanitize, listed))}.")


def write_list(draft: PlanBuilder, request: BootList) -> None:
    """Write jail_list as requested, or if there is none yet. Raises Refused."""
    if not request.names and draft.rc("jail_list").split():
        return
    names = request.names or wanted(draft.inventory)
    if not names:
        return
    known = {jail.name for jail in _ours(draft.inventory)}
    for name in names:
        if name not in known:
            raise Refused(f"Jailer TUI has no jail {sanitize(name)}", "See all jails: list")
        if not WORD.match(name):
            raise Refused(
                f"{sanitize(name)} cannot be used in jail_list: it is not a plain word",
                "Rename the jail.",
            )
    if len(set(names)) != len(names):
        raise Refused("a jail is listed twice", "List each jail once.")
    draft.set_rc({"jail_list": " ".join(names)}, "Set which jails start at boot, in this order")
    left = [name for name in starting_today(draft.inventory) if name not in names]
    if left:
        draft.notes.append(f"No longer started at boot: {', '.join(map(sanitize, left))}.")
    if is_patched(draft.inventory):
        draft.notes.append(
            f"{RC_JAIL} was patched by jailer; with jail_list that has no effect, and it is "
            "unchanged."
        )
