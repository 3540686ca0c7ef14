"""Command line options as getopt(3) reads them: `-Hpo name`, `-d1`, `--json-int`, `--`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


class BadOption(Exception):  # noqa: N818 - the usage that follows is the error
    """An option that the program does not have, or one without its value."""

    def __init__(self, letter: str, *, missing: bool = False) -> None:
        super().__init__(
            f"option requires an argument -- {letter}" if missing else f"illegal option -- {letter}"
        )
        self.letter = letter
        self.missing = missing


@dataclass
class Options:
    """What was given: letters with their values in order, and the rest."""

    given: list[tuple[str, str]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    @classmethod
    def parse(
        cls,
        args: Sequence[str],
        flags: str,
        valued: str = "",
        words: Sequence[str] = (),
        *,
        anywhere: bool = True,
    ) -> Options:
        """Read them; `anywhere` also takes options after operands, as zfs(8) does.

        Raises BadOption.
        """
        options = cls()
        queue = list(args)
        while queue:
            word = queue.pop(0)
            if word == "--":
                options.rest += queue
                break
            if word.startswith("--") and word[2:] in words:
                options.given.append((word[2:], ""))
            elif word.startswith("-") and len(word) > 1:
                options._letters(word[1:], queue, flags, valued)
            else:
                options.rest.append(word)
                if not anywhere:
                    options.rest += queue
                    break
        return options

    def _letters(self, letters: str, queue: list[str], flags: str, valued: str) -> None:
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in valued:
                if not letters and not queue:
                    raise BadOption(letter, missing=True)
                self.given.append((letter, letters or queue.pop(0)))
                return
            if letter not in flags:
                raise BadOption(letter)
            self.given.append((letter, ""))

    def has(self, letter: str) -> bool:
        """Whether it was given."""
        return any(one == letter for one, _ in self.given)

    def value(self, letter: str, default: str = "") -> str:
        """The last value given for a letter."""
        return next((value for one, value in reversed(self.given) if one == letter), default)

    def values(self, letter: str) -> list[str]:
        """All values given for a letter."""
        return [value for one, value in self.given if one == letter]

    def assignments(self, letter: str = "o") -> dict[str, str]:
        """`-o name=value` as a mapping."""
        return {
            name: value for name, _, value in (one.partition("=") for one in self.values(letter))
        }
