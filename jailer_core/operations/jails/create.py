"""Make a jail: dataset, its own files, configuration, boot list, start.

Nothing of the jail is run before its start, and no link in it is followed: a snapshot of a jail
holds whatever its root put there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from jailer_core import checks
from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import Inventory, Jail, JailConfig, JailState, Owner
from jailer_core.operations import guards
from jailer_core.operations.images import defaults, fetch
from jailer_core.operations.jails import boot, create_defaults, jailconf, network_options, starting
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import (
    addresses,
    config_check,
    created as made,
    dataset_copies,
    devfs,
    file_steps,
    jailconf_edit,
    ownership,
    starting_context,
)
from jailer_core.operations.shared.base_image import Source, source
from jailer_core.plan import Needs, PathExists, Plan, SetRc, Step, WriteFile
from jailer_core.plan.steps import Work, joined
from jailer_core.templates import render
from jailer_core.text import sanitize

RESOLV = "/etc/resolv.conf"
CONFIG, RESOLVER, NETWORK, AFTER = (
    "jail.conf file",
    "Resolver commands",
    "Network setup commands",
    "Post-Installation",
)
OF_OTHERS = ("ifconfig_epair", "defaultrouter", "ipv6_defaultrouter")
"""Variables in the rc.conf of a jail that a copy of it must not keep."""


def needs(inventory: Inventory, request: Create) -> Needs:
    """What `create` needs. It may need more when this is known: asked again until it is stable."""
    at_boot = (boot.RC_JAIL,) if request.boot else ()
    needed = Needs(
        snapshots=True,
        files=(RESOLV, defaults.network_file(inventory), devfs.FILE, *at_boot),
        paths=(jailconf.DIRECTORY, jailconf.LOGS, _root(inventory, request.name)),
        commands=tuple(devfs.asks(inventory)),
    )
    try:
        base = source(inventory, request.base)
    except (Refused, UsageError):
        return needed
    if base.missing:
        needed |= fetch.fetch_needs(inventory, base.version, request.mirror)
    elif request.copy:
        needed |= Needs(commands=tuple(dataset_copies.asks(inventory, base)))
    return needed | Needs(jail_confs=_confs(inventory, request))


def _confs(inventory: Inventory, request: Create) -> tuple[str, ...]:
    if inventory.interfaces is None:
        return ()
    try:
        case = _case(inventory, request)[0]
    except JailerError:
        return ()  # `create` says why
    return starting_context.confs(inventory, case.changes())


def _root(inventory: Inventory, name: str) -> str:
    return f"{inventory.layout.mountpoint.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class _Case:
    """A request whose every field has been filled and found right."""

    inventory: Inventory
    request: Create
    base: Source
    number: int
    ruleset: int
    root: str

    @property
    def name(self) -> str:
        return self.request.name

    @property
    def card(self) -> str:
        """The end of the epair inside."""
        return f"epair{self.number}b"

    def changes(self) -> dict[str, str | None]:
        """How the files that configure jails change."""
        return {jailconf.file_of(self.name): jailconf.text(self.shape())}

    def shape(self) -> jailconf.JailSettings:
        return jailconf.JailSettings(self.request, self.root, self.number, self.ruleset)


def create(inventory: Inventory, request: Create) -> Plan:
    """The plan that creates a jail. Raises Refused with the first problem."""
    case, steps, notes = _case(inventory, request)
    config, more = _read(case)
    notes += more
    steps += [*_dataset(case), *_inside(case), *_configuration(case)]
    if not case.base.missing:
        notes += dataset_copies.space(inventory, case.base, copy=case.request.copy)
    notes += _network_notes(case)
    at_boot = boot.added(inventory, case.name, case.request.before) if request.boot else ([], [])
    steps, notes = joined(((steps, notes), at_boot, _start(case, config)))
    return Plan(request, f"Create {case.name}", tuple(steps), notes=tuple(notes), jail=case.name)


def _case(inventory: Inventory, request: Create) -> tuple[_Case, list[Step], list[str]]:
    """What is to be made, with the steps and notes that come before it."""
    guards.refuse(create_defaults.problems(inventory, request))
    full = _cleaned(inventory, create_defaults.suggest(inventory, request))
    base = source(inventory, full.base)
    root = _root(inventory, full.name)
    try:
        checks.path(root)
    except UsageError as error:
        raise Refused(error.message, "Change the mount point of the jails.") from None
    guards.require_free(inventory, root, "Move it away first, or use another name.")
    steps, notes = _fetch(inventory, base, full)
    ruleset, made = devfs.make(inventory) if full.network == "eb" else (0, [])
    steps += made
    case = _Case(inventory, full, base, addresses.free_number(inventory), ruleset, root)
    return case, steps, notes


_ITS_OWN = ("vnet", "vnet.interface", "ip4", "ip6", "ip4.addr", "ip6.addr", "jid", "mount.fstab")
"""What no jail may get from what /etc/jail.conf says for all of them."""


def _read(case: _Case) -> tuple[JailConfig, list[str]]:
    """What jail(8) will read for it, and a note on what others say for all jails."""
    meant = jailconf.config(case.shape())
    fresh = jailconf_edit.configured(case.inventory, case.name, meant.path, case.changes())
    known = (*meant.params, *_ITS_OWN)
    read = {param: values for param, values in fresh.params.items() if param in known}
    config_check.must_be(case.name, meant.params, read)
    ownership.must_be_free(case.inventory, fresh)
    more = [param for param in fresh.params if param not in known]
    listed = ", ".join(f"{param} = {config_check.shown(fresh.params[param])}" for param in more)
    notes = [f"{sanitize(fresh.path)} also sets for it: {listed}."] if more else []
    return replace(fresh, number=meant.number), notes


def _cleaned(inventory: Inventory, full: Create) -> Create:
    """In the forms that are written into files."""
    mac = checks.mac(full.mac) if full.mac else ""
    return replace(network_options.cleaned(inventory, full), name=full.name.strip(), mac=mac)


def _fetch(inventory: Inventory, base: Source, full: Create) -> Work:
    if not base.missing:
        return [], []
    steps, notes = fetch.fetch_steps(inventory, base.version, full.mirror)
    return steps, [f"The image {base.version} is fetched first.", *notes]


def _dataset(case: _Case) -> list[Step]:
    target = f"{case.inventory.layout.dataset}/{case.name}"
    make = dataset_copies.copies if case.request.copy else dataset_copies.clones
    note = case.request.note
    properties = (f"{dataset_copies.NOTE}={note}",) if note else ()
    return make(case.inventory, case.base, target, properties, case.name)


# --- files inside ----------------------------------------------------------------------------


def _inside(case: _Case) -> list[Step]:
    """Steps that write into the new dataset; they need no undo, it goes as a whole."""
    want = case.request
    steps = _resolver(case)
    if want.network == "eb":
        steps += _vnet(case)
    settings = [("sendmail_enable", "NONE"), ("syslogd_flags", "-ss")]
    settings += [("cron_enable", "NO")] if want.quiet else []
    steps.append(_rc(case, tuple(settings), "Disable services that it does not need", AFTER))
    return steps


def network_inside(
    inventory: Inventory, full: Create, source: Source, number: int, root: str
) -> list[Step]:
    """Steps that set up the network inside a clone; `full` is complete and valid."""
    case = _Case(inventory, _cleaned(inventory, full), source, number, 0, root)
    return _vnet(case) if full.network == "eb" else []


def _resolver(case: _Case) -> list[Step]:
    servers = create_defaults.resolvers(case.request.resolver)
    if servers:
        text = render("resolv.conf.j2", servers=servers)
        title = "Set its name servers"
    else:
        text = case.inventory.file_texts.get(RESOLV, "")
        title = "Use the host's name servers"
    return [_write(case, "etc/resolv.conf", text, title, RESOLVER)] if text else []


def _vnet(case: _Case) -> list[Step]:
    want, card = case.request, case.card
    steps = []
    if want.mac:
        line = render("start_if.j2", card=card, mac=want.mac)
        title = f"Give {card} its own hardware address"
        steps.append(_write(case, f"etc/start_if.{card}", line, title, NETWORK))
    drop = () if case.base.is_image else OF_OTHERS
    values = tuple(inside(want, card))
    steps.append(_rc(case, values, "Set up its network", NETWORK, drop))
    return steps


def inside(want: Create, card: str) -> list[tuple[str, str]]:
    """The rc.conf settings of a jail with its own network; `want` is complete and valid."""
    values: list[tuple[str, str]] = []
    if want.address == network_options.DHCP:
        values.append((f"ifconfig_{card}", "SYNCDHCP"))
    elif want.address:
        mask = IPv4Network((0, checks.prefix(want.netmask, 4))).netmask
        values.append((f"ifconfig_{card}", f"inet {want.address} netmask {mask}"))
        values += [("defaultrouter", want.gateway)] if want.gateway else []
    if want.address6:
        values.append((f"ifconfig_{card}_ipv6", f"inet6 {want.address6}"))
        values += [("ipv6_defaultrouter", want.gateway6)] if want.gateway6 else []
    return values


def _write(case: _Case, place: str, text: str, title: str, heading: str) -> Step:
    path = f"{case.root}/{place}"
    return Step(
        WriteFile(path, text, mode=0o644, owner=(0, 0), beneath=case.root),
        title,
        jail=case.name,
        heading=heading,
    )


def _rc(
    case: _Case,
    values: tuple[tuple[str, str], ...],
    title: str,
    heading: str,
    drop: tuple[str, ...] = (),
) -> Step:
    action = SetRc(f"{case.root}/etc/rc.conf", case.root, values, drop)
    return Step(action, title, jail=case.name, heading=heading)


# --- configuration, boot, start ----------------------------------------------------------------


def _configuration(case: _Case) -> list[Step]:
    file_stamps = case.inventory.file_stats
    missing = [] if jailconf.DIRECTORY in file_stamps else [made.directory(jailconf.DIRECTORY)]
    missing += [] if jailconf.LOGS in file_stamps else [_log_folder(case.name)]
    path = jailconf.file_of(case.name)
    text = jailconf.text(case.shape())
    write = file_steps.new_file(path, text, 0o644, f"Write {sanitize(path)}")
    return [*missing, replace(write, heading=CONFIG, jail=case.name)]


def _log_folder(name: str) -> Step:
    """It stays when the start has left a log in it: jail(8) does not make it (recording 03)."""
    step = made.directory(jailconf.LOGS)
    log = f"{jailconf.LOGS}/{name}.log"
    undo = replace(
        step.undo[0],
        preconditions=(*step.undo[0].preconditions, PathExists(log, exists=False)),
        or_done_when=(PathExists(log),),
    )
    return replace(step, undo=(undo,))


def _network_notes(case: _Case) -> list[str]:
    want = case.request
    if want.network == "inherit":
        return ["It shares the host's network without any isolation."]
    if want.address == network_options.DHCP and not network_options.served(
        case.inventory, want.bridge
    ):
        message = f"This host's DHCP server does not answer on {want.bridge}"
        return [f"{message}: without another DHCP server there, the jail gets no address."]
    return []


def _start(case: _Case, config: JailConfig) -> Work:
    if not case.request.start:
        return [], []
    jail = Jail(case.name, JailState.STOPPED, Owner.JAILER, path=case.root)
    return starting.bring_up(case.inventory, jail, config)
