"""The symbols on the screen, and ASCII replacements for terminals without UTF-8."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One cell each; `spark` goes from low to high."""

    running: str
    dying: str
    stopped: str
    broken: str
    mark: str
    up: str
    down: str
    more: str
    done: str
    failed: str
    active: str
    waiting: str
    undone: str
    dot: str
    full: str
    empty: str
    before: str
    after: str
    spark: str
    branch: str
    corner: str
    pipe: str
    dash: str
    link: str

    @property
    def dots(self) -> str:
        """Three dots, after what is still going on."""
        return "…" if self.more == "…" else "..."


UNICODE = Glyphs(
    running="●",
    dying="◐",
    stopped="○",
    broken="!",
    mark="+",
    up="▲",
    down="▼",
    more="…",
    done="✓",
    failed="✗",
    active="▸",
    waiting="·",
    undone="↶",
    dot="·",
    full="█",
    empty="░",
    before="◂",
    after="▸",
    spark="▁▂▃▄▅▆▇█",
    branch="├",
    corner="└",
    pipe="│",
    dash="─",
    link="↔",
)

ASCII = Glyphs(
    running="*",
    dying="~",
    stopped="o",
    broken="!",
    mark="+",
    up="^",
    down="v",
    more="~",
    done="+",
    failed="x",
    active=">",
    waiting=".",
    undone="<",
    dot="-",
    full="#",
    empty=".",
    before="<",
    after=">",
    spark="_.-=+*#@",
    branch="|",
    corner="`",
    pipe="|",
    dash="-",
    link="=",
)
