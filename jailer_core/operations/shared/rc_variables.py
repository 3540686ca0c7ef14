"""Variables of rc.conf: set and taken out by sysrc(8), which changes no other line.

Each step knows what every variable was and what it becomes. Its undo restores only a value
that is still ours; of a list it removes the one word that was added, whatever else the list
holds by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jailer_core.plan import Action, Condition, RcListHasWord, RcVariableIs, Run, SetRc, Step, Undo

MAIN = "/etc/rc.conf"
LISTS = frozenset({"cloned_interfaces", "jail_list"})
"""Variables that several programs and people add words to."""

Values = Mapping[str, "str | None"]
"""Values by name; None: not set."""


def set_step(
    old: Values, new: Values, title: str, unused: tuple[Condition, ...] = (), file: str = ""
) -> Step:
    """Set the variables of `new`, or take out those that are None there (all or none of them).

    `unused` must hold as well before anything is undone. `file` is the one that counts for
    these variables, "" where sysrc(8) is to find it: it does not look in rc.conf.d on its own.
    """
    undo = [undo for name, value in new.items() for undo in _undo(name, old, value, unused, file)]
    return Step(
        _action(old, new, file),
        title,
        undo=tuple(undo),
        # several are not set at once: one that was cut off between them is simply done again
        preconditions=tuple(RcVariableIs(name, old[name]) for name in new) if len(new) == 1 else (),
        postconditions=tuple(RcVariableIs(name, value) for name, value in new.items()),
    )


def _action(old: Values, new: Values, file: str) -> Run | SetRc:
    """sysrc(8) breaks values that go over several lines (recording 15): those are written here."""
    if any("\n" in (old[name] or "") for name in new):
        values = {name: value for name, value in new.items() if value is not None}
        return SetRc(file or MAIN, "", tuple(values.items()), tuple(new.keys() - values.keys()))
    words = [f"{name}={value}" for name, value in new.items() if value is not None]
    return Run(_sysrc(file, *words)) if words else Run(_sysrc(file, "-x", *new))


def _sysrc(file: str, *words: str) -> tuple[str, ...]:
    return ("sysrc", "-f", file, *words) if file else ("sysrc", *words)


def file_of(action: Action) -> str:
    """The file that the action of such a step names, or "" if sysrc(8) chooses it."""
    if isinstance(action, SetRc):
        return action.path
    named = isinstance(action, Run) and action.argv[:2] == ("sysrc", "-f")
    return action.argv[2] if isinstance(action, Run) and named else ""


def action_of(state: RcVariableIs | RcListHasWord, file: str) -> Run:
    """The command that sets it; a list over several lines becomes one line."""
    if isinstance(state, RcListHasWord):
        return Run(_sysrc(file, f"{state.name}{'+' if state.present else '-'}={state.word}"))
    if state.value is None:
        return Run(_sysrc(file, "-x", state.name))
    value = " ".join(state.value.split()) if "\n" in state.value else state.value
    return Run(_sysrc(file, f"{state.name}={value}"))


def _undo(
    name: str, values: Values, new: str | None, unused: tuple[Condition, ...], file: str
) -> Iterator[Undo]:
    old = values[name]
    was, now = RcVariableIs(name, old), RcVariableIs(name, new)
    back = action_of(was, file)
    title = f"Remove {name} from rc.conf" if old is None else f"Restore {name}"
    word = _added(name, old, new)
    if not word:
        yield Undo(back, title, preconditions=(now, *unused), done_when=(was,))
        return
    has_word, rc_list_has_word = RcListHasWord(name, word), RcListHasWord(name, word, present=False)
    # while it is still as we made it; else the other one takes back our word alone
    yield Undo(
        back,
        title,
        preconditions=(now, *unused),
        done_when=(rc_list_has_word,),
        or_done_when=(has_word,),
    )
    drop = action_of(rc_list_has_word, file)
    yield Undo(
        drop,
        f"Remove {word} from {name}",
        preconditions=(has_word, *unused),
        done_when=(rc_list_has_word,),
    )


def _added(name: str, old: str | None, new: str | None) -> str:
    """The one word that a list has more than before, "" when more than that differs."""
    if name not in LISTS or new is None:
        return ""
    before, after = (old or "").split(), new.split()
    more = [name for name in after if name not in before]
    left = [name for name in after if name != more[0]] if len(more) == 1 else None
    return more[0] if left == before else ""
