"""The name servers of a jail: the `nameserver` lines of its /etc/resolv.conf."""

from __future__ import annotations

from jailer_core import checks
from jailer_core.errors import UsageError
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.jails.identity_requests import SetResolver
from jailer_core.operations.shared import file_steps
from jailer_core.operations.shared.file_steps import refusal
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize

_PLACE = "etc/resolv.conf"
_MOST = 3
"""The resolver asks no more (MAXNS, resolver(5))."""


def problems(_inventory: Inventory, request: SetResolver) -> dict[str, tuple[str, str]]:
    """Problems of the addresses; {} if there are none."""
    return guards.problem("servers", _checked, request.servers)


def _checked(servers: tuple[str, ...]) -> tuple[str, ...]:
    addresses = tuple(map(checks.ip, servers))
    if len(addresses) > _MOST:
        raise UsageError(f"there are more than {_MOST} name servers", "Leave some out.")
    if not addresses:
        raise UsageError("no name servers were given", "For example: 9.9.9.9")
    return addresses


def needs(inventory: Inventory, request: SetResolver) -> Needs:
    """The current text."""
    return file_steps.jail_file_needs(guards.require_jail(inventory, request.name), _PLACE)


def change(inventory: Inventory, request: SetResolver) -> Plan:
    """The plan that sets the name servers of a jail."""
    jail = guards.require_jail(inventory, request.name, refusal)
    servers = _checked(request.servers)
    old = file_steps.jail_file(inventory, jail, _PLACE)
    new = _with_servers(old or "", servers)
    title = f"Set the name servers of {sanitize(jail.name)}: {', '.join(request.servers)}"
    if new == old:
        return Plan.unchanged(request, title, jail.name)
    written = f"Write the name servers to {sanitize(file_steps.path_in_jail(jail, _PLACE))}"
    step = file_steps.write_in_jail(jail, _PLACE, old, new, written)
    return Plan(request, title, (step,), jail=jail.name)


def _with_servers(text: str, servers: tuple[str, ...]) -> str:
    """The text with these servers in the place of the first one, other lines as they are."""
    lines = text.splitlines(keepends=True)
    fresh = [f"nameserver {server}\n" for server in servers]
    places = [index for index, line in enumerate(lines) if line.split()[:1] == ["nameserver"]]
    at = places[0] if places else len(lines)
    rest = [line for index, line in enumerate(lines) if index not in places]
    head, tail = rest[:at], rest[at:]
    if head and not head[-1].endswith("\n"):
        head[-1] += "\n"
    return "".join((*head, *fresh, *tail))
