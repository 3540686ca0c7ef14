"""Bridges, their members, and addresses of jails.

requests.py   what can be asked for             add.py      make a bridge
common.py     names, words of rc.conf, steps    change.py   its addresses and description
wanted.py     which addresses and members fit   remove.py   destroy it
members.py    cards and VLANs in and out
place.py      where a jail is, and may be       readdress.py  another address for a jail
"""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.operations.bridges import add, change, members, place, readdress, remove
from jailer_core.operations.bridges.requests import (
    BridgeAdd,
    BridgeChange,
    BridgeRemove,
    MemberAdd,
    MemberRemove,
    Readdress,
)
from jailer_core.operations.room import Room

__all__ = [
    "ROOM",
    "BridgeAdd",
    "BridgeChange",
    "BridgeRemove",
    "MemberAdd",
    "MemberRemove",
    "Readdress",
]


def _unread(inventory: Inventory) -> str:
    """Why nothing about bridges can be decided, "" when it can."""
    return "the interfaces could not be read" if inventory.interfaces is None else ""


ROOM = Room(
    needs={
        BridgeAdd: add.needs,
        BridgeChange: change.needs,
        BridgeRemove: remove.needs,
        MemberAdd: members.needs,
        MemberRemove: members.needs,
        Readdress: readdress.needs,
    },
    plans={
        BridgeAdd: add.add,
        BridgeChange: change.change,
        BridgeRemove: remove.remove,
        MemberAdd: members.add,
        MemberRemove: members.remove,
        Readdress: readdress.readdress,
    },
    of_jail={Readdress.op: place.may_move},
    of_host={
        one.op: _unread for one in (BridgeAdd, BridgeChange, BridgeRemove, MemberAdd, MemberRemove)
    },
)
