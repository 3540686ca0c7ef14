#!/bin/sh
# FreeBSD's packages install python3.11, not python3, so env(1) alone does not find it.
PATH=$PATH:/usr/local/bin
for name in python3.11 python3.12 python3.13 python3.14 python3; do
    python=$(command -v "$name") || continue
    case $name$python in
    python3.*/shims/*) continue ;; # pyenv has one for each version that is installed, active or not
    esac
    exec "$python" "$0" "$@"
done
echo "jailer-tui needs Python 3.11 or later; on FreeBSD: pkg install python311" >&2
exit 1
