"""Parameters of jails, CPUs and limits as FreeBSD prints them (recordings 08 and 17)."""

from __future__ import annotations

import pytest

from jailer_core.errors import ParseError, UsageError
from jailer_core.operations.settings import limit_catalog, parameter_state
from jailer_core.parse import jail_settings
from tests.core.parse.commands import commands


def recorded(line: str) -> str:
    """What a command printed, the last time that it was recorded."""
    return [command.stdout for command in commands() if command.line == line][-1]


def test_parameters_that_the_kernel_knows() -> None:
    texts = (recorded("sysctl -d security.jail.param"), recorded("sysctl -a security.jail.param"))
    known = jail_settings.known_parameters(*texts)
    names = [parameter.name for parameter in known.value]
    assert not known.unread
    assert {"allow.mount", "allow.mount.zfs", "sysvshm", "ip4", "ip4.addr", "zfs", "vnet"} <= {
        *names
    }
    assert not {"allow", "mac", "children", "cpuset"} & {*names}
    assert len(names) == len(set(names))
    described = {parameter.name: parameter.description for parameter in known.value}
    assert described["allow.mlock"] == "Jail may lock (unlock) physical pages in memory"


def test_values_of_running_jails() -> None:
    rows = jail_settings.running_parameters(recorded("jls -d -n --libxo=json")).value
    www0 = next(row for row in rows if row["name"] == "www0")
    assert www0["allow.reserved_ports"] == "true"
    assert www0["ip4.addr"] == "10.0.2.21"
    assert www0["securelevel"] == "-1"


def test_one_odd_line_costs_that_line() -> None:
    text = "security.jail.param.allow.mlock: Lock\nnonsense\n"
    known = jail_settings.known_parameters(text, text)
    assert [parameter.name for parameter in known.value] == ["allow.mlock"]
    assert known.unread


def test_the_cpus_of_a_jail() -> None:
    assert jail_settings.cpu_mask(recorded("cpuset -g -j www0")) == (0, 1)
    assert jail_settings.cpu_mask(recorded("cpuset -g -j teb")) == (0,)
    assert jail_settings.cpu_ranges((0, 1, 2, 5, 7, 8)) == "0-2,5,7-8"
    with pytest.raises(ParseError):
        jail_settings.cpu_mask("cpuset: no such jail\n")


def test_only_rules_about_the_whole_jail_are_its_limit() -> None:
    text = "jail:a:memoryuse:deny=5\njail:a:memoryuse:deny=7/process\njail:a:memoryuse:log=9\n"
    rules = jail_settings.limits(text).entire()
    assert jail_settings.amounts(rules, "memoryuse", "deny") == ("5",)


def test_rules_that_an_ordinary_user_may_not_see_are_unknown() -> None:
    assert jail_settings.listed_amounts(0, "", "") == ()
    assert (
        jail_settings.listed_amounts(
            0, "", "rctl: failed to show rules for '::': Operation not permitted\n"
        )
        is None
    )
    assert jail_settings.listed_amounts(1, "", "") is None


@pytest.mark.parametrize(
    ("words", "amounts"),
    [
        (("memory=512m",), ["512M"]),
        (("memory=0.5G",), ["512M"]),
        (("swap=1048576",), ["1048576"]),
        (("cpu=50%", "pcpu=7"), None),
        (("cpuset=1,0,3-4",), ["0-1,3-4"]),
        (("read=20M", "write=none"), ["20M", ""]),
        (("compression=ZSTD-3",), ["zstd-3"]),
        (("compression=zip",), None),
        (("memory=0",), None),
        (("memory=-5",), None),
        (("memory=1e9",), None),
        (("files=1.5",), None),
        (("cpuset=3-1",), None),
        (("quota",), None),
        ((), None),
    ],
)
def test_limits_in_words(words: tuple[str, ...], amounts: list[str] | None) -> None:
    if amounts is None:
        with pytest.raises(UsageError):
            limit_catalog.parse(words)
    else:
        assert list(limit_catalog.parse(words, cpus=5).values()) == amounts


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("allow.mlock", "true"),
        ("allow.nomlock", "false"),
        ("allow.mlock=off", "false"),
        ("allow.mlock=", None),
        ("children.max=007", "7"),
        ("meta=a b", "a b"),
    ],
)
def test_parameters_in_words(word: str, value: str | None) -> None:
    assert list(parameter_state.parse((word,)).values()) == [value]


@pytest.mark.parametrize(
    ("word", "name"),
    [("nope=1", "nope"), ("allow.nope=1", "allow.nope"), ("nodename=x", "nodename")],
)
def test_no_at_the_start_of_an_unknown_name_negates_nothing(word: str, name: str) -> None:
    assert list(parameter_state.parse((word,))) == [name]


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("allow.nomlock=1", "allow.nomlock takes no value", "Write allow.mlock=no."),
        ("nopresist", "nopresist has no value", "Did you mean persist?"),
    ],
)
def test_wrong_negations(word: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        parameter_state.parse((word,))
    assert (raised.value.message, raised.value.hint) == (message, hint)
