"""ZFS through libzfs_core in a thread: what `zfs` commands do, without a process.

A call is atomic: one that says no has changed nothing, so the command may say why where its
words are not recorded. A call that fails in any other way is judged from the host, like a
command whose outcome is unknown; the library is not used again then.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from jailer_core.errors import CommandTimedOut
from jailer_core.host import Host, Result
from jailer_core.host.local import lzc_requests
from jailer_core.host.local.lzc_requests import (
    CloneRequest,
    DestroyRequest,
    Found,
    PromoteRequest,
    SizeRequest,
    SnapshotRequest,
    Wish,
)

T = TypeVar("T")
Answer = tuple[int, str, str] | None
"""Status and both outputs; None: the command is to do it, or to say why it cannot."""

LOOKING = 30.0
"""Seconds that a look at the library may take."""


class LibZfsCore:
    """See host.library. `look` finds the module; it is called once, in a thread, when wanted."""

    name = "libzfs_core"

    def __init__(self, host: Host, look: Callable[[], Found] = lzc_requests.look) -> None:
        self._host = host
        self._look = look
        self._found: Found | None = None
        self._finding = asyncio.Lock()

    def carries(self, argv: Sequence[str]) -> bool:
        """See Library."""
        return lzc_requests.read(argv) is not None

    async def why_not(self) -> str:
        """See Library."""
        return (await self._find()).why_not

    async def _find(self) -> Found:
        async with self._finding:
            if self._found is None:
                try:
                    self._found = await _in_thread(self._look, LOOKING)
                except TimeoutError:
                    self._found = Found(why_not="found, but it does not answer")
        return self._found

    # --- asking ------------------------------------------------------------------------------

    async def exists(self, name: str) -> bool | None:
        """See Library. "Does not exist" counts only if the pool is visible."""
        module = (await self._find()).module
        if module is None:
            return None
        pool = name.partition("@")[0].partition("/")[0]
        try:
            answer = await self._call(LOOKING, module.lzc_exists, _bytes(name))
            seen = answer or await self._call(LOOKING, module.lzc_exists, _bytes(pool))
        except Exception as error:  # noqa: BLE001 - whatever it is, the command answers
            self._distrust(error)
            return None
        return bool(answer) if seen else None

    async def run(self, argv: Sequence[str], timeout: float) -> Result | None:  # noqa: ASYNC109
        """See Library."""
        wish = lzc_requests.read(argv)
        module = (await self._find()).module if wish is not None else None
        if wish is None or module is None:
            return None
        began = time.monotonic()
        try:
            answer = await self._do(module, wish, timeout)
        except TimeoutError:
            self._found = Found(why_not="it did not answer in time and is no longer used")
            raise CommandTimedOut(argv, timeout) from None
        except Exception as error:  # noqa: BLE001 - what happened is judged from the host
            self._distrust(error)
            answer = 1, "", f"{self.name}: {type(error).__name__}: {error}\n"
        if answer is None:
            return None
        status, out, errors = answer
        return Result(tuple(argv), status, out, errors, time.monotonic() - began)

    def _distrust(self, error: Exception) -> None:
        self._found = Found(why_not=f"it failed and is no longer used: {error}")

    async def _call(self, seconds: float, function: Callable[..., T], *args: object) -> T:
        return await _in_thread(lambda: function(*args), seconds)

    # --- doing -------------------------------------------------------------------------------

    async def _do(self, module: Any, wish: Wish, seconds: float) -> Answer:
        match wish:
            case SnapshotRequest():
                return await self._take(module, wish, seconds)
            case DestroyRequest():
                return await self._remove(module, wish, seconds)
            case CloneRequest():
                return await self._clone(module, wish, seconds)
            case PromoteRequest():
                return await self._promote(module, wish, seconds)
            case SizeRequest():
                return await self._size(module, wish, seconds)

    async def _take(self, module: Any, wish: SnapshotRequest, seconds: float) -> Answer:
        """Take the snapshots in one transaction."""
        names = list(wish.names)
        if wish.recursive:
            names = []
            for full_name in wish.names:
                dataset, _, snapshot = full_name.partition("@")
                below = await self._below(dataset)
                if below is None:
                    return None
                names += [f"{full_name}@{snapshot}" for full_name in below]
        names = list(dict.fromkeys(names))
        props = {_bytes(name): _bytes(value) for name, value in wish.props}
        try:
            await self._call(seconds, module.lzc_snapshot, list(map(_bytes, names)), props)
        except module.exceptions.ZFSError as error:
            return _not_taken(module, error, names)
        return 0, "", ""

    async def _remove(self, module: Any, wish: DestroyRequest, seconds: float) -> Answer:
        """All in one transaction. The library passes over what is not there, so that is asked."""
        datasets: tuple[str, ...] = (wish.dataset,)
        if wish.recursive:
            below = await self._below(wish.dataset)
            if below is None:
                return None
            datasets = below
        names = [f"{dataset}@{snapshot}" for dataset in datasets for snapshot in wish.snapshots]
        existing = [
            name for name in names if await self._call(seconds, module.lzc_exists, _bytes(name))
        ]
        top = [f"{wish.dataset}@{snapshot}" for snapshot in wish.snapshots]
        if any(name not in existing for name in top):
            return None
        try:
            await self._call(
                seconds,
                module.lzc_destroy_snaps,
                list(map(_bytes, existing)),
                False,  # noqa: FBT003
            )
        except module.exceptions.ZFSError as error:
            return _not_removed(module, error, existing)
        return 0, "", ""

    async def _clone(self, module: Any, wish: CloneRequest, seconds: float) -> Answer:
        """The library does not mount what it makes, the command does."""
        props = {_bytes(name): _bytes(value) for name, value in wish.props}
        try:
            await self._call(
                seconds, module.lzc_clone, _bytes(wish.name), _bytes(wish.origin), props
            )
        except module.exceptions.FilesystemExists:
            return 1, "", f"cannot create '{wish.name}': dataset already exists\n"
        except module.exceptions.ZFSError:
            return None
        mounted = await self._host.run(("zfs", "mount", wish.name))
        nowhere = ("no mountpoint set", "legacy mountpoint")  # not recorded
        if mounted.ok or any(word in mounted.stderr for word in nowhere):
            return 0, "", ""
        left = "filesystem successfully created, but not mounted\n"  # not recorded
        return 1, "", mounted.stderr + left

    async def _promote(self, module: Any, wish: PromoteRequest, seconds: float) -> Answer:
        try:
            await self._call(seconds, module.lzc_promote, _bytes(wish.name))
        except module.exceptions.FilesystemNotFound:
            return 1, "", f"cannot open '{wish.name}': dataset does not exist\n"
        except module.exceptions.ZFSError:
            return None
        return 0, "", ""

    async def _size(self, module: Any, wish: SizeRequest, seconds: float) -> Answer:
        try:
            size = await self._call(seconds, module.lzc_send_space, _bytes(wish.name))
        except module.exceptions.ZFSError:
            return None
        return 0, f"full\t{wish.name}\t{size}\nsize\t{size}\n", ""

    async def _below(self, dataset: str) -> tuple[str, ...] | None:
        """A dataset and all below it: the library itself cannot list."""
        listed = await self._host.run(
            ("zfs", "list", "-Hp", "-o", "name", "-t", "filesystem,volume", "-r", dataset)
        )
        return tuple(listed.stdout.splitlines()) if listed.ok else None


def _not_taken(module: Any, error: Any, names: Sequence[str]) -> Answer:
    """Words of recordings 02 and 05; the command says everything else."""
    wrong = module.exceptions
    if not isinstance(error, wrong.SnapshotFailure) or error.suppressed_count:
        return None
    kinds = {type(cause) for cause in error.errors}
    if kinds == {wrong.SnapshotExists}:
        missing = {_text(cause.name) for cause in error.errors} & set(names)
        lines = [
            f"cannot create snapshot '{name}': dataset already exists\n"
            for name in names
            if name in missing
        ]
        lines += ["no snapshots were created\n"] if names[1:] else []
        return (1, "", "".join(lines)) if len(missing) == len(error.errors) else None
    if kinds == {wrong.FilesystemNotFound} and not names[1:]:
        dataset = names[0].partition("@")[0]
        return 2, "", f"cannot open '{dataset}': dataset does not exist\n"
    return None


def _not_removed(module: Any, error: Any, names: Sequence[str]) -> Answer:
    """A held one in the words of recording 05; only the command can name what a clone is."""
    wrong = module.exceptions
    if not isinstance(error, wrong.SnapshotDestructionFailure) or names[1:]:
        return None
    if [type(cause) for cause in error.errors] != [wrong.SnapshotIsHeld]:
        return None
    message = f"cannot destroy snapshot {names[0]}: it's being held. "
    return 1, "", f"{message}Run 'zfs holds -r {names[0]}' to see holders.\n"


def _text(name: object) -> str:
    """A name in an exception: bytes, or nothing where the kernel did not say which."""
    if isinstance(name, bytes):
        return name.decode(errors="surrogateescape")
    return name if isinstance(name, str) else ""


def _bytes(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


async def _in_thread(call: Callable[[], T], seconds: float) -> T:
    """A thread of its own: one that never returns must not keep the program from ending.

    A call cannot be ended. Cancelling waits for it, so that it is over when looked at.
    Raises TimeoutError, and what the call raises.
    """
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=work, name="libzfs_core", daemon=True).start()
    done = asyncio.wrap_future(outcome)
    try:
        finished, _ = await asyncio.wait({done}, timeout=seconds)
    except asyncio.CancelledError:
        await asyncio.wait({done}, timeout=seconds)
        if done.done():
            done.exception()  # the caller is gone
        raise
    if not finished:
        raise TimeoutError
    return done.result()
