"""`image` and `network`: what exists, what is available, and the defaults of new jails."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from jailer_core.model import Image, Inventory
from jailer_core.operations.images import defaults, images as core, mirror as mirrors, releases
from jailer_core.operations.images.requests import ImageFetch, ImageUse, NetworkUse
from jailer_core.plan import Needs
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli.operations import mirror
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

FETCHED = ("", "VERSION", "SIZE", "FETCHED", "END OF LIFE", "JAILS")
REMOTE = ("", "VERSION", "FETCHED", "END OF LIFE", "REMARK")


async def listing(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image list`: fetched ones, those on the mirror, or whether one is there."""
    if operands == ("remote",):
        return await _remote(session)
    inventory = await session.inventory()
    if operands:
        return _one(session, inventory, core.named_version(inventory, operands[0]))
    images = sorted(
        inventory.images, key=lambda image: releases.number(image.version) or (0, 0), reverse=True
    )
    if session.flags.json:
        session.json([_as_json(inventory, image) for image in images])
    elif images:
        session.table(FETCHED, [_row(inventory, image) for image in images])
    else:
        session.terminal.err("no image has been fetched; see what is available: image list remote")
    return session.warn(inventory.problems)


def _one(session: Session, inventory: Inventory, version: str) -> int:
    existing = core.image(inventory, version)
    if session.flags.json:
        session.json(None if existing is None else _as_json(inventory, existing))
    elif existing is not None:
        session.terminal.out(sanitize(existing.version))
    else:
        session.terminal.fail(f"there is no image {version}", f"Fetch it: image fetch {version}")
    return 0 if existing is not None else 1


def _row(inventory: Inventory, image: Image) -> tuple[str, ...]:
    users = core.users(inventory, image.version)
    return (
        "*" if image.default else "",
        sanitize(image.version),
        human_bytes(image.used),
        time.strftime("%Y-%m-%d", time.gmtime(image.created)),
        str(releases.end_of_life(image.version) or "-"),
        sanitize(", ".join(users)) or "-",
    )


def _as_json(inventory: Inventory, image: Image) -> dict[str, Any]:
    ends = releases.end_of_life(image.version)
    return {
        "version": image.version,
        "default": image.default,
        "dataset": image.dataset,
        "used": image.used,
        "created": image.created,
        "userland": image.userland or None,
        "end_of_life": None if ends is None else str(ends),
        "jails": list(core.users(inventory, image.version)),
    }


async def _remote(session: Session) -> int:
    where = mirror(session)
    inventory = await session.inventory()
    inventory = await session.reader.gather(Needs(commands=(mirrors.list_ask(inventory, where),)))
    remotes = mirrors.remotes(inventory, where)
    return session.listing(
        REMOTE,
        remotes,
        _remote_row,
        lambda remote: (
            asdict(remote) | {"end_of_life": remote.end_of_life and str(remote.end_of_life)}
        ),
    )


def _remote_row(remote: mirrors.Remote) -> tuple[str, ...]:
    return (
        "*" if remote.default else "",
        sanitize(remote.version),
        "yes" if remote.fetched else "-",
        str(remote.end_of_life or "-"),
        "" if remote.fetched else sanitize(remote.why_not),
    )


async def fetch(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image fetch`."""
    version = operands[0] if operands else ""
    return await carry_out(
        session,
        [(version or "image", ImageFetch(version, mirror(session), session.flags.on("packages")))],
    )


async def use(session: Session, operands: tuple[str, ...]) -> int:
    """Run `image use`: set the default, or show it."""
    if operands:
        return await carry_out(session, [(operands[0], ImageUse(operands[0]))])
    inventory = await session.inventory()
    default = next((image.version for image in inventory.images if image.default), "")
    return _show(session, default, "no default image is set", "Choose one: image use VERSION")


async def network(session: Session, operands: tuple[str, ...]) -> int:
    """Run `network use`: set the default type, or show it."""
    if operands:
        return await carry_out(session, [(operands[0], NetworkUse(operands[0]))])
    inventory = await session.inventory()
    needs = Needs(files=(defaults.network_file(inventory),))
    inventory = await session.reader.gather(needs)
    return _show(session, defaults.default_network(inventory), "", "")


def _show(session: Session, value: str, missing: str, hint: str) -> int:
    if session.flags.json:
        session.json(value or None)
    elif value:
        session.terminal.out(sanitize(value))
    else:
        session.terminal.fail(missing, hint)
    return 0 if value else 1
