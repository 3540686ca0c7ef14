"""Sentences about states of a host, for refusals and failures."""

from __future__ import annotations

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
    NotInUse,
    OriginIs,
    PathExists,
    ProcessRuns,
    PropertyIs,
    RcListHasWord,
    RcVariableIs,
)
from jailer_core.text import command_line, sanitize


def not_met(state: Condition) -> str:  # noqa: C901, PLR0912 - one sentence for each state
    """A sentence that tells that a state does not hold."""
    match state:
        case DatasetHasGuid():
            said = f"{state.name} is not the dataset it was"
        case DatasetExists():
            said = f"{state.name} {_there(state.exists)}"
        case OriginIs():
            said = f"the origin of {state.name} is not {state.origin or 'none'}"
        case PropertyIs():
            said = f"{state.name} of {state.dataset} is not {state.value}"
        case JailRuns():
            said = f"the jail {state.name} does not run, or is not the one it was"
        case JailStopped():
            said = f"the jail {state.name} runs"
        case MountedAt():
            said = f"{state.path} is {'not ' if state.mounted else ''}mounted"
        case InterfaceExists():
            said = f"{state.name} {_there(state.exists)}"
        case InterfaceHasAddress():
            said = f"{state.interface} has {'not ' if state.present else ''}{state.address}"
        case BridgeHasMember():
            said = f"{state.member} is {'not ' if state.present else ''}a member of {state.bridge}"
        case FileHasText():
            said = f"{state.path} {'exists' if state.text is None else 'is not as it was read'}"
        case PathExists():
            said = f"{state.path} {_there(state.exists)}"
        case ProcessRuns():
            where = "" if state.jid is None else f" of the jail with jid {state.jid}"
            said = f"process {state.pid} is not {state.command}{where} any more"
        case CommandSucceeds():
            said = state.description or f"{command_line(state.argv)} says otherwise now"
        case RcVariableIs():
            wanted = "unset" if state.value is None else f'"{state.value}"'
            said = f"{state.name} of rc.conf is not {wanted}"
        case RcListHasWord():
            verb = "does not hold" if state.present else "holds"
            said = f"{state.name} of rc.conf {verb} {state.word}"
        case NotInUse():
            said = f"{thing(state)} is in use"
    return sanitize(said)


def unread(state: Condition) -> str:
    """A sentence that tells that a state is not known."""
    match state:
        case NotInUse():
            said = f"what uses {thing(state)} could not be found out"
        case RcVariableIs() | RcListHasWord():
            said = "rc.conf could not be read"
        case FileHasText() | PathExists() | MountedAt():
            said = f"{state.path} could not be looked at"
        case DatasetHasGuid() | DatasetExists() | OriginIs() | PropertyIs():
            said = "the datasets could not be read"
        case InterfaceExists() | InterfaceHasAddress() | BridgeHasMember():
            said = "the interfaces could not be read"
        case CommandSucceeds():
            said = f"{command_line(state.argv)} could not be run"
        case JailRuns() | JailStopped() | ProcessRuns():
            said = "what runs could not be read"
    return sanitize(said)


_THINGS = {
    "ruleset": "the devfs ruleset",
    "bridge": "the bridge",
    "interface": "the interface",
    "dataset": "the dataset",
    "directory": "the directory",
    "package": "the package",
}


def thing(state: NotInUse) -> str:
    """What is used, in words."""
    match state.kind:
        case "boot":
            return "the start of jails at boot"
        case "forwarding":
            return "the forwarding of packets"
        case "anchors":
            return "the packet filter"
        case "zfs":
            return "ZFS"
    return f"{_THINGS[state.kind]} {state.name}"


def _there(wanted: bool) -> str:
    return "does not exist" if wanted else "exists already"
