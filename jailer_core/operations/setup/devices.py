"""Devices: a safe ruleset for jails with their own network, and jails that see too much.

A ruleset that hides nothing shows a jail all of the host's devices
(docs/freebsd-facts.md, Starting and stopping).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import OURS, Inventory, Jail, SetupFacts
from jailer_core.operations import guards
from jailer_core.operations.jails import edit as _edit
from jailer_core.operations.jails.requests import Edit
from jailer_core.operations.setup.plan_builder import (
    MISSING,
    OK,
    UNKNOWN,
    WRONG,
    Check,
    PlanBuilder,
)
from jailer_core.operations.setup.requests import DevfsRules, HideDevices
from jailer_core.operations.shared import devfs
from jailer_core.plan import Needs
from jailer_core.text import sanitize

_LINE = re.compile(r"(\bdevfs_ruleset\s*=\s*)([\"']?)(\d+)\2(\s*;)")


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether there is a ruleset for jails with their own network."""
    title = "Devfs ruleset"
    if doctor.rulesets is None:
        return Check("devfs", title, UNKNOWN, "rulesets could not be read")
    number = devfs.safe(inventory)
    if number is None:
        whose = "jails with their own network"
        detail = f"no ruleset allows DHCP for {whose} and hides all other devices"
        return Check("devfs", title, MISSING, detail, DevfsRules())
    return Check("devfs", title, OK, f"ruleset {number}, for jails with their own network")


def hides(rulesets: Mapping[int, tuple[str, ...]], number: int) -> bool:
    """Whether a ruleset hides everything else, itself or through included rulesets."""
    seen: set[int] = set()

    def looks(number: int) -> bool:
        if number in seen:
            return False
        seen.add(number)
        for rule in rulesets.get(number, ()):
            words = rule.split()
            if words == ["hide"]:
                return True
            if words[:1] == ["include"] and words[1].isdigit() and looks(int(words[1])):
                return True
        return False

    return looks(number)


def check_jails(inventory: Inventory, doctor: SetupFacts) -> tuple[Check, ...]:
    """One check for each jail that shows the host's devices, or will at its next start."""
    exposed, rulesets = [], doctor.rulesets
    for jail in inventory.jails:
        if jail.parent or (jail.jid is not None and not jail.running):
            continue
        number = _ruleset(jail)
        now = jail.name in doctor.exposed
        later = number is not None and rulesets is not None and not hides(rulesets, number)
        if now or later:
            exposed.append(_exposed(jail, number, now=now, later=later))
    if exposed:
        return tuple(exposed)
    if rulesets is None:
        return (Check("devices", "Devices", UNKNOWN, "rulesets could not be read"),)
    return (Check("devices", "Devices", OK, "no jail shows the host's devices"),)


def _exposed(jail: Jail, number: int | None, *, now: bool, later: bool) -> Check:
    which = f" (ruleset {number})" if number is not None else ""
    sees, when = ("sees", "") if now else ("will see", " when it starts")
    detail = f"{sanitize(jail.name)} {sees} all devices of the host{when}{which}"
    key = f"devices {jail.name}"
    if not later:
        hint = (
            f"Restart it: its configuration is correct now, but was not when it was started{which}."
        )
        return Check(key, "Devices", WRONG, detail, hint=hint)
    if jail.owner not in OURS or jail.config is None or not jail.config.alone:
        return Check(key, "Devices", WRONG, detail, hint="Give it a devfs_ruleset that hides them.")
    return Check(key, "Devices", WRONG, detail, HideDevices(jail.name), "Restart it afterwards.")


def _ruleset(jail: Jail) -> int | None:
    """What its configuration has mounted on its /dev; jail(8) takes 4 when nothing is said."""
    config = jail.config
    if config is None or not config.has("mount.devfs"):
        return None
    ruleset = config.first("devfs_ruleset", "4")
    return int(ruleset) if ruleset.isascii() and ruleset.isdigit() else None


def make(draft: PlanBuilder) -> None:
    """Create the ruleset in the file and in the kernel."""
    if draft.devfs is None:
        if draft.doctor.rulesets is None:
            raise Refused("devfs's rulesets could not be read", "See devfs rule showsets.")
        draft.text(devfs.FILE)
        draft.devfs, steps = devfs.make(draft.inventory)
        draft.steps += steps


def needs(inventory: Inventory, request: HideDevices) -> Needs:
    """What editing its file needs."""
    jail = inventory.jail(request.name)
    needed = _edit.needs_of(inventory, jail) if jail is not None else Needs()
    return replace(needed, setup=True)


def hide(draft: PlanBuilder, request: HideDevices) -> None:
    """Change the number in its devfs_ruleset line. Raises Refused."""
    jail = guards.require_jail(draft.inventory, request.name, guards.require_owned)
    config = guards.require_configured(jail)
    path, text = sanitize(guards.source(config)), guards.require_text(config)
    matches = _LINE.findall(text)
    rulesets = draft.doctor.rulesets or {}
    if matches and all(hides(rulesets, int(match[2])) for match in matches):
        draft.notes.append(f"The ruleset of {sanitize(jail.name)} is already right.")
        return
    if len(matches) != 1 or not config.alone:
        raise Refused(f"{path} has no single line devfs_ruleset = NUMBER;", "Change it with edit.")
    make(draft)
    text = _LINE.sub(lambda part: f"{part[1]}{draft.devfs}{part[4]}", text)
    plan = _edit.edit(draft.inventory, Edit(jail.name, text))
    draft.steps += plan.steps
    draft.notes += plan.notes
    if jail.running:
        draft.notes.append(f"{sanitize(jail.name)} sees the devices until it is restarted.")
