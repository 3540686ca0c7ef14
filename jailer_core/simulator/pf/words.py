"""The words of a packet filter rule, and the parts that rules of all kinds are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network

SERVICES = {
    21: "ftp",
    22: "ssh",
    25: "smtp",
    53: "domain",
    80: "http",
    110: "pop3",
    123: "ntp",
    143: "imap",
    443: "https",
    587: "submission",
    993: "imaps",
    995: "pop3s",
    3306: "mysql",
    5432: "postgresql",
    8080: "http-alt",
}
"""An excerpt of /etc/services: ports in the from and to part of a rule are shown by name."""


class PfError(Exception):
    """A rule that pfctl refuses: the lines it prints, without the place."""

    def __init__(self, message: str, before: str = "") -> None:
        super().__init__(message)
        self.before = before


@dataclass(slots=True)
class Words:
    """The tokens of one rule, taken from the left."""

    tokens: list[str]

    def peek(self) -> str:
        """The next token, which stays."""
        return self.tokens[0] if self.tokens else ""

    def take(self, *wanted: str) -> str:
        """The next token; a syntax error when it is none of those wanted."""
        if not self.tokens or (wanted and self.tokens[0] not in wanted):
            raise PfError("syntax error")
        return self.tokens.pop(0)

    def has(self, word: str) -> bool:
        """Take the word when it comes next."""
        if self.peek() != word:
            return False
        self.tokens.pop(0)
        return True


def protocol(words: Words) -> list[str]:
    """`proto NAME`; lists have become several rules before."""
    return ["proto", words.take()] if words.has("proto") else []


def endpoint(words: Words) -> list[str]:
    said = ["any" if words.peek() == "port" else _host(words)]  # not recorded: no address
    if words.has("port"):
        words.has("=")
        port = _port(words.take())
        said += ["port", port] if ":" in port else ["port", "=", port]
    return said


def _host(words: Words) -> str:
    if words.has("!"):
        return f"! {_host(words)}"
    if words.has("("):
        name = words.take()
        while words.peek() not in (")", ""):
            name += words.take()
        words.take(")")
        return f"({name})"
    if words.has("<"):
        name = words.take()
        words.take(">")
        return f"<{name}>"
    return _address(words.take())


def _host_list(words: Words) -> str:
    hosts = []
    while not words.has("}"):
        if not words.has(","):
            hosts.append(_host(words))
    return f"{{ {', '.join(hosts)} }}"


def _address(word: str) -> str:
    """An address, a network or a name; what looks like an address must be one."""
    if word == "any" or not re.search(r"^[\d.]+(/\d+)?$|:", word) or re.fullmatch(r"\w+:\w+", word):
        return word
    try:
        ip_network(word, strict=False)
    except ValueError:
        raise PfError(
            "could not parse host specification", f"no IP address found for {word}"
        ) from None
    return word


def _port(word: str) -> str:
    """A port by name where /etc/services has one."""
    if not word.isdigit():
        if not re.fullmatch(r"[a-z][\w-]*|\d+:\d+", word):
            raise PfError("syntax error")
        return word
    if int(word) > 65535:
        raise PfError(f"illegal port value {word}")
    return SERVICES.get(int(word), word)


def take_target(words: Words) -> str:
    said = _host_list(words) if words.has("{") else _host(words)
    if words.has("port"):
        port = words.take()
        if port.isdigit() and int(port) > 65535:
            raise PfError(f"illegal port value {port}")
        said += f" port {port}"
    while words.peek() in ("static-port", "round-robin", "random", "source-hash", "sticky-address"):
        said += f" {words.take()}"
    return said


def family_of(text: str) -> str:
    """The family that addresses in a rule imply."""
    if re.search(r"(?:^|\s)[\da-f]*:[\da-f:]+(?:/|\s|$)", text):
        return "inet6"
    return "inet" if re.search(r"\b\d+\.\d+\.\d+\.\d+\b", text) else ""
