"""The journal: what was planned, begun and done; one file of JSON lines for each plan.

    STATE/journal/WHEN-OP-N.jsonl     directories 0700, files 0600, root only

Every line is on disk before the step that it announces runs; the processes of a command are
recorded right after they started. A file that ends anywhere (power
failure) is read as far as it goes.
"""

from __future__ import annotations

from jailer_core.journal.reader import Interrupted, entries, entry, find_interrupted, read_path
from jailer_core.journal.writer import FOLDERS, VERSION, Journal, add, make_folders, who
from jailer_core.journal_peek import names
from jailer_core.operations.undo.entry import Entry, parse

__all__ = [
    "FOLDERS",
    "VERSION",
    "Entry",
    "Interrupted",
    "Journal",
    "add",
    "entries",
    "entry",
    "find_interrupted",
    "make_folders",
    "names",
    "parse",
    "read_path",
    "who",
]
