"""Rules of NAT and redirection: ours, jailer's and pfctl's are parsed to the same values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.model.network import ALL, NAT, RDR, Listener, Translation
from jailer_core.parse import pf, process_tables
from jailer_core.parse.pf import Counts, line, translation
from tests.core.parse.commands import printed

NAT_APP0 = Translation(NAT, "vtnet0", 4, "10.0.0.11")
RDR_APP0 = Translation(RDR, "vtnet0", 4, "10.0.0.11", "", "tcp", 8080, 80)


RDR_ALL = replace(RDR_APP0, outside=ALL)
"""As recorded: with the aliases of the interface, those of jails that share it too."""


def test_what_pfctl_prints_is_what_was_loaded() -> None:
    shown = pf.counted(printed("06:26")).value
    assert [translation(text) for text, _ in shown] == [NAT_APP0, RDR_ALL]
    assert [counts for _, counts in shown] == [Counts(37, 0, 0, 0), Counts(43, 0, 0, 0)]


def test_our_lines_are_those_of_the_recording() -> None:
    assert line(NAT_APP0) == "nat on vtnet0 inet from 10.0.0.11 to any -> (vtnet0:0)"
    rule = "rdr pass on vtnet0 inet proto tcp from any to {} port 8080 -> 10.0.0.11 port 80"
    assert line(RDR_ALL) == rule.format("(vtnet0)")


def test_without_an_address_a_rule_leaves_the_addresses_of_jails_alone() -> None:
    rule = "rdr pass on vtnet0 inet proto tcp from any to {} port 8080 -> 10.0.0.11 port 80"
    assert line(RDR_APP0) == rule.format("(vtnet0:0)")
    assert translation(line(RDR_APP0)) == RDR_APP0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "nat on vtnet0 inet from 10.0.0.10 to any -> 192.0.2.2 #www0",
            Translation(NAT, "vtnet0", 4, "10.0.0.10", "192.0.2.2"),
        ),
        (
            "rdr pass on vtnet0 inet proto tcp from any to  port 80 -> 10.0.0.10 port 80 #1 www0",
            Translation(RDR, "vtnet0", 4, "10.0.0.10", "any", "tcp", 80, 80),
        ),
        (
            "rdr pass on vtnet0 inet  from any to 192.0.2.2  -> 10.0.0.80  #2 www_prod",
            Translation(RDR, "vtnet0", 4, "10.0.0.80", "192.0.2.2"),
        ),
        (
            "rdr on em1 inet6 proto udp from any to any port = domain -> fd00:0:0:1::12 port 53",
            Translation(RDR, "em1", 6, "fd00:0:0:1::12", "any", "udp", 53, 53),
        ),
    ],
)
def test_other_forms(text: str, meant: Translation) -> None:
    assert translation(text) == meant
    assert translation(line(meant)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rdr-anchor all",
        'nat-anchor "jailer/*" all',
        "nat on $ext inet from 10.0.0.0/24 to any -> ($ext:0)",
        "nat on em1 inet from 10.0.0.1 to any -> em2",
        "rdr pass on em1 inet proto tcp from 192.0.2.1 to any port 80 -> 10.0.0.1 port 80",
        "rdr pass on em1 inet proto tcp from any to any port 80:90 -> 10.0.0.1",
        "rdr pass on em1 inet proto tcp from any to any port = unheard-of -> 10.0.0.1 port 80",
        "pass all",
    ],
)
def test_what_is_of_another_form_is_not_guessed(text: str) -> None:
    assert translation(text) is None


def test_the_names_of_ports_come_from_the_host() -> None:
    known = pf.ports("# x\nodd-name\t4711/tcp  alias #c\nodd-name 4712/udp\n\nbad\n").value
    assert known == {"odd-name": 4711, "alias": 4711}
    text = "rdr pass on em1 inet proto tcp from any to (em1) port = alias -> 10.0.0.1 port 80"
    assert translation(text, known) == Translation(RDR, "em1", 4, "10.0.0.1", ALL, "tcp", 4711, 80)


def test_who_waits_on_ports() -> None:
    assert process_tables.listeners(printed("08:37")).value == (
        Listener("tcp", "*", 22, "sshd", (6,)),
        Listener("tcp", "*", 22, "sshd", (4,)),
    )
    assert process_tables.sockstat_table(printed("08:38")).value[:3] == (
        Listener("udp", "fd00::21", 514, "syslogd", (6,)),
        Listener("udp", "10.0.2.21", 514, "syslogd", (4,)),
        Listener("tcp", "*", 22, "sshd", (6,)),
    )
