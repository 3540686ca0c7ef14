"""Steps that check, store, load and drop the rules of one jail."""

from __future__ import annotations

from jailer_core.model import FileStamp, Inventory, network as places
from jailer_core.model.network import Firewall, anchor, file_of
from jailer_core.operations.shared import created, file_steps
from jailer_core.plan import JailRuns, JailStopped, RulesLoaded, Run, Step, Undo
from jailer_core.text import sanitize

_MODES = {places.FOLDER: 0o700, places.FOLDERS[-2]: 0o700}
STAMP = FileStamp(0, 0, mode=0o600)


def check(jail: str, text: str) -> Step:
    """Check the rules with pfctl without loading them (recording 06)."""
    return Step(
        Run(("pfctl", "-n", "-a", anchor(jail), "-f", "-"), stdin=text),
        f"Check the rules of {sanitize(jail)} with pfctl",
        timeout=30.0,
        jail=jail,
    )


def folders(inventory: Inventory) -> list[Step]:
    """Create the directory of the rule files, with missing parents."""
    return [
        created.directory(path, mode=_MODES.get(path, 0o755))
        for path in places.FOLDERS
        if path not in inventory.file_stats
    ]


def store(firewall: Firewall, jail: str, text: str) -> Step:
    """Write the rule file of a jail."""
    return write(jail, firewall.stored.get(jail), text, f"Store the rules of {sanitize(jail)}")


def write(jail: str, old: str | None, text: str, title: str) -> Step:
    """Write the rule file of a jail that has that text, or none."""
    path = file_of(jail)
    return file_steps.put_file(path, old, text, title, STAMP, mode=0o600, owner=(0, 0))


def forget(firewall: Firewall, jail: str) -> list[Step]:
    """Remove the rule file of a jail."""
    old = firewall.stored.get(jail)
    if old is None:
        return []
    path = file_of(jail)
    return [file_steps.drop_file(path, old, STAMP, f"Remove the rules of {sanitize(jail)}")]


def load(firewall: Firewall, jail: str, text: str, *, running: bool = True) -> Step:
    """Load stored rules; a failed load keeps the old ones (recording 06)."""
    return Step(
        Run(("pfctl", "-a", anchor(jail), "-f", file_of(jail))),
        f"Load the rules of {sanitize(jail)}",
        undo=(_back(firewall, jail, text, running=running),),
        timeout=30.0,
        jail=jail,
    )


def _back(firewall: Firewall, jail: str, new: str, *, running: bool) -> Undo:
    """What was loaded before: what pfctl prints it takes again. `new` replaces it.

    A jail that ran and has stopped since has no rules; its next start loads what is stored.
    """
    rules = (firewall.loaded or {}).get(jail, ())
    old = "".join(f"{loaded_rule.text}\n" for loaded_rule in rules)
    action, title = Run(("pfctl", "-q", "-a", anchor(jail), "-F", "nat")), "Unload them"
    if rules:
        action = Run(("pfctl", "-a", anchor(jail), "-f", "-"), stdin=old)
        title = f"Load the previous rules of {sanitize(jail)}"
    return Undo(
        action,
        title,
        preconditions=(*((JailRuns(jail),) if running else ()), RulesLoaded(jail, new)),
        done_when=(RulesLoaded(jail, old),),
        or_done_when=(JailStopped(jail),) if running else (),
    )


def drop(firewall: Firewall, jail: str, *, running: bool) -> list[Step]:
    """Flush the anchor if rules are loaded there; -q is not recorded."""
    if not (firewall.loaded or {}).get(jail):
        return []
    return [
        Step(
            Run(("pfctl", "-q", "-a", anchor(jail), "-F", "nat")),
            f"Unload the rules of {sanitize(jail)}",
            undo=(_back(firewall, jail, "", running=running),),
            timeout=30.0,
            jail=jail,
        )
    ]


def others(inventory: Inventory, firewall: Firewall, besides: str = "") -> list[Step]:
    """Load the stored rules of other running jails, which started while that was impossible."""
    loaded = firewall.loaded or {}
    running = {jail.name for jail in inventory.jails if jail.running}
    return [
        load(firewall, name, firewall.stored[name])
        for name in sorted(firewall.stored)
        if name in running and name != besides and name not in loaded
    ]
