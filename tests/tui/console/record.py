"""Record what real programs of this machine draw, and what tmux makes of the very same bytes.

python -m tests.tui.console.record [NAME...]

Each session becomes corpus/NAME.json: the size, then what the program printed, resizes, and shots:
tmux's own screen (capture-pane -e) and cursor at that moment. The tests replay the bytes through
our emulator and compare; they need neither the programs nor tmux.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from jailer_tui.console.consoles import new_core

CORPUS = Path(__file__).parent / "corpus"
SIZE = (80, 24)
QUIET = 0.6
"""Seconds without a word after which a program is taken to have drawn all."""

Step = str | tuple[int, int] | None
"""Keys to type, a new size, or None for a shot."""

TEXT = "".join(
    f"{n:3d} plain \x1b[31mred\x1b[0m \x1b[1;32mbold green\x1b[0m \x1b[38;5;{n + 16}m256\x1b[0m "
    f"\x1b[48;2;{n};{255 - n};120mtrue\x1b[0m größe 漢字 e\u0301 ─┼─ \x1b[4munder\x1b[0m "
    f"\x1b[7mreverse\x1b[0m \x1b[3mitalic\x1b[0m \x1b[2mdim\x1b[0m \x1b[9mgone\x1b[0m\n"
    for n in range(60)
)
CODE = "".join(
    f'def function_{n}(first, second):  # größe 漢字\n    """Says {n}."""\n'
    f"    return {{'key': first + {n}, \"other\": [second] * 3}}\n\n\n"
    for n in range(40)
)

SESSIONS: dict[str, tuple[list[str], list[Step]]] = {
    "vi": (
        ["vi", "-u", "DEFAULTS", "-i", "NONE", "code.py"],
        [
            ":set nu hls\r", "/return\r", None, "20G", "\x04", None, (100, 30), "\x0c", None,
            "ggoa new line\x1b", ":split\r", "\x04\x04", None, "ddp3x~",
            ":%s/first/erste/g\r", None,
            (60, 18), "\x0c", None, "V5jd", "u", "G", "\x02", None, ":only\r", ":set nohls\r", None,
            ":q!\r", None,
        ],
    ),
    "less": (
        ["less", "-R", "text"],
        [
            "\x06", "j", "j", None, "/true\r", "n", (100, 20), None, "G", "k", "k", None,
            (70, 28), None, "g", "-S\r", "\x1b[C", None, "q", None,
        ],
    ),
    "top": (
        ["top", "-d", "2", "-p", "1"],
        [None, "1", "z", None, (100, 30), None, "c", "x", (80, 20), None, "q", None],
    ),
    "tmux": (
        ["tmux", "-L", "jailer-inner", "-f", "/dev/null", "new", "-s", "inner", "sh"],
        [
            "PS1='$ '; clear\r", "echo hello; ls\r", None, "\x02%", "PS1='% '; clear\r", None,
            "cat text | head -40\r", None, '\x02"', "PS1='# '; clear\r", "less -R text\r", None,
            (100, 30), None, "\x06", "\x02o", "echo größe 漢字\r", None, (64, 20), None,
            "\x02?", None, "q", "\x02:kill-server\r", None,
        ],
    ),
    "shell": (
        ["sh"],
        [
            "PS1='$ '; clear\r", "cat text | head -50\r", None, "printf 'a\\tb\\tc\\n'\r",
            "printf '\\033(0lqqqk\\nx   x\\nmqqqj\\033(B\\n'\r",
            "printf '\\033[5;10r\\033[5;1Hone\\ntwo\\n3\\n4\\n5\\n6\\n7\\n8\\033[r\\033[20;1H'\r",
            None,
            "printf '\\033[3;3H\\033[4@\\033[2P\\033[2L\\033[M\\033[H\\033[44m\\033[K\\033[m'\r",
            "printf '\\033[20;1H'\r",
            None,
            "printf '%0200d\\n' 7\r", "printf '漢%.0s' $(seq 60)\r", None,
            (100, 30), "clear\r", "cat text | head -3\r", None,
            (60, 12), "clear\r", "cat text | head -3\r", None,
        ],
    ),
}  # fmt: skip


def main(names: list[str]) -> int:
    """Record these, or all."""
    for name in names or SESSIONS:
        argv, steps = SESSIONS[name]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "text").write_text(TEXT, encoding="utf-8")
            Path(folder, "code.py").write_text(CODE, encoding="utf-8")
            events = run(argv, steps, folder)
        shots = replay(events)
        path = CORPUS / f"{name}.json"
        lines = [json.dumps(one, ensure_ascii=True) for one in [{"size": SIZE}, *shots]]
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="ascii")
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")
    return 0


# --- the program -----------------------------------------------------------------------------


def run(argv: list[str], steps: list[Step], folder: str) -> list[dict[str, Any]]:
    """What it printed, step by step; our emulator answers what it asks the terminal."""
    core = new_core(*SIZE)
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(folder)
        environ = {
            "PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color",
            "LANG": "C.UTF-8", "SHELL": "/bin/sh", "TMUX_TMPDIR": folder, "COLORTERM": "truecolor",
        }  # fmt: skip
        os.execvpe(argv[0], argv, environ)  # noqa: S606 - a program to be recorded
    resize(master, SIZE)
    events: list[dict[str, Any]] = []
    try:
        for step in [*steps]:
            hear(master, core, events)
            if step is None:
                events.append({"shot": ""})
            elif isinstance(step, str):
                os.write(master, step.encode())
            else:
                events.append({"resize": step})
                core.resize(*step)
                resize(master, step)
        hear(master, core, events)
    finally:
        os.kill(pid, signal.SIGHUP)
        os.close(master)
        os.waitpid(pid, 0)
    return events


def resize(master: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def hear(master: int, core: Any, events: list[dict[str, Any]]) -> None:
    """Until it is quiet."""
    said = b""
    end = time.monotonic() + 3
    while time.monotonic() < end and select.select([master], [], [], QUIET)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
        answers = core.feed(data)
        if answers:
            os.write(master, answers)
    if said:
        events.append({"out": said.decode("latin-1")})


# --- tmux ------------------------------------------------------------------------------------


class Tmux:
    """A pane that shows the bytes that are written into it, and nothing else."""

    def __init__(self, folder: str) -> None:
        self.socket = f"{folder}/socket"
        self.fifo = f"{folder}/fifo"
        os.mkfifo(self.fifo)
        self.do(
            "-f", "/dev/null", "new-session", "-d", "-x", str(SIZE[0]), "-y", str(SIZE[1]),
            f"stty raw -echo; cat {self.fifo}",
        )  # fmt: skip
        self.do("set", "-g", "status", "off")
        self.do("set", "-g", "window-size", "manual")
        self.do("resize-window", "-x", str(SIZE[0]), "-y", str(SIZE[1]))
        self.pipe = os.open(self.fifo, os.O_WRONLY)

    def do(self, *words: str) -> str:
        tmux = shutil.which("tmux") or "tmux"
        done = subprocess.run(
            [tmux, "-S", self.socket, *words],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"},
        )
        return done.stdout.decode()

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.pipe, data) :]
        before = None
        while (now := self.screen()) != before:
            before = now
            time.sleep(0.3)

    def screen(self) -> dict[str, Any]:
        text = self.do("capture-pane", "-p", "-e", "-N")
        where = self.do("display-message", "-p", "#{cursor_x} #{cursor_y} #{alternate_on}")
        x, y, alternate = map(int, where.split())
        return {"shot": text, "cursor": [x, y], "alternate": bool(alternate)}

    def end(self) -> None:
        self.do("kill-server")
        os.close(self.pipe)


def replay(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events, the shots filled in."""
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(folder)
        found: list[dict[str, Any]] = []
        try:
            for one in events:
                if "out" in one:
                    tmux.write(one["out"].encode("latin-1"))
                elif "resize" in one:
                    columns, rows = one["resize"]
                    tmux.do("resize-window", "-x", str(columns), "-y", str(rows))
                found.append(tmux.screen() if "shot" in one else one)
        finally:
            tmux.end()
        return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
