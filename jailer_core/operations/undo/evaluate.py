"""States judged from what was read, without asking the host again: True, False or not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jailer_core.errors import ParseError
from jailer_core.model import Inventory
from jailer_core.operations.shared import users
from jailer_core.parse import ps
from jailer_core.parse.base import first
from jailer_core.plan import (
    BridgeHasMember,
    CommandSucceeds,
    Condition,
    DatasetExists,
    DatasetHasGuid,
    FileHasText,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    MountedAt,
    Needs,
    NotInUse,
    OriginIs,
    PathExists,
    ProcessRuns,
    PropertyIs,
    RcListHasWord,
    RcVariableIs,
)

_PROCESSES = ("ps", "-ax", "-o", "jid,pid,command", "--libxo=json")


def _property(state: PropertyIs) -> tuple[str, ...]:
    return ("zfs", "get", "-Hp", "-o", "value", state.name, state.dataset)


def needs(states: Iterable[Condition]) -> Needs:
    """What must be read besides the usual to judge these."""
    files: list[str] = []
    paths: list[str] = []
    asks: list[tuple[str, ...]] = []
    snapshots = False
    for state in states:
        match state:
            case FileHasText(beneath=""):
                files.append(state.path)
                paths.append(state.path)
            case PathExists():
                paths.append(state.path)
            case PropertyIs():
                asks.append(_property(state))
            case CommandSucceeds():
                asks.append(state.argv)
            case NotInUse():
                asks += users.needs(state).commands
            case ProcessRuns():
                asks.append(_PROCESSES)
            case DatasetHasGuid() | DatasetExists() | OriginIs():
                snapshots = snapshots or "@" in state.name
    return Needs(
        snapshots=snapshots,
        files=tuple(dict.fromkeys(files)),
        paths=tuple(dict.fromkeys(paths)),
        commands=tuple(dict.fromkeys(asks)),
    )


def holds(inventory: Inventory, state: Condition) -> bool | None:  # noqa: C901, PLR0911, PLR0912 - one for each
    """Whether a state holds on the host as it was read."""
    match state:
        case DatasetHasGuid():
            found = _guid(inventory, state.name)
            return None if found is None else found == state.guid
        case DatasetExists():
            found = _guid(inventory, state.name)
            return None if found is None else bool(found) is state.exists
        case OriginIs():
            if inventory.datasets is None:
                return None
            dataset = inventory.dataset(state.name)
            return dataset is not None and dataset.origin == state.origin
        case PropertyIs():
            answer = inventory.command_results.get(_property(state))
            return None if answer is None else answer.stdout.rstrip("\n") == state.value
        case JailRuns():
            jail = inventory.jail(state.name)
            runs = jail is not None and jail.running
            return runs and (state.jid is None or (jail is not None and jail.jid == state.jid))
        case JailStopped():
            jail = inventory.jail(state.name)
            return jail is None or not jail.running
        case MountedAt():
            if inventory.mounts is None:
                return None
            return any(mount.path == state.path for mount in inventory.mounts) is state.mounted
        case InterfaceExists():
            if inventory.interfaces is None:
                return None
            return (
                any(interface.name == state.name for interface in inventory.interfaces)
                is state.exists
            )
        case InterfaceHasAddress():
            return _address(inventory, state)
        case BridgeHasMember():
            return _member(inventory, state)
        case FileHasText() if state.beneath:
            return None  # what lies in a jail is not read along with everything else
        case FileHasText():
            text = _text(inventory, state.path)
            return None if text is None else text[0] == state.text
        case PathExists():
            return (state.path in inventory.file_stats) is state.exists
        case ProcessRuns():
            return _process(inventory, state)
        case CommandSucceeds():
            result = inventory.command_results.get(state.argv)
            return None if result is None else state.right(result.status, result.stdout)
        case RcVariableIs():
            if inventory.rc is None or inventory.rc_value(state.name) is None:
                return None
            return same_value(inventory.rc.get(state.name), state)
        case RcListHasWord():
            value = inventory.rc_value(state.name)
            return None if value is None else (state.word in value.split()) is state.present
        case NotInUse():
            using = users.users(inventory, state)
            return None if using is None else not using


def same_value(value: str | None, state: RcVariableIs) -> bool:
    """Whether a variable of rc.conf has that value; how words are set apart does not matter."""
    if value is None or state.value is None:
        return value == state.value
    return value.split() == state.value.split()


def _guid(inventory: Inventory, name: str) -> str | None:
    """The guid, "" when there is no such dataset or snapshot, None when that is not known."""
    if "@" in name:
        if inventory.snapshots is None:
            return None
        return next(
            (snapshot.guid for snapshot in inventory.snapshots if snapshot.full_name == name), ""
        )
    if inventory.datasets is None:
        return None
    dataset = inventory.dataset(name)
    return dataset.guid if dataset is not None else ""


def _address(inventory: Inventory, state: InterfaceHasAddress) -> bool | None:
    if inventory.interfaces is None:
        return None
    wanted = state.address.partition("%")[0].lower()
    found = [
        address.address.partition("%")[0].lower()
        for interface in inventory.interfaces
        if interface.name == state.interface
        for address in interface.addresses
    ]
    return (wanted in found) is state.present


def _member(inventory: Inventory, state: BridgeHasMember) -> bool | None:
    if inventory.interfaces is None:
        return None
    bridges = [interface for interface in inventory.interfaces if interface.name == state.bridge]
    return any(state.member in interface.members for interface in bridges) is state.present


def _text(inventory: Inventory, path: str) -> tuple[str | None] | None:
    """The text in a tuple, of None where there is no file; None when it could not be read."""
    if path in inventory.file_texts:
        return (inventory.file_texts[path],)
    return None if path in inventory.file_stats else (None,)


def _process(inventory: Inventory, state: ProcessRuns) -> bool | None:
    answer = inventory.command_results.get(_PROCESSES)
    if answer is None or answer.status != 0:
        return None
    try:
        process = first(ps.processes(answer.stdout), lambda process: process.pid == state.pid)
    except ParseError:
        return None
    same = process is not None and process.command == state.command
    inside = process is not None and state.jid in (None, process.jid)
    return (same and inside) is state.running


def implied(fact: Condition, state: Condition) -> bool | None:  # noqa: C901, PLR0911, PLR0912 - each pair
    """What a state that is known to hold says about another one; None: nothing."""
    match fact, state:
        case DatasetHasGuid() | DatasetExists(), DatasetHasGuid() | DatasetExists():
            return _of_dataset(fact, state) if fact.name == state.name else None
        case FileHasText(), FileHasText() if fact.path == state.path:
            return fact.text == state.text
        case FileHasText(), PathExists() if fact.path == state.path:
            return (fact.text is not None) is state.exists
        case PathExists(), FileHasText() if fact.path == state.path:
            return (state.text is None) if not fact.exists else (None if state.text else False)
        case JailRuns(), JailRuns() if fact.name == state.name:
            return True if None in (fact.jid, state.jid) else fact.jid == state.jid
        case JailStopped(), JailStopped() if fact.name == state.name:
            return True
        case JailRuns() | JailStopped(), JailRuns() | JailStopped() if fact.name == state.name:
            return False
        case PropertyIs(), PropertyIs():
            same = (fact.dataset, fact.name) == (state.dataset, state.name)
            return fact.value == state.value if same else None
        case OriginIs(), OriginIs() if fact.name == state.name:
            return fact.origin == state.origin
        case MountedAt(), MountedAt() if fact.path == state.path:
            return fact.mounted is state.mounted
        case PathExists(), PathExists() if fact.path == state.path:
            return fact.exists is state.exists
        case InterfaceExists(), InterfaceExists() if fact.name == state.name:
            return fact.exists is state.exists
        case InterfaceHasAddress(), InterfaceHasAddress():
            same = (fact.interface, fact.address) == (state.interface, state.address)
            return fact.present is state.present if same else None
        case BridgeHasMember(), BridgeHasMember():
            same = (fact.bridge, fact.member) == (state.bridge, state.member)
            return fact.present is state.present if same else None
        case RcVariableIs(), RcVariableIs() if fact.name == state.name:
            return same_value(fact.value, state)
        case RcVariableIs(), RcListHasWord() if fact.name == state.name:
            return (state.word in (fact.value or "").split()) is state.present
        case RcListHasWord(), RcListHasWord() if (fact.name, fact.word) == (state.name, state.word):
            return fact.present is state.present
        case CommandSucceeds(), CommandSucceeds() if (
            replace(fact, succeeds=state.succeeds) == state
        ):
            return fact.succeeds is state.succeeds
    return None


def _of_dataset(fact: Condition, state: Condition) -> bool | None:
    match fact, state:
        case DatasetHasGuid(), DatasetHasGuid():
            return fact.guid == state.guid
        case DatasetHasGuid(), DatasetExists():
            return state.exists
        case DatasetExists(), DatasetExists():
            return fact.exists is state.exists
        case DatasetExists(), DatasetHasGuid():
            return None if fact.exists else False
    return None
