"""Paths compared as paths: `/jails//web/` and `/jails/web` are the same directory."""

from __future__ import annotations


def normal(path: str) -> str:
    """An absolute path without empty parts, `.` and a slash at the end; anything else as it is.

    `..` stays: what it means depends on symbolic links.
    """
    if not path.startswith("/"):
        return path
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
