"""Everything that is wrong with the network, with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.topology import Diagnostic
from jailer_tui.dialogs.page import PageDialog
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line


def network_problems(diagnostics: Sequence[Diagnostic], glyphs: Glyphs) -> PageDialog:
    """A page to read."""
    return PageDialog("Network problems", _lines(diagnostics, glyphs))


def _lines(diagnostics: Sequence[Diagnostic], glyphs: Glyphs) -> list[Line]:
    """Two lines for each, the gravest first."""
    if not diagnostics:
        return [(("No problems found.", "ok"),)]
    lines: list[Line] = []
    for diagnostic in diagnostics:
        lines += [()] if lines else []
        lines.append(((f"{glyphs.broken} {diagnostic.message}", "bad"),))
        lines.append(((f"  {diagnostic.hint}", "text"),))
    return lines
