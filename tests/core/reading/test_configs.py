"""Which file counts for which jail, and what broken ones do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.facts import Reader
from jailer_core.facts.configs import Configs
from jailer_core.model import FileStamp, Inventory, JailState
from tests.core.reading.busy import OLD, StandIn, busy, entry, kernel, named

MAIN = "/etc/jail.conf"
WWW0 = "/etc/jail.conf.d/www0.conf"


def answer(host: StandIn, path: str, stdout: str, stderr: str = "", status: int = 0) -> None:
    host.says(("jail", "-f", path, "-e", "\x1f"), stdout.replace("|", "\x1f"), stderr, status)


def add(host: StandIn, path: str, text: str, *names: str) -> None:
    """A file, and what jail(8) says about it."""
    host.files[path] = text
    answer(host, path, "".join(f"name={one}|path=/j/{one}|persist\n" for one in names))


def with_main(text: str) -> StandIn:
    """Recording 07: /etc/jail.conf with an include of the directory."""
    host = busy()
    host.files[MAIN] = text
    answer(host, MAIN, entry("07", 34)["stdout"])
    return host


INCLUDING = '.include "/etc/jail.conf.d/*.conf";\n'


async def gathered(host: StandIn) -> Inventory:
    return await Reader(host).gather()


async def test_a_file_with_a_syntax_error_still_has_its_line() -> None:
    host = busy()
    host.files["/etc/jail.conf.d/syntax.conf"] = "syntax {\n"
    said = entry("03", 71)["stderr"]
    answer(host, "/etc/jail.conf.d/syntax.conf", "", said, 1)
    found = await gathered(host)
    jail = named(found, "syntax")
    assert jail.state is JailState.STOPPED
    assert jail.config is not None
    assert (jail.config.path, dict(jail.config.params)) == ("/etc/jail.conf.d/syntax.conf", {})
    assert "line 3: host.hostname: syntax error" in jail.problems[0].message
    assert jail.problems[0] in found.problems
    assert (jail.addresses, jail.gateway) == (None, None)


async def test_an_unknown_variable_is_a_problem_of_that_jail_only() -> None:
    host = busy()
    host.files["/etc/jail.conf.d/badvar.conf"] = "badvar {\n"
    recorded = entry("03", 99)
    answer(host, "/etc/jail.conf.d/badvar.conf", recorded["stdout"], recorded["stderr"])
    found = await gathered(host)
    jail = named(found, "badvar")
    assert jail.path == "/"
    assert jail.dataset == ""
    assert 'variable "nosuch" not found' in jail.problems[0].message
    assert found.problems == ()


async def test_a_file_that_may_not_be_read() -> None:
    host = busy()
    host.denied.add(WWW0)
    found = await gathered(host)
    assert "Permission denied" in named(found, "www0").problems[0].message


async def test_a_changed_file_is_asked_about_again_a_gone_one_forgotten() -> None:
    host = busy()
    kernel(host, {"www0": None})
    reader = Reader(host)
    await reader.gather()
    host.stamps[WWW0] = FileStamp(OLD + 1, 5)
    answer(host, WWW0, "name=www0|path=/elsewhere\n")
    assert named(await reader.gather(), "www0").path == "/elsewhere"
    del host.files[WWW0]
    assert (await reader.gather()).jail("www0") is None


async def test_equal_stamps_of_a_thousand_files_cost_one_comparison(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = busy()
    configs = Configs()
    stamps = await host.stat([WWW0])
    first = await configs.read(host, MAIN, stamps)
    monkeypatch.setattr(configs, "texts", None)
    assert await configs.read(host, MAIN, dict(stamps)) is first
    changed = {WWW0: replace(stamps[WWW0], mtime=stamps[WWW0].mtime + 1)}
    for main, other in ((MAIN, changed), (MAIN, {}), ("/etc/other.conf", stamps)):
        with pytest.raises(AttributeError):
            await configs.read(host, main, other)


async def test_without_include_the_own_file_counts() -> None:
    host = busy()
    add(host, MAIN, "www0 { }\nold { }\n", "www0", "old")
    found = await gathered(host)
    assert [
        (one.name, one.path, one.alone) for one in found.configs if one.name in ("www0", "old")
    ] == [("www0", MAIN, False), ("old", MAIN, False), ("www0", WWW0, True)]
    www0 = named(found, "www0")
    assert www0.config is not None
    assert www0.config.path == WWW0


async def test_with_include_all_belong_to_the_main_file_and_stand_in_their_own() -> None:
    host = with_main("* { host.hostname = x; }\nold { }\n" + INCLUDING)
    found = await gathered(host)
    www0, old = named(found, "www0"), named(found, "old")
    assert www0.config is not None
    assert (www0.config.path, www0.config.source) == (MAIN, WWW0)
    assert www0.config.alone
    assert www0.config.stamp == FileStamp(OLD, len(host.files[WWW0]))
    assert old.config is not None
    assert (old.config.source, old.config.alone) == (MAIN, False)
    asked = [one[2] for one in host.log if one[0] == "jail"]
    assert WWW0 not in asked
    assert MAIN in asked


async def test_a_change_in_an_included_file_asks_the_main_one_again() -> None:
    host = with_main(INCLUDING)
    reader = Reader(host)
    await reader.gather()
    host.log.clear()
    host.stamps[WWW0] = FileStamp(OLD + 5, 9)
    await reader.gather()
    assert [one[2] for one in host.log if one[0] == "jail"] == [MAIN]


async def test_what_any_file_includes_counts_as_its_own_text() -> None:
    host = busy()
    host.files["/usr/local/etc/common"] = "exec.clean;\n"
    add(host, "/etc/jail.conf.d/one.conf", '.include "/usr/local/etc/common";\none { }\n', "one")
    reader = Reader(host)
    await reader.gather()
    host.log.clear()
    await reader.gather()
    assert asked(host) == []
    host.stamps["/usr/local/etc/common"] = FileStamp(OLD + 5, 9)
    await reader.gather()
    assert asked(host) == ["/etc/jail.conf.d/one.conf"]


async def test_an_included_file_is_read_again_only_when_it_changed() -> None:
    host = busy()
    host.files["/usr/local/etc/common"] = "exec.clean;\n"
    add(host, MAIN, '.include "/usr/local/etc/common";\none { }\n', "one")
    reader = Reader(host)
    await reader.gather()
    host.roots.clear()
    await reader.gather()
    assert "/usr/local/etc/common" not in host.roots
    host.stamps["/usr/local/etc/common"] = FileStamp(OLD, 12, inode=5)
    await reader.gather()
    assert "/usr/local/etc/common" in host.roots


@pytest.mark.parametrize("change", [{"inode": 8}, {"nanoseconds": 1}, {"size": 9}, {"mtime": OLD}])
async def test_a_file_that_took_the_place_of_another_is_noticed(change: dict[str, int]) -> None:
    host = busy()
    host.stamps[WWW0] = FileStamp(OLD + 1, 5, inode=7)
    reader = Reader(host)
    await reader.gather()
    host.log.clear()
    host.files[WWW0] += "# another\n"
    host.stamps[WWW0] = replace(host.stamps[WWW0], **change)  # type: ignore[arg-type]
    await reader.gather()
    assert asked(host) == [WWW0]


async def test_a_link_says_nothing_of_the_file_that_it_leads_to() -> None:
    host = busy()
    host.stamps[WWW0] = FileStamp(OLD, 5, is_link=True)
    reader = Reader(host)
    await reader.gather()
    host.log.clear()
    await reader.gather()
    assert asked(host) == []
    host.files[WWW0] += "# another\n"
    await reader.gather()
    assert asked(host) == [WWW0]


async def test_one_broken_file_breaks_all_that_are_included_and_is_found() -> None:
    host = with_main(INCLUDING)
    host.files["/etc/jail.conf.d/broken.conf"] = "broken {\n"
    answer(host, MAIN, "", "jail: /etc/jail.conf.d/broken.conf line 2: x: syntax error\n", 1)
    answer(host, "/etc/jail.conf.d/broken.conf", "", "jail: broken.conf line 2: syntax error\n", 1)
    found = await gathered(host)
    assert named(found, "broken").problems
    assert named(found, "www0").config is not None
    assert MAIN in {one.source for one in found.problems}
    # nothing of it starts at boot now
    assert {one.boots for one in found.jails if one.name in ("www0", "app0")} == {False}


@pytest.mark.parametrize(
    "include", ['.include "/etc/extra/*.conf";', ".include /etc/extra/*.conf ;"]
)
async def test_other_directories_can_be_included(include: str) -> None:
    host = busy()
    host.files["/etc/extra/x.conf"] = "x { }\n"
    host.files["/etc/extra/.hidden.conf"] = "y { }\n"
    add(host, MAIN, include + "\n", "x")
    found = await gathered(host)
    config = named(found, "x").config
    assert config is not None
    assert (config.path, config.source, config.alone) == (MAIN, "/etc/extra/x.conf", True)


async def test_of_two_files_with_a_block_the_one_of_that_name_is_the_source() -> None:
    host = with_main(INCLUDING)
    host.files["/etc/jail.conf.d/aaa.conf"] = "www0 { persist; }\n"
    host.files["/etc/jail.conf.d/zzz.conf"] = "www0 { persist; }\n"
    config = named(await gathered(host), "www0").config
    assert config is not None
    assert config.source == WWW0


async def test_a_ring_of_includes_ends() -> None:
    host = busy()
    host.files["/etc/extra/x.conf"] = '.include "/etc/extra/*.conf";\nx { }\n'
    add(host, MAIN, '.include "/etc/extra/*.conf";\n.include "/etc/jail.conf";\n', "x")
    assert named(await gathered(host), "x").config is not None


async def test_a_file_named_after_the_jail_in_etc_comes_first() -> None:
    host = busy()
    add(host, "/etc/jail.www0.conf", "www0 { }\n", "www0")
    config = named(await gathered(host), "www0").config
    assert config is not None
    # the running one has the path of the other file: that is what it was started with
    assert config.path == WWW0
    kernel(host, {"www0": None})
    config = named(await gathered(host), "www0").config
    assert config is not None
    assert config.path == "/etc/jail.www0.conf"


async def test_another_main_file_by_rc_conf() -> None:
    host = busy()
    host.files["/etc/rc.conf"] += 'jail_conf="/usr/local/etc/jail.conf"\n'
    add(host, "/usr/local/etc/jail.conf", "old { }\n", "old")
    found = await gathered(host)
    assert named(found, "old").boots is True
    assert MAIN not in {one.path for one in found.configs}


@pytest.mark.parametrize(
    ("lines", "boots"),
    [
        ('jail_list=""\n', {"old": True, "www0": False, "shop": True, "byhand": False}),
        ('jail_list="www0 nosuch"\n', {"old": False, "www0": True, "shop": True, "byhand": False}),
        ('jail_enable="no"\n', {"old": False, "www0": False, "shop": True}),
        ('bastille_enable="NO"\n', {"shop": False, "thick1": False}),
    ],
)
async def test_what_starts_at_boot(lines: str, boots: dict[str, bool]) -> None:
    host = busy()
    add(host, MAIN, "old { }\n", "old")
    host.files["/etc/rc.conf"] += lines
    found = await gathered(host)
    assert {name: named(found, name).boots for name in boots} == boots


async def test_a_directory_of_several_jails_in_one_file() -> None:
    host = busy()
    add(host, "/etc/jail.conf.d/pair.conf", "one { }\ntwo { }\n", "one", "two")
    found = await gathered(host)
    configs = [named(found, name).config for name in ("one", "two")]
    assert [config.alone for config in configs if config] == [False, False]


async def test_names_with_spaces_and_the_wildcard() -> None:
    host = busy()
    host.files["/etc/jail.conf.d/odd.conf"] = '* { persist; }\n"has space" { path = "/j/a b"; }\n'
    answer(host, "/etc/jail.conf.d/odd.conf", 'name="has space"|path="/j/a b"|persist\n')
    found = await gathered(host)
    assert named(found, "has space").path == "/j/a b"
    assert found.jail("*") is None


# --- plain files at once ---------------------------------------------------------------------


def plain(host: StandIn, *names: str) -> None:
    """Files that hold one plain block each, and nothing else that configures jails."""
    for path in [one for one in host.files if one.endswith(".conf") and "rc.conf" not in one]:
        del host.files[path]
    for name in names:
        text = f"{name} {{ path = /j/{name}; persist; }}\n"
        add(host, f"/etc/jail.conf.d/{name}.conf", text, name)


def asked(host: StandIn) -> list[str]:
    """What jail(8) was given: paths, and `-` for its standard input."""
    return [one[2] for one in host.log if one[0] == "jail"]


async def test_plain_files_are_asked_about_with_one_process() -> None:
    host = busy()
    plain(host, *(f"j{number}" for number in range(50)))
    reader = Reader(host)
    found = await reader.gather()
    assert asked(host) == ["-"]
    assert {one.name: one.first("path") for one in found.configs} == {
        f"j{number}": f"/j/j{number}" for number in range(50)
    }
    assert found.problems == ()
    host.log.clear()
    host.stamps["/etc/jail.conf.d/j7.conf"] = FileStamp(OLD + 1, 5)
    await reader.gather()
    assert asked(host) == ["/etc/jail.conf.d/j7.conf"]


async def test_what_holds_more_than_one_block_is_asked_about_by_itself() -> None:
    host = busy()
    plain(host, "a", "b", "c", "d")
    add(host, "/etc/jail.conf.d/c.conf", "exec.clean; c { }\n", "c")
    add(host, "/etc/jail.conf.d/named.conf", "otherwise { }\n", "otherwise")
    add(host, "/etc/jail.a.conf", "a { path = /j/a; }\n", "a")
    found = await gathered(host)
    assert sorted(asked(host)) == [
        "-",
        "/etc/jail.conf.d/a.conf",  # another of that name is in the first
        "/etc/jail.conf.d/c.conf",
        "/etc/jail.conf.d/named.conf",
    ]
    assert "exec.clean" not in (next(text for text in host.asked if text) or "")
    assert {one.name for one in found.configs} == {"a", "b", "c", "d", "otherwise"}


async def test_a_file_that_jail_refuses_does_not_cost_the_others() -> None:
    host = busy()
    names = [f"j{number}" for number in range(9)]
    plain(host, *names)
    bad = "/etc/jail.conf.d/j5.conf"
    answer(host, bad, "", f"jail: {bad} line 1: path: syntax error\n", 1)
    found = await gathered(host)
    assert [one.name for one in found.configs if one.params] == [
        one for one in names if one != "j5"
    ]
    assert "line 1: path: syntax error" in named(found, "j5").problems[0].message
    alone = [one for one in asked(host) if one != "-"]
    assert bad in alone
    assert len(alone) <= 2  # it, and the one that was left of the last half


async def test_a_warning_belongs_to_its_jail() -> None:
    host = busy()
    plain(host, "badvar", "b", "c")
    recorded = entry("03", 99)
    answer(host, "/etc/jail.conf.d/badvar.conf", recorded["stdout"], recorded["stderr"])
    found = await gathered(host)
    assert asked(host) == ["-"]
    assert recorded["stderr"].strip() in named(found, "badvar").problems[0].message
    assert named(found, "b").problems == named(found, "c").problems == ()


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        ("name=a|path=/j/a\n", ""),
        ("name=b|path=/j/b\nname=a|path=/j/a\n", ""),
        ("name=a|path=/j/a\nname=b|path=/j/b\nname=c\n", ""),
        ("name=a|path=/j/a\nname=b|path=/j/b\n", "jail: something else\n"),
        ("name=a|path=/j/a\nname=b|path=/j/b\n", "jail: c: variable not found\n"),
        ('name=a|path="/j/a\nname=b|path=/j/b\n', ""),
    ],
)
async def test_an_answer_that_is_not_one_to_one_is_not_believed(stdout: str, stderr: str) -> None:
    host = busy()
    plain(host, "a", "b")
    answer(host, "-", stdout, stderr)
    found = await gathered(host)
    assert {one.name: one.first("path") for one in found.configs} == {"a": "/j/a", "b": "/j/b"}
    assert sorted(asked(host)) == ["-", "/etc/jail.conf.d/a.conf", "/etc/jail.conf.d/b.conf"]


async def test_a_jail_that_cannot_be_run_is_tried_once_and_again_the_next_time() -> None:
    host = busy()
    plain(host, "a", "b")
    reader = Reader(host)
    good = host.answers
    host.answers = {key: one for key, one in good.items() if key[0] != "jail"}
    host.blocks_fail = True
    found = await reader.gather()
    assert asked(host) == ["-"]
    assert {len(named(found, name).problems) for name in ("a", "b")} == {1}
    host.answers, host.blocks_fail = good, False
    assert named(await reader.gather(), "a").problems == ()


# --- rc.conf ---------------------------------------------------------------------------------


async def test_a_plain_rc_conf_needs_no_shell() -> None:
    host = busy()
    host.files["/etc/rc.conf.local"] = 'jail_enable="NO"\n'
    found = await gathered(host)
    assert (found.rc or {})["jail_enable"] == "NO"
    assert not any(one[0] == "sysrc" for one in host.log)


async def test_one_that_needs_a_shell_is_asked_for_once() -> None:
    host = busy()
    host.files["/etc/rc.conf"] += 'jail_list="$(cat /etc/list)"\n'
    host.says(("sysrc", "-ae"), entry("08", 26)["stdout"] + 'jail_list="app0 $x"\n')
    reader = Reader(host)
    found = await reader.gather()
    assert found.boot_list == ("app0", "$x")
    await reader.gather()
    assert len([one for one in host.log if one[0] == "sysrc"]) == 1
    host.stamps["/etc/rc.conf"] = FileStamp(OLD + 9, 9)
    await reader.gather()
    assert len([one for one in host.log if one[0] == "sysrc"]) == 2


async def test_an_rc_conf_that_cannot_be_told_is_unknown() -> None:
    host = busy()
    host.files["/etc/rc.conf"] += "if true; then x=1; fi\n"
    found = await gathered(host)
    assert found.rc is None
    assert [one.source for one in found.problems] == ["rc.conf"]
    assert {one.boots for one in found.jails} == {None}
    host.denied.add("/etc/rc.conf")
    assert "Permission denied" in (await gathered(host)).problems[0].message
