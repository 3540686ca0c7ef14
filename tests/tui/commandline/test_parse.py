from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from jailer_core.errors import UsageError
from jailer_core.simulator.scenarios import SCENARIOS
from jailer_tui import host_selection
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, SCREEN, Flags
from jailer_tui.cli.help_text import WIDTH, of_command, overview
from jailer_tui.cli.parser import find, parse


def name_of(*argv: str) -> str:
    command = parse(argv).command
    return command.name if command is not None else ""


def test_no_words_open_the_screen() -> None:
    assert parse(()).command is None
    assert parse(("--demo", "small", "--mouse=off")).flags == Flags(demo="small", mouse=False)


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("lis", "list"),
        ("inf", "info"),
        ("des", "destroy"),
        ("startal", "startall"),
        ("v", "version"),
    ],
)
def test_a_beginning_that_only_one_command_has_is_enough(word: str, command: str) -> None:
    assert find(word).name == command


def test_a_whole_word_wins_over_longer_ones() -> None:
    assert name_of("start", "a") == "start"
    assert name_of("stop", "a") == "stop"


def test_trash_commands_are_shortened_as_well() -> None:
    assert name_of("tr", "l") == "trash list"
    assert parse(("trash", "r", "a", "b")).operands == ("a", "b")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("sta",), '"sta" is ambiguous: start or startall'),
        (("st",), '"st" is ambiguous: start, stop, startall or stopall'),
        (("lst",), 'unknown command "lst"'),
        (("",), 'unknown command ""'),
        (("delete", "x"), 'unknown command "delete"'),
        (("trash", "x"), 'unknown trash command "x"'),
        (("startall", "extra"), 'startall: unexpected argument "extra"'),
        (("info",), "info needs a name"),
        (("completion",), "completion needs SHELL"),
        (("clone", "www0"), "clone needs NEW"),
        (("limits", "set", "www0"), "limits set needs LIMIT=VALUE"),
        (("info", ""), "info: a name is empty"),
        (("info", "a", "b"), 'info: unexpected argument "b"'),
        (("list", "--nope"), "unknown option --nope"),
        (("list", "-jx"), "unknown option -x in -jx"),
        (("list", "-D"), "list has no option -D"),
        (("exec", "-r", "--", "sh", "-c", "true"), "exec has no option -r"),
        (("list", "--mouse=off"), "--mouse is for the screen, not for list"),
        (("-j",), "-j is only for commands"),
        (("list", "--json=yes"), "--json takes no value"),
        (("--demo=nope", "list"), '--demo: "nope" is not supported'),
        (("--mouse=maybe",), '--mouse: "maybe" is not supported'),
        (("--mouse",), "--mouse needs a value"),
        (("list", "--state"), "--state needs a value"),
        (("list", "--state="), "--state needs a value"),
        (("li\x1b[31m",), 'unknown command "li^[[31m"'),
    ],
)
def test_a_mistake_is_named_and_has_a_hint(argv: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)
    assert caught.value.message == message
    assert caught.value.hint


def test_options_stand_anywhere_and_together() -> None:
    parsed = parse(("-Dy", "stop", "a", "-j", "b"))
    assert parsed.operands == ("a", "b")
    assert parsed.flags == Flags(dry_run=True, yes=True, json=True)


def test_demo_takes_the_next_word_only_when_it_is_a_scenario() -> None:
    assert parse(("--demo", "list")).flags.demo == host_selection.DEFAULT
    assert parse(("--demo", "fresh", "list")).flags.demo == "fresh"
    assert parse(("--demo=large", "list")).flags.demo == "large"


def test_a_state_file_means_a_simulated_host() -> None:
    assert parse(("list", "--state", "f")).flags.demo == host_selection.DEFAULT
    assert parse(("list", "--state=f", "--demo=small")).flags.demo == "small"


def test_names_behind_two_dashes_may_be_anything() -> None:
    assert parse(("stop", "--", "-rf", "--help", "help")).operands == ("-rf", "--help", "help")
    assert name_of("stop", "--", "help") == "stop"


@pytest.mark.parametrize("argv", [("stop", "help"), ("stop", "--help"), ("-h", "stop", "a")])
def test_every_command_helps(argv: tuple[str, ...]) -> None:
    parsed = parse(argv)
    assert parsed.command is find("help")
    assert parsed.operands == ("stop",)


def test_help_and_version_without_a_command() -> None:
    assert name_of("--help") == "help"
    assert name_of("--version") == name_of("-V") == "version"
    assert parse(("trash", "restore", "help")).operands == ("trash", "restore")
    assert parse(("trash", "help")).operands == ("trash",)


def test_every_option_of_a_command_has_its_own_words() -> None:
    for command in (*COMMANDS, *(below for one in COMMANDS for below in one.below)):
        seen: dict[str, object] = {}
        for option in (*ANYWHERE, *SCREEN, *command.options):
            for word in filter(None, (option.short, option.long)):
                if word != "--read-only" or not command.name.startswith(
                    "mount "
                ):  # after its name, its own
                    assert seen.setdefault(word, option) == option


def test_help_names_every_command_and_option() -> None:
    text = overview()
    for command in COMMANDS:
        assert f"  {command.name}" in text
        page = of_command(command)
        assert command.name in page
        assert all(option.long in page for option in command.options)
    assert all(one.long in text for one in (*ANYWHERE, *SCREEN))
    assert max(map(len, text.splitlines())) <= WIDTH


def test_help_fits_a_narrow_terminal() -> None:
    for command in COMMANDS:
        for shown in (command, *command.below):
            assert [line for line in of_command(shown).splitlines() if len(line) > WIDTH] == []


def test_the_scenarios_are_those_there_are() -> None:
    assert host_selection.SCENARIOS == SCENARIOS
    assert host_selection.DEFAULT in SCENARIOS


@given(st.lists(st.text(max_size=8) | st.sampled_from(["--demo", "stop", "-j", "--", "-"])))
def test_whatever_is_typed_it_is_parsed_or_named(argv: list[str]) -> None:
    said = "fine"
    try:
        parse(argv)
    except UsageError as error:
        said = error.message
    assert said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("trash", "trash list"),
        ("image", "image list"),
        ("boot", "boot list"),
        ("nat", "nat list"),
        ("rdr", "rdr list"),
        ("network", "network show"),
        ("bridge -j", "bridge list"),
        ("nat del x", "nat destroy"),
        ("rdr del x", "rdr destroy"),
        ("bridge remove x", "bridge destroy"),
        ("snapshot x", "snap"),
    ],
)
def test_a_group_lists_and_old_words_still_work(words: str, command: str) -> None:
    assert name_of(*words.split()) == command


@pytest.mark.parametrize(
    ("word", "meant"), [("delete", "destroy"), ("shell", "console"), ("creat3", "create")]
)
def test_a_wrong_word_says_what_was_meant(word: str, meant: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse([word])
    assert raised.value.hint == f"Did you mean {meant}?"
