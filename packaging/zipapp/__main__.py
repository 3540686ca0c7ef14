"""Start the program from one file: unpack it into the user's cache once, and run it from there.

Python neither keeps compiled code for modules in an archive nor maps them, so that every start
from the archive would cost as much as the first. The cache belongs to the user who runs the
program, root's to root: nothing is run from a directory that somebody else could write to. Where
no such directory can be made, jailer_core runs from the archive, and the other packages from a
directory that is removed at the end. What outlives the program (the watchdog of a network change)
needs jailer_core alone.

`BUILD` is put in when the archive is made: a digest of all it holds. `INNER` is the archive in the
archive that holds everything but jailer_core.
"""

import os
import pwd
import stat
import sys

BUILD = "@BUILD@"
INNER = "packages.zip"
UNUSED = 30 * 24 * 3600  # seconds after which the unpacked files of another build are removed


def trusted(path):
    """Whether only root and the user of this process can replace what is in a directory."""
    while True:
        try:
            found = os.lstat(path)
        except OSError:
            return False
        shared = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
        if shared or found.st_uid not in (0, os.geteuid()) or not stat.S_ISDIR(found.st_mode):
            return False
        if path == os.path.dirname(path):
            return True
        path = os.path.dirname(path)


def cache():
    """The directory for unpacked builds, or None when there is none that can be trusted."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        try:
            # not $HOME, which sudo may leave as it was
            base = os.path.join(pwd.getpwuid(os.geteuid()).pw_dir, ".cache")
        except KeyError:
            return None
    path = os.path.join(os.path.realpath(base), "jailer-tui")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError:
        return None
    return path if trusted(path) else None


def unpacked(archive):
    """The directory with this build's files, unpacked now if need be; None when it cannot be."""
    base = cache()
    if base is None:
        return None
    target = os.path.join(base, BUILD)
    if not os.path.lexists(target):
        unpack(archive, base, target)
    if not trusted(target):
        return None
    os.utime(target)  # still in use
    return target


def unpack(archive, base, target):
    """Unpack the archive, whole or not at all, and remove what other builds left behind."""
    import shutil
    import tempfile
    import zipfile

    try:
        fresh = tempfile.mkdtemp(dir=base)
    except OSError:
        return
    try:
        with zipfile.ZipFile(archive) as files:
            files.extractall(fresh, [name for name in files.namelist() if name != INNER])
        unpack_inner(archive, fresh)
        os.rename(fresh, target)
    except (OSError, zipfile.BadZipFile):
        shutil.rmtree(fresh, ignore_errors=True)  # another start may have been faster
    remove_unused(base)


def unpack_inner(archive, directory):
    """Unpack the archive in the archive."""
    import io
    import zipfile

    with zipfile.ZipFile(archive) as files:
        inner = io.BytesIO(files.read(INNER))
    with zipfile.ZipFile(inner) as packages:
        packages.extractall(directory)


def for_this_run(archive):
    """A directory with everything but jailer_core, which is removed at the end."""
    import atexit
    import shutil
    import tempfile

    try:
        directory = tempfile.mkdtemp(prefix="jailer-tui-")
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
        unpack_inner(archive, directory)
    except OSError as error:
        sys.exit("jailer-tui cannot unpack itself: %s (set XDG_CACHE_HOME or TMPDIR)" % error)
    return directory


def remove_unused(base):
    """Remove what builds that have not been started for a month left behind."""
    import shutil
    import time

    for entry in os.scandir(base):
        if time.time() - entry.stat(follow_symlinks=False).st_mtime > UNUSED:
            shutil.rmtree(entry.path, ignore_errors=True)


def main():
    """Run the program; its exit status."""
    if sys.version_info < (3, 11):
        running = "%d.%d" % sys.version_info[:2]
        sys.exit("jailer-tui needs Python 3.11 or later; this is %s" % running)
    target = unpacked(sys.path[0])
    if target is None:
        sys.path.insert(1, for_this_run(sys.path[0]))
    else:
        sys.path[0] = target
        sys.dont_write_bytecode = False  # the cache is there to keep what was compiled
    from jailer_tui.cli.main import main as program

    return program()


if __name__ == "__main__":
    sys.exit(main())
