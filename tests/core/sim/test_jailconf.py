"""The simulated FreeBSD reads its jail.conf as jail.conf(5) says, odd quoting and all."""

from __future__ import annotations

import random

import pytest

from jailer_core.simulator.jails.jailconf import quoted, read_config, shown
from jailer_core.simulator.jails.jailconf_lexer import ConfError


def lines(text: str, files: dict[str, str] | None = None) -> list[str]:
    known = files or {}
    return [shown(one, "|") for one in read_config("f.conf", text, lambda _: list(known.items()))]


def problems(text: str) -> list[str]:
    return [one for jail in read_config("f.conf", text, lambda _: []) for one in jail.problems]


def broken(text: str) -> str:
    with pytest.raises(ConfError) as caught:
        read_config("f.conf", text, lambda _: [])
    return str(caught.value)


def test_globals_then_wildcards_then_its_own_and_an_override_keeps_its_place() -> None:
    text = """
    exec.start = "/bin/sh /etc/rc"; mount.devfs;
    * { host.hostname = "$name.lan"; path = "/j/$name"; }
    w* { allow.raw_sockets; }
    web { path = /srv/web; exec.start = mine; persist; }
    db { persist; }
    """
    assert lines(text) == [
        (
            "name=web|exec.start=mine|mount.devfs|host.hostname=web.lan|path=/srv/web"
            "|allow.raw_sockets|persist"
        ),
        'name=db|exec.start="/bin/sh /etc/rc"|mount.devfs|host.hostname=db.lan|path=/j/db|persist',
    ]


def test_a_wildcard_that_comes_later_still_stands_where_it_was_written() -> None:
    assert lines("a { path = /one; } * { path = /two; persist; }") == ["name=a|path=/two|persist"]


@pytest.mark.parametrize(
    ("value", "shown_as"),
    [
        ("plain", "plain"),
        ('"two words"', '"two words"'),
        ("'two words'", '"two words"'),
        ("'$name'", "$name"),
        ('"$name"', "j"),
        ('"${name}x"', "jx"),
        ("/a/$name/b", "/a/j/b"),
        ("/a/${name}b", "/a/jb"),
        (r'"\$name"', "$name"),
        (r'"a\"b"', "'a\"b'"),
        (r"'it\'s'", '"it\'s"'),
        (r'"\x41\102\t"', '"AB\t"'),
        ("\"a\"'b'c", "abc"),
        ('""', '""'),
        ('"# no comment // here /* nor */"', '"# no comment // here /* nor */"'),
        ("a, b ,c", "a,b,c"),
        ('"a,b", c', "a,b,c"),
        ("10.0.0.1/24", "10.0.0.1/24"),
        ("vtnet0|10.0.0.1", "vtnet0|10.0.0.1"),
        ("$(id)", None),
        ('"$(id);`id`"', "$(id);`id`"),
        ("[bold]ü", "[bold]ü"),
    ],
)
def test_values(value: str, shown_as: str | None) -> None:
    text = f"j {{ x = {value}; }}"
    if shown_as is None:
        assert broken(text) == "f.conf line 1: invalid variable name"
    else:
        assert lines(text) == [f"name=j|x={shown_as}"]


def test_comments_of_three_kinds() -> None:
    text = "# one\n// two\n/* three\n four */ a { /* five */ persist; // six\n }\n# end"
    assert lines(text) == ["name=a|persist"]


def test_the_line_counts_through_comments_and_strings() -> None:
    text = '/* 1\n 2 */\na {\n  x = "4\n5";\n  path = "/"\n  persist;\n}'
    assert broken(text) == "f.conf line 7: persist: syntax error"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a { path = /x", "f.conf: unexpected EOF"),
        ("a { path x; }", "f.conf line 1: x: syntax error"),
        ("a { path = ; }", "f.conf line 1: ;: syntax error"),
        ("a { persist }", "f.conf line 1: }: syntax error"),
        ('a { x = "open; }', "f.conf line 1: unterminated string"),
        ("} a { }", "f.conf line 1: }: syntax error"),
    ],
)
def test_what_cannot_be_read(text: str, message: str) -> None:
    assert broken(text) == message


def test_negation_and_repetition_are_one_parameter() -> None:
    text = "a { persist; allow.mount; nopersist; allow.nomount; x = 1; x += 2, 3; x += 4; }"
    assert lines(text) == ["name=a|nopersist|allow.nomount|x=1,2,3,4"]


def test_variables_may_hold_lists_and_other_variables() -> None:
    text = 'a { $ip = "$net.1", "$net.2"; $net = 10.0.0; ip4.addr = $ip; x = "$net.9"; }'
    assert lines(text) == ["name=a|ip4.addr=10.0.0.1,10.0.0.2|x=10.0.0.9"]


def test_a_parameter_can_be_used_as_a_variable_even_before_it_stands() -> None:
    text = 'a { path = "/j/${host.hostname}"; host.hostname = "$name.lan"; }'
    assert lines(text) == ["name=a|host.hostname=a.lan|path=/j/a.lan"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a { path = "/$nosuch"; }', 'path: variable "nosuch" not found'),
        ("a { $x = $y; $y = $x; path = $x; }", "variable loop"),
        ("a { $x = 1, 2; path = /a/$x; }", "path: array cannot be substituted inline"),
        ("a { name = b; }", 'cannot redefine parameter "name".'),
    ],
)
def test_problems_are_told_and_the_rest_is_shown(text: str, problem: str) -> None:
    assert any(problem in one for one in problems(text))
    assert lines(text)[0].startswith("name=a")


def test_included_files_come_where_the_include_stands() -> None:
    files = {"/etc/jail.conf.d/b.conf": "b { persist; }", "/etc/jail.conf.d/c.conf": "c { }"}
    text = 'a { } x = 1; .include "/etc/jail.conf.d/*.conf"; d { }'
    assert lines(text, files) == ["name=a|x=1", "name=b|x=1|persist", "name=c|x=1", "name=d|x=1"]


def test_an_include_that_includes_itself_ends() -> None:
    with pytest.raises(ConfError, match="depth"):
        read_config("f", '.include "f";', lambda _: [("f", '.include "f";')])


@pytest.mark.parametrize(
    "name", ["has space", "-rf", "a;b", "$(id)", "[bold]x", "täb\t", "x" * 255, 'quo"te', "it's"]
)
def test_hostile_names_in_quotes(name: str) -> None:
    written = name.replace("\\", "\\\\").replace("'", "\\'")
    (jail,) = read_config("f", f"'{written}' {{ path = /; }}", lambda _: [])
    assert jail.name == name
    assert shown(jail, "|") == f"name={quoted(name)}|path=/"


def test_a_name_of_digits_is_a_jid() -> None:
    assert lines("123 { persist; }") == ["jid=123|persist"]


def test_jails_in_jails() -> None:
    assert lines("a { persist; b { persist; } }") == ["name=a|persist", "name=a.b|persist"]


def test_nothing_that_is_written_breaks_the_reader() -> None:
    pieces = [*"ab{};=,+$\"'\\/*# \n.", "path", "persist", "${", "}", "$x", "//", "/*", "*/", "+="]
    chance = random.Random(5)  # noqa: S311 - the same every time
    seen = 0
    for _ in range(3000):
        text = "".join(chance.choices(pieces, k=chance.randint(1, 25)))
        try:
            seen += len(lines(f"j {{ {text} }}"))
        except ConfError as error:
            assert str(error).startswith("f.conf")  # noqa: PT017 - either of both is right
    assert seen


def test_globals_count_where_they_stand() -> None:
    assert lines("exec.clean; a { path = /one; } path = /two; b { path = /three; }") == [
        "name=a|exec.clean|path=/two",
        "name=b|exec.clean|path=/three",
    ]


def test_the_host_with_globals_behind_its_blocks() -> None:
    """Recording 17."""
    included = (
        'exec.clean;\nsecurelevel = 2;\npath = "/usr/local/jails/$name";\n'
        '"two words" { path = "/tmp/x y"; persist; }\n'
    )
    text = '* { persist; }\na { path = "/x"; }\nb.c { path=/z; }\n.include "/tmp/g.conf";\n'
    assert lines(text, {"/tmp/g.conf": included}) == [
        "name=a|persist|path=/usr/local/jails/a|exec.clean|securelevel=2",
        "name=b.c|persist|path=/usr/local/jails/b.c|exec.clean|securelevel=2",
        'name="two words"|persist|exec.clean|securelevel=2|path="/tmp/x y"',
    ]
