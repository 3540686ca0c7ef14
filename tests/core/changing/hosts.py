"""Small inventories made by hand, for questions that need no host."""

from __future__ import annotations

from typing import Any

from jailer_core.model import (
    Address,
    Dataset,
    FileStamp,
    HostFacts,
    Interface,
    Inventory,
    Jail,
    JailConfig,
    JailState,
    Layout,
    Network,
    Owner,
    Snapshot,
)

ROOT = "/usr/local/jails"


def dataset(name: str, origin: str = "", *, mounted: bool = True, **more: Any) -> Dataset:
    point = more.pop("mountpoint", f"/usr/local/{name.partition('/')[2]}")
    return Dataset(name, f"guid-{name}", 1024, 1, 1, point, origin, 1, mounted, **more)


def snapshot(full: str, txg: int, **more: Any) -> Snapshot:
    name, _, snap = full.partition("@")
    return Snapshot(name, snap, f"guid-{full}", 0, 1, 1, txg, **more)


def config(name: str, **params: tuple[str, ...]) -> JailConfig:
    found = {key.replace("_", "."): value for key, value in params.items()}
    return JailConfig(
        name,
        f"/etc/jail.conf.d/{name}.conf",
        {"path": (f"{ROOT}/{name}",), **found},
        FileStamp(1, 10),
        text=f"{name} {{ }}\n",
    )


def jail(name: str, state: JailState = JailState.STOPPED, **more: Any) -> Jail:
    more.setdefault("config", config(name))
    more.setdefault("path", f"{ROOT}/{name}")
    more.setdefault("dataset", f"zroot/jails/{name}")
    more.setdefault("jid", None if state is JailState.STOPPED else 7)
    return Jail(name, state, more.pop("owner", Owner.NATIVE), **more)


def inventory(*jails: Jail, **more: Any) -> Inventory:
    own = [dataset("zroot"), dataset("zroot/jails")]
    own += [dataset(one.dataset) for one in jails if one.dataset]
    more.setdefault("datasets", tuple(own))
    more.setdefault("interfaces", ())
    more.setdefault("mounts", ())
    more.setdefault("holders", ())
    more.setdefault("properties", ())
    more.setdefault("rc", {})
    return Inventory(
        host=HostFacts(uid=0, boot_time=1000),
        layout=more.pop("layout", Layout("zroot/jails")),
        jails=jails,
        configs=tuple(one.config for one in jails if one.config),
        **more,
    )


def pair(number: int, *, ends: str = "ab", **more: Any) -> tuple[Interface, ...]:
    return tuple(
        Interface(f"epair{number}{end}", up=True, groups=("epair",), **more) for end in ends
    )


def card(*addresses: tuple[str, int], name: str = "vtnet0") -> Interface:
    found = tuple(Address(address, prefix, name) for address, prefix in addresses)
    return Interface(name, up=True, addresses=found)


VNET = Network.EPAIR
