"""States judged from what was read, without asking the host again: True, False or not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jailer_core.errors import ParseError
from jailer_core.model import Inventory
from jailer_core.operations import uses
from jailer_core.parse import ps
from jailer_core.parse.base import first
from jailer_core.plan import (
    AddressOn,
    Answers,
    DatasetIs,
    DatasetThere,
    FileIs,
    InterfaceThere,
    JailGone,
    JailIs,
    MemberOn,
    MountedAt,
    Needs,
    OriginIs,
    PathThere,
    ProcessIs,
    PropertyIs,
    RcIs,
    RcWord,
    State,
    Unused,
)

_PROCESSES = ("ps", "-ax", "-o", "jid,pid,command", "--libxo=json")


def _property(state: PropertyIs) -> tuple[str, ...]:
    return ("zfs", "get", "-Hp", "-o", "value", state.name, state.dataset)


def needs(states: Iterable[State]) -> Needs:
    """What must be read besides the usual to judge these."""
    files: list[str] = []
    paths: list[str] = []
    asks: list[tuple[str, ...]] = []
    snapshots = False
    for state in states:
        match state:
            case FileIs(beneath=""):
                files.append(state.path)
                paths.append(state.path)
            case PathThere():
                paths.append(state.path)
            case PropertyIs():
                asks.append(_property(state))
            case Answers():
                asks.append(state.argv)
            case Unused():
                asks += uses.needs(state).asks
            case ProcessIs():
                asks.append(_PROCESSES)
            case DatasetIs() | DatasetThere() | OriginIs():
                snapshots = snapshots or "@" in state.name
    return Needs(
        snapshots=snapshots,
        files=tuple(dict.fromkeys(files)),
        paths=tuple(dict.fromkeys(paths)),
        asks=tuple(dict.fromkeys(asks)),
    )


def holds(inventory: Inventory, state: State) -> bool | None:  # noqa: C901, PLR0911, PLR0912 - one for each
    """Whether a state holds on the host as it was read."""
    match state:
        case DatasetIs():
            found = _guid(inventory, state.name)
            return None if found is None else found == state.guid
        case DatasetThere():
            found = _guid(inventory, state.name)
            return None if found is None else bool(found) is state.there
        case OriginIs():
            if inventory.datasets is None:
                return None
            one = inventory.dataset(state.name)
            return one is not None and one.origin == state.origin
        case PropertyIs():
            answer = inventory.answers.get(_property(state))
            return None if answer is None else answer.stdout.rstrip("\n") == state.value
        case JailIs():
            jail = inventory.jail(state.name)
            runs = jail is not None and jail.running
            return runs and (state.jid is None or (jail is not None and jail.jid == state.jid))
        case JailGone():
            jail = inventory.jail(state.name)
            return jail is None or not jail.running
        case MountedAt():
            if inventory.mounts is None:
                return None
            return any(one.path == state.path for one in inventory.mounts) is state.there
        case InterfaceThere():
            if inventory.interfaces is None:
                return None
            return any(one.name == state.name for one in inventory.interfaces) is state.there
        case AddressOn():
            return _address(inventory, state)
        case MemberOn():
            return _member(inventory, state)
        case FileIs() if state.beneath:
            return None  # what lies in a jail is not read along with everything else
        case FileIs():
            text = _text(inventory, state.path)
            return None if text is None else text[0] == state.text
        case PathThere():
            return (state.path in inventory.stamps) is state.there
        case ProcessIs():
            return _process(inventory, state)
        case Answers():
            said = inventory.answers.get(state.argv)
            return None if said is None else state.right(said.status, said.stdout)
        case RcIs():
            if inventory.rc is None or inventory.rc_value(state.name) is None:
                return None
            return same_value(inventory.rc.get(state.name), state)
        case RcWord():
            value = inventory.rc_value(state.name)
            return None if value is None else (state.word in value.split()) is state.there
        case Unused():
            using = uses.users(inventory, state)
            return None if using is None else not using


def same_value(value: str | None, state: RcIs) -> bool:
    """Whether a variable of rc.conf has that value; how words are set apart does not matter."""
    if value is None or state.value is None:
        return value == state.value
    return value.split() == state.value.split()


def _guid(inventory: Inventory, name: str) -> str | None:
    """The guid, "" when there is no such dataset or snapshot, None when that is not known."""
    if "@" in name:
        if inventory.snapshots is None:
            return None
        return next((one.guid for one in inventory.snapshots if one.full_name == name), "")
    if inventory.datasets is None:
        return None
    found = inventory.dataset(name)
    return found.guid if found is not None else ""


def _address(inventory: Inventory, state: AddressOn) -> bool | None:
    if inventory.interfaces is None:
        return None
    wanted = state.address.partition("%")[0].lower()
    found = [
        address.address.partition("%")[0].lower()
        for one in inventory.interfaces
        if one.name == state.interface
        for address in one.addresses
    ]
    return (wanted in found) is state.there


def _member(inventory: Inventory, state: MemberOn) -> bool | None:
    if inventory.interfaces is None:
        return None
    bridges = [one for one in inventory.interfaces if one.name == state.bridge]
    return any(state.member in one.members for one in bridges) is state.there


def _text(inventory: Inventory, path: str) -> tuple[str | None] | None:
    """The text in a tuple, of None where there is no file; None when it could not be read."""
    if path in inventory.kept:
        return (inventory.kept[path],)
    return None if path in inventory.stamps else (None,)


def _process(inventory: Inventory, state: ProcessIs) -> bool | None:
    answer = inventory.answers.get(_PROCESSES)
    if answer is None or answer.status != 0:
        return None
    try:
        process = first(ps.processes(answer.stdout), lambda process: process.pid == state.pid)
    except ParseError:
        return None
    same = process is not None and process.command == state.command
    inside = process is not None and state.jid in (None, process.jid)
    return (same and inside) is state.there


def implied(fact: State, state: State) -> bool | None:  # noqa: C901, PLR0911, PLR0912 - each pair
    """What a state that is known to hold says about another one; None: nothing."""
    match fact, state:
        case DatasetIs() | DatasetThere(), DatasetIs() | DatasetThere():
            return _of_dataset(fact, state) if fact.name == state.name else None
        case FileIs(), FileIs() if fact.path == state.path:
            return fact.text == state.text
        case FileIs(), PathThere() if fact.path == state.path:
            return (fact.text is not None) is state.there
        case PathThere(), FileIs() if fact.path == state.path:
            return (state.text is None) if not fact.there else (None if state.text else False)
        case JailIs(), JailIs() if fact.name == state.name:
            return True if None in (fact.jid, state.jid) else fact.jid == state.jid
        case JailGone(), JailGone() if fact.name == state.name:
            return True
        case JailIs() | JailGone(), JailIs() | JailGone() if fact.name == state.name:
            return False
        case PropertyIs(), PropertyIs():
            same = (fact.dataset, fact.name) == (state.dataset, state.name)
            return fact.value == state.value if same else None
        case OriginIs(), OriginIs() if fact.name == state.name:
            return fact.origin == state.origin
        case MountedAt(), MountedAt() if fact.path == state.path:
            return fact.there is state.there
        case PathThere(), PathThere() if fact.path == state.path:
            return fact.there is state.there
        case InterfaceThere(), InterfaceThere() if fact.name == state.name:
            return fact.there is state.there
        case AddressOn(), AddressOn():
            same = (fact.interface, fact.address) == (state.interface, state.address)
            return fact.there is state.there if same else None
        case MemberOn(), MemberOn():
            same = (fact.bridge, fact.member) == (state.bridge, state.member)
            return fact.there is state.there if same else None
        case RcIs(), RcIs() if fact.name == state.name:
            return same_value(fact.value, state)
        case RcIs(), RcWord() if fact.name == state.name:
            return (state.word in (fact.value or "").split()) is state.there
        case RcWord(), RcWord() if (fact.name, fact.word) == (state.name, state.word):
            return fact.there is state.there
        case Answers(), Answers() if replace(fact, there=state.there) == state:
            return fact.there is state.there
    return None


def _of_dataset(fact: State, state: State) -> bool | None:
    match fact, state:
        case DatasetIs(), DatasetIs():
            return fact.guid == state.guid
        case DatasetIs(), DatasetThere():
            return state.there
        case DatasetThere(), DatasetThere():
            return fact.there is state.there
        case DatasetThere(), DatasetIs():
            return None if fact.there else False
    return None
