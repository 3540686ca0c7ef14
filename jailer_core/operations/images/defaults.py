"""Choose the default image and the default network type of new jails."""

from __future__ import annotations

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Network
from jailer_core.operations import guards
from jailer_core.operations.images.catalog import above_images, image, named_version
from jailer_core.operations.images.requests import ImageUse, NetworkUse
from jailer_core.operations.shared import file_steps
from jailer_core.plan import Danger, Needs, Plan
from jailer_core.text import sanitize

NETWORKS = ("eb", "new", "inherit")
_TYPES = "Use eb (own network), new (own address) or inherit (the host's)."


def default_file(inventory: Inventory) -> str:
    """Where the name of the default image is stored."""
    return f"{inventory.layout.mountpoint.rstrip('/')}/image/.default"


def network_file(inventory: Inventory) -> str:
    """Where the default network type is stored."""
    return f"{inventory.layout.mountpoint.rstrip('/')}/image/.default_nettype"


def default_network(inventory: Inventory) -> str:
    """The default network type: inherit, as for jailer, if none was chosen."""
    text = inventory.file_texts.get(network_file(inventory), "").strip()
    return text if text in NETWORKS else "inherit"


def needs(inventory: Inventory, request: ImageUse | NetworkUse) -> Needs:
    """The file that holds the default now."""
    path = (default_file if isinstance(request, ImageUse) else network_file)(inventory)
    return Needs(files=(path,))


def use(inventory: Inventory, request: ImageUse) -> Plan:
    """The plan that makes an image the default."""
    version = named_version(inventory, request.version)
    if image(inventory, version) is None:
        raise Refused(f"there is no image {version}", f"Fetch it first: image fetch {version}")
    title = f"Make {version} the default image"
    return _choose(inventory, request, default_file(inventory), version, title)


def check_network_type(network: str) -> None:
    """Raise if it is not a type of network that new jails can have."""
    if network == "ng":
        raise Refused("netgraph (ng) is not supported", _TYPES)
    if network not in NETWORKS:
        raise UsageError(f"'{sanitize(network)}' is not a network type", _TYPES)


def network_use(inventory: Inventory, request: NetworkUse) -> Plan:
    """The plan that makes a network type the default."""
    check_network_type(request.network)
    guards.require_set_up(inventory)
    words = Network(request.network).words
    title = f"Make {request.network} ({words}) the default network type"
    return _choose(inventory, request, network_file(inventory), request.network, title)


def _choose(
    inventory: Inventory, request: ImageUse | NetworkUse, path: str, value: str, title: str
) -> Plan:
    old = inventory.file_texts.get(path)
    if old is not None and old.strip() == value:
        return Plan(request, title, notes=(f"{value} is already the default.",))
    write = file_steps.put_file(path, old, f"{value}\n", f"Write {path}")
    steps = [*above_images(inventory), write]
    danger = Danger.NONE if len(steps) == 1 else Danger.CHANGES
    return Plan(request, title, tuple(steps), danger)
