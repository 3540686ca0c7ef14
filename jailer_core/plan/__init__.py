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

from jailer_core.needs import PARSE_JAIL_CONF as PARSE_JAIL_CONF, Needs as Needs
from jailer_core.plan.actions import (
    Action as Action,
    AwaitConfirmation as AwaitConfirmation,
    BringOver as BringOver,
    MakeDir as MakeDir,
    Pipe as Pipe,
    RemoveDir as RemoveDir,
    RemoveFile as RemoveFile,
    Run as Run,
    SetRc as SetRc,
    WriteFile as WriteFile,
)
from jailer_core.plan.codec import decode as decode, encode as encode
from jailer_core.plan.conditions import (
    NEW_GUID as NEW_GUID,
    NEW_JID as NEW_JID,
    BridgeHasMember as BridgeHasMember,
    CommandSucceeds as CommandSucceeds,
    Condition as Condition,
    ConfiguredIs as ConfiguredIs,
    CpusAre as CpusAre,
    DatasetExists as DatasetExists,
    DatasetHasGuid as DatasetHasGuid,
    FileHasText as FileHasText,
    InterfaceDescribed as InterfaceDescribed,
    InterfaceExists as InterfaceExists,
    InterfaceHasAddress as InterfaceHasAddress,
    JailRuns as JailRuns,
    JailStopped as JailStopped,
    LimitIs as LimitIs,
    MountedAt as MountedAt,
    NotInUse as NotInUse,
    OriginIs as OriginIs,
    ParameterIs as ParameterIs,
    PathExists as PathExists,
    ProcessRuns as ProcessRuns,
    PropertyIs as PropertyIs,
    RcListHasWord as RcListHasWord,
    RcVariableIs as RcVariableIs,
    RulesLoaded as RulesLoaded,
)
from jailer_core.plan.steps import (
    Event as Event,
    Journaled as Journaled,
    Outcome as Outcome,
    OutcomeStatus as OutcomeStatus,
    Output as Output,
    Plan as Plan,
    Progress as Progress,
    Step as Step,
    StepEnded as StepEnded,
    StepStarted as StepStarted,
    Undo as Undo,
)
from jailer_core.request import Danger as Danger, Request as Request
