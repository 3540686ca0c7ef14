"""Whether a difference between two hosts is named in what the program reports."""

from __future__ import annotations

import re


def said(line: str, left: tuple[str, ...]) -> bool:
    """Whether a difference is named: all that it is about is in one of the sentences.

    What a jail has only while it runs is named with a jail that could not be started again, and a
    dataset with the one that it is in.
    """
    names = about(line)
    if any(all(name in sentence for name in names) for sentence in left):
        return True
    if line.startswith(("datasets: ", "names: ")):
        above = re.escape(names[0].rpartition("/")[0])
        return any(re.search(rf"{above}(?![\w@/.-])", sentence) for sentence in left)
    return any(
        f"of jail {jail}: gone" in line or re.match(rf"mounts: /\S*/{jail}/\S+: gone", line)
        for sentence in left
        for jail in re.findall(r"^Start (\S+) again: ", sentence)
    )


def about(line: str) -> list[str]:
    """The thing that a line of `same` speaks of: a dataset, jail, path, process, interface."""
    parts = line.split(": ")
    kind, name = parts[0], parts[1] if len(parts) > 1 else ""
    if kind in ("jails", "processes"):
        found = re.match(r"(?:jail )?(.+?)(?: at /.*)?$", name)
        assert found is not None
        return [found[1].removeprefix("pid ")]
    if kind == "files of /":
        return [f"/{name}"]
    if kind == "datasets" and "files" in parts:
        return [parts[parts.index("files") - 1].rpartition("/")[2]]
    return [name]
