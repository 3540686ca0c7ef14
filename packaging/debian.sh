#!/bin/sh
# Run the commands of README.md, and each package, on a new Debian that has only Python. It needs
# root, debootstrap and a network, and takes some minutes.
#
#     packaging/debian.sh [SUITE [DIRECTORY]]    default: bookworm, a temporary directory
set -eu
suite=${1:-bookworm}
directory=${2:-$(mktemp -d)}
root=$directory/$suite
mkdir -p "$directory"
project=$(cd "$(dirname "$0")/.." && pwd)

debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$root" >"$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # where another authority is trusted, too
mkdir "$root/root/checkout"
git -C "$project" archive HEAD | tar -x -C "$root/root/checkout"
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
trap 'umount "$root/proc" "$root/dev/pts"' EXIT

chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin TERM=xterm PIP_ROOT_USER_ACTION=ignore \
    sh -eux <<'COMMANDS'
cd /root/checkout
python3 --version
# README.md, "Try it" and "Install it on FreeBSD"
python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/jailer-tui --demo small list
.venv/bin/python packaging/zipapp/build.py
.venv/bin/python -m pytest -q --numprocesses=1 tests/tui/test_docs.py tests/tui/commandline/test_zipapp.py

# the file alone, with Debian's Python: twice, and where no cache can be made
cp dist/jailer-tui.pyz /usr/local/bin/jailer-tui
cd /
jailer-tui version
jailer-tui --demo small list
jailer-tui --demo fresh --state /tmp/demo.json init -y
jailer-tui --demo fresh --state /tmp/demo.json init info
jailer-tui report
XDG_CACHE_HOME=/proc/cache jailer-tui --demo small list

# sdist and wheel
cd /root/checkout
.venv/bin/pip install -q build
.venv/bin/python -m build -q
for package in dist/*.whl dist/*.tar.gz; do
    rm -rf /tmp/installed
    python3 -m venv /tmp/installed
    /tmp/installed/bin/pip install -q "$package"
    (cd / && /tmp/installed/bin/jailer-tui --demo small list)
done

# the screen of the file opens, and leaves when it is told to
cd /
python3 - <<'SCREEN'
import os, pty, select, sys, time

child, master = pty.fork()
if not child:
    os.environ.update(COLUMNS="80", LINES="24")
    os.execv("/usr/local/bin/jailer-tui", ["jailer-tui", "--demo", "small"])
seen, deadline = b"", time.monotonic() + 60
while b"www0" not in seen and time.monotonic() < deadline:
    if select.select([master], [], [], 1)[0]:
        seen += os.read(master, 65536)
os.write(master, b"q")
while select.select([master], [], [], 10)[0]:
    try:
        if not os.read(master, 65536):
            break
    except OSError:
        break
sys.exit(b"www0" not in seen or os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
SCREEN
COMMANDS
echo "$suite: all of it worked"
