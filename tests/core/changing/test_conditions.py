"""A condition asked of the host and judged from what was read gives the same answer."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from jailer_core.execution.evaluator import Evaluator
from jailer_core.facts import Reader
from jailer_core.model import CommandResult, Inventory
from jailer_core.plan import (
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
    Needs,
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
from jailer_core.plan.conditions import CONDITIONS, needs_of
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build

ASKED: tuple[Condition, ...] = (
    DatasetHasGuid("zroot/jails/www0", "1"),
    DatasetExists("zroot/jails/www0"),
    DatasetExists("zroot/jails/nothing"),
    DatasetExists("zroot/jails/www0@nothing"),
    OriginIs("zroot/jails/www0", ""),
    OriginIs("zroot/jails/www0", "zroot/other@none"),
    PropertyIs("zroot/jails/www0", "mounted", "yes"),
    PropertyIs("zroot/jails/nothing", "mounted", "yes"),
    JailRuns("www0"),
    JailRuns("www0", 1),
    JailStopped("www0"),
    JailStopped("nothing"),
    MountedAt("/usr/local/jails/www0"),
    MountedAt("/nowhere", mounted=False),
    InterfaceExists("lo0"),
    InterfaceExists("epair99a"),
    InterfaceHasAddress("lo0", "127.0.0.1"),
    InterfaceHasAddress("epair99a", "127.0.0.1", present=False),
    BridgeHasMember("bridge0", "epair99a"),
    InterfaceDescribed("bridge0", ""),
    InterfaceDescribed("epair4a", "vnet-app0"),
    InterfaceDescribed("epair99a", ""),
    MountedAt("/usr/local/jails/www0/dev", source="devfs"),
    MountedAt("/usr/local/jails/www0", source="zroot/jails/other"),
    FileHasText("/etc/nothing", None),
    FileHasText("/etc/rc.conf", "other\n"),
    PathExists("/etc/rc.conf"),
    PathExists("/etc/nothing"),
    ProcessRuns(18498, "/usr/sbin/cron -s", jid=75),
    ProcessRuns(18498, "cron"),
    ProcessRuns(18498, "/usr/sbin/cron -s", running=False),
    CommandSucceeds(("sysctl", "-n", "net.inet.ip.forwarding"), "7\n"),
    RcVariableIs("jail_enable", "YES"),
    RcVariableIs("nothing", None),
    RcListHasWord("jail_list", "www0"),
    LimitIs("www0", "memoryuse", "deny", ""),
    LimitIs("www0", "pcpu", "deny", "50"),
    CpusAre("www0", "0-1"),
    ConfiguredIs("/usr/local/bastille/jails/shop/jail.conf", "shop", "securelevel", "2"),
    ConfiguredIs("/usr/local/bastille/jails/shop/jail.conf", "shop", "allow.mlock", None),
    ParameterIs("www0", "allow.raw_sockets", "true"),
    ParameterIs("www0", "ip4.addr", "10.0.2.21"),
    ParameterIs("nothing", "allow.mlock", "false"),
    RulesLoaded("www0", ""),
    RulesLoaded("www0", "nat on vtnet0 inet from 10.0.2.21 to any -> (vtnet0:0)\n"),
    NotInUse("bridge", "bridge0"),
    NotInUse("dataset", "zroot/jails/www0"),
)


@pytest.mark.parametrize("condition", ASKED, ids=repr)
async def test_asked_and_judged_alike(condition: Condition) -> None:
    host = SimulatedHost(build("busy"))
    inventory = await Reader(host).gather(condition.needs())
    assert condition.holds(inventory) is await Evaluator(host, {}).holds(condition)


def test_every_condition_is_tried() -> None:
    assert {type(condition) for condition in ASKED} == set(CONDITIONS)


@pytest.mark.parametrize("condition", ASKED, ids=repr)
def test_a_condition_implies_itself_and_denies_its_opposite(condition: Condition) -> None:
    if isinstance(condition, NotInUse):
        return
    assert condition.implies(condition) is True
    for name in ("exists", "present", "mounted", "running", "succeeds"):
        if name in {field.name for field in fields(condition)}:
            opposite = replace(condition, **{name: not getattr(condition, name)})
            assert condition.implies(opposite) is False


@pytest.mark.parametrize("condition", ASKED, ids=repr)
def test_sentences_hold_no_control_characters(condition: Condition) -> None:
    name = next(field.name for field in fields(condition) if field.type == "str")
    strange = replace(condition, **{name: "a\x1b[2J"}) if name != "kind" else condition
    for sentence in (strange.describe_failure(), strange.describe_unknown()):
        assert sentence.isprintable()


def test_a_command_that_failed_tells_nothing() -> None:
    mounted = PropertyIs("zroot/jails/www0", "mounted", "yes")
    busy = CommandResult(1, "", "cannot open 'zroot/jails/www0': pool I/O is suspended\n")
    assert mounted.holds(Inventory(command_results={mounted.query(): busy})) is None


def test_needs_are_joined_without_repetition() -> None:
    conditions = (PathExists("/a"), FileHasText("/a", "x"), DatasetExists("pool/a@b"))
    assert needs_of(conditions) == Needs(snapshots=True, files=("/a",), paths=("/a",))
    assert Needs(files=("/a",)) | Needs(files=("/b", "/a")) == Needs(files=("/a", "/b"))
