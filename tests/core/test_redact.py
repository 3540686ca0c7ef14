"""What looks like a secret is hidden; what does not, is not."""

from __future__ import annotations

import pytest

from jailer_core.text import HIDDEN, redact, redacted


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  exec.start = "x"; password = "hunter2";', f'  exec.start = "x"; password = {HIDDEN};'),
        ("+db_passwd=abc", f"+db_passwd={HIDDEN}"),
        ('api-key: "a b c"', f"api-key: {HIDDEN}"),
        ("mysql --password hunter2 db", f"mysql --password {HIDDEN} db"),
        ("exec.env += SECRET_TOKEN=abc;", f"exec.env += SECRET_TOKEN={HIDDEN};"),
        ("fetch https://me:word@host.example/x", f"fetch https://{HIDDEN}@host.example/x"),
        ("root:$6$abc$defghi:0:0::0:0:C:/root:/bin/sh", f"root:{HIDDEN}:0:0::0:0:C:/root:/bin/sh"),
        ("wpa psk='a b'", f"wpa psk={HIDDEN}"),
    ],
)  # fmt: skip
def test_hidden(line: str, shown: str) -> None:
    assert redact(line) == shown


@pytest.mark.parametrize(
    "line",
    [
        "zfs rename zroot/jails/web01 zroot/jails/.trash/web01-20261124T101500",
        "sha256 -q -c d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e base.txz",
        'exec.prestart = "ifconfig epair${id} create up";',
        "https://download.freebsd.org/releases/amd64/15.1-RELEASE/base.txz",
        "keyboard = de",
    ],
)
def test_as_it_is(line: str) -> None:
    assert redact(line) == line


def test_all_of_a_private_key() -> None:
    lines = ["a", "-----BEGIN RSA PRIVATE KEY-----", "x", "y", "-----END RSA PRIVATE KEY-----", "b"]
    assert list(redacted(lines)) == ["a", HIDDEN, "b"]
