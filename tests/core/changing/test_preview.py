"""A preview shows all that runs, and nothing that could act on a terminal."""

from __future__ import annotations

from jailer_core.operations.jails.requests import Start
from jailer_core.plan import (
    MakeDir,
    Pipe,
    Plan,
    RemoveFile,
    Run,
    Step,
    Undo,
    WriteFile,
)
from jailer_core.plan.preview import describe, preview


def shown(*steps: Step, notes: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in preview(Plan(Start("x"), "Do it", steps, notes=notes))]


def test_nothing_to_do() -> None:
    assert shown(notes=("The text is the same.",)) == [
        ("title", "Do it"),
        ("note", "The text is the same."),
        ("note", "Nothing to do."),
    ]


def test_nothing_to_change_is_said_once() -> None:
    assert shown(notes=("Nothing to change.",))[1:] == [("note", "Nothing to change.")]


def test_a_command_with_its_undo_and_wait() -> None:
    step = Step(
        Run(("jail", "-c", "has space")),
        "Start it",
        timeout=130,
        wait_reason="services start",
        undo=(Undo(Run(("jail", "-r", "has space")), "Stop it"),),
    )
    assert shown(step)[1:] == [
        ("title", "1. Start it"),
        ("command", "jail -c 'has space'"),
        ("note", "takes up to 130 s: services start"),
        ("undo", "undo: jail -r 'has space'"),
    ]


def test_a_file_as_a_diff() -> None:
    step = Step(WriteFile("/etc/x", "a\nB\nc\n", before="a\nb\nc\n", mode=0o640), "Write")
    assert shown(step)[2:] == [
        ("file", "write /etc/x (mode 0640)"),
        ("context", "@@ -1,3 +1,3 @@"),
        ("context", " a"),
        ("remove", "-b"),
        ("add", "+B"),
        ("context", " c"),
    ]


def test_lines_that_look_like_headers_of_a_diff() -> None:
    step = Step(WriteFile("/etc/x", "++ b\n", before="-- a\n"), "Write")
    assert shown(step)[4:] == [("remove", "--- a"), ("add", "+++ b")]


def test_what_goes_with_a_file() -> None:
    assert ("remove", "-gone") in shown(Step(RemoveFile("/etc/x", before="gone\n"), "Remove"))


def test_standard_input_is_shown() -> None:
    lines = shown(Step(Run(("jail", "-f", "-"), stdin="one {\n}\n"), "Check"))
    assert ("context", "  one {") in lines


def test_what_cannot_be_undone() -> None:
    step = Step(Run(("zfs", "destroy", "x")), "Destroy", irreversible_because="it is gone")
    assert shown(step)[-1] == ("lasting", "cannot be undone: it is gone")


def test_one_line_for_each_action() -> None:
    assert describe(Pipe((("a", "b c"), ("d",)))) == "a 'b c' | d"
    assert describe(MakeDir("/x", 0o700)) == "make the directory /x (mode 0700)"


def test_hostile_text_is_harmless() -> None:
    evil = "\x1b]0;owned\x07\u202e[bold]\t\udcff"
    step = Step(
        WriteFile(f"/etc/{evil}", f"{evil}\n", before=""),
        evil,
        undo=(Undo(Run(("rm", evil)), evil),),
        irreversible_because=evil,
        wait_reason=evil,
        side_effect=evil,
    )
    for _, text in shown(step, notes=(evil,)):
        assert text.isprintable()
