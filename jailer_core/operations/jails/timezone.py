"""The time zone of a jail: a copy of the host's zone file as /etc/localtime, as tzsetup(8) does."""

from __future__ import annotations

import re

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.completion import ZONES
from jailer_core.operations.jails.identity_requests import SetTimezone
from jailer_core.operations.shared import file_steps
from jailer_core.operations.shared.file_steps import refusal
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize

_LOCALTIME, _NAME = "etc/localtime", "var/db/zoneinfo"
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
_MAGIC = "TZif"


def problems(_inventory: Inventory, request: SetTimezone) -> dict[str, tuple[str, str]]:
    """Problems of the zone name; {} if there are none."""
    if _ZONE.fullmatch(request.zone.strip()):
        return {}
    message = f"'{sanitize(request.zone)}' does not name a time zone"
    return {"zone": (message, "For example: Europe/Berlin")}


def needs(inventory: Inventory, request: SetTimezone) -> Needs:
    """The zone file of the host, and both files of the jail."""
    jail = guards.require_jail(inventory, request.name)
    if problems(inventory, request):
        return Needs()
    host = Needs(files=(f"{ZONES}/{request.zone.strip()}",))
    return host | file_steps.jail_file_needs(jail, _LOCALTIME, _NAME)


def change(inventory: Inventory, request: SetTimezone) -> Plan:
    """The plan that sets the time zone of a jail."""
    jail = guards.require_jail(inventory, request.name, refusal)
    guards.refuse(problems(inventory, request))
    zone = request.zone.strip()
    data = inventory.file_texts.get(f"{ZONES}/{zone}")
    if data is None or not data.startswith(_MAGIC):
        raise Refused(
            f"the host has no time zone {sanitize(zone)}", f"See the directory {ZONES} of the host."
        )
    steps = []
    for place, new in ((_LOCALTIME, data), (_NAME, f"{zone}\n")):
        old = file_steps.jail_file(inventory, jail, place)
        path = file_steps.path_in_jail(jail, place)
        if old != new:
            steps.append(file_steps.write_in_jail(jail, place, old, new, f"Write {sanitize(path)}"))
    title = f"Set the time zone of {sanitize(jail.name)}: {zone}"
    if not steps:
        return Plan.unchanged(request, title, jail.name)
    note = "Programs that are running keep the old time zone until they are restarted."
    notes = (note,) if jail.running else ()
    return Plan(request, title, tuple(steps), notes=notes, jail=jail.name)
