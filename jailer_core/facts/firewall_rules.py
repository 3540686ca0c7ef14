"""NAT and redirections: read for `Needs.firewall`, never on the refresh path.

Commands: `pfctl -s info|nat|rules`, `pfctl -nf`, `pfctl -a jailer -s Anchors`, then
`pfctl -a ANCHOR -vs nat` for each anchor (06, 10: no command lists all of them),
`sockstat -l` (08), `netstat -rn` (04), `sysctl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from jailer_core.errors import HostError, first_line
from jailer_core.facts.config_texts import FileCache, stamps_of
from jailer_core.facts.host_facts import Sysctls, forwarding
from jailer_core.facts.on_demand import Look, OnDemandFacts
from jailer_core.facts.probes import side_by_side
from jailer_core.host import Host, Result
from jailer_core.model import Problem, network as places
from jailer_core.model.network import Firewall, Listener, LoadedRule
from jailer_core.parse import network_tables, pf, process_tables, sysctl
from jailer_core.parse.base import Parsed
from jailer_core.parse.pf import translation
from jailer_core.text import sanitize

T = TypeVar("T")

SERVICES = "/etc/services"
LISTENERS = ("sockstat", "-l", "--libxo=json")
AT_ONCE = 8
"""How many known anchors are asked again on one refresh of a list."""
_ABSENT = "No such file or directory"


async def look(host: Host, extras: OnDemandFacts) -> Firewall:
    """Everything that a plan for NAT or redirects needs; problems go to `extras`."""
    _look = _Look(host, extras)
    await side_by_side(
        (
            *(_look.filter, _look.stored, _look.originals, _look.listeners, _look.ways),
            *(_look.forwarding, _look.stamps),
        ),
    )
    return _look.firewall


async def main_rules(look: Look) -> tuple[tuple[str, ...] | None, str]:
    """The main rules that are loaded (None: unknown), and what pfctl has against pf.conf."""
    nat = await look.read(pf.rules, "pfctl", "-s", "nat")
    rules = await look.read(pf.rules, "pfctl", "-s", "rules")
    texts: tuple[str, ...] | None = None
    if nat is not None and rules is not None:
        texts = tuple(rule.text for rule in (*nat, *rules))
    error = ""
    if await stamps_of(look.host, [places.MAIN]):
        result = await look.run("pfctl", "-n", "-f", places.MAIN)
        if result is not None and not result.ok:
            error = sanitize(first_line(result.stderr)) or "pfctl does not say why"
    return texts, error


async def counters(host: Host, known: Known | None = None) -> tuple[Firewall, tuple[Problem, ...]]:
    """Only what is stored, what is loaded and what is counted: for a list that is looked at.

    With `known` the number of commands does not grow with the number of anchors.
    """
    extras = OnDemandFacts()
    _look = _Look(host, extras, known)
    await side_by_side((_look.loaded, _look.stored, _look.originals))
    return _look.firewall, tuple(extras.problems)


class Known:
    """What was read earlier: files by their stamps, anchors until they are due again."""

    def __init__(self) -> None:
        self.files = FileCache(str)
        self.anchors: dict[str, tuple[float, tuple[LoadedRule, ...]]] = {}
        """What each held, and when that was; without them all are asked again."""

    def due(self, names: Sequence[str]) -> list[str]:
        """New anchors, and those that were asked longest ago."""
        self.anchors = {name: self.anchors[name] for name in names if name in self.anchors}
        old = sorted(self.anchors, key=lambda name: self.anchors[name][0])
        return [*(name for name in names if name not in self.anchors), *old[:AT_ONCE]]


class _Look(Look):
    """One examination; `firewall` grows while it lasts."""

    def __init__(self, host: Host, extras: OnDemandFacts, known: Known | None = None) -> None:
        super().__init__(host, extras)
        self.firewall = Firewall()
        self._known = known or Known()
        self._services: Mapping[str, int] | None = None

    def parsed(self, parse: Callable[[str], Parsed[T]], result: Result) -> Parsed[T] | None:
        """See Asking."""
        parsed = super().parsed(parse, result)
        if parsed is not None and parsed.unread:
            self.extras.incomplete.add("firewall")
        return parsed

    # --- pf ----------------------------------------------------------------------------------

    async def filter(self) -> None:
        """Whether pf is on, its main rules, whether pf.conf is valid; then the anchors."""
        await self.loaded()
        if not self.firewall.module:
            return
        texts, error = await main_rules(self)
        main: tuple[LoadedRule, ...] | None = None
        if texts is not None:
            main = tuple([await self._rule(text) for text in texts])
        self.firewall = replace(self.firewall, main=main, error=error)
        await self._others()

    async def _others(self) -> None:
        """Translations in anchors of others.

        FreeBSD 15 lists all anchors with and without -v (recording 06), 14 those within others
        only with it (sbin/pfctl/pfctl.c).
        """
        names = await self.read(pf.anchors, "pfctl", "-vs", "Anchors") or ()
        anchors: dict[str, tuple[LoadedRule, ...]] = {}

        async def ask(name: str) -> None:
            rules = await self.read(pf.rules, "pfctl", "-a", name, "-s", "nat") or ()
            anchors[name] = tuple([await self._rule(rule.text) for rule in rules])

        ours = (places.ANCHOR, f"{places.ANCHOR}/")
        theirs = [name for name in names if name != ours[0] and not name.startswith(ours[1])]
        await side_by_side(partial(ask, name) for name in theirs)
        self.firewall = replace(self.firewall, foreign=dict(sorted(anchors.items())))

    async def loaded(self) -> None:
        """Whether pf is on, and all anchors of jails with their counters."""
        info = await self.run("pfctl", "-s", "info")
        if info is None:
            return
        if not info.ok and _ABSENT in info.stderr:
            self.firewall = replace(self.firewall, module=False, enabled=False, main=(), loaded={})
            return
        running = self.parsed(pf.running, info)
        if not info.ok:
            return
        enabled = None if running is None else running.value
        self.firewall = replace(self.firewall, module=True, enabled=enabled)
        await self._anchors()

    async def _anchors(self) -> None:
        argv = ("pfctl", "-a", places.ANCHOR, "-s", "Anchors")
        result = await self.run(*argv)
        if result is None:
            return
        if not result.ok and pf.missing(result.stderr):
            self.firewall = replace(self.firewall, loaded={})
            return
        parsed = self.parsed(pf.anchors, result)
        if parsed is None:
            return
        names = parsed.value
        await side_by_side(partial(self._anchor, name) for name in self._known.due(names))
        anchors = sorted(self._known.anchors.items())
        loaded = {
            name.removeprefix(f"{places.ANCHOR}/"): rules for name, (_, rules) in anchors if rules
        }
        self.firewall = replace(self.firewall, loaded=loaded)

    async def _anchor(self, anchor: str) -> None:
        """Read an anchor; one that does not exist is empty (`DIOCGETRULES: Invalid argument`)."""
        rules = await self.read(pf.counted, "pfctl", "-a", anchor, "-vs", "nat")
        loaded_rules = tuple([await self._rule(text, counts) for text, counts in rules or ()])
        self._known.anchors[anchor] = (self.host.uptime(), loaded_rules)

    async def _rule(self, text: str, counts: Sequence[int] | None = None) -> LoadedRule:
        known = translation(text) or translation(text, await self._ports())
        return LoadedRule(text, known, *(counts or ()))

    async def _ports(self) -> Mapping[str, int]:
        """The host's own names of ports; only asked for when one is met that is not usual."""
        if self._services is None:
            try:
                stamps = await self.host.stat([SERVICES])
                text = await self.host.read(SERVICES) if stamps else ""
            except HostError as error:
                self.problem(SERVICES, error.message)
                text = ""
            self._services = {**pf.USUAL, **pf.ports(text).value}
        return self._services

    # --- files -------------------------------------------------------------------------------

    async def stored(self) -> None:
        """Our rule files, by jail."""
        try:
            names = await self.host.listdir(places.FOLDER)
            asked = {
                f"{places.FOLDER}/{name}": name.removesuffix(".conf")
                for name in names
                if name.endswith(".conf") and not name.startswith(".")
            }
            read = await self._known.files.read(self.host, asked)
            texts = {asked[path]: text for path, text in read.items()}
        except HostError as error:
            self.problem(places.FOLDER, error.message)
            return
        self.firewall = replace(self.firewall, stored=texts)

    async def originals(self) -> None:
        """The files of `jailer`."""
        texts: dict[str, str] = {}
        try:
            for path in await self.host.stat(places.ORIGINALS):
                texts[path] = await self.host.read(path)
        except HostError as error:
            self.problem(places.ORIGINALS[0], error.message)
        self.firewall = replace(self.firewall, originals=texts)

    async def stamps(self) -> None:
        """What exists of the places, and the text of pf.conf."""
        try:
            file_stamps = await self.host.stat(
                [*places.FOLDERS, places.MAIN, places.BEFORE, *places.ORIGINALS]
            )
            if places.MAIN in file_stamps:
                self.extras.kept[places.MAIN] = await self.host.read(places.MAIN)
        except HostError as error:
            self.problem(places.MAIN, error.message)
            return
        self.extras.stamps = {**self.extras.stamps, **file_stamps}

    # --- the host ----------------------------------------------------------------------------

    async def listeners(self) -> None:
        """Ports that the host's programs, and those of jails on its network, listen on."""
        result = await self.run(*LISTENERS)
        listeners: tuple[Listener, ...] | None = None
        if result is not None and not result.ok:
            # before FreeBSD 15 it knows no libxo; # not recorded there
            listeners = await self.read(process_tables.sockstat_table, *LISTENERS[:-1])
        elif result is not None and (parsed := self.parsed(process_tables.listeners, result)):
            listeners = parsed.value
        self.firewall = replace(self.firewall, listeners=listeners)

    async def ways(self) -> None:
        """The interface of the default route, by family."""
        route_list = await self.read(network_tables.routes, "netstat", "-rn", "--libxo=json")
        ways = {
            route.family: route.interface
            for route in reversed(route_list or ())
            if route.destination in ("default", "::/0")
        }
        self.firewall = replace(self.firewall, ways=ways)

    async def forwarding(self) -> None:
        """Whether packets are passed on, by family."""
        sysctls = Sysctls(tuple(sysctl.FORWARDING.values()))
        self.firewall = replace(self.firewall, forwarding=await forwarding(self, sysctls))
