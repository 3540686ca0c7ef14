"""One finding about the host, with its fix.

Build a plan whose later parts see the host as the earlier ones will leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface

from jailer_core.errors import Refused
from jailer_core.model import Inventory, SetupFacts
from jailer_core.operations.shared import created, file_steps, rc_variables
from jailer_core.plan import Condition, Request, Step
from jailer_core.text import sanitize

OK, MISSING, WRONG, UNKNOWN, INFO = "ok", "missing", "wrong", "unknown", "info"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. `state` is one of the words above.

    `detail` says what is so, in a few words. `fix` is the request that mends it, None where
    nothing needs mending or none can be offered; then `hint` says what to do by hand.
    """

    id: str
    title: str
    state: str
    detail: str
    fix: Request | None = None
    hint: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.state in (OK, INFO)


YES = ("yes", "true", "on", "1")
"""What rc takes for yes (rc.subr, checkyesno)."""

_PLAIN = re.compile(r"[A-Za-z0-9_.,:/@%+=~ -]*\Z")


class PlanBuilder:
    """Steps and notes so far, over what was read and what the steps change of it.

    `pool`, `bridge` and `devfs` are what earlier parts of this very plan will make.
    """

    def __init__(self, inventory: Inventory, doctor: SetupFacts | None = None) -> None:
        doctor = doctor or inventory.setup
        if doctor is None:
            raise Refused("the setup of this host could not be read")
        self.inventory = inventory
        self.doctor: SetupFacts = doctor
        self.steps: list[Step] = []
        self.notes: list[str] = []
        self.pool = ""
        self.bridge: IPv4Interface | None = None
        self.devfs: int | None = None
        self._texts: dict[str, str] = {}
        self._rc: dict[str, str | None] = {}
        self._made: set[str] = set()

    # --- files -------------------------------------------------------------------------------

    def text(self, path: str) -> str | None:
        """A file's text at this point of the plan; None if there is no file. Raises Refused."""
        if path in self._texts:
            return self._texts[path]
        if path in self.inventory.file_texts:
            return self.inventory.file_texts[path]
        if path in self.doctor.stamps:
            raise Refused(
                f"{sanitize(path)} could not be read", "It must be readable to be changed."
            )
        return None

    def write(self, path: str, new: str, title: str) -> None:
        """Write the text if it differs."""
        old = self.text(path)
        if old == new:
            return
        stamp = self.doctor.stamps.get(path)
        self.steps.append(file_steps.put_file(path, old, new, title, stamp))
        self._texts[path] = new

    def directory(self, path: str, why: str) -> None:
        """Create a directory that does not exist."""
        if path in self.doctor.stamps or path in self._made:
            return
        self._made.add(path)
        title = f"Make the directory {sanitize(path)}: {why}"
        self.steps.append(created.directory(path, title))

    # --- rc.conf -----------------------------------------------------------------------------

    def rc(self, name: str) -> str:
        """The value in rc.conf at this point of the plan, or ""."""
        return self._rc.get(name, (self.inventory.rc or {}).get(name)) or ""

    def set_rc(
        self, values: Mapping[str, str], title: str, unused: tuple[Condition, ...] = ()
    ) -> None:
        """Set variables that differ; undone only while all conditions in `unused` hold."""
        if self.inventory.rc is None:
            raise Refused("rc.conf could not be read", "Repair it first; sysrc -a shows the error.")
        new = {name: value for name, value in values.items() if not self._same(name, value)}
        self._write_rc(new, title, unused)

    def drop_rc(self, names: Sequence[str], title: str) -> None:
        """Remove variables that are set."""
        self._write_rc(dict.fromkeys(names, None), title)

    def _write_rc(
        self, values: rc_variables.Values, title: str, unused: tuple[Condition, ...] = ()
    ) -> None:
        """One step for each of the files that count for these variables."""
        old = self._old(values)
        by_file: dict[str, dict[str, str | None]] = {}
        for name, value in values.items():
            by_file.setdefault(self.inventory.rc_places.get(name, ""), {})[name] = value
        for file, new in by_file.items():
            self.steps.append(rc_variables.set_step(old, new, title, unused, file=file))
        self._rc |= values

    def _old(self, names: Iterable[str]) -> dict[str, str | None]:
        """What these are by now, None for those that are not set. Raises Refused."""
        unknown = [name for name in names if self.inventory.rc_value(name) is None]
        if unknown:
            raise Refused(f"whether rc.conf sets {unknown[0]} could not be read", "See: sysrc -a.")
        old = {name: self._rc.get(name, (self.inventory.rc or {}).get(name)) for name in names}
        for name, value in old.items():
            if value is not None and not _PLAIN.match(" ".join(value.split())):
                hint = "Change it by hand, and try again."
                raise Refused(f"{name} in rc.conf contains quoting or variables", hint)
        return old

    def _same(self, name: str, value: str) -> bool:
        if value == "YES":
            return self.rc(name).lower() in YES
        return self.rc(name) == value
