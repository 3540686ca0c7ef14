"""The layout of this host: where jails, images and the trash are; pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from jailer_core.model import Dataset, Image, Layout, Snapshot, TrashEntry

DEFAULT = Layout()


def layout(rc: Mapping[str, str] | None, datasets: Sequence[Dataset] | None) -> Layout:
    """From rc.conf's `jailer_dir`, else the dataset mounted on the usual place, else the one
    that holds images. Without any, the layout before the set-up.
    """  # noqa: D205 - one sentence
    known = {dataset.name: dataset for dataset in datasets or ()}
    name = (rc or {}).get("jailer_dir", "").removeprefix("zfs:").strip("/")
    if not name or (known and name not in known):
        name = _mounted(DEFAULT.mountpoint, known.values()) or _with_images(known)
    if not name:
        return DEFAULT
    known_dataset = known.get(name)
    place = (known_dataset.mountpoint if known_dataset else "") or DEFAULT.mountpoint
    own = known.get(f"{name}/.jailer-tui")
    state = own.mountpoint if own is not None and own.mounted and own.mountpoint else ""
    return Layout(name, place, state or DEFAULT.state)


def _mounted(path: str, datasets: Iterable[Dataset]) -> str:
    return next(
        (dataset.name for dataset in datasets if dataset.mountpoint == path and dataset.mounted), ""
    )


def _with_images(known: Mapping[str, Dataset]) -> str:
    """The parent of `image/VERSION`, which something is a clone of, or at least exists."""
    parents = [name.split("/image/")[0] for name in known if "/image/" in name]
    cloned = {
        dataset.origin.split("/image/")[0]
        for dataset in known.values()
        if "/image/" in dataset.origin
    }
    return next((name for name in parents if name in cloned), parents[0] if parents else "")


def images(
    where: Layout,
    datasets: Sequence[Dataset] | None,
    snapshots: Sequence[Snapshot] | None,
    default: str,
    userlands: Mapping[str, str] | None = None,
) -> tuple[Image, ...]:
    """The fetched images; `default` is what image/.default says.

    `userlands` are the releases of files by the directory in which they are.
    Whether an image has its `@base` is told by the snapshots, else by a clone of it, else None.
    """
    origins = {dataset.origin for dataset in datasets or ()}
    bases = None if snapshots is None else {snapshot.full_name for snapshot in snapshots}
    return tuple(
        Image(
            version=version,
            dataset=dataset.name,
            created=dataset.creation,
            used=dataset.used,
            has_base=_has(f"{dataset.name}@base", origins, bases),
            default=version == default,
            userland=(userlands or {}).get(dataset.mountpoint, "") if dataset.mounted else "",
        )
        for dataset in datasets or ()
        if (version := _child(dataset.name, where.images))
    )


def _has(base: str, origins: set[str], bases: set[str] | None) -> bool | None:
    if bases is not None:
        return base in bases
    return True if base in origins else None


def trashed(where: Layout, datasets: Sequence[Dataset] | None) -> tuple[Dataset, ...]:
    """Datasets directly below `.trash`."""
    return tuple(dataset for dataset in datasets or () if _child(dataset.name, where.trash))


def trash(
    where: Layout, datasets: Sequence[Dataset] | None, metas: Mapping[str, Mapping[str, object]]
) -> tuple[TrashEntry, ...]:
    """Destroyed jails, with what was kept about each by its id (NAME-STAMP)."""
    parts = []
    for dataset in trashed(where, datasets):
        key = _child(dataset.name, where.trash)
        leaf, _, stamp = key.rpartition("-")
        meta = metas.get(key, {})
        name = meta.get("name") or leaf or key
        parts.append(
            TrashEntry(
                key,
                str(name),
                stamp if leaf else "",
                dataset.name,
                dataset.guid,
                dataset.used,
                meta,
            )
        )
    return tuple(parts)


def meta_path(where: Layout, dataset: str) -> str:
    """The record of a destroyed jail, beside what else was kept of it."""
    return f"{where.state}/kept/{_child(dataset, where.trash)}/trash.json"


def meta(text: str) -> Mapping[str, object]:
    """That record; {} when it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def image_version(dataset: Dataset | None) -> str:
    """The release of the image that a dataset is a clone of: `…/image/VERSION@base`."""
    origin = dataset.origin.partition("@")[0] if dataset is not None else ""
    parent, _, version = origin.rpartition("/")
    return version if parent.endswith("/image") else ""


def _child(name: str, parent: str) -> str:
    """The name below the parent, "" when it is not directly below."""
    above, _, leaf = name.rpartition("/")
    return leaf if parent and above == parent else ""
