"""Every operation: importing this module declares all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jailer_core.operations.delegation import requests as _delegation  # noqa: F401
from jailer_core.operations.images import requests as _images  # noqa: F401
from jailer_core.operations.in_jail import (
    requests as _inside,  # noqa: F401
    requests as _own,  # noqa: F401
)
from jailer_core.operations.jails import (
    identity_requests as _identity,  # noqa: F401
    requests,  # noqa: F401 - each of these declares its own
)
from jailer_core.operations.mounts import requests as _mounts  # noqa: F401
from jailer_core.operations.network.bridges import requests as _bridges  # noqa: F401
from jailer_core.operations.network.translations import requests as _firewall  # noqa: F401
from jailer_core.operations.settings import requests as _settings  # noqa: F401
from jailer_core.operations.setup import requests as _setup  # noqa: F401
from jailer_core.operations.snapshots import requests as _snapshots  # noqa: F401
from jailer_core.operations.spec import Scope, Spec, declared
from jailer_core.operations.undo import requests as _undoing  # noqa: F401
from jailer_core.operations.updates import requests as _updates  # noqa: F401

CONSOLE = Spec(
    op="console",
    command="console",
    summary="open a login session in a jail",
    label="Console",
    scope=Scope.JAIL,
    refusal="guards:require_running",
)
"""No operation, since it changes nothing and has no plan; but it is refused like one."""


@cache
def by_op() -> Mapping[str, Spec]:
    """Every operation by its `op`. The parts of a set-up share one."""
    return {CONSOLE.op: CONSOLE} | {spec.op: spec for spec in declared().values()}
