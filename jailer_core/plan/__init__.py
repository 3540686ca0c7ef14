"""Plans: what would be done, as data that can be shown, compared, tested and written down.

    Request     what somebody wants (the same from the command line and the interface)
    Plan        the steps that do it on the host as it is now
    Step        one action, how long it may take, how to undo it
    Action      Run, Pipe, WriteFile, SetRc, RemoveFile, MakeDir, RemoveDir, Hold
    State       a question to the host with the answer yes or no: DatasetIs, JailIs, MountedAt…
    Undo        an action with the state that makes it necessary and the one that makes it needless

A step never identifies what it destroys by name alone: `before` holds states (guid, jid, bytes
of a file) that must be true right before it runs, and every undo has its own. So a step that
was interrupted, of which nobody knows whether it happened, is judged from the host itself.
"""

from __future__ import annotations

from jailer_core.plan.actions import (
    Action,
    Hold,
    MakeDir,
    Pipe,
    RemoveDir,
    RemoveFile,
    Run,
    SetRc,
    WriteFile,
)
from jailer_core.plan.course import (
    Ending,
    Event,
    Journaled,
    Outcome,
    Output,
    Progress,
    StepEnded,
    StepStarted,
)
from jailer_core.plan.needs import READ_CONF, Needs
from jailer_core.plan.states import (
    NEW_GUID,
    NEW_JID,
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
from jailer_core.plan.steps import Danger, Plan, Request, Step, Undo
from jailer_core.plan.writing import decode, encode, register

__all__ = [
    "NEW_GUID",
    "NEW_JID",
    "READ_CONF",
    "Action",
    "AddressOn",
    "Answers",
    "Danger",
    "DatasetIs",
    "DatasetThere",
    "Ending",
    "Event",
    "FileIs",
    "Hold",
    "InterfaceThere",
    "JailGone",
    "JailIs",
    "Journaled",
    "MakeDir",
    "MemberOn",
    "MountedAt",
    "Needs",
    "OriginIs",
    "Outcome",
    "Output",
    "PathThere",
    "Pipe",
    "Plan",
    "ProcessIs",
    "Progress",
    "PropertyIs",
    "RcIs",
    "RcWord",
    "RemoveDir",
    "RemoveFile",
    "Request",
    "Run",
    "SetRc",
    "State",
    "Step",
    "StepEnded",
    "StepStarted",
    "Undo",
    "Unused",
    "WriteFile",
    "decode",
    "encode",
    "register",
]
