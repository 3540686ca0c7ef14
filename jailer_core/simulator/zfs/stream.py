"""`zfs send` and `zfs recv`: a stream is a line that names what would be in it."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.machine import Call, Running, Say
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimSnapshot
from jailer_core.simulator.zfs import encryption
from jailer_core.simulator.zfs.sizes import fresh, logical
from jailer_core.simulator.zfs.store import Snap, Zfs, ZfsError, not_simulated
from jailer_core.simulator.zfs.volumes import no_volume

MARK = "@zfs-stream"


def send_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs send [-nvPp] [-i SNAP] SNAPSHOT`."""
    options = Options.parse(args, "nvPpcLewR", "iI")
    (name,) = options.rest
    snap = zfs.snapshot(name)
    if options.has("R"):
        raise not_simulated("send -R")
    no_volume(snap.dataset, "send")
    encryption.unlocked(zfs.state, snap.dataset, "send")
    base: Snap | None = None
    if options.has("i"):
        older = options.value("i")
        if "#" in older:
            raise not_simulated("send from a bookmark")
        base = zfs.snapshot(
            older if "@" in older[1:] else f"{snap.dataset.name}@{older.lstrip('@')}"
        )
    if options.has("v"):
        size = _size(snap, base)
        head = ["incremental", base.snapshot.name, name] if base else ["full", name]
        text = "\t".join([*head, str(size)]) + f"\nsize\t{size}\n"
        yield Say(text, error=not options.has("n"))
    if not options.has("n"):
        words = [MARK, snap.snapshot.guid, base.snapshot.guid if base else "-", name]
        yield Say("\t".join(words) + "\n")
    return 0


def _size(snap: Snap, base: Snap | None) -> int:
    if base is None:
        return logical(snap.snapshot.tree)
    return fresh(snap.snapshot.tree, base.snapshot.tree) + 624


def receive_command(zfs: Zfs, call: Call, args: Sequence[str]) -> None:
    """`zfs recv [-uF] [-o …] NAME`, reading what `send` printed."""
    options = Options.parse(args, "uFvs", "ox")
    (name,) = options.rest
    words = call.stdin.decode(errors="surrogateescape").rstrip("\n").split("\t")
    if words[0] != MARK:
        raise ZfsError("cannot receive: failed to read from stream")
    _, guid, base, sent = words
    source = _by_guid(zfs, guid)
    target = name.partition("@")[0]
    if base != "-":
        _receive_more(zfs, target, source, base)
        return
    if target in zfs.state.datasets:
        # a sender without a receiver reports that too; here it has ended long ago
        raise ZfsError(
            f"cannot receive new filesystem stream: destination '{target}' exists\n"
            "must specify -F to overwrite it\n"
            f"warning: cannot send '{sent}': signal received"
        )
    zfs.check_new(target)
    encryption.open_above(zfs.state, target)
    props = options.assignments() | ({"canmount": "off"} if options.has("u") else {})
    dataset = zfs.make(target, props)
    if options.has("u"):
        dataset.props.pop("canmount")
        dataset.props.update(options.assignments())
    dataset.tree.clear()
    dataset.tree.update(source.tree)
    dataset.snapshots.append(_copy(zfs, source))


def _receive_more(zfs: Zfs, target: str, source: SimSnapshot, base: str) -> None:
    dataset = zfs.dataset(target)
    if not dataset.snapshots or dataset.snapshots[-1].guid != base:  # not recorded
        raise ZfsError(
            f"cannot receive incremental stream: most recent snapshot of {target} does not\n"
            "match incremental source"
        )
    dataset.tree.clear()
    dataset.tree.update(source.tree)
    dataset.snapshots.append(_copy(zfs, source))


def _copy(zfs: Zfs, source: SimSnapshot) -> SimSnapshot:
    """A received snapshot keeps guid and time of creation."""
    return SimSnapshot(source.name, source.guid, source.creation, zfs.txg(), dict(source.tree))


def _by_guid(zfs: Zfs, guid: str) -> SimSnapshot:
    for dataset in zfs.state.datasets.values():
        for snapshot in dataset.snapshots:
            if snapshot.guid == guid:
                return snapshot
    raise ZfsError("cannot receive: failed to read from stream")
