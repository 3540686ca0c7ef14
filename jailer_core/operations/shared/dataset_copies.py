"""Encrypted datasets: whether their key is loaded, and where they may be moved.

`encryptionroot` and `keystatus` as recording 14 shows them; a key that is not loaded is
`unavailable` (zfsprops(7)).

The datasets of a new jail: ZFS clones of a snapshot, or full copies of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jailer_core.errors import ParseError, Refused
from jailer_core.model import Inventory
from jailer_core.operations.guards import word
from jailer_core.operations.shared import created
from jailer_core.operations.shared.base_image import Source
from jailer_core.parse import zfs
from jailer_core.plan import DatasetExists, DatasetHasGuid, OriginIs, Pipe, Run, Step
from jailer_core.text import human_bytes

_COLUMNS = ",".join(zfs.PROPERTIES)
_ASK = ("zfs", "get", "-Hp", "-o", _COLUMNS, "encryptionroot,keystatus")


def key_ask(datasets: Iterable[str]) -> tuple[str, ...]:
    """The query for the encryption keys of datasets."""
    return (*_ASK, *datasets)


def roots_ask(inventory: Inventory, dataset: str) -> tuple[str, ...]:
    """The query for the keys of a dataset to be moved, and of those around it."""
    return key_ask(dict.fromkeys((dataset, dataset.rpartition("/")[0], inventory.layout.dataset)))


def _values(inventory: Inventory, question: tuple[str, ...], name: str) -> dict[str, str]:
    """A property of each dataset; nothing of what could not be read."""
    answer = inventory.command_results.get(question)
    try:
        rows = zfs.properties(answer.stdout).entire() if answer is not None else ()
    except ParseError:
        return {}
    return {row.dataset: row.value for row in rows if row.name == name}


def key_loaded(inventory: Inventory, question: tuple[str, ...], datasets: Iterable[str]) -> None:
    """Raises Refused if one of these datasets cannot be mounted without its key."""
    status = _values(inventory, question, "keystatus")
    roots = _values(inventory, question, "encryptionroot")
    for dataset in datasets:
        if status.get(dataset) == "unavailable":
            raise Refused(
                f"the encryption key of {dataset} is not loaded",
                f"Load it: zfs load-key {word(roots.get(dataset, dataset))}",
            )


def key_allows_move(inventory: Inventory, dataset: str, target: str) -> None:
    """Raises Refused when ZFS would not let it go there: it has its key from elsewhere.

    A dataset stays below the one whose key it uses, unless it has its own. A clone uses that of
    its origin wherever it lies. Not recorded.
    """
    roots = _values(inventory, roots_ask(inventory, dataset), "encryptionroot")
    root, above = roots.get(dataset, "-"), target.rpartition("/")[0]
    while above and above not in roots:
        above = above.rpartition("/")[0]
    if root in ("-", dataset) or root == roots.get(above):
        return
    raise Refused(
        f"{dataset} cannot be moved: it is encrypted with the key of {root}",
        "It can only stay below that dataset, or get a key of its own: see zfs-change-key(8).",
    )


NOTE = "jailer:note"
COPY_TIMEOUT = 6 * 3600.0
HEADING = "ZFS commands"


def parts(inventory: Inventory, source: Source) -> tuple[str, ...]:
    """Names below the source's dataset ("" for itself) that also have that snapshot."""
    below = [
        dataset.name[len(source.dataset) :]
        for dataset in inventory.below(source.dataset)
        if dataset.name != source.dataset
        and inventory.snapshot(f"{dataset.name}@{source.snapshot}") is not None
    ]
    return ("", *(name for name in below if not source.is_image))


def asks(inventory: Inventory, source: Source) -> tuple[tuple[str, ...], ...]:
    """The queries for the sizes of full copies."""
    return tuple(
        ("zfs", "send", "-nvP", f"{source.dataset}{part}@{source.snapshot}")
        for part in parts(inventory, source)
    )


def clones(  # noqa: PLR0913, PLR0917 - what a clone is made of
    inventory: Inventory,
    source: Source,
    target: str,
    properties: tuple[str, ...],
    jail: str,
    every: tuple[str, ...] | None = None,
) -> list[Step]:
    """`zfs clone` of each part: at once, and without taking space.

    `properties` are words like NAME=VALUE for the first part; it inherits none from its source.
    `every` names the parts when the snapshot is only going to be taken.
    """
    steps = []
    for part in parts(inventory, source) if every is None else every:
        snapshot, name = f"{source.dataset}{part}@{source.snapshot}", f"{target}{part}"
        own = () if part else _options(properties)
        options = (*own, *_delegated(inventory, f"{source.dataset}{part}"))
        origin = OriginIs(name, snapshot)
        steps.append(
            Step(
                Run(("zfs", "clone", *options, snapshot, name)),
                f"Clone {snapshot} to {name}",
                undo=(created.no_dataset(name, origin),),
                preconditions=(_same(inventory, snapshot), DatasetExists(name, exists=False)),
                postconditions=(origin,),
                jail=jail,
                heading=HEADING,
            )
        )
    return steps


def _options(properties: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for setting in properties for word in ("-o", setting))


def _delegated(inventory: Inventory, name: str) -> tuple[str, ...]:
    """What the clone of a dataset that a jail administers needs: the host must not mount it."""
    dataset = inventory.dataset(name)
    if dataset is None or not dataset.jailed:
        return ()
    parent = inventory.dataset(name.rpartition("/")[0])
    above = parent.mountpoint.rstrip("/") if parent is not None else ""
    inherited = dataset.mountpoint == f"{above}/{name.rpartition('/')[2]}"
    point = "" if inherited or not dataset.mountpoint else dataset.mountpoint
    return ("-o", "jailed=on", *(("-o", f"mountpoint={point}") if point else ()))


def _same(inventory: Inventory, name: str) -> DatasetHasGuid:
    """The snapshot that is cloned or copied is the one that was read, or that the plan took."""
    snapshot = inventory.snapshot(name)
    return created.is_dataset(name) if snapshot is None else DatasetHasGuid(name, snapshot.guid)


def copies(
    inventory: Inventory, source: Source, target: str, properties: tuple[str, ...], jail: str
) -> list[Step]:
    """`zfs send | zfs recv` of each part; the snapshot that comes along is not kept."""
    steps = []
    for part in parts(inventory, source):
        snapshot, name = f"{source.dataset}{part}@{source.snapshot}", f"{target}{part}"
        options = () if part else _options(properties)
        come = f"{name}@{source.snapshot}"
        dataset_exists = DatasetExists(come, exists=False)
        same = _same(inventory, snapshot)
        # a snapshot keeps its guid when it is sent
        copied = replace(same, name=come)
        steps += [
            Step(
                Pipe((("zfs", "send", snapshot), ("zfs", "recv", *options, name))),
                f"Copy {snapshot} to {name}",
                timeout=COPY_TIMEOUT,
                undo=(created.no_dataset(come), created.no_dataset(name, dataset_exists)),
                preconditions=(same, DatasetExists(name, exists=False)),
                postconditions=(copied,),
                wait_reason="everything is copied",
                jail=jail,
                heading=HEADING,
                failure_means="the copy failed",
                hint="Check the free space of the pool: zpool list",
            ),
            Step(
                Run(("zfs", "destroy", come)),
                f"Destroy {come}, which was only needed for the copy",
                preconditions=(copied,),
                postconditions=(dataset_exists,),
                jail=jail,
                heading=HEADING,
            ),
        ]
    return steps


def space(inventory: Inventory, source: Source, *, copy: bool) -> list[str]:
    """Notes on the required space. Raises Refused if there is not enough."""
    if not copy:
        return ["A clone takes no space until its files change."]
    sizes = [_size(inventory, ask) for ask in asks(inventory, source)]
    total = sum(size for size in sizes if size is not None)
    if None in sizes:
        return ["The size of the copy could not be determined."]
    top = inventory.dataset(inventory.layout.dataset)
    if top is not None and top.available < total // 4:
        raise Refused(
            f"the copy takes about {human_bytes(total)}; "
            f"{top.name} has {human_bytes(top.available)} left",
            "Make a clone instead (without --copy), free some space, or raise the quota.",
        )
    left = f", {human_bytes(top.available)} is left" if top is not None else ""
    return [f"The copy takes {human_bytes(total)} before compression{left}."]


def _size(inventory: Inventory, ask: tuple[str, ...]) -> int | None:
    """`size N` of `zfs send -nvP` (recording 03 line 55)."""
    answer = inventory.command_results.get(ask)
    for line in answer.stdout.splitlines() if answer is not None else ():
        word, _, number = line.partition("\t")
        if word == "size" and number.isdigit():
            return int(number)
    return None
