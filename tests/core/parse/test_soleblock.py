"""Which configuration files hold one plain block and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core.parse.jailconf import sole_block
from jailer_core.simulator.jails.jailconf import read_config
from jailer_core.simulator.jails.jailconf_lexer import ConfError
from jailer_core.simulator.scenarios import native
from tests.examples import some

PLAIN = {
    "as others write it": "a { path = /x; persist; }\n",
    "nothing in it": "a{}",
    "quoted": "'a' { \"path\" = x; }".replace('"path"', "path"),
    "braces in strings": "a { exec.start = \"x { }\", '}'; }",
    "comments": "# b {\n// c {\n/* d { */ a { # }\n path = /x; // }\n /* } */ }\n# the end",
    "variables of its own": 'a { $id = "3"; path = "/j/$name"; vnet.interface = e${id}b; }',
    "lists": "a { exec.prestart += x, \"y\"; exec.prestart += 'z'; }",
    "a comment in a path": "a { path = /x//y; }\n; }",
    "several lines in a string": 'a { exec.start = "x\ny"; }',
    "names of other alphabets in a value": 'a { host.hostname = "b\u00fccher"; }',
}
NOT_PLAIN = {
    "nothing": "",
    "only a comment": "# a { }\n",
    "a parameter before": "exec.clean; a { }",
    "a parameter after": "a { } exec.clean;",
    "a variable before": '$x = "1"; a { path = "/$x"; }',
    "an empty statement outside": "a { };",
    "two blocks": "a { } b { }",
    "a block inside": "a { b { } }",
    "a wildcard": "* { }",
    "part of a wildcard": "a* { }",
    "a child": "a.b { }",
    "a number": "7 { }",
    "a name with a space": '"a b" { }',
    "another alphabet": "\u00e9 { }",
    "an include before": '.include "/x"; a { }',
    "an include inside": 'a { .include "/x"; }',
    "an include without quotes": "a { .include; }",
    "no end": "a { path = /x;",
    "an end too many": "a { } }",
    "a string without end": 'a { path = "x; }',
    "a comment without end": "a { /* }",
    "a statement without end": "a { path = /x }",
    "no value": "a { path = ; }",
    "a value too few": "a { path = a,; }",
    "two values": "a { path = /x y; }",
    "a value without a sign": "a { path /x; }",
    "an escape": "a { path = /x\\y; }",
    "a variable behind an escape": 'a { path = "\\\\$name"; }',
    "a lone dollar": 'a { path = "a$"; }',
    "something after it": "a { } \\",
    "a NUL": "a { path = '\0'; }",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain(text: str) -> None:
    assert sole_block(text) == "a"


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_not_plain(text: str) -> None:
    assert sole_block(text) == ""


def test_what_we_write_is_plain() -> None:
    assert sole_block(native.epair("web", 7, "bridge0")) == "web"
    assert sole_block(native.shared("db-1", 8, "vtnet0", "10.0.0.2/32")) == "db-1"
    assert sole_block(native.inherit("log_2", 9)) == "log_2"


PIECES = st.sampled_from(
    [
        *("a", "b", "*", " ", "\n", "{", "}", ";", "=", "+=", ",", "#", "//", "/*", "*/", "/", "'"),
        *('"', "$", "$a", "${a}", "\\", '\\"', ".include", "path", "a {", "path = /x;", '"x"'),
    ]
)


@settings(max_examples=some(300), deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=14).map("".join))
def test_plain_blocks_mean_the_same_side_by_side(one: str, other: str) -> None:
    """Whatever counts as plain is read as the simulated jail(8) reads it alone."""
    texts = [text for inner in (one, other) for text in (f"a {{{inner}}}", f"b {{ {inner}\n}}")]
    plain = {sole_block(text): text for text in texts if sole_block(text)}
    together = "\n".join(plain.values())
    try:
        alone = [jail for text in plain.values() for jail in read_config("x", text, lambda _: [])]
    except ConfError:
        pytest.fail("a plain block that cannot be read")
    found = read_config("x", together, lambda _: [])
    assert [(jail.name, jail.params, jail.problems) for jail in found] == [
        (jail.name, jail.params, jail.problems) for jail in alone
    ]
    assert [jail.name for jail in found] == list(plain)
