"""Header, notices and summary of a jail as lines: pure, without a widget."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.model import Address, HostFacts, Inventory, Jail, JailState, Pool
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import (
    Line,
    Span,
    beside,
    percent,
    state_sign,
    tags,
    width_of,
)
from jailer_tui.state import AppState, HostMarks
from jailer_tui.theme import Glyphs


def header(view: AppState, width: int) -> Line:
    """One line about the host: its name, then its state."""
    place = where(view.marks)
    if view.inventory is None:
        return place
    return (*place, *_known(view.inventory, view.name, view.stale, width - width_of(place)))


def _known(inventory: Inventory, name: str, stale: float | None, width: int) -> Line:
    """What matters least is left out first; a pool that is not ONLINE stays the longest.

    `stale` is how many seconds old the numbers are, None while they are fresh: then nothing is
    said, so that a quiet host costs nothing.
    """
    host = inventory.host
    right = _right(inventory, stale)
    pools = sorted(inventory.pools or (), key=lambda pool: pool.health == "ONLINE")
    sick = sum(pool.health != "ONLINE" for pool in pools)
    variants = [
        *((detail, len(pools)) for detail in (4, 3)),
        *((2, count) for count in range(len(pools), sick - 1, -1)),
        *((detail, count) for count in range(sick, -1, -1) for detail in (1, 0)),
    ]
    spans: list[Span] = []
    for detail, count in variants:
        spans = _left(host, name, pools[:count], detail)
        if width_of(spans) + width_of(right) + 2 <= width:
            break
    return beside(spans, right, width + 1)


def where(marks: HostMarks | None) -> Line:
    """The name of the current host, if there are several."""
    if marks is None:
        return ()
    spans: list[Span] = [(f" {sanitize(marks.name)} ", marks.tone)]
    if marks.production:
        spans.append(("PRODUCTION ", "bad"))
    return (*spans, ("|", "dim"))


def _left(host: HostFacts, name: str, pools: Sequence[Pool], detail: int) -> list[Span]:
    """What is known of the host, in less and less detail.

    4: all; 3: without words that can be missed; 2: the release in short too; 1: without
    memory; 0: without the load.
    """
    spans: list[Span] = [(" " + sanitize(host.hostname or name), "strong")]
    if host.release:
        release = sanitize(host.release).replace("-RELEASE", "" if detail < 3 else "-RELEASE")
        spans.append(((" FreeBSD " if detail == 4 else " ") + release, "text"))
    if host.load is not None and detail > 0:
        spans += [("  load ", "dim"), (f"{host.load[0]:.2f}", "text")]
    if host.memory is not None and detail > 1:
        used = None if host.memory_free is None else host.memory - host.memory_free
        spans += [("  mem ", "dim"), (f"{human_bytes(used)}/{human_bytes(host.memory)}", "text")]
    for pool in pools:
        spans += [
            (f"  {sanitize(pool.name)} ", "dim"),
            (f"{human_bytes(pool.allocated)}/{human_bytes(pool.size)}", "text"),
        ]
        if detail == 4 or pool.health != "ONLINE":
            spans.append((f" {pool.health}", "ok" if pool.health == "ONLINE" else "bad"))
    return spans


def _right(inventory: Inventory, stale: float | None) -> list[Span]:
    running = sum(jail.running for jail in inventory.jails)
    spans: list[Span] = [(f"{running}/{len(inventory.jails)} running ", "text")]
    if stale is not None:
        spans.append((f"{human_age(int(stale))} old ", "warn"))
    return spans


# --- the summary of one jail -----------------------------------------------------------------


def spark(samples: Sequence[float | None], width: int, top: float, glyphs: Glyphs) -> str:
    """The last samples as a line of that many signs, the newest at the right end.

    What is unknown, or was before the first sample, is blank.
    """
    shown = list(samples)[-width:]
    top = max([top, *(sample for sample in shown if sample is not None)])
    return "".join(_sign(sample, top, glyphs.spark) for sample in shown).rjust(width)


def _sign(sample: float | None, top: float, signs: str) -> str:
    if sample is None:
        return " "
    last = len(signs) - 1
    return signs[min(last, round(sample / top * last)) if top else 0]


def summary(
    jail: Jail,
    samples: Sequence[tuple[float | None, int | None]],
    width: int,
    glyphs: Glyphs,
    note: str = "",
) -> list[Line]:
    """A summary of a jail."""
    sign, tone = state_sign(jail, glyphs)
    first: list[Span] = [(f"{sign} {jail.state.value}", tone)]
    if jail.age is not None and jail.state is not JailState.STOPPED:
        first.append((f"  for {human_age(jail.age)}", "text"))
    lines: list[Line] = [tuple(first)]
    lines += [
        ((f"{glyphs.broken} {sanitize(problem.message)}", "bad"),) for problem in jail.problems
    ]
    if jail.running:
        lines += _use(jail, samples, min(30, width - 14), glyphs)
    lines.append(())
    facts = [*_facts(jail), *([("Note", sanitize(note))] if note else [])]
    lines += [((f"{label:<11}", "dim"), (value, "text")) for label, value in facts]
    return lines


def _use(
    jail: Jail, samples: Sequence[tuple[float | None, int | None]], width: int, glyphs: Glyphs
) -> list[Line]:
    if width < 4:
        return []
    sizes = [size for _, size in samples]
    most = max((size for size in sizes if size is not None), default=0)
    cpu = spark([cpu for cpu, _ in samples], width, 10.0, glyphs)
    memory = spark(sizes, width, most * 1.4 or 1.0, glyphs)
    return [
        (("CPU ", "dim"), (f"{percent(jail.cpu):>6}  ", "text"), (cpu, "accent")),
        (("MEM ", "dim"), (f"{human_bytes(jail.memory):>6}  ", "text"), (memory, "accent")),
    ]


def _facts(jail: Jail) -> list[tuple[str, str]]:
    config = jail.config
    disk = "" if jail.disk is None else f"  {human_bytes(jail.disk)}"
    lines = ["?"] if jail.addresses is None else [_address(at) for at in jail.addresses]
    words, network = jail.network.words, jail.network.value
    facts = [
        ("Jail id", "-" if jail.jid is None else str(jail.jid)),
        ("Owner", jail.owner.value),
        ("Release", sanitize(jail.userland or jail.release) or "?"),
        ("Host name", sanitize(jail.hostname) or "-"),
        ("Network", words if words == network else f"{words} ({network})"),
        *(("Address" if index == 0 else "", text) for index, text in enumerate(lines or ["-"])),
        ("Gateway", "?" if jail.gateway is None else sanitize(jail.gateway) or "-"),
        ("Processes", "?" if jail.processes is None else str(jail.processes)),
        ("At boot", "?" if jail.boots is None else "starts" if jail.boots else "does not start"),
        ("Path", sanitize(jail.path) or "-"),
        ("Dataset", (sanitize(jail.dataset) or "-") + disk),
        ("File", sanitize(config.source or config.path) if config is not None else "-"),
    ]
    if config is not None and config.depends:
        facts.append(("Depends on", ", ".join(map(sanitize, config.depends))))
    if jail.tags or jail.tags is None:
        facts.append(("Tags", tags(jail)[0]))
    if jail.parent:
        facts.insert(2, ("Inside", sanitize(jail.parent)))
    return facts


def _address(address: Address) -> str:
    return sanitize(f"{address} on {address.interface}" if address.interface else str(address))
