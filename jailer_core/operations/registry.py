"""Find the plan function of a request: the module that its declaration names is imported lazily.

Besides its plan (`Spec.plan`, `module:function`), the module of an operation may hold

    needs(inventory, request) -> Needs       what must be read besides what every refresh reads
    problems(inventory, request)             what is wrong with which field, for forms
    form_facts(inventory, request)           what a form tells about what is selected
    form_values(inventory, request)          what its fields hold now
    form_hints(inventory, request)           choices and suggestions for what is filled in
    form_results(inventory, request)         what follows from what is filled in
    refusal(jail)                            raises Refused when it is disabled for that jail

under these names, or under those that the declaration gives. What forms ask, from `problems` on,
may be in the module `Spec.form` instead. `Spec.refusal_of_host` names a
function that tells why an operation is disabled for this host, or "".
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.catalog import by_op
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.jails.requests import Start, StartAll, Stop, StopAll
from jailer_core.operations.spec import Scope, Spec, spec_of
from jailer_core.plan import Needs, Plan, Request

HERE = __name__.rpartition(".")[0]


@cache
def _function(path: str) -> Callable[..., Any] | None:
    """What `module:function` below this package names; None when the module has none such."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(f"{HERE}.{module}"), name, None) if path else None


def _beside(spec: Spec, given: str, name: str) -> Callable[..., Any] | None:
    """A function that the declaration names, or the one of that name beside its plan."""
    module = spec.plan.partition(":")[0]
    return _function(given or (f"{module}:{name}" if module else ""))


def needs(inventory: Inventory, request: Request) -> Needs:
    """What `decide` must be told besides what every refresh reads.

    `inventory` may be a quick one: jails, configurations, datasets and the trash are enough.
    What was asked for may lead to more: ask again with the inventory that it gave.
    """
    from jailer_core.operations.shared import config_check  # noqa: PLC0415 - with the first request

    spec = spec_of(request)
    ask = _beside(spec, spec.needs, "needs")
    try:
        asked = ask(inventory, request) if ask is not None else Needs()
    except JailerError:
        return Needs()  # `decide` says why
    return config_check.with_confs(inventory, asked, _sketch(inventory, request))


def _sketch(inventory: Inventory, request: Request) -> Plan | None:
    """The plan as far as it is known, for the files that it changes; None: too little is known."""
    spec = spec_of(request)
    if not spec.configures or inventory.mounts is None:
        return None
    try:
        return plan(inventory, request)
    except JailerError:
        return None


def plan(inventory: Inventory, request: Request) -> Plan:
    """The plan of an operation before it is checked and guarded: for other operations."""
    make = _function(spec_of(request).plan)
    if make is None:
        raise TypeError(f"{type(request).__name__} is not one plan: expand it first")
    try:
        made: Plan = make(inventory, request)
    except UsageError as error:
        raise Refused(error.message, error.hint) from None
    return made


def decide(inventory: Inventory, request: Request) -> Plan:
    """The plan for one request. Raises errors.Refused with a message and a hint.

    One that may cut the connection that this program is reached over gets its guard here, and
    what it makes of the configuration of jails is judged here (config_check.py).

    StartAll and StopAll are TypeErrors: they are `expand`ed first, one plan for each jail.
    """
    from jailer_core.operations.connection import guard  # noqa: PLC0415 - as above
    from jailer_core.operations.shared import config_check  # noqa: PLC0415 - as above

    made = config_check.checked(inventory, plan(inventory, request))
    return guard.guarded(inventory, made)


def expand(inventory: Inventory, request: Request) -> tuple[Request, ...]:
    """StartAll and StopAll as single requests in their order; anything else as itself."""
    if not isinstance(request, StartAll | StopAll):
        return (request,)
    from jailer_core.operations.jails import boot  # noqa: PLC0415 - as above

    jails = boot.in_order(inventory)
    if isinstance(request, StartAll):
        return tuple(Start(jail.name) for jail in jails if not jail.running)
    return tuple(Stop(jail.name) for jail in reversed(jails) if jail.running)


# --- forms -----------------------------------------------------------------------------------


def for_form(spec: Spec, name: str) -> Callable[..., Any] | None:
    """A function for forms, from the module that the declaration names, or beside the plan."""
    return _beside(spec, f"{spec.form}:{name}" if spec.form else "", name)


Problems = Mapping[str, tuple[str, str]]
"""What is wrong, by field: a message and a hint."""


def _asked(name: str) -> Callable[[Inventory, Request], Mapping[str, Any]]:
    """What that function says of a request; {} where the operation has none such."""

    def ask(inventory: Inventory, request: Request) -> Mapping[str, Any]:
        asked = for_form(spec_of(request), name)
        return asked(inventory, request) if asked is not None else {}

    return ask


problems: Callable[[Inventory, Request], Problems] = _asked("problems")
"""What is wrong with the fields of a request, where its operation checks them."""
form_values: Callable[[Inventory, Request], Mapping[str, str]] = _asked("form_values")
"""What the fields of a request hold on the host now, as they would be typed."""
form_facts: Callable[[Inventory, Request], Mapping[str, str]] = _asked("form_facts")
"""What a form shows about the selection, by label."""
form_hints: Callable[[Inventory, Request], Mapping[str, FieldHint]] = _asked("form_hints")
"""What the host adds to the fields of a request as it is filled in, by field."""
form_results: Callable[[Inventory, Request], Mapping[str, str]] = _asked("form_results")
"""The effects of a partly filled request, by label: always the same labels."""


# --- disabled actions ------------------------------------------------------------------------


def why_not(inventory: Inventory, op: str, jail: Jail | None) -> str:
    """Why an operation (Spec.op) is disabled for a jail, or "": cheap, for every key press.

    What only shows when more is read (who holds files, clones) comes with `decide`.
    """
    if inventory.host.uid is None:
        return "the user running this program is unknown"
    if not inventory.host.root:
        return "only root may change jails"
    spec = by_op().get(op)
    return _refused(spec, inventory, jail) if spec is not None else ""


def _refused(spec: Spec, inventory: Inventory, jail: Jail | None) -> str:
    of_host = _function(spec.refusal_of_host)
    reason: str = of_host(inventory) if of_host is not None else ""
    # plans are long to import: they are not looked into where no jail is selected
    asks = spec.refusal or spec.scope in (Scope.JAIL, Scope.JAILS, Scope.RUNNING)
    of_jail = _beside(spec, spec.refusal, "refusal") if asks else None
    if reason or of_jail is None:
        return reason
    if jail is None:
        return "no jail is selected"
    try:
        of_jail(jail)
    except Refused as error:
        return error.message
    return ""
