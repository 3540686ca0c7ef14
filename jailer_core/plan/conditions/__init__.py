"""Conditions: questions about the host whose answer is yes or no.

A condition is one class in one file. It knows how the host is asked (`query` and `answer`), what
must be read to judge it and how (`needs`, `holds`), what it says about another one (`implies`),
which action may change it (`affected_by`), and the sentences for refusals. List it in CONDITIONS.
"""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import Condition
from jailer_core.plan.conditions.commands import CommandSucceeds
from jailer_core.plan.conditions.datasets import (
    NEW_GUID,
    DatasetExists,
    DatasetHasGuid,
    OriginIs,
    PropertyIs,
)
from jailer_core.plan.conditions.files import FileHasText, MountedAt, PathExists
from jailer_core.plan.conditions.in_use import NotInUse
from jailer_core.plan.conditions.interfaces import (
    BridgeHasMember,
    InterfaceDescribed,
    InterfaceExists,
    InterfaceHasAddress,
)
from jailer_core.plan.conditions.rc_conf import RcListHasWord, RcVariableIs
from jailer_core.plan.conditions.rules import RulesLoaded
from jailer_core.plan.conditions.running import NEW_JID, JailRuns, JailStopped, ProcessRuns
from jailer_core.plan.conditions.settings import ConfiguredIs, CpusAre, LimitIs, ParameterIs

__all__ = [
    "CONDITIONS",
    "NEW_GUID",
    "NEW_JID",
    "BridgeHasMember",
    "CommandSucceeds",
    "Condition",
    "ConfiguredIs",
    "CpusAre",
    "DatasetExists",
    "DatasetHasGuid",
    "FileHasText",
    "InterfaceDescribed",
    "InterfaceExists",
    "InterfaceHasAddress",
    "JailRuns",
    "JailStopped",
    "LimitIs",
    "MountedAt",
    "NotInUse",
    "OriginIs",
    "ParameterIs",
    "PathExists",
    "ProcessRuns",
    "PropertyIs",
    "RcListHasWord",
    "RcVariableIs",
    "RulesLoaded",
    "needs_of",
]

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
