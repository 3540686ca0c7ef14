"""The layout of this host: where jails, images and the trash are; pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from jailer_core.model import Dataset, Image, Layout, Snapshot, TrashEntry

DEFAULT = Layout()


def layout(rc: Mapping[str, str] | None, datasets: Sequence[Dataset] | None) -> Layout:
    """From rc.conf's `jailer_dir`, else the dataset mounted on the usual place, else the one
    that holds images. Without any, the layout before the set-up.
    """  # noqa: D205 - one sentence
    known = {dataset.name: dataset for dataset in datasets or ()}
    name = (rc or {}).get("jailer_dir", "").removeprefix("zfs:").strip("/")
    if not name or (known and name not in known):
        usual = (dataset for dataset in known.values() if dataset.mountpoint == DEFAULT.mountpoint)
        name = next((dataset.name for dataset in usual if dataset.mounted), "")
        name = name or _with_images(known)
    if not name:
        return DEFAULT
    known_dataset = known.get(name)
    place = (known_dataset.mountpoint if known_dataset else "") or DEFAULT.mountpoint
    own = known.get(f"{name}/.jailer-tui")
    state = own.mountpoint if own is not None and own.mounted and own.mountpoint else ""
    return Layout(name, place, state or DEFAULT.state)


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
    bases = {dataset.origin for dataset in datasets or ()}
    if snapshots is not None:
        bases = {snapshot.full_name for snapshot in snapshots}
    otherwise = None if snapshots is None else False
    return tuple(
        Image(
            version=version,
            dataset=dataset.name,
            created=dataset.creation,
            used=dataset.used,
            has_base=f"{dataset.name}@base" in bases or otherwise,
            default=version == default,
            userland=(userlands or {}).get(dataset.mountpoint, "") if dataset.mounted else "",
        )
        for dataset in datasets or ()
        if (version := _child(dataset.name, where.images))
    )


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


def meta(text: str) -> Mapping[str, object]:
    """The record of a destroyed jail; {} when it is none."""
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
