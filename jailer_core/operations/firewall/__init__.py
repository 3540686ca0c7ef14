"""NAT and redirections: one pf anchor a jail.

requests.py   what can be asked for             addresses.py  the jail's address, made to stay
add.py        add NAT or a redirection          conflicts.py  who has a port already
remove.py     take them away                    hooks.py      the lines in the jail's own file
takeover.py   rules of the original's files     anchors.py    steps: check, store, load, drop
moving.py     rename, destroy, another address  ready.py      pf itself, on and with anchors
rules.py      a rule file as values             listing.py    every rule, with its counters
wanted.py     what a request means
"""

from __future__ import annotations

from jailer_core.model import Jail
from jailer_core.operations import guards
from jailer_core.operations.firewall import add, addresses, remove, rules, takeover
from jailer_core.operations.firewall.requests import (
    LoadRules,
    NatAdd,
    NatDel,
    RdrAdd,
    RdrDel,
    Takeover,
)
from jailer_core.operations.room import Room

__all__ = ["ROOM", "LoadRules", "NatAdd", "NatDel", "RdrAdd", "RdrDel", "Takeover"]


def _possible(jail: Jail) -> None:
    """Raises Refused for a jail that can have neither NAT nor redirections."""
    guards.owned(jail)
    addresses.with_stack(jail)
    rules.must_fit(jail.name)


ROOM = Room(
    needs={
        NatAdd: add.needs,
        RdrAdd: add.needs,
        NatDel: remove.needs,
        RdrDel: remove.needs,
        LoadRules: remove.needs,
        Takeover: takeover.needs,
    },
    plans={
        NatAdd: add.add,
        RdrAdd: add.add,
        NatDel: remove.nat,
        RdrDel: remove.rdr,
        LoadRules: remove.load,
        Takeover: takeover.takeover,
    },
    of_jail={NatAdd.op: _possible, RdrAdd.op: _possible},
)
