"""`tag` and `@TAG` as a user types them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import build

On = Callable[..., Any]


def test_words_with_a_sign_are_tags(on: On, small: Machine) -> None:
    assert on(small, "tag", "app0", "www0", "+web", "+old").status == 0
    assert on(small, "tag", "app0", "-old", "-j").status == 0
    found = {jail["name"]: jail["tags"] for jail in on(small, "tag", "-j").json}
    assert (found["app0"], found["www0"], found["fd1dafdc"]) == (["web"], ["old", "web"], [])
    assert on(small, "tag", "www0").lines[1].split() == ["www0", "old", "web"]


def test_a_tag_that_is_an_option_too(on: On, small: Machine) -> None:
    assert on(small, "tag", "app0", "+j").status == 0
    assert on(small, "tag", "app0", "-j").json == [{"name": "app0", "tags": ["j"]}]
    assert on(small, "tag", "app0", "--", "-j").status == 0
    assert on(small, "tag", "app0", "-j").json == [{"name": "app0", "tags": []}]


def test_names_are_needed(on: On, small: Machine) -> None:
    assert "needs a name" in on(small, "tag", "+web").err
    assert on(small, "tag", "nosuch", "+web").status == 1


def test_jails_by_their_tag(on: On, small: Machine) -> None:
    on(small, "tag", "app0", "www0", "+web")
    ran = on(small, "stop", "-D", "@web")
    titles = [line for line in ran.lines if line.startswith("Stop ")]
    assert titles == ["Stop www0", "Stop app0"]
    assert [line.split()[0] for line in on(small, "list", "@web").lines[1:]] == ["app0", "www0"]
    assert on(small, "exec", "@web", "--", "echo", "@web").status == 0
    assert "+nosuch" in on(small, "stop", "@nosuch").err
    assert on(small, "list", "-q", "@web", "fd*").lines == ["app0", "fd1dafdc", "www0"]


def test_unknown_tags_are_not_none(on: On, small: Machine) -> None:
    for command in ("stop", "list"):
        fault = Fault("fail", lambda argv: argv[:2] == ("zfs", "list"), message="zfs: no")
        small.faults.append(fault)
        assert "could not be read" in on(small, command, "@web").err


def test_a_jail_with_unreadable_tags_stops_only_what_changes(on: On, small: Machine) -> None:
    """Root of a jail may set the property to anything where its dataset is delegated."""
    on(small, "tag", "app0", "+web")
    small.now_run(("zfs", "set", "jailer:tags=a b", "zroot/jails/www0"))
    unknown = "the tags of www0 could not be read"
    for words in (("list", "-q", "@web"), ("tag", "@web"), ("service", "@web", "cron", "status")):
        ran = on(small, *words)
        assert ran.status == 0, words
        assert unknown in ran.err, words
        assert "www0" not in ran.out, words
    for words in (("service", "@web"), ("pkg", "@web", "--", "info")):
        ran = on(small, *words)
        assert unknown in ran.err, words
        assert "one by one" not in ran.err, words
    changing: tuple[tuple[str, ...], ...] = (
        ("stop", "@web"),
        ("stop", "-D", "@web"),
        ("tag", "@web", "+new"),
        ("exec", "@web", "--", "true"),
        ("pkg", "@web", "--", "upgrade"),
        ("service", "@web", "cron", "stop"),
        ("service", "@web", "--", "cron", "stop"),
        ("limits", "set", "@web", "files=100"),
        ("set", "@web", "allow.mlock"),
    )
    for command in changing:
        ran = on(small, *command)
        assert ran.status == 1, command
        assert unknown in ran.err, command
    assert "no jail is known to have the tag old" in on(small, "tag", "@old").err


def test_settings_by_tag(on: On, small: Machine) -> None:
    on(small, "tag", "app0", "www0", "+web")
    ran = on(small, "limits", "set", "@web", "files=100", "-j")
    assert [(one["name"], one["ok"]) for one in ran.json] == [("app0", True), ("www0", True)]
    assert "takes at most" not in on(small, "set", "@web", "--preset", "mlock").err
    for name in ("app0", "www0"):
        found = {one["name"]: one for one in on(small, "get", name, "-j").json}
        assert found["allow.mlock"]["running"] == "true", name


def test_a_tag_only_where_names_of_jails_may_be_several(on: On, small: Machine) -> None:
    on(small, "tag", "app0", "www0", "+web")
    for words in (("note", "@web", "x"), ("hostname", "@web", "x.example.org")):
        ran = on(small, *words)
        assert ran.status == 1, words
        assert "there is no jail @web" in ran.err, words


def test_what_makes_sense_for_several_jails_is_done_for_several(on: On, small: Machine) -> None:
    small.now_run(("mkdir", "-p", "/srv/www"))
    on(small, "tag", "app0", "www0", "+web")
    for words in (
        ("resolver", "@web", "192.0.2.53", "192.0.2.54"),
        ("timezone", "@web", "Europe/Berlin"),
        ("depend", "app0", "www0", "+fd1dafdc"),
        ("health", "@web", "service cron status"),
        ("mount", "add", "@web", "/srv/www", "/mnt", "-r"),
        ("mount", "remove", "www0", "app0", "/mnt"),
        ("set", "@web", "children.max=2"),
    ):
        ran = on(small, *words, "-j")
        assert [(one["name"], one["ok"]) for one in ran.json] in (
            [("app0", True), ("www0", True)],
            [("www0", True), ("app0", True)],
        ), words
    assert "Depends on: fd1dafdc" in " ".join(on(small, "info", "app0").out.split())
    assert on(small, "info", "app0", "-j").json["depends"] == ["fd1dafdc"]
    for words, reason in (
        (("timezone", "app0", "www0"), "ZONE is missing"),
        (("mount", "add", "app0", "www0", "/srv/www"), "TARGET is missing"),
        (("timezone", "app0", "UTC", "x"), "x is not expected here"),
        (("health", "app0", "service", "cron"), "cron is not expected here"),
    ):
        ran = on(small, *words)
        assert (ran.status, reason in ran.err, "Usage: " in ran.err) == (2, True, True), words


def test_a_clone_has_the_tags_of_its_source(on: On, small: Machine) -> None:
    on(small, "tag", "app0", "+web", "+db")
    on(small, "note", "app0", "the shop")
    assert on(small, "clone", "app0", "app9", "--no-start").status == 0
    assert on(small, "tag", "app9", "-j").json == [{"name": "app9", "tags": ["db", "web"]}]
    assert "the shop" not in on(small, "info", "app9").out
    assert on(small, "undo", "-y").status == 0
    assert on(small, "list", "-q", "@web").lines == ["app0"]


def test_tags_of_jails_of_bastille_are_those_of_bastille(on: On) -> None:
    machine = build("busy")
    assert machine.now_run(("bastille", "tags", "shop", "add", "sale")).status == 0
    assert on(machine, "list", "-q", "@sale").lines == ["shop"]
    assert on(machine, "tag", "shop", "app0", "+web", "-sale", "-j").status == 0
    assert machine.files.read("/usr/local/bastille/jails/shop/tags") == b"web\n"
    assert on(machine, "list", "-q", "@web").lines == ["app0", "shop"]
    assert on(machine, "undo", "-y").status == 0  # both
    assert machine.files.read("/usr/local/bastille/jails/shop/tags") == b"sale\n"
    assert on(machine, "tag", "shop", "-sale").status == 0
    assert not machine.files.exists("/usr/local/bastille/jails/shop/tags")
