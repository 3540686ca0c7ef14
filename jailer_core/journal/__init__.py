"""The journal: what was planned, begun and done; one file of JSON lines for each plan.

    STATE/journal/WHEN-OP-N.jsonl     directories 0700, files 0600, root only

Every line is on disk before the step that it announces runs; the processes of a command are
recorded right after they started. A file that ends anywhere (power
failure) is read as far as it goes.
"""

from __future__ import annotations

from jailer_core.journal.reader import (
    Interrupted as Interrupted,
    entries as entries,
    entry as entry,
    find_interrupted as find_interrupted,
    read_path as read_path,
)
from jailer_core.journal.writer import (
    FOLDERS as FOLDERS,
    VERSION as VERSION,
    Journal as Journal,
    add as add,
    make_folders as make_folders,
    who as who,
)
from jailer_core.operations.undo.entry import Entry as Entry, parse as parse
