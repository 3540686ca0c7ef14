"""Conditions: questions about the host whose answer is yes or no.

A condition is one class in one file. It knows how the host is asked (`query` and `answer`), what
must be read to judge it and how (`needs`, `holds`), what it says about another one (`implies`),
which action may change it (`affected_by`), and the sentences for refusals. List it in CONDITIONS.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import Condition as Condition
from jailer_core.plan.conditions.configuration import (
    CommandSucceeds as CommandSucceeds,
    RcListHasWord as RcListHasWord,
    RcVariableIs as RcVariableIs,
    RulesLoaded as RulesLoaded,
)
from jailer_core.plan.conditions.datasets import (
    NEW_GUID as NEW_GUID,
    DatasetExists as DatasetExists,
    DatasetHasGuid as DatasetHasGuid,
    OriginIs as OriginIs,
    PropertyIs as PropertyIs,
)
from jailer_core.plan.conditions.files import (
    FileHasText as FileHasText,
    MountedAt as MountedAt,
    PathExists as PathExists,
)
from jailer_core.plan.conditions.interfaces import (
    BridgeHasMember as BridgeHasMember,
    InterfaceDescribed as InterfaceDescribed,
    InterfaceExists as InterfaceExists,
    InterfaceHasAddress as InterfaceHasAddress,
)
from jailer_core.plan.conditions.running import (
    NEW_JID as NEW_JID,
    JailRuns as JailRuns,
    JailStopped as JailStopped,
    NotInUse as NotInUse,
    ProcessRuns as ProcessRuns,
)
from jailer_core.plan.conditions.settings import (
    ConfiguredIs as ConfiguredIs,
    CpusAre as CpusAre,
    LimitIs as LimitIs,
    ParameterIs as ParameterIs,
)

CONDITIONS: tuple[type[Condition], ...] = (
    DatasetHasGuid,
    DatasetExists,
    OriginIs,
    PropertyIs,
    JailRuns,
    JailStopped,
    MountedAt,
    InterfaceExists,
    InterfaceHasAddress,
    InterfaceDescribed,
    BridgeHasMember,
    FileHasText,
    PathExists,
    ProcessRuns,
    CommandSucceeds,
    RcVariableIs,
    RcListHasWord,
    NotInUse,
    LimitIs,
    CpusAre,
    ParameterIs,
    ConfiguredIs,
    RulesLoaded,
)
"""All of them: plans are decoded by this list."""


def needs_of(conditions: Iterable[Condition]) -> Needs:
    """What must be read, besides what every refresh reads, to judge these."""
    return Needs.union(condition.needs() for condition in conditions)


def whatever_jid(states: Iterable[Condition]) -> tuple[Condition, ...]:
    """The condition for any jid: a restarted jail has another jid."""
    return tuple(
        replace(condition, jid=None) if isinstance(condition, JailRuns) else condition
        for condition in states
    )
