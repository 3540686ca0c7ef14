"""Encryption with a passphrase (recording 14): which key a dataset needs, loading and unloading it.

What is not recorded says that it is not simulated.
"""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.machine import Call
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimDataset, State
from jailer_core.simulator.zfs.store import Zfs, ZfsError, not_simulated, root_of

CIPHER = "aes-256-gcm"
PROPERTIES = frozenset({"encryption", "keyformat", "keylocation", "pbkdf2iters"})
SHORTEST = 8


def passphrase(call: Call, name: str, props: dict[str, str]) -> str:
    """The passphrase of a new dataset, "" for none; takes its properties out of `props`."""
    given = {prop: props.pop(prop) for prop in PROPERTIES & props.keys()}
    if not given:
        return ""
    if given.get("encryption") not in ("on", CIPHER) or given.get("keyformat") != "passphrase":
        raise not_simulated(f"create with {', '.join(sorted(given))}")
    if "pbkdf2iters" in given or given.get("keylocation", "prompt") != "prompt":
        raise not_simulated("create with this keylocation or pbkdf2iters")
    words = _typed(call)
    if not words:
        raise ZfsError(f"cannot create '{name}': encryption failure")
    if len(words) < SHORTEST:
        raise not_simulated("a passphrase that is too short")
    return words


def _typed(call: Call) -> str:
    return call.stdin.decode(errors="surrogateescape").partition("\n")[0]


def unload(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    """`zfs unload-key NAME`."""
    dataset = _with_key(zfs, args, "unload-key")
    parts = [name for name in zfs.state.datasets if root_of(zfs.state, name) is dataset]
    if dataset.locked or any(zfs.mount_of(name) for name in parts):
        raise not_simulated("unload-key of a key that is in use, or not loaded")
    dataset.locked = True


def load(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    """`zfs load-key NAME` with the passphrase on standard input."""
    dataset = _with_key(zfs, args, "load-key")
    if not dataset.locked or _typed(call) != dataset.passphrase:
        raise not_simulated("load-key of a key that is loaded, or with a wrong passphrase")
    dataset.locked = False


def _with_key(zfs: Zfs, args: Sequence[str], verb: str) -> SimDataset:
    (name,) = Options.parse(args, "").rest
    dataset = zfs.dataset(name)
    if not dataset.passphrase:
        raise not_simulated(f"{verb} of a dataset without a key of its own")
    return dataset


def unlocked(state: State, dataset: SimDataset, what: str) -> None:
    """Refuse what reads or writes contents without the key."""
    root = root_of(state, dataset.name)
    if root is not None and root.locked:
        raise not_simulated(f"{what} of a dataset whose key is not loaded")


def open_above(state: State, name: str) -> None:
    """A new dataset is encrypted with the key of the one above it, which must be loaded."""
    unlocked(state, state.datasets[name.rpartition("/")[0]], "create below")


def check_clone(state: State, origin: SimDataset, name: str) -> None:
    """A clone shares the key of its origin."""
    unlocked(state, origin, "clone")
    above = root_of(state, name.rpartition("/")[0])
    if above is not None and root_of(state, origin.name) is not above:
        raise not_simulated("clone below a dataset with another key")


def check_promote(state: State, clone: SimDataset) -> None:
    """Promotes change whose key a dataset uses, unless all of it has that of one above."""
    root = root_of(state, clone.name)
    names = (clone.name, clone.origin.partition("@")[0])
    above = [root_of(state, name.rpartition("/")[0]) for name in names if "/" in name]
    if root is not None and any(parent is not root for parent in above):
        raise not_simulated("promote of a clone that uses the key of its origin")


def check_move(state: State, dataset: SimDataset, new: str) -> None:
    """An encrypted dataset stays below the one whose key it uses, unless it has its own.

    Recording 14 renames one with its own key; all else is not recorded.
    """
    root = root_of(state, dataset.name)
    if root is None or root is dataset:
        return
    if root_of(state, new.rpartition("/")[0]) is not root:
        raise not_simulated("rename of an encrypted dataset away from its encryption root")


_OF_KEY = frozenset({"encryption", "encryptionroot", "keystatus", "keyformat", "pbkdf2iters"})


def value(state: State, dataset: SimDataset, name: str) -> str | None:
    """A property that follows from the key; None where the ordinary default holds."""
    if name not in _OF_KEY:
        return None
    root = root_of(state, dataset.name)
    if root is None:
        return "-" if name in ("encryptionroot", "keystatus") else None
    values = {
        "encryption": CIPHER,
        "encryptionroot": root.name,
        "keystatus": "unavailable" if root.locked else "available",  # unavailable: zfsprops(7)
        "keyformat": "passphrase",
        "pbkdf2iters": "350000",
    }
    return values.get(name)
