"""Pages of docs/ name what exists: files, sections, lines of recordings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jailer_core import settings
from jailer_core.settings import files
from jailer_tui import setting_checks
from tests import documentation, inline_commands
from tests.tui.commandline import manpage

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FACTS = (ROOT / "docs/freebsd-facts.md").read_text(encoding="utf-8")
MODULES = sorted([*(ROOT / "jailer_core").rglob("*.py"), *(ROOT / "jailer_tui").rglob("*.py")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_files_and_modules_that_are_named_exist() -> None:
    """In pages as `jailer_core/x.py` or `jailer_core.x`, in the code as x/y.py."""
    files = [
        f"/{path.relative_to(ROOT).as_posix()}"
        for package in ("jailer_core", "jailer_tui", "tests", "packaging", "screenshots")
        for path in (ROOT / package).rglob("*.py")
    ]
    gone = []
    for page in PAGES:
        for name in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")):
            if re.fullmatch(r"(jailer_core|jailer_tui|tests|docs|packaging)(/[\w.*-]+)+/?", name):
                gone += [] if any(ROOT.glob(name.rstrip("/"))) else [f"{page.name}: {name}"]
            elif re.fullmatch(r"(jailer_core|jailer_tui|tests)(\.[a-z_]+)+", name):
                path, above = name.replace(".", "/"), name.rpartition(".")[0].replace(".", "/")
                there = (ROOT / path).is_dir() or f"/{path}.py" in files
                inside = (ROOT / above).is_dir() or f"/{above}.py" in files  # a function of it
                gone += [] if there or inside else [f"{page.name}: {name}"]
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        for name in re.findall(r"(?<![\w/.])((?:[a-z_]+/)*[a-z_]+\.py)\b", text):
            found = any(path.endswith(f"/{name}") for path in files)
            gone += [] if found else [f"{module.relative_to(ROOT)}: {name}"]
    assert gone == []


def test_code_cites_pages_and_sections_that_exist() -> None:
    sections = re.findall(r"^## (.+)$", FACTS, re.MULTILINE)
    cited = []
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        for page in re.findall(r"docs/[\w-]+\.md", text):
            assert (ROOT / page).is_file(), (module, page)
        assert not re.search(r"(?<!docs/)\b(freebsd|native|jail-managers)\.md", text), module
        names = re.findall(r"docs/freebsd-facts\.md,\s+(\w+(?: \w+)*)", text)
        cited += [(module.name, name) for name in names]
    assert len(cited) > 15
    assert [name for name in cited if not name[1].startswith(tuple(sections))] == []


def test_facts_cite_lines_of_recordings() -> None:
    recordings = {
        path.name[:2]: path.read_text(encoding="utf-8").splitlines()
        for path in (ROOT / "tests/recorded").glob("*.jsonl")
    }
    cited = re.findall(r"\[(\d\d)(?::(\d+))?\]", FACTS)
    assert len(cited) > 40
    for recording, line in cited:
        assert int(line or 1) <= len(recordings[recording]), (recording, line)


def test_every_fact_has_a_source() -> None:
    facts = re.split(r"^- ", FACTS.partition("## Reading")[2], flags=re.MULTILINE)[1:]
    source = re.compile(r"\[(\d\d(:\d+)?|seen|source)\]")
    assert [fact for fact in facts if not source.search(fact)] == []


@pytest.mark.parametrize("page", documentation.pages(), ids=lambda page: page.name)
def test_commands_print_what_pages_show(page: Path) -> None:
    """`python -m tests.documentation` renews the pages."""
    assert documentation.wrong(page) == []


def test_a_command_that_prints_something_else_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console small\n$ jls -j www0 name\nwww1\n```\n", encoding="utf-8")
    assert documentation.wrong(page) == ["jls -j www0 name: prints\nwww0\n"]
    assert "www0" in documentation.renewed(page)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(inline_commands.named(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_commands_in_the_text_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = [
        inline_commands.wrong(command) for command in dict.fromkeys(inline_commands.named(page))
    ]
    assert [text for text in wrong if text] == []


def test_a_command_in_the_text_that_does_not_run_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\njailer-tui list # all\n```\n`jailer-tui start NEW`\n", encoding="utf-8")
    runs, fails = inline_commands.named(page)
    assert inline_commands.wrong(runs) == ""
    assert "there is no jail new1" in inline_commands.wrong(fails)


def test_commands_without_the_name_of_the_program_exist() -> None:
    ours = [page for page in PAGES if page.name != "freebsd-facts.md"]
    assert [text for page in ours for text in inline_commands.unknown(page)] == []


def test_the_examples_of_the_manual_page_run() -> None:
    examples = [command for _, commands in manpage.EXAMPLES for command in commands]
    assert [text for text in map(inline_commands.wrong, examples) if text] == []


def test_the_messages_that_troubleshooting_explains_are_printed() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    product = "".join(module.read_text(encoding="utf-8") for module in MODULES)
    messages = re.findall(r"^## ([a-z].*)$", page, re.MULTILINE)
    assert len(messages) > 8
    assert [message for message in messages if message not in product] == []


@pytest.mark.parametrize(
    "block",
    [
        block
        for page in PAGES
        for block in re.findall(r"(?ms)^```toml\n(.*?)^```$", page.read_text(encoding="utf-8"))
    ],
)
def test_settings_that_pages_show_are_right(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jailer-tui.toml"
    path.write_text(block, encoding="utf-8")
    monkeypatch.setattr(files, "HOST", str(path))
    loaded = settings.load({})
    assert [str(mistake) for mistake in setting_checks.mistakes(loaded)] == []
    assert loaded.places
