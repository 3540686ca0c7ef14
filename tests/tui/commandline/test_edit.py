from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
CONF = "/etc/jail.conf.d/www0.conf"
ADD = "import sys; open(sys.argv[1], 'a').write('# edited\\n')"


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, drafts: Path) -> Callable[..., None]:
    """An editor that runs that program on the draft; then `answer` is typed."""

    def make(program: str, answer: str = "y") -> None:
        async def ask(_self: Terminal, _question: str) -> str:
            return answer

        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f'{sys.executable} -c "{program}"')
        monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
        monkeypatch.setattr(Terminal, "ask", ask)

    return make


@pytest.mark.processes
def test_what_the_editor_wrote_is_shown_and_written(
    on: On, small: Machine, editor: Callable[..., None], drafts: Path
) -> None:
    editor(ADD)
    ran = on(small, "edit", "www0")
    assert ran.status == 0, ran.err
    assert "     +# edited" in ran.err
    assert small.files.read(CONF).endswith(b"# edited\n")
    assert list(drafts.iterdir()) == []


@pytest.mark.processes
def test_no_is_no_and_keeps_the_text(
    on: On, small: Machine, editor: Callable[..., None], drafts: Path
) -> None:
    before = dump(small)
    editor(ADD, answer="n")
    ran = on(small, "edit", "www0")
    assert ran.status == 1
    assert "not confirmed" in ran.err
    (draft,) = drafts.iterdir()
    assert str(draft) in ran.err
    assert draft.read_text().endswith("# edited\n")
    assert draft.stat().st_mode & 0o777 == 0o600
    assert dump(small) == before


@pytest.mark.processes
def test_an_editor_that_changes_nothing(
    on: On, small: Machine, editor: Callable[..., None], drafts: Path
) -> None:
    editor("pass")
    assert on(small, "edit", "www0").out == "nothing was changed\n"
    assert list(drafts.iterdir()) == []


@pytest.mark.processes
def test_an_editor_that_fails(on: On, small: Machine, editor: Callable[..., None]) -> None:
    before = dump(small)
    editor("import sys; sys.exit(3)")
    ran = on(small, "edit", "www0")
    assert ran.status == 1
    assert "exited with status 3: nothing was changed" in ran.err
    assert dump(small) == before


@pytest.mark.processes("/nowhere/editor")
def test_an_editor_that_is_not_there(
    on: On, small: Machine, editor: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor("pass")
    monkeypatch.setenv("VISUAL", "/nowhere/editor")
    ran = on(small, "edit", "www0")
    assert ran.status == 1
    assert "/nowhere/editor: No such file or directory" in ran.err


@pytest.mark.parametrize("quotes", ['"', "'"])
def test_an_editor_with_a_lone_quote_is_named(
    on: On,
    small: Machine,
    editor: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    quotes: str,
) -> None:
    editor("pass")
    monkeypatch.setenv("VISUAL", f"vi {quotes}")
    ran = on(small, "edit", "www0")
    assert ran.status == 2
    assert "VISUAL" in ran.err


def test_without_a_terminal_a_file_can_be_given(on: On, small: Machine, tmp_path: Path) -> None:
    refused = on(small, "edit", "www0")
    assert refused.status == 1
    assert "--file" in refused.err
    new = tmp_path / "new.conf"
    new.write_bytes(small.files.read(CONF) + b"# by script\n")
    assert on(small, "edit", "www0", "--file", str(new), "-D").status == 0
    assert b"by script" not in small.files.read(CONF)
    assert on(small, "edit", "www0", "--file", str(new)).status == 0
    assert small.files.read(CONF).endswith(b"# by script\n")


def test_a_text_that_jail8_cannot_read_is_refused(on: On, small: Machine, tmp_path: Path) -> None:
    before = small.files.read(CONF)
    new = tmp_path / "new.conf"
    new.write_text("www0 { path = ;\n")
    ran = on(small, "edit", "www0", "--file", str(new))
    assert ran.status == 1
    assert "syntax error" in ran.err
    assert small.files.read(CONF) == before


def test_a_file_that_there_is_not(on: On, small: Machine, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    ran = on(small, "edit", "www0", "--file", str(missing))
    assert ran.status == 2
    assert "No such file or directory" in ran.err


def test_foreign_jails_are_not_edited(on: On, small: Machine, run: Callable[..., Ran]) -> None:
    ran = run("--demo", "busy", "edit", "shop", "--file", "/dev/null")
    assert ran.status == 1
    assert "bastille" in ran.err.lower()
    assert on(small, "edit", "nope", "--file", "/dev/null").status == 1


def test_the_new_text_can_come_through_a_pipe(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small.files.read(CONF) + b"# piped \xff\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert on(small, "edit", "www0", "--file", "-").status == 0
    assert small.files.read(CONF) == data
