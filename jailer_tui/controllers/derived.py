"""Operations without code of their own on the screen: their form is derived."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from jailer_core.model import Inventory, Jail
from jailer_core.operations.jails.requests import Clone
from jailer_core.operations.registry import form_facts, form_values, needs
from jailer_core.operations.shared import addresses
from jailer_core.operations.spec import Role, Scope, Spec, spec_of
from jailer_core.request import Request
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.actions.guards import bridge_of
from jailer_tui.controllers.base import WorkContext
from jailer_tui.controllers.forms import FormRunner, answer_once
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.snapshots import full_names

Given = Mapping[str, Any]


async def run_plain(app: WorkContext, kind: type[Request], selection: Selection) -> None:
    """An operation on what is selected, with everything else by default: one request each."""
    provided, label = _provided(app, kind), spec_of(kind).label
    requests = [kind(**{**provided, **given}) for given in _selected(kind, selection)]
    await app.runner.run_one_or_many(requests, lambda count: f"{label} {count}")


async def run_derived(
    app: WorkContext, forms: FormRunner, kind: type[Request], selection: Selection
) -> None:
    """Ask for missing values, preview, and run."""
    subjects = [{**_provided(app, kind), **given} for given in _selected(kind, selection)]
    form, label = DerivedForm(kind, subjects[0]), spec_of(kind).label
    if not form.fields:
        requests = [kind(**given) for given in subjects]
        await app.runner.run_one_or_many(requests, lambda count: f"{label}: {count}")
        return
    blank = [form.blank(given) for given in subjects]
    inventory = await app.gather(lambda now: needs(now, blank[0]))
    if inventory is None:
        return
    facts = [fact for request in blank for fact in form_facts(inventory, request).items()]
    form = DerivedForm(kind, subjects[0], tuple(facts))
    start = form.start(form_values(inventory, blank[0]) if len(blank) == 1 else {})
    title = f"{label}: {_name(selection, spec_of(kind))}".removesuffix(": ")
    if len(subjects) == 1:
        await forms.fill_in(title, form, start)
        return
    values = await answer_once(app, FormDialog(title, form, inventory, start))
    if values is not None:
        requests = [kind(**given, **form.typed(values)) for given in subjects]
        await app.runner.run_many(lambda count: f"{label}: {count}", requests)


async def clone(app: WorkContext, forms: FormRunner, jail: Jail, snapshot: str = "") -> None:
    """Clone a jail, or one of its snapshots."""
    provided = _provided(app, Clone)
    if "mac" not in provided:
        return
    given = {"name": jail.name, "stamp": provided["stamp"]}
    form = DerivedForm(Clone, given, suggested={"mac": provided["mac"]})
    title = f"{spec_of(Clone).label}: {sanitize(jail.name)}"
    await forms.fill_in(title, form, form.start({"snapshot": snapshot}))


# --- what is selected ------------------------------------------------------------------------


def _selected(kind: type[Request], selection: Selection) -> list[Given]:
    """The operand that the selection fills in, once for each request."""
    spec = spec_of(kind)
    if spec.scope is Scope.HOST or not spec.operands:
        return [{}]
    operand = spec.operands[0].name
    names = tuple(jail.name for jail in selection.jails)
    if spec.scope is Scope.JAILS:
        return [{operand: name} for name in names]
    values: Mapping[Scope, Any] = {
        Scope.JAIL: selection.jail.name if selection.jail is not None else "",
        Scope.RUNNING: names,
        Scope.SNAPSHOTS: full_names(selection.snapshots or ()),
        Scope.IMAGE: selection.release.version if selection.release is not None else "",
        Scope.BRIDGE: bridge_of(selection.node),
        Scope.RULE: selection.rule.jail if selection.rule is not None else "",
        Scope.TRASH: selection.entry.id if selection.entry is not None else "",
    }
    return [{operand: values[spec.scope]}] if spec.scope in values else [{}]


def _name(selection: Selection, spec: Spec) -> str:
    """What the form is about, for its title."""
    if spec.scope in (Scope.JAIL, Scope.JAILS, Scope.RUNNING):
        several = spec.scope is not Scope.JAIL and len(selection.jails) > 1
        if several:
            return f"{len(selection.jails)} jails"
        return sanitize(selection.jail.name) if selection.jail is not None else ""
    return sanitize(bridge_of(selection.node)) if spec.scope is Scope.BRIDGE else ""


def _provided(app: WorkContext, kind: type[Request]) -> dict[str, Any]:
    """What the program fills in."""
    inventory = app.view.inventory
    makers: Mapping[str, Callable[[Inventory], str]] = {
        "stamp": lambda _: stamp(app.reader.host.clock()),
        "mac": lambda now: addresses.free_mac(now, secrets.token_bytes(5)),
    }
    names = [field.name for field in spec_of(kind).fields if field.role is Role.PROVIDED]
    return {
        name: makers[name](inventory) for name in names if name in makers and inventory is not None
    }
