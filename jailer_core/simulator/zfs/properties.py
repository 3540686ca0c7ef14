"""Properties of datasets: order, defaults, allowed values; human-readable sizes and times."""

from __future__ import annotations

import time

ON_OFF = ("on", "off")

# Recording 01: `zfs get all` of a file system, in its order. `=` is a default that can be set,
# `:` a constant of the file system; what has neither is worked out.
_ALL = """
type creation used available referenced compressratio mounted quota=0 reservation=0
recordsize=131072 mountpoint= sharenfs=off checksum=on compression=on atime=on devices=on exec=on
setuid=on readonly=off jailed=off snapdir=hidden aclmode=discard aclinherit=restricted createtxg
canmount=on xattr=sa copies=1 version:5 utf8only:off normalization:none casesensitivity:sensitive
vscan=off nbmand=off sharesmb=off refquota=0 refreservation=0 guid primarycache=all
secondarycache=all usedbysnapshots usedbydataset usedbychildren usedbyrefreservation
logbias=latency objsetid dedup=off mlslabel=none sync=standard dnodesize=legacy refcompressratio
written logicalused logicalreferenced volmode=default filesystem_limit=none snapshot_limit=none
filesystem_count=none snapshot_count=none snapdev=hidden acltype=nfsv4 context=none fscontext=none
defcontext=none rootcontext=none relatime=on redundant_metadata=all overlay=on encryption=off
keylocation=none keyformat=none pbkdf2iters=0 special_small_blocks=0 prefetch=all direct=standard
longname=off defaultuserquota:0 defaultgroupquota:0 defaultprojectquota:0 defaultuserobjquota:0
defaultgroupobjquota:0 defaultprojectobjquota:0
"""
# not recorded
_SNAPSHOT = """
type creation used referenced compressratio devices exec setuid createtxg xattr version utf8only
normalization casesensitivity nbmand guid primarycache secondarycache defer_destroy userrefs
objsetid mlslabel refcompressratio written logicalreferenced acltype context fscontext defcontext
rootcontext encryption prefetch
"""
_SIZED = """
used available referenced quota reservation refquota refreservation recordsize usedbysnapshots
usedbydataset usedbychildren usedbyrefreservation written logicalused logicalreferenced volsize
"""
SNAPSHOT_ALL = tuple(_SNAPSHOT.split())
ALL = tuple(word.replace(":", "=").partition("=")[0] for word in _ALL.split())
DEFAULTS = {
    name: default
    for word in _ALL.split()
    for name, sign, default in [word.partition("=")]
    if sign and name != "mountpoint"
}
FIXED = {
    name: value for word in _ALL.split() for name, sign, value in [word.partition(":")] if sign
}
SNAPSHOT_ONLY = ("clones", "userrefs", "defer_destroy")
DATASET_ONLY = ("origin",)
OF_KEYS = ("encryptionroot", "keystatus")
READ_ONLY = frozenset(
    {"encryption", "keyformat", "pbkdf2iters", "mlslabel", "filesystem_count", "snapshot_count"}
)
SETTABLE: dict[str, tuple[str, ...]] = {
    name: ON_OFF if default in ON_OFF and name in ("atime", "exec", "setuid", "readonly") else ()
    for name, default in DEFAULTS.items()
    if name not in READ_ONLY
} | {"mountpoint": (), "canmount": ("on", "off", "noauto"), "jailed": ON_OFF}
ALIASES = {"avail": "available", "refer": "referenced"}
KNOWN = frozenset({*ALL, *SNAPSHOT_ONLY, *DATASET_ONLY, *OF_KEYS, "name", "volsize"})
SIZED = frozenset(_SIZED.split())
UNLIMITED = frozenset({"quota", "reservation", "refquota", "refreservation"})


def is_user_property(name: str) -> bool:
    """Whether it is one that an admin or a program invented: it has a colon."""
    return ":" in name


def parse_size(text: str) -> int | None:
    """`200M`, `1.5G`, `none` in bytes."""
    if text == "none":
        return 0
    word = text.upper().removesuffix("IB").removesuffix("B")
    unit = "KMGTPE".find(word[-1:]) + 1 if word[-1:].isalpha() else 0
    number = word[:-1] if word[-1:].isalpha() else word
    if word[-1:].isalpha() and not unit:
        return None
    try:
        return int(float(number) * 1024**unit)
    except ValueError:
        return None


def human_size(size: int) -> str:
    """As `zfs list` prints it without -p: three digits and a unit."""
    if size < 1024:
        return f"{size}B" if size else "0B"
    number, unit = float(size), 0
    while number >= 1024 and unit < 6:
        number /= 1024
        unit += 1
    places = 0 if number >= 100 or number == int(number) else 1 if number >= 10 else 2
    return f"{number:.{places}f}{'KMGTPE'[unit - 1]}"


def human_time(seconds: int) -> str:
    """As `zfs get creation` prints it without -p."""
    return time.strftime("%a %b %e %k:%M %Y", time.gmtime(seconds))
