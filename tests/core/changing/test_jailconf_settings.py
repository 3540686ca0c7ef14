"""One setting of a jail's block is changed in place, and nothing else in the file."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from jailer_core.operations.shared import jailconf_settings as settings
from jailer_core.parse import jailconf, statements

FILE = """# a comment with web { in it
exec.clean;
web {
\tpath = "/jails/web"; // children.max = 9;
\tallow.raw_sockets;
\tchildren.max     = 3;
\texec.created = "one ; }", "two";
\texec.created += 'three';
\t.include "/etc/more.conf";
}
db { path=/jails/db; persist; }
"""


def changed(new: str) -> list[str]:
    """Lines that are not in the old file, with a plus, and those that went, with a minus."""
    old_lines, new_lines = FILE.splitlines(), new.splitlines()
    gone = [f"-{line}" for line in old_lines if line not in new_lines]
    return gone + [f"+{line}" for line in new_lines if line not in old_lines]


@pytest.mark.parametrize(
    ("name", "param", "values", "lines"),
    [
        ("web", "children.max", ("5",), ["-\tchildren.max     = 3;", "+\tchildren.max     = 5;"]),
        ("web", "allow.raw_sockets", (), []),
        ("web", "allow.noraw_sockets", (), ["-\tallow.raw_sockets;", "+\tallow.noraw_sockets;"]),
        ("web", "allow.mlock", (), ["+\tallow.mlock;"]),
        ("web", "host.hostname", ("a$b",), ["+\thost.hostname = 'a$b';"]),
        ("db", "allow.mlock", (), ["-db { path=/jails/db; persist; }"]),
    ],
)
def test_a_value_is_set_where_it_stands(
    name: str, param: str, values: tuple[str, ...], lines: list[str]
) -> None:
    new = settings.set_value(FILE, name, param, values)
    assert changed(new)[: len(lines)] == lines
    if name == "db":
        assert "db { path=/jails/db; persist; allow.mlock; }\n" in new


def test_a_list_that_is_set_takes_the_place_of_all_its_statements() -> None:
    new = settings.set_value(FILE, "web", "exec.created", ("only",))
    assert changed(new) == [
        '-\texec.created = "one ; }", "two";',
        "-\texec.created += 'three';",
        "+\texec.created = only;",
    ]


def test_unset_takes_the_line_with_it() -> None:
    assert changed(settings.unset(FILE, "web", "children.max")) == ["-\tchildren.max     = 3;"]
    assert "db { path=/jails/db; }" in settings.unset(FILE, "db", "persist")


def test_a_line_is_added_at_the_end_and_dropped_again() -> None:
    more = settings.add_line(FILE, "web", "exec.created", "x ${name}")
    assert changed(more) == ['+\texec.created += "x ${name}";']
    assert settings.drop_lines(more, "web", "exec.created", lambda text: "x $" in text) == FILE


def test_the_next_statement_opens_a_list_whose_first_one_goes() -> None:
    new = settings.drop_lines(FILE, "web", "exec.created", lambda text: '"' in text)
    assert "\texec.created = 'three';" in new
    part = settings.drop_lines(FILE, "web", "exec.created", lambda text: "one" in text)
    assert '\texec.created = "two";' in part
    assert "\texec.created += 'three';" in part


@pytest.mark.parametrize(
    "text",
    [
        "web { a; } web { b; }",
        "web { a;",
        "web { a } ",
        "other { web { a; } }",
        "web { a = 1 = 2; }",
        'web { a = "1; }',
    ],
)
def test_what_is_not_plain_to_see_is_not_changed(text: str) -> None:
    assert settings.set_value(text, "web", "c", ()) == ""
    assert settings.add_line(text, "web", "c", "d") == ""
    assert settings.unset(text, "web", "a") == ""


def test_spellings_of_yes_and_no_are_one() -> None:
    assert jailconf.plain(
        {"allow.noraw_sockets": (), "allow.mlock": ("1",), "allow.quotas": ("0",), "persist": ()}
    ) == {
        "allow.raw_sockets": ("false",),
        "allow.mlock": ("true",),
        "allow.quotas": ("false",),
        "persist": ("true",),
    }
    assert jailconf.affirmed("nosuch.param") == "nosuch.param"


@given(st.text(alphabet="web{};=+,\"'#/\n $.a*\\", max_size=60))
def test_any_text_is_read(text: str) -> None:
    for there in statements.blocks(text) or ():
        assert text[there.end] == "}"
        for statement in there.statements:
            assert there.inside <= statement.start < statement.end <= there.end
            assert text[statement.end - 1] == ";"
