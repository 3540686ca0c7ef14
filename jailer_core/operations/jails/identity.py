"""The host name of a jail: one of its parameters, with a rule of its own."""

from __future__ import annotations

from dataclasses import replace

from jailer_core import checks
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.jails.identity_requests import SetHostname
from jailer_core.operations.settings import parameters
from jailer_core.operations.settings.requests import SetParameters
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize


def problems(_inventory: Inventory, request: SetHostname) -> dict[str, tuple[str, str]]:
    """Problems of the host name; {} if there are none."""
    return guards.problem("hostname", checks.hostname, request.hostname)


def form_values(inventory: Inventory, request: SetHostname) -> dict[str, str]:
    """The current host name."""
    jail = inventory.jail(request.name)
    return {"hostname": jail.hostname} if jail is not None else {}


def hostname_needs(inventory: Inventory, request: SetHostname) -> Needs:
    """What setting the parameter needs."""
    return parameters.needs(inventory, _setting(request))


def hostname(inventory: Inventory, request: SetHostname) -> Plan:
    """The plan that sets the host name of a jail."""
    guards.refuse(problems(inventory, request))
    plan = parameters.change(inventory, _setting(request))
    title = f"Set the host name of {sanitize(request.name)}: {request.hostname.strip()}"
    return replace(plan, request=request, title=title)


def _setting(request: SetHostname) -> SetParameters:
    return SetParameters(request.name, (f"host.hostname={request.hostname.strip()}",))
