"""Small inventories by hand, as short as a case needs."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.model import (
    Address,
    Interface,
    Inventory,
    Jail,
    JailConfig,
    JailState,
    Network as Kind,
    Owner,
)
from jailer_core.model.network import Connections, Route, Stack

GROUPS = ("bridge", "epair", "vlan", "lo", "lagg")


def at(text: str, interface: str = "") -> Address:
    """`10.0.0.1/24`."""
    number, _, prefix = text.partition("/")
    return Address(number, int(prefix) if prefix else None, interface)


def card(name: str, *addresses: str, **more: object) -> Interface:
    """An interface that is up; its group is what its name begins with."""
    group = tuple(one for one in GROUPS if name.startswith(one))
    one = Interface(name, up=True, groups=group, addresses=tuple(at(a, name) for a in addresses))
    return replace(one, **more)  # type: ignore[arg-type]


def jail(
    name: str, network: str = "eb", *addresses: str, jid: int | None = None, **more: object
) -> Jail:
    """A jail; with a jid it runs."""
    state = JailState.STOPPED if jid is None else JailState.RUNNING
    found = tuple(at(one) for one in addresses)
    made = Jail(name, state, Owner.NATIVE, jid, network=Kind(network), addresses=found)
    return replace(made, **more)  # type: ignore[arg-type]


def config(name: str, **params: tuple[str, ...]) -> JailConfig:
    """`vnet_interface` stands for `vnet.interface`."""
    return JailConfig(
        name,
        f"/etc/jail.conf.d/{name}.conf",
        {key.replace("_", "."): value for key, value in params.items()},
    )


def inside(gateway: str, *cards: Interface) -> Stack:
    """The network stack of a jail; `gateway` "" for none."""
    way = [Route(6 if ":" in gateway else 4, "default", gateway, "epair1b", "UGS")]
    return Stack((card("lo0"), *cards), tuple(way if gateway else ()))


def host(
    cards: tuple[Interface, ...],
    jails: tuple[Jail, ...] = (),
    stacks: dict[int, Stack] | None = None,
    **more: object,
) -> Inventory:
    """A host of which everything is known that `stacks` say."""
    seen = Connections(stacks or {}, {}, **more)  # type: ignore[arg-type]
    return Inventory(interfaces=cards, jails=jails, connections=seen)
