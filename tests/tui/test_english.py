"""Turns of phrase that native speakers do not use stay out of the product and its pages.

Looked for in every string and docstring of both packages (without the simulator, which prints
what FreeBSD prints), and in the pages. `english_todo.txt` lists what is still to be rewritten, as
`file: pattern`, and words that journals and JSON hold, which never change; a line there that is no
longer needed fails too, so that the list only shrinks. More phrases are looked for in docstrings
alone, with no exceptions. `names_todo.txt` does the same for names of
variables that say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.tui.sources import ROOT, Source, sources

TODO = Path(__file__).with_name("english_todo.txt")
NAMES_TODO = Path(__file__).with_name("names_todo.txt")
VAGUE = {"one", "found", "said", "each", "here", "there", "wanted", "gone"}
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md")

PATTERNS = {
    "begin (noun)": r"\bthe begin\b|\bat the begin\b",
    "anew": r"\banew\b",
    "is no X": r"(?<!there )\b(?:is|are) no (?:number|size|name|file|pid|bridge|address|interface"
    r"|member|word|directory|command|snapshot|terminal|state|network|IPv[46])\b",
    "gone on": r"\b(?:gone|goes|go) on with\b|\bgone on\b",
    "whoever": r"\bwho(?:m)?ever\b",
    "nobody": r"\bnobody\b",
    "somebody": r"\bsomebody\b",
    "the original": r"\bthe original(?:'s)?\b",
    "stands": r"\bstands? (?:there|plainly|in the way|for)\b",
    "came of": r"\b(?:came|comes|come) of\b",
    "to be had": r"\b(?:is|are) to be (?:had|seen|done|said)\b",
    "small letters": r"\b(?:small|great) (?:letters|ones)\b",
    "rub out": r"\brubs? out\b",
    "taken back": r"\btak(?:e|es|en|ing) (?:it |them |all |this )?back\b|\btook (?:it )?back\b",
    "cut off": r"\bcut off\b",
    "going on": r"\bto go on\b|\bfrom \d on\b|\bends? behind\b|\bended behind\b",
    "behind --": r"\bbehind (?:the|its|--|it)\b",
    "one word too many": r"\bone word too many\b",
    "without a word": r"\bwithout a word\b",
    "left as it is": r"\bleft as it is\b",
    "carry out": r"^Carry `",
    "any more": r"\bno more have\b|\bdoes not exist any more\b|\bis not there any more\b",
    "is there already": r"\b(?:is|are) there already\b|\b(?:exists|exist) already\b",
    "let tools": r"\bLet (?:pfctl|dhcpd|jail\(8\)|FreeBSD) (?:check|start|read)\b",
    "as in": r"\bAs in:",
    "like a number": r"\bUse (?:one|a number|a name|a path|a word|an address) like\b",
    "who runs this": r"\bwho runs this\b",
    "own network": r"\bnetwork(?: stack)? of (?:its|their) own\b",
    "nothing to change": r"\blook but not change\b",
    "circular": r"cannot be undone: .*cannot be undone",
    "on a file": r"\bpool on a file\b",
    "headless clause": r"\bwhat (?:ignores|ran|is beyond)\b",
    "looked at": r"\bcould not be looked at\b|\bbe found out\b|\bcannot be told\b",
}
DOCSTRING_PATTERNS = {
    "any more": r"\bany more\b",
    "by itself": r"\bby itself\b",
    "meanwhile": r"\bmeanwhile\b",
    "became of": r"\b(?:became|becomes?) of\b",
    "lives on": r"\b(?:lives?|living) on\b",
    "how it stands": r"\bhow \w+ stands\b|\bstands? (?:in|on|beside)\b(?! for)",
    "somebody": r"\bsomebody\b",
    "nobody": r"\bnobody\b",
    "whoever": r"\bwho(?:m)?ever\b",
    "carried out": r"\bcarried out\b",
    "seldom": r"\bseldom\b|\bfor ever\b",
    "carry out": r"\bcarr(?:y|ies) (?:\w+ ){1,2}out\b",
    "in sight": r"\bin sight\b",
    "new picture": r"\bnew picture\b",
    "gravest": r"\bgravest\b",
    "way out": r"\bways? out\b",
    "so many": r"\bso many\b",
    "taken away": r"\b(?:takes?|taken|took|taking) away\b",
    "turned round": r"\bturned round\b",
    "for want of": r"\bfor want of\b",
    "who is behind": r"\bwho is behind\b|\bby the word of\b|\bchanges of before\b",
}
"""Looked for in docstrings alone, those of the simulator included."""
QUESTION = re.compile(r"(?:What|Who|Whose|Whom|Which|Whether|How|Where|When|From)\b")
"""A module's docstring names what the module is for, or says what it does."""
FOUND = {
    name: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for name, pattern in PATTERNS.items()
}
FOUND_IN_DOCSTRINGS = {
    name: re.compile(pattern, re.IGNORECASE) for name, pattern in DOCSTRING_PATTERNS.items()
}


def _product() -> list[Source]:
    """The files of the product without the simulator."""
    return [source for source in sources() if "/simulator/" not in source.path]


def _pages() -> Iterator[tuple[str, str]]:
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def stumbles() -> set[str]:
    """`file: pattern` for each pattern that is in a file."""
    return {
        f"{path}: {name}"
        for path, text in (
            *((source.path, "\n".join(source.texts + source.docstrings)) for source in _product()),
            *_pages(),
        )
        for name, pattern in FOUND.items()
        if pattern.search(text)
    }


def test_nothing_reads_as_if_translated() -> None:
    known = set(TODO.read_text(encoding="utf-8").splitlines())
    now = stumbles()
    assert sorted(now - known) == [], "write it in plain English"
    assert sorted(known - now) == [], f"rewritten: take these lines out of {TODO.name}"


def test_docstrings_read_as_plain_english() -> None:
    assert [
        f"{source.path}: {name}: {docstring}"
        for source in sources()
        for docstring in source.docstrings
        for name, pattern in FOUND_IN_DOCSTRINGS.items()
        if pattern.search(docstring)
    ] == []


def test_a_module_is_introduced_by_what_it_is_for() -> None:
    assert [source.path for source in sources() if QUESTION.match(source.opening)] == []


def vague_names() -> set[str]:
    """`file: name` for each parameter and local that is called by one of the `VAGUE` words."""
    return {f"{source.path}: {name}" for source in _product() for name in source.names & VAGUE}


def test_variables_are_named_after_what_they_hold() -> None:
    known = set(NAMES_TODO.read_text(encoding="utf-8").splitlines())
    now = vague_names()
    assert sorted(now - known) == [], "name it after the element, or after what it is"
    assert sorted(known - now) == [], f"renamed: take these lines out of {NAMES_TODO.name}"


if __name__ == "__main__":
    TODO.write_text("".join(f"{line}\n" for line in sorted(stumbles())), encoding="utf-8")
    NAMES_TODO.write_text("".join(f"{name}\n" for name in sorted(vague_names())), encoding="utf-8")
