"""Rules for values that *we* create, shared by command line, forms and operations.

Each returns the value cleaned (spaces around it are dropped), or raises UsageError, which names
the value, the rule, and what would do. What exists on a host already may be anything that
FreeBSD allows, and is never checked by these.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NoReturn

from jailer_core.errors import UsageError
from jailer_core.model import tags
from jailer_core.text import sanitize

NOTE_LENGTH = 200
NAME_LENGTH = 63
DATASET_LENGTH = 255
"""ZFS_MAX_DATASET_NAME_LEN without the final zero (recording 02 line 8 shows the refusal)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_COMPONENT = re.compile(r"[A-Za-z0-9._-][A-Za-z0-9._: -]*")
_SNAPSHOT = re.compile(r"[A-Za-z0-9._:-]+")


def _refuse(what: str, value: str, rule: str, hint: str) -> NoReturn:
    shown = sanitize(value)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    raise UsageError(f"{what} '{shown}' {rule}", hint)


def jail_name(value: str) -> str:
    """The name of a new jail (docs/freebsd-facts.md, Starting and stopping).

    A dot would mean a child jail, digits alone a jid; rc.d maps other characters to `_`.
    """
    name, hint = value.strip(), "Use letters, digits, - and _, for example web01."
    if not name:
        _refuse("jail name", value, "is empty", hint)
    if not _NAME.fullmatch(name):
        rule = "must be letters, digits, - or _, and start with a letter or digit"
        _refuse("jail name", value, rule, hint)
    if name.isdigit():
        _refuse("jail name", value, "must not be a number: FreeBSD would read it as a JID", hint)
    if len(name) > NAME_LENGTH:
        _refuse("jail name", value, f"is longer than {NAME_LENGTH} characters", hint)
    return name


def hostname(value: str) -> str:
    """A host name: labels of letters, digits and hyphens between dots, 255 characters at most."""
    name, hint = value.strip(), "For example: web01.example.org"
    if not name:
        _refuse("host name", value, "is empty", hint)
    if len(name) > 255:
        _refuse("host name", value, "is longer than 255 characters", hint)
    for label in name.removesuffix(".").split("."):
        if not _LABEL.fullmatch(label):
            _refuse("host name", value, "must be letters, digits and hyphens between dots", hint)
        if len(label) > 63:
            _refuse("host name", value, "has a part longer than 63 characters", hint)
    return name


def ipv4(value: str) -> str:
    """An IPv4 address that a host may have."""
    hint = "Use four numbers from 0 to 255, for example 10.0.0.11."
    try:
        address = ipaddress.IPv4Address(value.strip())
    except ValueError:
        _refuse("address", value, "is not an IPv4 address", hint)
    return _usable(value, address, hint)


def ipv6(value: str) -> str:
    """An IPv6 address that a host may have, in its shortest form; without a zone."""
    hint = "For example: fd00::11"
    try:
        address = ipaddress.IPv6Address(value.strip())
    except ValueError:
        _refuse("address", value, "is not an IPv6 address", hint)
    if address.scope_id is not None:
        _refuse("address", value, "must not name an interface", hint)
    return _usable(value, address, hint)


def _usable(value: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address, hint: str) -> str:
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        _refuse("address", value, "is not a host address", hint)
    return str(address)


def ip(value: str) -> str:
    """An address of either family."""
    return ipv6(value) if ":" in value else ipv4(value)


def cidr(value: str) -> str:
    """An address with the length of its prefix, `10.0.0.11/24` or `fd00::11/64`."""
    address, slash, bits = value.strip().partition("/")
    if not slash:
        _refuse("address", value, "has no prefix length", "Add one, for example /24.")
    return f"{ip(address)}/{prefix(bits, 6 if ':' in address else 4)}"


def prefix(value: str, family: int) -> int:
    """A prefix length; for IPv4 also a netmask such as 255.255.255.0."""
    text, most = value.strip(), 128 if family == 6 else 32
    hint = f"Use a number from 0 to {most}."
    if re.fullmatch(r"\d{1,3}", text, re.ASCII) and int(text) <= most:
        return int(text)
    if family == 4 and "." in text:
        try:
            bits = int(ipaddress.IPv4Address(text))
        except ValueError:
            _refuse("netmask", value, "is not a netmask", "For example: 255.255.255.0")
        if f"{bits:032b}".rstrip("0").count("0") == 0:
            return bits.bit_count()
        _refuse("netmask", value, "is not contiguous", "For example: 255.255.255.0")
    _refuse("prefix length", value, f"is not a number from 0 to {most}", hint)


def mac(value: str) -> str:
    """The hardware address of one interface: six bytes, neither all zero nor a group address."""
    text, hint = value.strip().lower(), "For example: 02:00:00:12:34:56"
    if not re.fullmatch(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", text):
        _refuse("hardware address", value, "is not six bytes between colons", hint)
    if int(text[:2], 16) & 1 or text == "00:00:00:00:00:00":
        _refuse("hardware address", value, "is not a unicast address", hint)
    return text


def port(value: str) -> int:
    """A TCP or UDP port, 1 to 65535."""
    text = value.strip()
    if re.fullmatch(r"\d{1,5}", text, re.ASCII) and 1 <= int(text) <= 65535:
        return int(text)
    _refuse("port", value, "is not a number from 1 to 65535", "For example: 8080")


def dataset(value: str) -> str:
    """The full name of a new dataset, with its pool."""
    name, hint = value.strip(), "For example: zroot/jails"
    if not name:
        _refuse("dataset", value, "is empty", hint)
    if len(name) > DATASET_LENGTH:
        _refuse("dataset", value, f"is longer than {DATASET_LENGTH} characters", hint)
    for part in name.split("/"):
        if not part:
            _refuse("dataset", value, "has an empty part", hint)
        if not _COMPONENT.fullmatch(part) or part in (".", "..") or part.endswith(" "):
            rule = "must be letters, digits, spaces and - _ . : between slashes"
            _refuse("dataset", value, rule, hint)
    if not name[0].isalpha():
        _refuse("dataset", value, "must start with a letter, as pools do", hint)
    return name


def snapshot_name(value: str) -> str:
    """The part after the @ of a new snapshot: no spaces, although ZFS allows them."""
    name, hint = value.strip(), "For example: before-upgrade"
    if not name:
        _refuse("snapshot name", value, "is empty", hint)
    if not _SNAPSHOT.fullmatch(name):
        _refuse("snapshot name", value, "must be letters, digits and - _ . :", hint)
    if len(name) > 200:
        _refuse("snapshot name", value, "is longer than 200 characters", hint)
    return name


def path(value: str) -> str:
    """An absolute path without `..`, doubled slashes, or characters that files cannot bear.

    A quote or a backslash would end a string in jail.conf, a line feed a line of fstab.
    """
    text, hint = value.strip(), "For example: /usr/local/jails"
    if not text.startswith("/"):
        _refuse("path", value, "does not start with /", hint)
    if not text.isprintable() or any(character in text for character in "\"'\\$"):
        _refuse("path", value, "contains quotes, $, backslashes or control characters", hint)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        _refuse("path", value, "contains ..", hint)
    cleaned = "/" + "/".join(parts)
    if len(cleaned) > 1023:
        _refuse("path", value, "is longer than 1023 characters", hint)
    return cleaned


def note(value: str) -> str:
    """The note of a jail: one line of plain text, or nothing."""
    text = value.strip()
    if len(text) > NOTE_LENGTH:
        raise UsageError(f"the note is longer than {NOTE_LENGTH} characters", "Make it shorter.")
    if not text.isprintable():
        raise UsageError("the note holds control characters", "Use plain text.")
    if text == "-":
        raise UsageError("the note is -, which zfs shows for no note", "Use some words.")
    return text


def tag(value: str) -> str:
    """A tag of a jail."""
    name, hint = value.strip(), "Use letters, digits, ., - and _, for example web."
    if not tags.TAG.fullmatch(name):
        _refuse("tag", value, "must be letters, digits, ., - or _, after a letter or digit", hint)
    if len(name) > tags.LENGTH:
        _refuse("tag", value, f"is longer than {tags.LENGTH} characters", hint)
    return name
