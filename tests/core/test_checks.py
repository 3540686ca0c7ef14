"""Rules for names and addresses: what passes is safe everywhere, what does not is told why."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jailer_core import checks
from jailer_core.errors import UsageError
from jailer_core.text import sanitize

ANY = st.text(st.characters(exclude_categories=()), max_size=80)
RULES: dict[str, Callable[[str], Any]] = {
    "jail_name": checks.jail_name,
    "hostname": checks.hostname,
    "ipv4": checks.ipv4,
    "ipv6": checks.ipv6,
    "ip": checks.ip,
    "cidr": checks.cidr,
    "prefix4": lambda text: checks.prefix(text, 4),
    "prefix6": lambda text: checks.prefix(text, 6),
    "port": checks.port,
    "dataset": checks.dataset,
    "snapshot_name": checks.snapshot_name,
    "path": checks.path,
}


@pytest.mark.parametrize(
    ("rule", "value", "cleaned"),
    [
        ("jail_name", " web01 ", "web01"),
        ("jail_name", "0lead", "0lead"),
        ("jail_name", "a-b_c", "a-b_c"),
        ("jail_name", "x" * 63, "x" * 63),
        ("hostname", "web01.example.org", "web01.example.org"),
        ("hostname", "a", "a"),
        ("hostname", "1.2", "1.2"),
        ("ipv4", "10.0.0.11", "10.0.0.11"),
        ("ipv6", "FD00:0:0:1::12", "fd00:0:0:1::12"),
        ("ip", "fd00::21", "fd00::21"),
        ("ip", "10.0.2.21", "10.0.2.21"),
        ("cidr", "10.0.0.11/24", "10.0.0.11/24"),
        ("cidr", "10.0.0.11/255.255.255.0", "10.0.0.11/24"),
        ("cidr", "fd00::1/64", "fd00::1/64"),
        ("prefix4", "0", 0),
        ("prefix4", "32", 32),
        ("prefix4", "255.255.255.255", 32),
        ("prefix4", "0.0.0.0", 0),  # noqa: S104 - a netmask
        ("prefix4", "255.255.240.0", 20),
        ("prefix6", "128", 128),
        ("port", "1", 1),
        ("port", " 65535 ", 65535),
        ("dataset", "zroot/jails", "zroot/jails"),
        ("dataset", "zroot/bad name", "zroot/bad name"),
        ("dataset", "zroot/jails/.trash", "zroot/jails/.trash"),
        ("snapshot_name", "2026-11-23-10:00:00", "2026-11-23-10:00:00"),
        ("path", "//usr/./local/jails/", "/usr/local/jails"),
        ("path", "/", "/"),
        ("path", "/with space", "/with space"),
    ],
)
def test_good_values_come_back_clean(rule: str, value: str, cleaned: object) -> None:
    assert RULES[rule](value) == cleaned


@pytest.mark.parametrize(
    ("rule", "value", "why"),
    [
        ("jail_name", "", "is empty"),
        ("jail_name", "   ", "is empty"),
        ("jail_name", "a.b", "letters, digits"),
        ("jail_name", "has space", "letters, digits"),
        ("jail_name", "-rf", "start with a letter"),
        ("jail_name", "_x", "start with a letter"),
        ("jail_name", "größe", "letters, digits"),
        ("jail_name", "123", "a JID"),
        ("jail_name", "x" * 64, "longer than 63"),
        ("jail_name", "$(id)", "letters, digits"),
        ("hostname", "a..b", "between dots"),
        ("hostname", "-a", "between dots"),
        ("hostname", "a_b", "between dots"),
        ("hostname", "x" * 64, "longer than 63"),
        ("hostname", ".".join(["x" * 60] * 5), "longer than 255"),
        ("ipv4", "300.1.1.1", "not an IPv4 address"),
        ("ipv4", "10.0.0", "not an IPv4 address"),
        ("ipv4", "0.0.0.0", "host address"),  # noqa: S104
        ("ipv4", "224.0.0.1", "host address"),
        ("ipv4", "255.255.255.255", "host address"),
        ("ipv6", "fe80::1%vtnet0", "interface"),
        ("ipv6", "10.0.0.1", "not an IPv6 address"),
        ("ipv6", "::", "host address"),
        ("cidr", "10.0.0.1", "no prefix length"),
        ("cidr", "10.0.0.1/33", "from 0 to 32"),
        ("cidr", "fd00::1/255.255.255.0", "from 0 to 128"),
        ("prefix4", "255.0.255.0", "is not contiguous"),
        ("prefix4", "255.255.255.300", "not a netmask"),
        ("prefix4", "٢٤", "from 0 to 32"),
        ("port", "0", "1 to 65535"),
        ("port", "65536", "1 to 65535"),
        ("port", "http", "1 to 65535"),
        ("port", "-1", "1 to 65535"),
        ("dataset", "", "is empty"),
        ("dataset", "zroot//x", "empty part"),
        ("dataset", "/zroot", "empty part"),
        ("dataset", "zroot/a@b", "between slashes"),
        ("dataset", "zroot/..", "between slashes"),
        ("dataset", "-o", "start with a letter"),
        ("dataset", "zroot/" + "x" * 250, "longer than 255"),
        ("snapshot_name", "bad name", "letters, digits"),
        ("snapshot_name", "a@b", "letters, digits"),
        ("snapshot_name", "x" * 201, "longer than 200"),
        ("path", "relative/path", "start with /"),
        ("path", "/a/../b", "contains .."),
        ("path", '/a"b', "quotes"),
        ("path", "/a\nb", "quotes"),
        ("path", "/" + "x" * 1023, "longer than 1023"),
    ],
)
def test_bad_values_are_told_why(rule: str, value: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)) as caught:
        RULES[rule](value)
    assert caught.value.hint
    named = value.rpartition("/")[2] if rule == "cidr" else value
    assert sanitize(named)[:20].strip() in str(caught.value)


@pytest.mark.parametrize("rule", RULES)
@given(text=ANY)
def test_nothing_else_is_raised_and_messages_are_harmless(rule: str, text: str) -> None:
    refusal: UsageError | None = None
    cleaned: object = ""
    try:
        cleaned = RULES[rule](text)
    except UsageError as error:
        refusal = error
    if refusal is not None:
        assert refusal.message.isprintable()
        assert refusal.hint
        return
    assert RULES[rule](str(cleaned)) == cleaned
    assert str(cleaned).isprintable()


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", fullmatch=True))
def test_jail_names_are_those_of_freebsd_md(name: str) -> None:
    if name.isdigit():
        with pytest.raises(UsageError):
            checks.jail_name(name)
    else:
        assert checks.jail_name(name) == name


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_netmasks_and_lengths_agree(address: ipaddress.IPv4Address, bits: int) -> None:
    network = ipaddress.IPv4Network((address, bits), strict=False)
    assert checks.prefix(str(network.netmask), 4) == bits == checks.prefix(str(bits), 4)


@given(st.ip_addresses(v=6))
def test_ipv6_addresses_come_back_in_one_form(address: ipaddress.IPv6Address) -> None:
    try:
        shown = checks.ipv6(address.exploded)
    except UsageError:
        assert address.is_unspecified or address.is_multicast
    else:
        assert shown == str(address) == checks.ipv6(shown.upper())


@given(st.integers())
def test_ports(number: int) -> None:
    if 1 <= number <= 65535:
        assert checks.port(str(number)) == number
    else:
        with pytest.raises(UsageError):
            checks.port(str(number))
