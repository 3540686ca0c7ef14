"""The journal: what was planned, what was begun, what was done; one file of JSON lines a plan.

    STATE/journal/WHEN-OP-N.jsonl     directories 0700, files 0600, root only

    writing.py    the journal of one plan while it runs
    reading.py    all of them, the newest first; what was interrupted

The lines are told in operations/undoing/record.py. Every line is on disk before what it tells
of goes on; the processes of a command are told right after they began. A file that was cut
anywhere (power gone) is read as far as it goes.
"""

from __future__ import annotations

from jailer_core.journal.reader import Interrupted, entries, entry, find_interrupted, read_path
from jailer_core.journal.writer import FOLDERS, VAR, VERSION, Journal, add, make_folders, who
from jailer_core.journal_peek import names
from jailer_core.operations.undo.entry import Entry, parse

__all__ = [
    "FOLDERS",
    "VAR",
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
