"""Sentences about states of a host, for refusals and failures."""

from __future__ import annotations

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
    OriginIs,
    PathThere,
    ProcessIs,
    PropertyIs,
    RcIs,
    RcWord,
    State,
    Unused,
)
from jailer_core.text import command_line, visible


def not_so(state: State) -> str:  # noqa: C901, PLR0912 - one sentence for each state
    """A sentence that tells that a state does not hold."""
    match state:
        case DatasetIs():
            said = f"{state.name} is not the dataset it was"
        case DatasetThere():
            said = f"{state.name} {_there(state.there)}"
        case OriginIs():
            said = f"the origin of {state.name} is not {state.origin or 'none'}"
        case PropertyIs():
            said = f"{state.name} of {state.dataset} is not {state.value}"
        case JailIs():
            said = f"the jail {state.name} does not run, or is not the one it was"
        case JailGone():
            said = f"the jail {state.name} runs"
        case MountedAt():
            said = f"{state.path} is {'not ' if state.there else ''}mounted"
        case InterfaceThere():
            said = f"{state.name} {_there(state.there)}"
        case AddressOn():
            said = f"{state.interface} has {'not ' if state.there else ''}{state.address}"
        case MemberOn():
            said = f"{state.member} is {'not ' if state.there else ''}a member of {state.bridge}"
        case FileIs():
            said = f"{state.path} {'exists' if state.text is None else 'is not as it was read'}"
        case PathThere():
            said = f"{state.path} {_there(state.there)}"
        case ProcessIs():
            where = "" if state.jid is None else f" of the jail with jid {state.jid}"
            said = f"process {state.pid} is not {state.command}{where} any more"
        case Answers():
            said = state.means or f"{command_line(state.argv)} says otherwise now"
        case RcIs():
            wanted = "unset" if state.value is None else f'"{state.value}"'
            said = f"{state.name} of rc.conf is not {wanted}"
        case RcWord():
            verb = "does not hold" if state.there else "holds"
            said = f"{state.name} of rc.conf {verb} {state.word}"
        case Unused():
            said = f"{thing(state)} is in use"
    return visible(said)


def unread(state: State) -> str:
    """A sentence that tells that a state is not known."""
    match state:
        case Unused():
            said = f"what uses {thing(state)} could not be found out"
        case RcIs() | RcWord():
            said = "rc.conf could not be read"
        case FileIs() | PathThere() | MountedAt():
            said = f"{state.path} could not be looked at"
        case DatasetIs() | DatasetThere() | OriginIs() | PropertyIs():
            said = "the datasets could not be read"
        case InterfaceThere() | AddressOn() | MemberOn():
            said = "the interfaces could not be read"
        case Answers():
            said = f"{command_line(state.argv)} could not be run"
        case JailIs() | JailGone() | ProcessIs():
            said = "what runs could not be read"
    return visible(said)


_THINGS = {
    "ruleset": "the devfs ruleset",
    "bridge": "the bridge",
    "interface": "the interface",
    "dataset": "the dataset",
    "directory": "the directory",
    "package": "the package",
}


def thing(state: Unused) -> str:
    """What is used, in words."""
    match state.what:
        case "boot":
            return "the start of jails at boot"
        case "forwarding":
            return "the forwarding of packets"
        case "anchors":
            return "the packet filter"
        case "zfs":
            return "ZFS"
    return f"{_THINGS[state.what]} {state.name}"


def _there(wanted: bool) -> str:
    return "does not exist" if wanted else "exists already"
