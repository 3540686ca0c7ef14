"""`zfs snapshot`, `hold`, `holds`, `release`, `diff`."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.machine import Call, Running, Say
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import Node, Tree
from jailer_core.simulator.zfs import encryption
from jailer_core.simulator.zfs.listing import aligned
from jailer_core.simulator.zfs.properties import human_time
from jailer_core.simulator.zfs.store import Snap, Zfs, ZfsError
from jailer_core.simulator.zfs.volumes import no_volume

USAGE = """usage:
	snapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ...

For the property list, run: zfs set|get

For the delegated permission list, run: zfs allow|unallow

For further help on a command or topic, run: zfs help [<topic>]"""
NODE_TYPES = {"file": "F", "dir": "/", "link": "@"}


def snapshot_command(zfs: Zfs, call: Call, args: Sequence[str]) -> Running:
    """`zfs snapshot [-r] [-o …] DATASET@SNAP…`: all or none, in one transaction."""
    options = Options.parse(args, "r", "o")
    targets = [target for name in options.rest for target in _targets(zfs, name, options)]
    if not call.root:
        raise ZfsError("cannot create snapshots : permission denied")
    there = [name for name in targets if zfs.find_snapshot(name) is not None]
    if there:
        lines = [f"cannot create snapshot '{name}': dataset already exists" for name in there]
        raise ZfsError("\n".join(lines + ["no snapshots were created"] * (len(targets) > 1)))
    txg = zfs.txg()
    for name in targets:
        above, _, own = name.partition("@")
        zfs.take(zfs.dataset(above), own, txg, options.assignments())
    return 0
    yield Say("")


def _targets(zfs: Zfs, name: str, options: Options) -> list[str]:
    above, sign, own = name.partition("@")
    if not sign or "@" in own or "#" in own:
        word = "multiple '@' and/or '#' delimiters in name" if sign else "missing '@' delimiter"
        raise ZfsError(f"cannot create snapshot '{name}': {word}")
    if above not in zfs.state.datasets:
        raise ZfsError(f"cannot open '{above}': dataset does not exist\n{USAGE}", 2)
    datasets = zfs.below(above) if options.has("r") else [zfs.dataset(above)]
    return [f"{dataset.name}@{own}" for dataset in datasets]


# --- holds -----------------------------------------------------------------------------------


def _named(zfs: Zfs, name: str, options: Options) -> list[Snap]:
    top = zfs.snapshot(name)
    if not options.has("r"):
        return [top]
    names = [f"{dataset.name}@{top.snapshot.name}" for dataset in zfs.below(top.dataset.name)]
    return [snap for one in names if (snap := zfs.find_snapshot(one)) is not None]


def hold_command(zfs: Zfs, args: Sequence[str]) -> None:
    """`zfs hold [-r] TAG SNAPSHOT…`."""
    options = Options.parse(args, "r")
    tag, *names = options.rest
    for snap in [one for name in names for one in _named(zfs, name, options)]:
        if tag in snap.snapshot.holds:  # not recorded
            raise ZfsError(
                f"cannot hold snapshot '{snap.name}': tag already exists on this dataset"
            )
        snap.snapshot.holds[tag] = int(zfs.state.now)


def release_command(zfs: Zfs, args: Sequence[str]) -> None:
    """`zfs release [-r] TAG SNAPSHOT…`."""
    options = Options.parse(args, "r")
    tag, *names = options.rest
    for snap in [one for name in names for one in _named(zfs, name, options)]:
        if tag not in snap.snapshot.holds:  # not recorded
            raise ZfsError(
                f"cannot release hold from snapshot '{snap.name}': no such tag on this dataset"
            )
        del snap.snapshot.holds[tag]


def holds_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs holds [-rHp] SNAPSHOT…`."""
    options = Options.parse(args, "rHp")
    rows = [
        [snap.name, tag, str(when) if options.has("p") else human_time(when)]
        for name in options.rest
        for snap in _named(zfs, name, options)
        for tag, when in sorted(snap.snapshot.holds.items())
    ]
    if options.has("H"):
        yield Say("".join("\t".join(row) + "\n" for row in rows))
    else:
        yield Say(aligned([["NAME", "TAG", "TIMESTAMP"], *rows], [True] * 3))
    return 0


# --- diff ------------------------------------------------------------------------------------


def diff_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs diff [-FHt] DATASET@SNAP [DATASET|DATASET@SNAP]`."""
    options = Options.parse(args, "FHthe")
    first, *more = options.rest
    old = zfs.find_snapshot(first)
    if old is None:
        raise ZfsError("Unable to obtain diffs: No such file or directory")
    no_volume(old.dataset, "diff")
    encryption.unlocked(zfs.state, old.dataset, "diff")
    wanted = more[0].partition("@")[0] if more else old.dataset.name
    dataset = zfs.dataset(wanted)
    if dataset is not old.dataset and dataset.origin != old.name:  # not recorded
        raise ZfsError("Unable to obtain diffs: \n   Not an earlier snapshot from the same fs")
    later = zfs.find_snapshot(more[0]) if more and "@" in more[0] else None
    if more and "@" in more[0] and later is None:
        raise ZfsError("Unable to obtain diffs: No such file or directory")
    tree = later.snapshot.tree if later else dataset.tree
    mount = zfs.mount_of(dataset.name)
    base = mount.path if mount else zfs.mountpoint(dataset.name)[0]
    for sign, path, node in changes(old.snapshot.tree, tree):
        words = [f"{node.mtime:.9f}"] if options.has("t") else []
        words += [sign] + ([NODE_TYPES[node.kind]] if options.has("F") else [])
        shown = f"{base}/{path}" if options.has("h") else escaped(f"{base}/{path}")
        yield Say("\t".join([*words, shown]) + "\n")
    return 0


def escaped(path: str) -> str:
    """All but printable ASCII as four octal digits (libzfs_diff.c; not recorded)."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x5C else f"\\{byte:04o}"
        for byte in path.encode(errors="surrogateescape")
    )


def changes(old: Tree, new: Tree) -> list[tuple[str, str, Node]]:
    """What differs between two trees: changed by path, new ones by age, then gone ones."""
    changed = [
        ("M", path, node) for path, node in sorted(new.items()) if path in old and old[path] != node
    ]
    fresh = [("+", path, node) for path, node in new.items() if path not in old]
    gone = [("-", path, node) for path, node in sorted(old.items()) if path not in new]
    return [*changed, *sorted(fresh, key=lambda one: one[2].mtime), *gone]
