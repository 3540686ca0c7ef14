"""The player on a host that answers as a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.player import ExpectationError, at, play
from tests.scenarios.stage import Ran
from tests.scenarios.story import Step, Story, StoryError, load, with_earlier


class Canned:
    """Answers each command with the next of its answers, and remembers what was run."""

    def __init__(self, *answers: tuple[int, str, str], **variables: str) -> None:
        self.answers = list(answers)
        self.variables: Mapping[str, str] = variables
        self.ran: list[tuple[tuple[str, ...], str]] = []

    def run(self, argv: Sequence[str], ssh: str = "") -> Ran:
        self.ran.append((tuple(argv), ssh))
        return Ran(tuple(argv), *self.answers.pop(0))

    def write(self, path: str, text: str) -> None:
        self.ran.append((("write", path), text))

    def missing(self, need: str) -> str:
        return "" if need != "wings" else "pigs cannot fly"


def story_of(*steps: Step, ssh: str = "") -> Story:
    return Story("story", "A story", steps, ssh=ssh)


def failure(step: Step, *answer: Any) -> str:
    with pytest.raises(ExpectationError) as caught:
        play(story_of(step), Canned(answer))
    return str(caught.value)


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        (Step("true", status=1), "exit status 1, not 0"),
        (Step("true", stdout=("web",)), "stdout with: web"),
        (Step("true", stdout_re=("^b$$",)), "stdout that matches: ^b$"),
        (Step("true", stdout_not=("out",)), "stdout without: out"),
        (Step("true", stderr=("web",)), "stderr with: web"),
        (Step("true", stderr_re=("web|db",)), "stderr that matches: web|db"),
        (Step("true", json={"a": 1}), "JSON on stdout"),
        (Step("true", save={"a": "a"}), "JSON on stdout"),
    ],
)
def test_each_expectation_can_fail(step: Step, complaint: str) -> None:
    text = failure(step, 0, "some out\n", "some err\n")
    assert text.startswith("story, step 1: true\n")
    assert f"  expected: {complaint}\n" in text
    assert "    some out" in text
    assert "    some err" in text


def test_each_expectation_can_hold() -> None:
    step = Step(
        "true",
        status=3,
        stdout=("a", "b"),
        stdout_re=("^b",),
        stdout_not=("c",),
        stderr=("e",),
        stderr_re=("e$$",),
    )
    (played,) = play(story_of(step), Canned((3, "a\nb\n", "e\n")))
    assert played[0] is step


def test_a_long_output_is_cut() -> None:
    text = failure(Step("true", status=1), 0, "line\n" * 100, "")
    assert text.count("    line\n") == 40
    assert "... and 60 more lines" in text
    assert "stderr: nothing" in text


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ({"0.name": "db"}, "JSON with 0.name = 'db', not 'web'"),
        ({"#": 2}, "JSON with # = 2, not 1"),
        ({"name=db.state": "x"}, "JSON with name=db.state: no item has name=db"),
        ({"0.size": 1}, "JSON with 0.size: there is no size"),
        ({"4.size": 1}, "JSON with 4.size: list index out of range"),
    ],
)
def test_json_that_differs(expected: dict[str, Any], complaint: str) -> None:
    assert complaint in failure(Step("true", json=expected), 0, '[{"name": "web"}]', "")


def test_paths() -> None:
    data = {"jails": [{"name": "web", "ip": ["a", "b"]}, {"name": "db", "up": None}]}
    assert at(data, "jails.name=web.ip.1") == "b"
    assert at(data, "jails.1.up") is None
    assert at(data, "jails.#") == 2


def test_variables_come_from_the_host_and_from_earlier_steps(tmp_path: Path) -> None:
    host = Canned((0, '[{"entry": "e 1"}]', ""), (0, "pid 77 here\n", ""), (0, "", ""), dir="/d")
    play(
        story_of(
            Step("list", save={"entry": "0.entry"}),
            Step("ps", stdout_re=("pid (?P<pid>[0-9]+)",)),
            Step("kill $pid '$entry' $dir/x"),
            ssh="a 1 $dir 2",
        ),
        host,
    )
    assert host.ran[-1] == (("kill", "77", "e 1", "/d/x"), "a 1 /d 2")


def test_a_file_is_written(tmp_path: Path) -> None:
    host = Canned(files=str(tmp_path), name="web")
    play(story_of(Step(file="$files/a.conf", text="$name { }\n")), host)
    assert (tmp_path / "a.conf").read_text() == "web { }\n"


def test_a_file_of_the_host_is_written_there() -> None:
    host = Canned(name="web")
    play(story_of(Step(host_file="/etc/$name.conf", text="$name")), host)
    assert host.ran == [(("write", "/etc/web.conf"), "web")]


def test_an_unknown_variable_is_a_mistake_of_the_story() -> None:
    with pytest.raises(StoryError, match="nosuch"):
        play(story_of(Step("ls $nosuch")), Canned())


def test_a_traceback_of_the_program_is_a_failure() -> None:
    step = Step("jailer-tui list", status=1)
    assert "no traceback" in failure(step, 1, "", "Traceback (most recent call last):\n")


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = 'x'", "a title and steps"),
        ("steps = ['ls']", "a title and steps"),
        ("title = 'x'\nsteps = [{ run = 'ls', stdou = 'x' }]", "unknown key stdou"),
        ("title = 'x'\nsteps = ['ls']\nneed = []", "unknown key need"),
        ("title = 'x'\nsteps = [{ status = 1 }]", "one of run, file"),
        ("title = 'x'\nsteps = [{ run = 'ls', file = 'x' }]", "one of run, file"),
        ("title = ", "Invalid value"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(StoryError, match=message):
        load("wrong", tmp_path)


def test_a_story_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="nosuch"):
        load("nosuch", tmp_path)


def test_earlier_stories_come_first_and_never_in_a_circle(tmp_path: Path) -> None:
    for name, after in (("a", ""), ("b", "a"), ("c", "d"), ("d", "c")):
        text = f"title = '{name}'\nafter = '{after}'\nsteps = ['ls']"
        (tmp_path / f"{name}.toml").write_text(text)
    chain = with_earlier(load("b", tmp_path), tmp_path)
    assert [part.name for part in chain] == ["a", "b"]
    with pytest.raises(StoryError, match="after itself"):
        with_earlier(load("c", tmp_path), tmp_path)
