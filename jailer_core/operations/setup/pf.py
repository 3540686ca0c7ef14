"""The packet filter: anchors for single jails, NAT for the bridge's net, and pf switched on.

pf.conf belongs to the admin: lines are added and nothing else is changed, the new text is
checked by pfctl(8) before it is stored, and a file that does not check is left alone.
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, SetupFacts
from jailer_core.model.network import ANCHOR, BEFORE
from jailer_core.operations.setup import bridge, pftext, zfs
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
from jailer_core.operations.setup.requests import FilterAnchors, NatBridge
from jailer_core.operations.shared import file_steps
from jailer_core.plan import FileHasText, NotInUse, Run, Step, Undo
from jailer_core.plan.conditions import users
from jailer_core.text import sanitize

USUAL = "/etc/pf.conf"
SWITCH_ON = ("service", "pf", "onestart")


def check(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether pf is enabled, now and at boot, with our anchors."""
    title, trouble = "Packet filter", _trouble(inventory, doctor)
    if trouble is not None:
        return Check("filter", title, *trouble)
    text = inventory.file_texts.get(USUAL, "")
    lacking = pftext.missing_anchors(text)
    if lacking:
        state = WRONG if text else MISSING
        detail = f"{USUAL} lacks {' and '.join(lacking)}" if text else f"there is no {USUAL}"
        return Check("filter", title, state, detail, FilterAnchors())
    off = _off(inventory, doctor)
    if off:
        return Check("filter", title, WRONG, f"{USUAL} has the anchors; {off}", FilterAnchors())
    return Check("filter", title, OK, "on, with anchors for jails")


def check_nat(inventory: Inventory, doctor: SetupFacts) -> Check:
    """Whether jails on the bridge reach the outside."""
    title, trouble = "NAT", _trouble(inventory, doctor)
    if trouble is not None:
        return Check("nat", title, *trouble)
    subnet = bridge.address(inventory)
    if subnet is None:
        fix = NatBridge() if doctor.way_out else None
        return Check("nat", title, MISSING, "there is no bridge with an address yet", fix)
    if not pftext.nat_covers(inventory.file_texts.get(USUAL, ""), subnet.network):
        detail = f"no rule in {USUAL} translates {subnet.network}"
        if not doctor.way_out:
            hint = "The host itself has no default route: set one first."
            return Check("nat", title, MISSING, detail, hint=hint)
        return Check("nat", title, MISSING, detail, NatBridge())
    off = _off(inventory, doctor)
    if off:
        return Check(
            "nat", title, WRONG, f"{USUAL} translates {subnet.network}; {off}", NatBridge()
        )
    return Check("nat", title, OK, f"{subnet.network} uses the host's address for outgoing traffic")


def _trouble(inventory: Inventory, doctor: SetupFacts) -> tuple[str, str, None, str] | None:
    """State, detail, no fix and hint, when nothing can be told or done."""
    if (
        inventory.rc is None
        or inventory.rc_on("pf_enable") is None
        or doctor.pf is None
        or doctor.pf_rules is None
    ):
        return UNKNOWN, "the packet filter could not be read", None, "See pfctl -s info."
    rules = inventory.rc.get("pf_rules", USUAL)
    if rules != USUAL:
        hint = f"Add these lines yourself: {', '.join(pftext.ANCHORS)}."
        return INFO, f"its rules are in {sanitize(rules)}", None, hint
    if inventory.rc.get("ipfw_enable", inventory.rc.get("firewall_enable", "NO")).lower() in YES:
        return INFO, "this host uses ipfw", None, "Two packet filters interfere with each other."
    if doctor.pf_error:
        return WRONG, f"it does not load: {doctor.pf_error}", None, f"Repair {USUAL} first."
    if USUAL in doctor.stamps and USUAL not in inventory.file_texts:
        return UNKNOWN, f"{USUAL} could not be read", None, ""
    return None


def _off(inventory: Inventory, doctor: SetupFacts) -> str:
    """Why the file has no effect, "" when it has."""
    boots = inventory.rc_on("pf_enable")
    if not doctor.pf:
        return "pf is off" if not boots else "pf is on at boot, but off now"
    if not boots:
        return "pf is on now, but not at boot (pf_enable)"
    loaded = {rule.split('"')[1] for rule in doctor.pf_rules or () if "nat-anchor" in rule}
    return "" if any(anchor.startswith("jailer") for anchor in loaded) else "they are not loaded"


# --- making it -------------------------------------------------------------------------------


def make(draft: PlanBuilder, nat: NatBridge | None) -> None:
    """The anchors, and NAT where that is wanted too. Raises Refused."""
    trouble = _trouble(draft.inventory, draft.doctor)
    if trouble is not None:
        raise Refused(f"packet filter: {trouble[1]}", trouble[3])
    old = draft.text(USUAL)
    text = old or ""
    lines = list(pftext.missing_anchors(text))
    if nat is not None:
        lines += _nat(draft, nat, text)
    # without the anchors, or with pf off, rules that jails have loaded since have no effect
    unused = NotInUse("anchors", ANCHOR, users.names(draft.inventory, "anchors", ANCHOR))
    if draft.doctor.modules.get("pf") is False:
        draft.steps.append(zfs.module("pf", "Load the packet filter", unused))
    new = pftext.with_translation(text, lines) if lines else text
    if lines:
        draft.steps.append(
            Step(
                Run(("pfctl", "-n", "-f", "-"), stdin=new),
                f"Check the new text of {USUAL} with pfctl",
                timeout=30.0,
            )
        )
        _keep(draft, old)
    first = len(draft.steps)
    if lines:
        draft.write(USUAL, new, f"Add {'them' if old else 'the rules'} to {USUAL}")
    draft.set_rc({"pf_enable": "YES"}, "Enable the packet filter at boot")
    _load(draft, old, new, changed=bool(lines))
    draft.steps[first:] = [_while_alone(step, unused) for step in draft.steps[first:]]


def _while_alone(step: Step, unused: NotInUse) -> Step:
    """The step, undone only while no other jail has had its rules loaded since."""
    undo = tuple(
        undo
        if unused in undo.preconditions
        else replace(undo, preconditions=(*undo.preconditions, unused))
        for undo in step.undo
    )
    return replace(step, undo=undo)


def _keep(draft: PlanBuilder, old: str | None) -> None:
    """The admin's file as it was before the first change, beside it."""
    if not old or BEFORE in draft.doctor.stamps:
        return
    stamp = draft.doctor.stamps.get(USUAL)
    mode = stamp.mode & 0o7777 if stamp is not None else 0o600
    draft.steps.append(file_steps.new_file(BEFORE, old, mode, f"Save the current {USUAL}"))


def _nat(draft: PlanBuilder, request: NatBridge, text: str) -> list[str]:
    net = bridge.net_of(draft).network
    if pftext.nat_covers(text, net):
        return []
    card = request.interface or draft.doctor.way_out or ""
    if not card:
        raise Refused("the host has no default route", "Give the external interface.")
    names = [interface.name for interface in draft.inventory.interfaces or ()]
    if card not in names:
        raise Refused(
            f"there is no interface {sanitize(card)}",
            f"There are: {', '.join(map(sanitize, names))}.",
        )
    return [pftext.nat_line(card, net)]


def _load(draft: PlanBuilder, old: str | None, new: str, *, changed: bool) -> None:
    """Switch pf on, or load the file again. What was loaded is loaded again by the undo."""
    doctor = draft.doctor
    shown = "\n".join(doctor.pf_rules or ())
    loaded = all(anchor.split()[0] in shown for anchor in pftext.ANCHORS)
    if doctor.pf and not changed and loaded:
        return
    if doctor.pf_rules and old is None:
        raise Refused(
            f"pf has rules, but there is no {USUAL}: loading one would replace them",
            f"Write them down first: pfctl -s nat -s rules, into {USUAL}.",
        )
    same = (FileHasText(USUAL, new),)  # whatever was loaded from it since stays
    if doctor.pf_rules:
        again = Run(("pfctl", "-f", "-"), stdin=old)
        back = [Undo(again, f"Load the old text of {USUAL} again", preconditions=same)]
    else:
        back = [
            Undo(Run(("pfctl", "-F", what)), f"Flush the {called}", preconditions=same)
            for what, called in (("nat", "translations"), ("rules", "filter rules"))
        ]
    if doctor.pf:
        action, title = Run(("service", "pf", "onereload")), "Load the new rules"
        draft.notes.append(
            f"{USUAL} is loaded as a whole, including other changes since it was last loaded."
        )
    else:
        action, title = Run(SWITCH_ON), "Enable the packet filter"
        stop = Run(("service", "pf", "onestop"))
        back.insert(0, Undo(stop, "Disable the packet filter again", preconditions=same))
        if pftext.holds_filters(new):
            draft.notes.append(
                f"pf is off now: everything in {USUAL} takes effect with this. Review it first."
            )
    draft.steps.append(Step(action, title, undo=tuple(back)))
