"""Parse a small part of sh(1)'s grammar: lists, pipes, subshells, words, redirections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


class ShellSyntaxError(Exception):
    """What the simulated sh(1) cannot read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word. `kind`: text (quoted or not), variable, command (substitution)."""

    kind: str
    text: str
    quoted: bool = False


ShellWord = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """`fd` goes to a file (`>`, `>>`), comes from one (`<`), or to where `&N` goes."""

    fd: int
    how: str
    target: ShellWord


@dataclass(slots=True)
class Simple:
    """A simple command."""

    words: list[ShellWord] = field(default_factory=list)
    assignments: list[tuple[str, ShellWord]] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """`( list )`, or `{ list; }` when it is not `sub`."""

    body: Sequence
    sub: bool = True
    redirects: list[Redirect] = field(default_factory=list)


Node = Simple | Group


@dataclass(slots=True)
class Pipeline:
    """Commands joined with `|`; `negated` with `!`."""

    nodes: list[Node]
    negated: bool = False


@dataclass(slots=True)
class AndOr:
    """Pipelines joined with && and ||; the first operator is "". `background`: ends with &."""

    pipelines: list[tuple[str, Pipeline]]
    background: bool = False


@dataclass(slots=True)
class Sequence:
    """One list after the other."""

    lists: list[AndOr] = field(default_factory=list)


_OPERATORS = re.compile(r"&&|\|\||;;|[;&|()\n]")
_REDIRECT = re.compile(r"(\d?)(>>|>&|>|<)")
_NAME = re.compile(r"\$(?:([A-Za-z_]\w*|[?$#@*0-9!])|\{([A-Za-z_]\w*)\})")
_ASSIGN = re.compile(r"([A-Za-z_]\w*)=")
_WORD_END = " \t\n;&|()<>"


class Lexer:
    """Cuts text into operators (str), redirections (fd, how) and words (tuples of parts)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def tokens(self) -> list[str | Redirect | ShellWord]:
        """All tokens; a Redirect has no target yet."""
        found: list[str | Redirect | ShellWord] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t" or self.text.startswith("\\\n", self.at):
                self.at += 1 if char in " \t" else 2
                continue
            if char == "#":
                self._comment()
                continue
            redirect = _REDIRECT.match(self.text, self.at)
            operator = _OPERATORS.match(self.text, self.at)
            if redirect is not None:
                how = redirect[2]
                fd = int(redirect[1]) if redirect[1] else 0 if how == "<" else 1
                found.append(Redirect(fd, how, ()))
                self.at = redirect.end()
            elif operator is not None:
                found.append(";" if operator[0] == "\n" else operator[0])
                self.at = operator.end()
            else:
                found.append(self._word())
        return found

    def _comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _word(self) -> ShellWord:
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] not in _WORD_END:
            char = self.text[self.at]
            if char == "'":
                end = self._closing("'")
                parts.append(Part("text", self.text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif char == '"':
                parts += self._double()
            elif char == "\\":
                parts.append(Part("text", self.text[self.at + 1 : self.at + 2], quoted=True))
                self.at += 2
            else:
                parts.append(self._plain(quoted=False))
        return tuple(parts)

    def _closing(self, quote: str) -> int:
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise ShellSyntaxError("Syntax error: Unterminated quoted string")
        return end

    def _double(self) -> list[Part]:
        parts = [Part("text", "", quoted=True)]
        self.at += 1
        while True:
            if self.at >= len(self.text):
                raise ShellSyntaxError("Syntax error: Unterminated quoted string")
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return parts
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                escaped = self.text[self.at + 1]
                parts.append(Part("text", "" if escaped == "\n" else escaped, quoted=True))
                self.at += 2
            else:
                parts.append(self._plain(quoted=True))

    def _plain(self, *, quoted: bool) -> Part:
        name = _NAME.match(self.text, self.at)
        if name is not None:
            self.at = name.end()
            return Part("variable", name[1] or name[2], quoted)
        if self.text.startswith("$(", self.at):
            return self._substitution(quoted=quoted)
        self.at += 1
        return Part("text", self.text[self.at - 1], quoted)

    def _substitution(self, *, quoted: bool) -> Part:
        depth, start = 0, self.at + 2
        for index in range(self.at + 1, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[index], 0)
            if depth == 0:
                self.at = index + 1
                return Part("command", self.text[start:index], quoted)
        raise ShellSyntaxError('Syntax error: end of file unexpected (expecting ")")')


class Parser:
    """Makes a Sequence out of text. ShellSyntaxError."""

    def __init__(self, text: str) -> None:
        self.tokens = Lexer(text).tokens()
        self.at = 0

    def parse(self) -> Sequence:
        """The whole text."""
        sequence = self._sequence()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return sequence

    def _unexpected(self) -> ShellSyntaxError:
        token = self._peek()
        word = token if isinstance(token, str) else "word" if token is not None else "end of file"
        shown = f'"{word}"' if isinstance(token, str) else word
        return ShellSyntaxError(f"Syntax error: {shown} unexpected")

    def _peek(self) -> str | Redirect | ShellWord | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self, *operators: str) -> str:
        token = self._peek()
        if isinstance(token, str) and token in operators:
            self.at += 1
            return token
        return ""

    def _closes(self) -> bool:
        here = self._peek()
        return here is None or here == ")" or _plain_text(here) == "}"

    def _sequence(self) -> Sequence:
        sequence = Sequence()
        while True:
            while self._take(";"):
                pass
            if self._closes():
                return sequence
            and_or = self._and_or()
            sequence.lists.append(and_or)
            end = self._take(";", "&")
            and_or.background = end == "&"
            if not end and not self._closes():
                raise self._unexpected()

    def _and_or(self) -> AndOr:
        and_or = AndOr([("", self._pipeline())])
        while operator := self._take("&&", "||"):
            while self._take(";"):
                pass
            and_or.pipelines.append((operator, self._pipeline()))
        return and_or

    def _pipeline(self) -> Pipeline:
        negated = _plain_text(self._peek()) == "!"
        self.at += negated
        pipeline = Pipeline([self._node()], negated)
        while self._take("|"):
            pipeline.nodes.append(self._node())
        return pipeline

    def _node(self) -> Node:
        sub = bool(self._take("("))
        if not sub and _plain_text(self._peek()) != "{":
            return self._simple()
        self.at += not sub
        group = Group(self._sequence(), sub)
        if sub and not self._take(")"):
            raise self._unexpected()
        if not sub:
            if _plain_text(self._peek()) != "}":
                raise self._unexpected()
            self.at += 1
        while isinstance(self._peek(), Redirect):
            group.redirects.append(self._redirect())
        return group

    def _redirect(self) -> Redirect:
        token, target = self.tokens[self.at], None
        self.at += 1
        target = self._peek()
        if not isinstance(token, Redirect) or not isinstance(target, tuple):
            raise self._unexpected()
        self.at += 1
        return Redirect(token.fd, token.how, target)

    def _simple(self) -> Simple:
        simple = Simple()
        while (token := self._peek()) is not None and not isinstance(token, str):
            if isinstance(token, Redirect):
                simple.redirects.append(self._redirect())
                continue
            self.at += 1
            start = _leading(token)
            name = _ASSIGN.match(start)
            if name is not None and not simple.words:
                simple.assignments.append((name[1], _without(token, len(name[0]))))
            else:
                simple.words.append(token)
        if not simple.words and not simple.assignments and not simple.redirects:
            raise self._unexpected()
        return simple


def _plain_text(token: str | Redirect | ShellWord | None) -> str:
    """The text of a word without quotes or variables; "" for anything else."""
    if not isinstance(token, tuple) or any(part.quoted or part.kind != "text" for part in token):
        return ""
    return "".join(part.text for part in token)


def _leading(word: ShellWord) -> str:
    text = ""
    for part in word:
        if part.quoted or part.kind != "text":
            break
        text += part.text
    return text


def _without(word: ShellWord, length: int) -> ShellWord:
    """A word without its first characters, each in a part of its own."""
    return word[length:]
