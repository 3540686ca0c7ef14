"""Find the file that configures each jail, and read it with FreeBSD's own parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from jailer_core.errors import HostError, JailerError, ParseError, first_line
from jailer_core.facts.config_texts import DIRECTORY, ConfigTexts, called, read_blocks
from jailer_core.facts.probes import TIMEOUT, side_by_side
from jailer_core.host import Host
from jailer_core.model import FileStamp, JailConfig, JailFiles, Problem
from jailer_core.parse.base import Parsed
from jailer_core.parse.jailconf import SEPARATOR, Params, jails
from jailer_core.parse.statements import depends
from jailer_core.text import sanitize

_ID = re.compile(r'^\s*\$id\s*=\s*"?(\d{1,9})"?\s*;', re.MULTILINE)
"""The number that `jailer` gave a jail."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What `jail -f PATH -e` answered while PATH and all that it includes had those texts."""

    key: object
    jails: tuple[tuple[str, Params], ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ConfigReading:
    """All configured jails.

    `by_name` has for each name the file that rc.d's rule picks, `troubles` what jail(8) said
    about it; `in_main` are those that start when `jail_list` is empty.
    """

    configs: tuple[JailConfig, ...] = ()
    by_name: dict[str, JailConfig] = field(default_factory=dict)
    troubles: dict[str, Problem] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    in_main: frozenset[str] = frozenset()
    files: JailFiles = JailFiles()  # noqa: RUF009 - frozen


class Configs:
    """Caches the answer for each file until the file, or one that it includes, changes."""

    def __init__(self) -> None:
        self.texts = ConfigTexts()
        self.found = ConfigReading()
        self._asked: dict[str, ParsedFile] = {}
        self._seen: list[tuple[str, ParsedFile]] = []
        self._proven: object = None

    async def read(self, host: Host, main: str, stamps: dict[str, FileStamp]) -> ConfigReading:
        """Ask about what changed; returns the same object if nothing did."""
        if (main, stamps) == self._proven:
            return self.found
        await self.texts.read(host, stamps)
        including = [path for path, text in self.texts.known.items() if text.includes]
        included = {path: await self.texts.included(host, path) for path in including}
        inside = dict.fromkeys(included.get(main, ()))
        roots = [path for path in stamps if path not in inside]
        await self._ask(host, roots, included)
        if main in self._asked and self._asked[main].problem:
            # one broken file makes jail(8) refuse all: reading each alone shows which
            roots += inside
            await self._ask(host, list(inside), included)
        seen = [(path, self._asked[path]) for path in roots]
        if seen != self._seen:
            self._seen = seen
            self.found = self._build(main, included, dict(seen))
        # whether equal stamps prove that there is nothing to read or to ask
        settled = not including and all(text.settled for text in self.texts.known.values())
        settled = settled and all(asked.key is not None for _, asked in self._seen)
        self._proven = (main, stamps) if settled else None
        return self.found

    async def _ask(
        self, host: Host, paths: list[str], included: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Plain blocks with one process, every other file with one of its own."""
        stale: dict[str, object] = {}
        for path in paths:
            key = tuple(
                (file, config_text.stamp, config_text.text)
                for file in (path, *included.get(path, ()))
                if (config_text := self.texts.known.get(file))
            )
            old = self._asked.get(path)
            if old is None or old.key != key:
                stale[path] = key
        for path in await self._ask_blocks(host, stale):
            del stale[path]
        jobs = (partial(self._ask_one, host, path, key) for path, key in stale.items())
        await side_by_side(jobs)

    async def _ask_blocks(self, host: Host, keys: Mapping[str, object]) -> tuple[str, ...]:
        """Ask about the files that hold one plain block named like them; which were answered."""
        paths: dict[str, str] = {}
        for path in keys:
            name = self.texts.known[path].sole
            if name and name == called(path):
                paths.setdefault(name, path)
        blocks = {name: self.texts.known[path].text for name, path in paths.items()}
        try:
            block_reads = await read_blocks(host, blocks)
        except HostError as error:
            for path in paths.values():
                self._asked[path] = _unread(path, error)
            return tuple(paths.values())
        for name, (params, warning) in block_reads.items():
            path = paths[name]
            self._asked[path] = ParsedFile(keys[path], ((name, params),), _complaint(path, warning))
        return tuple(paths[name] for name in block_reads)

    async def _ask_one(self, host: Host, path: str, key: object) -> None:
        unread = self.texts.known[path].problem
        if unread is not None:
            self._asked[path] = ParsedFile(key, problem=unread)
            return
        try:
            result = await host.run(("jail", "-f", path, "-e", SEPARATOR), timeout=TIMEOUT)
            reading = jails(result.stdout) if result.ok else Parsed(())
        except (HostError, ParseError) as error:
            self._asked[path] = _unread(path, error)
            return
        message = first_line(result.stderr)
        if not message and not result.ok:
            message = f"jail -f {path} -e: exit status {result.status}"
        message = message or first_line("\n".join(reading.unread))
        self._asked[path] = ParsedFile(key, reading.value, _complaint(path, message))

    # --- building ----------------------------------------------------------------------------

    def _build(
        self, main: str, included: Mapping[str, tuple[str, ...]], asked: dict[str, ParsedFile]
    ) -> ConfigReading:
        configs: list[JailConfig] = []
        troubles: dict[str, Problem] = {}
        problems = list(self.texts.problems)
        for path, answer in asked.items():
            files = (path, *included.get(path, ()))
            configs += self._of_file(path, files, answer, main)
            if answer.problem is None:
                continue
            names = [name for name, _ in answer.jails]
            problems += [answer.problem] if path == main or not names else []
            for name in names or [called(path)]:
                troubles[name] = answer.problem
        by_name: dict[str, JailConfig] = {}
        for config in sorted(configs, key=lambda config: _rank(config, main)):
            by_name.setdefault(config.name, config)
        return ConfigReading(
            tuple(configs),
            by_name,
            {name: trouble for name, trouble in troubles.items() if name in by_name},
            tuple(problems),
            frozenset(name for name, _ in asked[main].jails) if main in asked else frozenset(),
            JailFiles(
                main, {path: config_text.text for path, config_text in self.texts.known.items()}
            ),
        )

    def _of_file(
        self, path: str, files: tuple[str, ...], answer: ParsedFile, main: str
    ) -> list[JailConfig]:
        """The jails of one file; a broken one still gives the jail that it is named after."""
        if not answer.jails:
            name = called(path) if answer.problem else ""
            config_text = self.texts.known[path]
            return [JailConfig(name, path, {}, config_text.stamp, source=path)] if name else []
        sources = self._sources([name for name, _ in answer.jails], files)
        held = Counter(sources.values())
        configs: list[JailConfig] = []
        for name, params in answer.jails:
            source, config_text = sources[name], self.texts.known[sources[name]]
            number = _ID.search(config_text.text)
            config = JailConfig(
                name,
                path,
                params,
                config_text.stamp,
                alone=held[source] == 1 and source != main,
                source=source,
                number=int(number[1]) if number else None,
                after=depends(config_text.text, name),
            )
            configs.append(config)
        return configs

    def _sources(self, names: list[str], files: tuple[str, ...]) -> dict[str, str]:
        """The file that holds each jail's block; one named after the jail comes first."""
        holding: dict[str, str] = {}
        for file in files:
            config_text = self.texts.known.get(file)
            for block in config_text.blocks if config_text else ():
                if block not in holding or called(file) == block:
                    holding[block] = file
        return {name: holding.get(name, files[0]) for name in names}


def _unread(path: str, error: JailerError) -> ParsedFile:
    """Not kept: the file may be right, and the host be better the next time."""
    return ParsedFile(None, problem=Problem(path, sanitize(error.message)))


def _complaint(path: str, message: str) -> Problem | None:
    return Problem(path, sanitize(message), "Edit the file, or look at it.") if message else None


def _rank(config: JailConfig, main: str) -> int:
    """rc.d's order (15.1 rc.d/jail): jail.NAME.conf, jail.conf.d/NAME.conf, jail.conf; others."""
    order = (f"/etc/jail.{config.name}.conf", f"{DIRECTORY}/{config.name}.conf", main)
    return order.index(config.path) if config.path in order else len(order)
