"""Roots of jails: below them, others decide what a path leads to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from jailer_core.model.trees import normal


class Roots:
    """The root directories of a host's jails.

    A jail's root may lie inside another jail's tree. Its own path can then be redirected by that
    jail's root user, so only what lies above the outermost root is trusted.
    """

    def __init__(self) -> None:
        self.paths: frozenset[str] = frozenset()

    def learn(self, paths: Iterable[str]) -> None:
        """Replace the known roots; a jail on the host's root has none of its own."""
        self.paths = frozenset(map(normal, paths)) - {"", "/"}

    def outermost(self, path: str, beneath: str = "") -> str:
        """The topmost directory above `path` that is a root or `beneath`, or ""."""
        known = self.paths | {normal(beneath)} if beneath else self.paths
        parts = normal(path).split("/")[:-1]
        above = accumulate(parts, lambda folder, part: f"{folder}/{part}")
        return next((folder or "/" for folder in above if (folder or "/") in known), beneath)
