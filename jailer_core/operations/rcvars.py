"""Variables of rc.conf: set and taken out by sysrc(8), which changes no other line.

Each step knows what every variable was and what it becomes. Its undo takes back only a value
that is still ours; of a list it takes back the one word that was added, whatever else the list
holds by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jailer_core.plan import RcIs, RcWord, Run, State, Step, Undo

LISTS = frozenset({"cloned_interfaces", "jail_list"})
"""Variables that several programs and people add words to."""

Values = Mapping[str, "str | None"]
"""Values by name; None: not set."""


def set_step(
    old: Values, new: Values, title: str, unused: tuple[State, ...] = (), jail: str = ""
) -> Step:
    """Set the variables of `new`, or take out those that are None there (all or none of them).

    `unused` must hold as well before anything is taken back.
    """
    words = [f"{name}={value}" for name, value in new.items() if value is not None]
    argv = ("sysrc", *words) if words else ("sysrc", "-x", *new)
    undo = [one for name, value in new.items() for one in _undo(name, old[name], value, unused)]
    return Step(
        Run(argv),
        title,
        undo=tuple(undo),
        before=tuple(RcIs(name, old[name]) for name in new),
        goal=tuple(RcIs(name, value) for name, value in new.items()),
        jail=jail,
    )


def argv_of(state: RcIs) -> tuple[str, ...]:
    """The command that makes it so."""
    if state.value is None:
        return ("sysrc", "-x", state.name)
    return ("sysrc", f"{state.name}={state.value}")


def _undo(name: str, old: str | None, new: str | None, unused: tuple[State, ...]) -> Iterator[Undo]:
    was, now = RcIs(name, old), RcIs(name, new)
    back = Run(argv_of(was))
    title = f"Take {name} out of rc.conf" if old is None else f"Set {name} as it was"
    word = _added(name, old, new)
    if not word:
        yield Undo(back, title, when=(now, *unused), settled=(was,))
        return
    there, gone = RcWord(name, word), RcWord(name, word, there=False)
    # while it is still as we made it; else the other one takes back our word alone
    yield Undo(back, title, when=(now, *unused), settled=(gone,), or_else=(there,))
    drop = Run(("sysrc", f"{name}-={word}"))
    yield Undo(drop, f"Take {word} out of {name}", when=(there, *unused), settled=(gone,))


def _added(name: str, old: str | None, new: str | None) -> str:
    """The one word that a list has more than before, "" when more than that differs."""
    if name not in LISTS or new is None:
        return ""
    before, after = (old or "").split(), new.split()
    more = [one for one in after if one not in before]
    left = [one for one in after if one != more[0]] if len(more) == 1 else None
    return more[0] if left == before else ""
