"""Plans: changes as data that can be shown, compared, tested and saved.

    Request     what a user wants (the same from the command line and the interface)
    Plan        the steps that do it on the host as it is now
    Step        one action, how long it may take, how to undo it
    Action      Run, Pipe, WriteFile, SetRc, RemoveFile, MakeDir, RemoveDir, AwaitConfirmation,
                BringOver
    Condition   a question about the host: DatasetHasGuid, JailRuns, MountedAt…
    Undo        an action, when it is necessary, and when there is nothing left to undo

A step never identifies what it destroys by name alone: its preconditions (guid, jid, bytes of a
file) must hold right before it runs, and every undo has its own. So a step that was interrupted,
whose outcome is unknown, is judged from the host itself.
"""

from __future__ import annotations

from jailer_core.needs import PARSE_JAIL_CONF, Needs
from jailer_core.plan.actions import (
    Action,
    AwaitConfirmation,
    BringOver,
    MakeDir,
    Pipe,
    RemoveDir,
    RemoveFile,
    Run,
    SetRc,
    WriteFile,
)
from jailer_core.plan.codec import decode, encode
from jailer_core.plan.conditions import (
    NEW_GUID,
    NEW_JID,
    BridgeHasMember,
    CommandSucceeds,
    Condition,
    ConfiguredIs,
    CpusAre,
    DatasetExists,
    DatasetHasGuid,
    FileHasText,
    InterfaceDescribed,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    LimitIs,
    MountedAt,
    NotInUse,
    OriginIs,
    ParameterIs,
    PathExists,
    ProcessRuns,
    PropertyIs,
    RcListHasWord,
    RcVariableIs,
    RulesLoaded,
)
from jailer_core.plan.events import (
    Event,
    Journaled,
    Outcome,
    OutcomeStatus,
    Output,
    Progress,
    StepEnded,
    StepStarted,
)
from jailer_core.plan.steps import Plan, Step, Undo
from jailer_core.request import Danger, Request

__all__ = [
    "NEW_GUID",
    "NEW_JID",
    "PARSE_JAIL_CONF",
    "Action",
    "AwaitConfirmation",
    "BridgeHasMember",
    "BringOver",
    "CommandSucceeds",
    "Condition",
    "ConfiguredIs",
    "CpusAre",
    "Danger",
    "DatasetExists",
    "DatasetHasGuid",
    "Event",
    "FileHasText",
    "InterfaceDescribed",
    "InterfaceExists",
    "InterfaceHasAddress",
    "JailRuns",
    "JailStopped",
    "Journaled",
    "LimitIs",
    "MakeDir",
    "MountedAt",
    "Needs",
    "NotInUse",
    "OriginIs",
    "Outcome",
    "OutcomeStatus",
    "Output",
    "ParameterIs",
    "PathExists",
    "Pipe",
    "Plan",
    "ProcessRuns",
    "Progress",
    "PropertyIs",
    "RcListHasWord",
    "RcVariableIs",
    "RemoveDir",
    "RemoveFile",
    "Request",
    "RulesLoaded",
    "Run",
    "SetRc",
    "Step",
    "StepEnded",
    "StepStarted",
    "Undo",
    "WriteFile",
    "decode",
    "encode",
]
