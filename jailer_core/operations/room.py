"""What a package of operations gives to `operations`: its needs, plans and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jailer_core.model import Inventory, Jail
from jailer_core.plan import Needs, Plan

NeedsOf = Callable[[Inventory, Any], Needs]
PlanOf = Callable[[Inventory, Any], Plan]


@dataclass(frozen=True)
class Room:
    """`needs` and `plans` by the class of the request.

    `of_jail` raises Refused when an action (Request.op) is disabled for a jail, `of_host` says
    why one that needs no jail is ("" when it is not).
    """

    needs: Mapping[type[Any], NeedsOf] = field(default_factory=dict)
    plans: Mapping[type[Any], PlanOf] = field(default_factory=dict)
    of_jail: Mapping[str, Callable[[Jail], None]] = field(default_factory=dict)
    of_host: Mapping[str, Callable[[Inventory], str]] = field(default_factory=dict)
